import { formatLength } from '#core/length-words.ts';
import type { IncidentReport, ReportEvent, ReportScore, ReportStep } from '#core/report.ts';
import type { Language } from '#core/text.ts';
import type { DocumentPart, DrawnChart } from '../paper/document-part.ts';
import { titleWithDevice } from './report-format.ts';
import { mergeChannels, mergeEvents, onlyDay, partSteps } from './report-paper.ts';
import { sayScore } from './report-score.ts';

/** The report as a sequence of parts, the same for Word and PDF: what a reader needs first stands first. */
export function documentParts(report: IncidentReport, charts: readonly DrawnChart[]): readonly DocumentPart[] {
  const zh = report.language === 'zh';
  const head = (chinese: string, english: string): DocumentPart => ({ kind: 'heading', text: zh ? chinese : english });
  const found = (heading: DocumentPart, items: readonly string[]): DocumentPart[] =>
    items.length === 0 ? [] : [heading, { kind: 'list', items }];
  const day = onlyDay(report);
  const times: Times = (localTime) => (day === null ? localTime : localTime.slice(day.length + 1));
  const finding = ({ what, detail }: { what: string; detail: string }): string => `${what}${zh ? '：' : ': '}${detail}`;
  return [
    ...(report.marks.length === 0 ? [] : [{ kind: 'text', text: report.marks.join(' '), strong: true } as const]),
    { kind: 'title', text: report.title },
    ...(report.final
      ? []
      : [
          {
            kind: 'text',
            text: zh ? '事件尚未结束，这是中期报告。' : 'The incident is not over; this is an interim report.',
            strong: true,
          } as const,
        ]),
    ...report.summary.map((text): DocumentPart => ({ kind: 'text', text })),
    {
      kind: 'table',
      columns: [],
      widths: [28, 72],
      rows: report.facts.map(({ label, value }) => [label, value]),
    },
    ...(day === null
      ? []
      : [
          {
            kind: 'text',
            quiet: true,
            text: zh ? `下面各表的时刻均为 ${day}。` : `The times in the tables below are of ${day}.`,
          } as const,
        ]),
    ...(report.score === null ? [] : [head('演练得分', 'Drill score'), ...score(report.score, report.language)]),
    // What there is none of, the summary has said.
    ...found(head('失败', 'Failed'), report.failed.map(finding)),
    ...found(head('超时', 'Late'), report.late.map(finding)),
    ...found(head('改进事项', 'To improve'), report.improvements),
    ...(charts.length === 0 ? [] : [head('曲线', 'Curves')]),
    ...charts.map(({ title, png }): DocumentPart => ({ kind: 'chart', title, png })),
    ...found(head('重启', 'Restarts'), report.restarts),
    head('决定及其依据', 'Decisions and their figures'),
    decisions(report, times),
    head('步骤', 'Steps'),
    ...steps(report),
    head('通知与确认', 'Notifications and acknowledgement'),
    { kind: 'text', text: report.acknowledgement },
    notifications(report, times),
    head('制度条款', "The room's rules"),
    obligations(report),
    head('时间线', 'Timeline'),
    timeline(report, times),
    {
      kind: 'text',
      quiet: true,
      text: zh
        ? `预案 ${report.plan.title}，${report.plan.version} 版。报告生成于 ${report.generatedAt.slice(0, 19).replace('T', ' ')} UTC，内容取自不可更改的处置记录。`
        : `Plan: ${report.plan.title}, version ${report.plan.version}. Written at ${report.generatedAt.slice(0, 19).replace('T', ' ')} UTC from the unalterable record.`,
    },
  ];
}

/** A moment as the tables write it: without the date where all is of one day. */
type Times = (localTime: string) => string;

const pick = (language: Language, zh: string[], en: string[]): string[] => (language === 'zh' ? zh : en);

const figuresOf = (event: ReportEvent, language: Language): string =>
  event.figures.map(({ label, value }) => `${label} ${value}`).join(language === 'zh' ? '；' : '; ');

