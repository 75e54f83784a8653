import type { IncidentView, StepView } from '#core/incident.ts';
import { PHASE_NAMES } from '#core/record-words.ts';
import type { IncidentReport, ReportFinding } from '#core/report.ts';
import { LEVEL_WORDS, MODE_MARKS, outcomeWords, STEP_WORDS } from './report-words.ts';
import type { Writer } from './report-writer.ts';

/** The report's first page: plain words and the few facts that everybody asks for. */

export function summarize(
  writer: Writer,
  {
    late,
    failed,
    restarts,
  }: { late: readonly ReportFinding[]; failed: readonly ReportFinding[]; restarts: readonly string[] },
): string[] {
  const { input, say, language } = writer;
  const { incident } = input;
  const zh = language === 'zh';
  // The outcome says it already once it is over.
  const lines = [
    opening(writer),
    ...(incident.phase === 'closed' && incident.outcome !== null ? [] : [sentence(writer, say(incident.headline))]),
  ];
  const acted = countActs(incident.steps);
  if (acted.total > 0) {
    const spoken = zh
      ? [`${acted.done} 项经核实完成`, `${acted.failed} 项失败`, `${acted.cut} 项因时间不足放弃`]
      : [`${acted.done} proven done`, `${acted.failed} failed`, `${acted.cut} given up for lack of time`];
    // What is left, in a word of its own: rehearsed, advised, waived, under way.
    for (const [state, count] of acted.others)
      spoken.push(zh ? `${count} 项${say(STEP_WORDS[state])}` : `${count} ${say(STEP_WORDS[state])}`);
    lines.push(
      zh
        ? `设备操作共 ${acted.total} 项：${spoken.join('，')}。`
        : `${acted.total} operations on equipment: ${spoken.join(', ')}.`,
    );
  }
  lines.push(describeAcknowledgement(writer));
  if (restarts.length > 0) {
    lines.push(
      zh
        ? `期间本系统重启 ${restarts.length} 次，事件从停下处继续，见“重启”。`
        : `The monitor was restarted ${restarts.length === 1 ? 'once' : `${restarts.length} times`} meanwhile; the incident went on where it was, see “Restarts”.`,
    );
  }
  const nothing = zh ? '没有超时或失败的事项。' : 'Nothing was late and nothing failed.';
  const something = zh
    ? `超时 ${late.length} 项，失败 ${failed.length} 项，见下文。`
    : `Late: ${late.length}, failed: ${failed.length}; see below.`;
  lines.push(late.length + failed.length === 0 ? nothing : something);
  return lines;
}

const sentence = ({ language }: Writer, text: string): string =>
  /[。.！!？?]$/.test(text) ? text : `${text}${language === 'zh' ? '。' : '.'}`;

/** `2026-11-21 03:04:05 市电中断…，历时 42 分，来电及时，未关机即解除。` */
function opening({ input, say, language, localTime, length }: Writer): string {
  const { incident } = input;
  const zh = language === 'zh';
  const began = localTime(incident.openedAt);
  const cause = say(incident.cause).replace(/[。.]$/, '');
  const lasted = length(lengthOf(incident, input.generatedAt));
  if (incident.phase !== 'closed') {
    const now = say(PHASE_NAMES[incident.phase]);
    return zh
      ? `${began}：${cause}。已历时 ${lasted}，目前：${now}。`
      : `${began}: ${cause}. It has lasted ${lasted}; now: ${now}.`;
  }
  const outcome = incident.outcome === null ? say(PHASE_NAMES.closed) : say(outcomeWords(incident, incident.outcome));
  return zh
    ? `${began}：${cause}。历时 ${lasted}，结果：${outcome}。`
    : `${began}: ${cause}. It lasted ${lasted}; outcome: ${outcome}.`;
}

const lengthOf = (incident: IncidentView, nowMs: number): number =>
  ((incident.closedAt === null ? nowMs : Date.parse(incident.closedAt)) - Date.parse(incident.openedAt)) / 1000;

interface Acts {
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  readonly cut: number;
  readonly others: readonly (readonly [StepView['state'], number])[];
}

