import type { StepView } from '#core/incident.ts';
import type { DeliveryView } from '#core/notification.ts';
import type { ReportFinding } from '#core/report.ts';
import { sameText } from '#core/text.ts';
import { titleWithDevice } from './report-format.ts';
import { durationOf, type Writer } from './report-writer.ts';

/** What was late, what failed, and what to improve because of it. */

/** A step that took longer than this many times what was expected is worth a line. */
const SLOW_FACTOR = 1.5;
/** Below this many seconds over, nobody cares. */
const SLOW_AT_LEAST_S = 30;
/** A message that reached its channel later than this after it was due. */
const MESSAGE_LATE_S = 60;

export function findLate(writer: Writer): ReportFinding[] {
  const { input } = writer;
  return [
    ...input.incident.steps.flatMap((step) => lateStep(writer, step) ?? slowStep(writer, step) ?? []),
    ...lateMessages(writer),
    ...lateAcknowledgement(writer),
  ];
}

/** An answer or a task after its time, still missing, or never given so that the default was taken. */
function lateStep(writer: Writer, step: StepView): ReportFinding | null {
  const { say, language, length, input, person } = writer;
  const dueAt = dueOf(step);
  if (dueAt === null || ['pending', 'skipped', 'waived'].includes(step.state)) return null;
  const zh = language === 'zh';
  const name = step.person === null ? '' : person(step.person);
  const who = name === '' ? '' : zh ? `${name}：` : `${name}: `;
  if (step.answer?.by === 'zhishou') {
    const detail = zh ? '到时限无人答复，已按默认处理' : 'nobody answered in time, the default was taken';
    return { what: say(step.title), detail: `${who}${detail}`, byS: null };
  }
  const done = step.answer?.at ?? step.endedAt;
  const byS = ((done === null ? input.generatedAt : Date.parse(done)) - dueAt) / 1000;
  if (byS < 1) return null;
  const open = done === null;
  const late = zh ? (open ? '至今未完成，已超时' : '超时') : open ? 'still not done, overdue by' : 'late by';
  return { what: say(step.title), detail: `${who}${late} ${length(byS)}`, byS };
}

/** The record forgets a step's due time once it has passed or the step has ended; its beginning and its length say it still. */
function dueOf({ dueAt, startedAt, withinS }: StepView): number | null {
  if (withinS !== null && startedAt !== null) return Date.parse(startedAt) + withinS * 1000;
  return dueAt === null ? null : Date.parse(dueAt);
}

function slowStep({ say, language, length }: Writer, step: StepView): ReportFinding | null {
  const tookS = durationOf(step);
  const { expectedS } = step;
  if (tookS === null || expectedS === null || step.kind !== 'act') return null;
  const byS = tookS - expectedS;
  if (tookS < expectedS * SLOW_FACTOR || byS < SLOW_AT_LEAST_S) return null;
  const detail =
    language === 'zh'
      ? `用时 ${length(tookS)}，预计 ${length(expectedS)}`
      : `took ${length(tookS)}, expected ${length(expectedS)}`;
  return { what: say(step.title), detail, byS };
}

function lateMessages({ input, say, language, length, channel }: Writer): ReportFinding[] {
  return input.deliveries.flatMap((delivery) => {
    const sent = delivery.sentAt === null ? null : Date.parse(delivery.sentAt);
    if (sent === null) return [];
    const byS = (sent - Date.parse(delivery.queuedAt)) / 1000;
    if (byS < MESSAGE_LATE_S) return [];
    const to = say(delivery.personName);
    const what =
      language === 'zh'
        ? `给${to}的消息（${channel(delivery.channel)}）`
        : `Message to ${to} (${channel(delivery.channel)})`;
    const detail =
      language === 'zh'
        ? `${length(byS)}后才送出，共 ${delivery.attempts} 次`
        : `was handed over only after ${length(byS)}, ${delivery.attempts} attempts`;
    return [{ what, detail, byS }];
  });
}

/** Nobody has said that they know (I5). */
function lateAcknowledgement({ input, language, length }: Writer): ReportFinding[] {
  const { incident, generatedAt } = input;
  if (incident.acknowledged !== null || incident.level === 'ordinary') return [];
  const until = incident.closedAt === null ? generatedAt : Date.parse(incident.closedAt);
  const byS = (until - Date.parse(incident.openedAt)) / 1000;
  return [
    language === 'zh'
      ? { what: '事件确认', detail: `${length(byS)}内无人确认`, byS }
      : { what: 'Acknowledgement', detail: `nobody acknowledged within ${length(byS)}`, byS },
  ];
}

/** Another way had reached the person already. */
export const isSpared = (delivery: DeliveryView): boolean =>
  delivery.state === 'spared' || /^delivered over \S+ instead$/.test(delivery.error ?? '');

export function findFailed({ input, say, record, channel, language, device }: Writer): ReportFinding[] {
  const steps = input.incident.steps
    .filter((step) => step.state === 'failed' || step.state === 'cut')
    .map((step) => {
      const cut = language === 'zh' ? '因时间不足放弃' : 'given up for lack of time';
      const fallback = step.state === 'cut' ? cut : language === 'zh' ? '未能完成' : 'could not be done';
      return {
        what: titleWithDevice(say(step.title), step.device === null ? null : device(step.device)),
        detail: step.detail === null ? fallback : record(step.detail),
        byS: null,
      };
    });
  const messages = input.deliveries
    .filter((delivery) => delivery.state === 'dead' && !isSpared(delivery))
    .map((delivery) => ({
      what:
        language === 'zh'
          ? `给${say(delivery.personName)}的消息（${channel(delivery.channel)}）`
          : `Message to ${say(delivery.personName)} (${channel(delivery.channel)})`,
      detail:
        delivery.error === null
          ? language === 'zh'
            ? '未能送出'
            : 'could not be sent'
          : record(sameText(delivery.error)),
      byS: null,
    }));
  return [...steps, ...messages];
}

/** One line for each finding that somebody can do something about (O-RPT-1). */
export function proposeImprovements(
  { input, language, say }: Writer,
  { late, failed }: { late: readonly ReportFinding[]; failed: readonly ReportFinding[] },
): string[] {
  const zh = language === 'zh';
  const lines = [
    ...failed.map(({ what, detail }) =>
      zh ? `查明原因并修复：${what}（${detail}）` : `Find the cause and mend it: ${what} (${detail})`,
    ),
    ...late.map(({ what, detail }) =>
      zh ? `改进时效：${what}（${detail}）` : `Make it quicker or plan more time: ${what} (${detail})`,
    ),
  ];
  for (const step of input.incident.steps) {
    if (step.state !== 'advised') continue;
    lines.push(
      zh
        ? `站点未布防，「${say(step.title)}」只作了建议：确认后考虑布防`
        : `The site was not armed, "${say(step.title)}" was only advised: consider arming it`,
    );
    break;
  }
  return lines;
}