/** What machines answered can be long; on paper its beginning does. */
const MOST_IN_A_CELL = 700;
const clip = (text: string): string => (text.length <= MOST_IN_A_CELL ? text : `${text.slice(0, MOST_IN_A_CELL)}…`);

const lines = (...texts: (string | null)[]): string =>
  clip(texts.filter((text) => text !== null && text !== '').join('\n'));

const score = (one: ReportScore, language: Language): DocumentPart[] => [
  { kind: 'text', text: sayScore(one, language) },
  {
    kind: 'table',
    columns: pick(language, ['项目', '得分', '说明'], ['Part', 'Points', 'Detail']),
    widths: [30, 18, 52],
    rows: one.parts.map((part) => [part.title, `${part.points} / ${part.of}`, part.detail]),
  },
];

const decisions = ({ language, decisions: events }: IncidentReport, times: Times): DocumentPart => ({
  kind: 'table',
  columns: pick(language, ['时间', '谁', '决定、缘由与数据'], ['Time', 'Who', 'Decision, reason, figures']),
  widths: [14, 12, 74],
  rows: events.map((event) => [
    lines(times(event.localTime), event.elapsed),
    event.who,
    lines(event.what, event.why, figuresOf(event, language)),
  ]),
});

function steps({ language, steps: all }: IncidentReport): DocumentPart[] {
  const { lived, spared } = partSteps(all);
  const length = (lengthS: number | null): string => (lengthS === null ? '' : formatLength(lengthS, language));
  const name = ({ title, device }: ReportStep): string => titleWithDevice(title, device);
  const table: DocumentPart = {
    kind: 'table',
    columns: pick(
      language,
      ['步骤', '状态', '谁与答复', '用时', '说明'],
      ['Step', 'State', 'Who, answer', 'Took', 'Detail'],
    ),
    widths: [27, 13, 16, 12, 32],
    rows: lived.map((step) => [
      name(step),
      step.stateLabel,
      lines(step.who, step.answer),
      length(step.durationS),
      clip(step.detail ?? ''),
    ]),
  };
  const zh = language === 'zh';
  const rest = spared.map(({ why, steps: of }): DocumentPart => {
    const list = of.map(name).join(zh ? '；' : '; ');
    const reason = why === '' ? '' : zh ? `（${why}）` : ` (${why})`;
    return { kind: 'text', quiet: true, text: zh ? `不需要${reason}：${list}。` : `Not needed${reason}: ${list}.` };
  });
  return [table, ...rest];
}

const notifications = ({ language, notifications: rows }: IncidentReport, times: Times): DocumentPart => ({
  kind: 'table',
  columns: pick(language, ['时间', '给谁', '渠道', '内容', '状态'], ['Time', 'To', 'Channel', 'Subject', 'State']),
  widths: [12, 12, 16, 46, 14],
  rows: mergeChannels(rows).map((row) => [
    times(row.localTime),
    row.person,
    row.channels.join(language === 'zh' ? '、' : ', '),
    row.subject,
    row.stateLabel,
  ]),
});

const obligations = ({ language, obligations: rows }: IncidentReport): DocumentPart => ({
  kind: 'table',
  columns: pick(language, ['条款', '状态', '步骤'], ['Rule', 'State', 'Steps']),
  widths: [14, 16, 70],
  rows: rows.map((row) => [row.id, row.state, row.steps.join(language === 'zh' ? '；' : '; ')]),
});

/** Without the lines that the page folds away: on paper nobody unfolds them, and the Markdown report has them all. */
const timeline = ({ language, timeline: events }: IncidentReport, times: Times): DocumentPart => ({
  kind: 'table',
  columns: pick(
    language,
    ['时间', '历时', '类别', '谁', '何事与缘由'],
    ['Time', 'Elapsed', 'Kind', 'Who', 'What and why'],
  ),
  widths: [12, 12, 13, 11, 52],
  rows: mergeEvents(
    events.filter((event) => !event.minor),
    language === 'zh' ? '；' : '; ',
  ).map((event) => [times(event.localTime), event.elapsed, event.kindLabel, event.who, lines(event.what, event.why)]),
});