function countActs(steps: readonly StepView[]): Acts {
  const acts = steps.filter((step) => step.kind === 'act' && !['skipped', 'pending'].includes(step.state));
  const count = (state: StepView['state']): number => acts.filter((step) => step.state === state).length;
  const others = (['running', 'verifying', 'waiting', 'rehearsed', 'advised', 'waived'] as const)
    .map((state) => [state, count(state)] as const)
    .filter(([, found]) => found > 0);
  return { total: acts.length, done: count('done'), failed: count('failed'), cut: count('cut'), others };
}

export function describeAcknowledgement({ input, language, person, localTime, length }: Writer): string {
  const { acknowledged, openedAt } = input.incident;
  const zh = language === 'zh';
  if (acknowledged === null) return zh ? '尚无人确认。' : 'Nobody has acknowledged it.';
  const after = length((Date.parse(acknowledged.at) - Date.parse(openedAt)) / 1000);
  const [who, at] = [person(acknowledged.by), localTime(acknowledged.at)];
  return zh
    ? `${who}${/\w$/.test(who) ? ' ' : ''}于 ${at} 确认，用时 ${after}。`
    : `Acknowledged by ${who} at ${at}, after ${after}.`;
}

export function describeFacts(writer: Writer): IncidentReport['facts'] {
  const { input, say, language, localTime, length } = writer;
  const { incident } = input;
  const rows: [zh: string, en: string, value: string | null][] = [
    ['事件编号', 'Incident', incident.id],
    ['预案', 'Plan', describePlan(writer)],
    ['级别', 'Level', say(LEVEL_WORDS[incident.level])],
    ['方式', 'Mode', describeMode(writer)],
    ['开始', 'Began', localTime(incident.openedAt)],
    ['结束', 'Ended', incident.closedAt === null ? null : localTime(incident.closedAt)],
    ['历时', 'Lasted', length(lengthOf(incident, input.generatedAt))],
    ['状态', 'State', say(PHASE_NAMES[incident.phase])],
    ['结果', 'Outcome', incident.outcome === null ? null : say(outcomeWords(incident, incident.outcome))],
    [
      '不可逆点',
      'Point of no return',
      incident.pointOfNoReturn === null ? null : localTime(incident.pointOfNoReturn.passedAt),
    ],
    ...clockFacts(writer),
  ];
  const fallback = language === 'zh' ? '无' : 'none';
  return rows.map(([zh, en, value]) => ({ label: language === 'zh' ? zh : en, value: value ?? fallback }));
}

const describePlan = ({ input, say, language }: Writer): string => {
  const { title, version } = input.incident.plan;
  return language === 'zh' ? `${say(title)}，${version} 版` : `${say(title)}, version ${version}`;
};

function describeMode({ input, language, say }: Writer): string {
  const mark = MODE_MARKS[input.incident.mode];
  const mode = mark === null ? (language === 'zh' ? '实际执行' : 'live') : say(mark).replaceAll(/[【】[\]]/g, '');
  if (!input.incident.simulated) return mode;
  return language === 'zh' ? `${mode}，模拟机房` : `${mode}, simulated room`;
}

function clockFacts({ input, localTime, length }: Writer): [string, string, string | null][] {
  const { clocks } = input.incident;
  // Once it is over, what would have been means nothing.
  if (clocks === null || input.incident.phase === 'closed') return [];
  const at = (iso: string | null): string | null => (iso === null ? null : localTime(iso));
  const [back, end]: readonly [readonly [string, string], readonly [string, string]] =
    clocks.threat === 'heat'
      ? [
          ['预计恢复制冷', 'Cooling expected back'],
          ['达到温度上限（最近一次推算）', 'Temperature limit reached (last estimate)'],
        ]
      : [
          ['预计来电', 'Mains expected back'],
          ['电池耗尽（最近一次推算）', 'Battery empty (last estimate)'],
        ];
  return [
    [back[0], back[1], at(clocks.outlook.until)],
    [end[0], end[1], at(clocks.exhaustion.at)],
    ['最迟安全开始（最近一次推算）', 'Latest safe start (last estimate)', at(clocks.latestSafeStart)],
    ['剩余步骤需时', 'Steps still needed', length(clocks.needS)],
  ];
}
