import type { StepView, TimelineEntry } from '#core/incident.ts';
import type { Writer } from './report-writer.ts';

/** What a restart of the monitor in the middle of an incident did: how long nothing was recorded, what was verified, that nothing was done twice. */

/** Steps whose titles are named; more are counted. */
const MOST_NAMED = 6;

export function describeRestarts(writer: Writer): string[] {
  const { timeline } = writer.input.incident;
  return timeline.flatMap((entry, index) =>
    entry.kind === 'restart' && entry.step === null && entry.figures.phase !== undefined
      ? [describe(writer, timeline, index)]
      : [],
  );
}

function describe(writer: Writer, timeline: readonly TimelineEntry[], index: number): string {
  const { language, localTime, length } = writer;
  const zh = language === 'zh';
  const restart = timeline[index];
  if (restart === undefined) return '';
  const [before, after] = [timeline.slice(0, index), timeline.slice(index + 1)];
  const last = before.at(-1);
  const quietS = last === undefined ? 0 : Math.max(0, (Date.parse(restart.at) - Date.parse(last.at)) / 1000);
  const parts = [
    zh
      ? `${localTime(restart.at)} 本系统重启（距前一条记录 ${length(quietS)}），事件从停下处继续`
      : `${localTime(restart.at)}: the monitor was restarted (${length(quietS)} after the line before); the incident went on where it was`,
    describeConfirmation(writer, restart, after),
    ...describeSteps(writer, before, after),
  ];
  return zh ? `${parts.join('；')}。` : `${parts.join('; ')}.`;
}

/** The first fresh reading after it. */
function describeConfirmation(
  { language, localTime }: Writer,
  restart: TimelineEntry,
  after: readonly TimelineEntry[],
): string {
  const next = after.findIndex(({ kind, figures }) => kind === 'restart' && figures.phase !== undefined);
  const until = next < 0 ? after : after.slice(0, next);
  const fresh = until.find(({ kind, step, figures }) => kind === 'restart' && step === null && 'status' in figures);
  const zh = language === 'zh';
  if (fresh === undefined) {
    return zh
      ? '在新的读数到来之前，不做不可撤回的事'
      : 'nothing irreversible is done before a fresh reading confirms where it stands';
  }
  const at = localTime(fresh.at).slice(
    localTime(restart.at).slice(0, 10) === localTime(fresh.at).slice(0, 10) ? 11 : 0,
  );
  return zh ? `${at} 新的读数确认了当时的状态` : `a fresh reading confirmed where it stood at ${at}`;
}

/** What was under way at the restart, and whether anything of it was ordered again. */
function describeSteps(
  writer: Writer,
  before: readonly TimelineEntry[],
  after: readonly TimelineEntry[],
): readonly string[] {
  const zh = writer.language === 'zh';
  const underWay = writer.input.incident.steps.filter((step) => isUnderWay(step, before));
  if (underWay.length === 0) {
    return [zh ? '当时没有进行中的操作，没有一步执行两次' : 'no operation was under way, and none was done twice'];
  }
  const again = underWay.filter((step) => orders(step, after).length > 0);
  const names = titles(writer, underWay);
  const verified = zh
    ? `当时进行中的 ${underWay.length} 步先核实实际效果：${names}`
    : `the effect of the ${underWay.length === 1 ? 'step' : `${underWay.length} steps`} under way was verified first: ${names}`;
  if (again.length === 0) {
    return [verified, zh ? '没有一步执行两次' : 'nothing was done twice'];
  }
  // Under the same run id a device takes an order once; another attempt follows only when the effect was looked for and is not there.
  const same = again.filter((step) => isSameRun(step, before, after));
  const anew = again.filter((step) => !same.includes(step));
  return [
    verified,
    ...(same.length === 0
      ? []
      : [
          zh
            ? `以原执行编号再次下达，设备只执行一次：${titles(writer, same)}`
            : `asked again under the same run id, which a device carries out once: ${titles(writer, same)}`,
        ]),
    ...(anew.length === 0
      ? []
      : [
          zh
            ? `核实未生效后重新下达：${titles(writer, anew)}`
            : `ordered again after its effect was looked for and not found: ${titles(writer, anew)}`,
        ]),
    zh ? '没有一步重复生效' : 'nothing took effect twice',
  ];
}

/** The commands given for the step; what became of them is recorded with a result instead of an attempt. */
const orders = (step: StepView, entries: readonly TimelineEntry[]): readonly TimelineEntry[] =>
  entries.filter((entry) => entry.kind === 'action' && entry.step === step.id && 'attempt' in entry.figures);

/** Ordered, and no end recorded since. */
function isUnderWay(step: StepView, before: readonly TimelineEntry[]): boolean {
  const ordered = orders(step, before).at(-1);
  if (ordered === undefined) return false;
  return !before.some(({ kind, step: of, seq }) => kind === 'step' && of === step.id && seq > ordered.seq);
}

const isSameRun = (step: StepView, before: readonly TimelineEntry[], after: readonly TimelineEntry[]): boolean =>
  orders(step, after)[0]?.figures.run === orders(step, before).at(-1)?.figures.run;

function titles({ say, language }: Writer, steps: readonly StepView[]): string {
  const zh = language === 'zh';
  const named = steps.slice(0, MOST_NAMED).map((step) => (zh ? `「${say(step.title)}」` : `“${say(step.title)}”`));
  const rest = steps.length - named.length;
  if (rest > 0) named.push(zh ? `等 ${steps.length} 步` : `and ${rest} more`);
  return named.join(zh ? '' : ', ');
}
