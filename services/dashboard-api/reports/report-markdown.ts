import { formatLength } from '#core/length-words.ts';
import type { IncidentReport, ReportEvent, ReportScore } from '#core/report.ts';
import { plain, table } from '../paper/markdown.ts';
import { titleWithDevice } from './report-format.ts';
import { sayScore } from './report-score.ts';

/** The report as Markdown, for mail, archives and people without the page. */
export function toMarkdown(report: IncidentReport): string {
  const zh = report.language === 'zh';
  const heading = (chinese: string, english: string): string => `## ${zh ? chinese : english}`;
  const none = zh ? '无。' : 'None.';
  const parts = [
    `# ${report.marks.join('')}${report.marks.length > 0 ? ' ' : ''}${plain(report.title)}`,
    report.final
      ? ''
      : zh
        ? '> 事件尚未结束，这是中期报告。'
        : '> The incident is not over; this is an interim report.',
    heading('概况', 'Summary'),
    ...report.summary.map(plain),
    table(
      [zh ? '项目' : 'Item', zh ? '内容' : 'Value'],
      report.facts.map(({ label, value }) => [label, value]),
    ),
    ...(report.restarts.length === 0
      ? []
      : [heading('重启', 'Restarts'), report.restarts.map((line) => `- ${plain(line)}`).join('\n')]),
    ...(report.score === null
      ? []
      : [
          heading('演练得分', 'Drill score'),
          plain(sayScore(report.score, report.language)),
          scoreTable(report.score, zh),
        ]),
    heading('决定及其依据', 'Decisions and their figures'),
    report.decisions.length === 0 ? none : report.decisions.map((event) => toDecision(event, zh)).join('\n'),
    heading('步骤', 'Steps'),
    stepTable(report),
    heading('通知与确认', 'Notifications and acknowledgement'),
    plain(report.acknowledgement),
    notificationTable(report),
    heading('超时', 'Late'),
    findings(report.late, none, zh),
    heading('失败', 'Failed'),
    findings(report.failed, none, zh),
    heading('制度条款', "The room's rules"),
    obligationTable(report, none),
    heading('改进建议', 'To improve'),
    report.improvements.length === 0 ? none : report.improvements.map((line) => `- ${plain(line)}`).join('\n'),
    heading('时间线', 'Timeline'),
    timelineTable(report),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

const toDecision = (event: ReportEvent, zh: boolean): string => {
  const figures = event.figures.map(({ label, value }) => `${label} ${value}`).join(zh ? '；' : '; ');
  const elapsed = zh ? `（${event.elapsed}）` : ` (${event.elapsed}) `;
  const lines = [`- **${event.localTime}**${elapsed}${plain(event.who)}${zh ? '：' : ': '}${plain(event.what)}`];
  if (event.why !== null) lines.push(`  ${plain(event.why)}`);
  if (figures !== '') lines.push(`  _${plain(figures)}_`);
  return lines.join('\n');
};

const scoreTable = ({ parts }: ReportScore, zh: boolean): string =>
  table(
    zh ? ['项目', '得分', '说明'] : ['Part', 'Points', 'Detail'],
    parts.map((part) => [part.title, `${part.points} / ${part.of}`, part.detail]),
  );

function stepTable({ language, steps }: IncidentReport): string {
  const columns =
    language === 'zh'
      ? ['阶段', '步骤', '状态', '谁', '答复', '用时', '预计', '次数', '说明']
      : ['Stage', 'Step', 'State', 'Who', 'Answer', 'Took', 'Expected', 'Attempts', 'Detail'];
  const length = (lengthS: number | null): string => (lengthS === null ? '' : formatLength(lengthS, language));
  return table(
    columns,
    steps.map((step) => [
      step.stage,
      titleWithDevice(step.title, step.device),
      step.stateLabel,
      step.who ?? '',
      step.answer ?? '',
      length(step.durationS),
      length(step.expectedS),
      step.attempts === 0 ? '' : String(step.attempts),
      step.detail ?? '',
    ]),
  );
}

const notificationTable = ({ language, notifications }: IncidentReport): string =>
  table(
    language === 'zh'
      ? ['时间', '给谁', '渠道', '内容', '状态', '次数']
      : ['Time', 'To', 'Channel', 'Subject', 'State', 'Attempts'],
    notifications.map((row) => [
      row.localTime,
      row.person,
      row.channel,
      row.subject,
      row.error === null ? row.stateLabel : `${row.stateLabel}${language === 'zh' ? '：' : ': '}${row.error}`,
      String(row.attempts),
    ]),
  );

const findings = (rows: IncidentReport['late'], none: string, zh: boolean): string =>
  rows.length === 0
    ? none
    : rows.map(({ what, detail }) => `- ${plain(what)}${zh ? '：' : ': '}${plain(detail)}`).join('\n');

const obligationTable = ({ language, obligations }: IncidentReport, none: string): string =>
  obligations.length === 0
    ? none
    : table(
        language === 'zh' ? ['条款', '步骤', '状态'] : ['Rule', 'Steps', 'State'],
        obligations.map(({ id, steps, state }) => [id, steps.join(language === 'zh' ? '；' : '; '), state]),
      );

const timelineTable = ({ language, timeline }: IncidentReport): string =>
  table(
    language === 'zh'
      ? ['时间', '历时', '类别', '谁', '何事', '缘由', '数据']
      : ['Time', 'Elapsed', 'Kind', 'Who', 'What', 'Why', 'Figures'],
    timeline.map((event) => [
      event.localTime,
      event.elapsed,
      event.kindLabel,
      event.who,
      event.what,
      event.why ?? '',
      event.figures.map(({ label, value }) => `${label} ${value}`).join(language === 'zh' ? '；' : '; '),
    ]),
  );
