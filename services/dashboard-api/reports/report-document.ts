import type { IncidentReport, ReportEvent, ReportScore } from '#core/report.ts';
import type { Language } from '#core/text.ts';
import { formatLength, titleWithDevice } from './report-format.ts';
import { sayScore } from './report-score.ts';

/** The report as a sequence of parts, the same for Word and PDF: what a reader needs first stands first. */
export type DocumentPart =
  | { readonly kind: 'title'; readonly text: string }
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string; readonly quiet?: boolean; readonly strong?: boolean }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'chart'; readonly title: string; readonly png: Buffer }
  | {
      readonly kind: 'table';
      /** None: a table of facts without a head. */
      readonly columns: readonly string[];
      /** Shares of the width. */
      readonly widths: readonly number[];
      readonly rows: readonly (readonly string[])[];
    };

export interface DrawnChart {
  readonly title: string;
  readonly png: Buffer;
}

export function documentParts(report: IncidentReport, charts: readonly DrawnChart[]): readonly DocumentPart[] {
  const zh = report.language === 'zh';
  const head = (chinese: string, english: string): DocumentPart => ({ kind: 'heading', text: zh ? chinese : english });
  const none: DocumentPart = { kind: 'text', text: zh ? '无。' : 'None.', quiet: true };
  const list = (items: readonly string[]): DocumentPart => (items.length === 0 ? none : { kind: 'list', items });
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
    ...(report.score === null ? [] : [head('演练得分', 'Drill score'), ...score(report.score, report.language)]),
    head('失败', 'Failed'),
    list(report.failed.map(finding)),
    head('超时', 'Late'),
    list(report.late.map(finding)),
    head('改进事项', 'To improve'),
    list(report.improvements),
    ...(charts.length === 0 ? [] : [head('曲线', 'Curves')]),
    ...charts.map(({ title, png }): DocumentPart => ({ kind: 'chart', title, png })),
    ...(report.restarts.length === 0 ? [] : [head('重启', 'Restarts'), list(report.restarts)]),
    head('决定及其依据', 'Decisions and their figures'),
    decisions(report),
    head('步骤', 'Steps'),
    steps(report),
    head('通知与确认', 'Notifications and acknowledgement'),
    { kind: 'text', text: report.acknowledgement },
    notifications(report),
    head('制度条款', "The room's rules"),
    obligations(report),
    head('时间线', 'Timeline'),
    timeline(report),
    {
      kind: 'text',
      quiet: true,
      text: zh
        ? `预案 ${report.plan.title}，${report.plan.version} 版。报告生成于 ${report.generatedAt.slice(0, 19).replace('T', ' ')} UTC，内容取自不可更改的处置记录。`
        : `Plan: ${report.plan.title}, version ${report.plan.version}. Written at ${report.generatedAt.slice(0, 19).replace('T', ' ')} UTC from the unalterable record.`,
    },
  ];
}

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

const decisions = ({ language, decisions: events }: IncidentReport): DocumentPart => ({
  kind: 'table',
  columns: pick(language, ['时间', '谁', '决定、缘由与数据'], ['Time', 'Who', 'Decision, reason, figures']),
  widths: [20, 12, 68],
  rows: events.map((event) => [
    lines(event.localTime, event.elapsed),
    event.who,
    lines(event.what, event.why, figuresOf(event, language)),
  ]),
});

function steps({ language, steps: all }: IncidentReport): DocumentPart {
  const length = (lengthS: number | null): string => (lengthS === null ? '' : formatLength(lengthS, language));
  return {
    kind: 'table',
    columns: pick(
      language,
      ['步骤', '状态', '谁与答复', '用时', '说明'],
      ['Step', 'State', 'Who, answer', 'Took', 'Detail'],
    ),
    widths: [27, 13, 16, 12, 32],
    rows: all.map((step) => [
      titleWithDevice(step.title, step.device),
      step.stateLabel,
      lines(step.who, step.answer),
      length(step.durationS),
      clip(step.detail ?? ''),
    ]),
  };
}

const notifications = ({ language, notifications: rows }: IncidentReport): DocumentPart => ({
  kind: 'table',
  columns: pick(language, ['时间', '给谁', '渠道', '内容', '状态'], ['Time', 'To', 'Channel', 'Subject', 'State']),
  widths: [20, 12, 10, 44, 14],
  rows: rows.map((row) => [row.localTime, row.person, row.channel, row.subject, row.stateLabel]),
});

const obligations = ({ language, obligations: rows }: IncidentReport): DocumentPart => ({
  kind: 'table',
  columns: pick(language, ['条款', '状态', '步骤'], ['Rule', 'State', 'Steps']),
  widths: [14, 16, 70],
  rows: rows.map((row) => [row.id, row.state, row.steps.join(language === 'zh' ? '；' : '; ')]),
});

/** Without the lines that the page folds away: on paper nobody unfolds them, and the Markdown report has them all. */
const timeline = ({ language, timeline: events }: IncidentReport): DocumentPart => ({
  kind: 'table',
  columns: pick(
    language,
    ['时间', '历时', '类别', '谁', '何事与缘由'],
    ['Time', 'Elapsed', 'Kind', 'Who', 'What and why'],
  ),
  widths: [20, 12, 11, 12, 45],
  rows: events
    .filter((event) => !event.minor)
    .map((event) => [event.localTime, event.elapsed, event.kindLabel, event.who, lines(event.what, event.why)]),
});
