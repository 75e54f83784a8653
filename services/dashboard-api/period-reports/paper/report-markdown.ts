import type { ReportDocument, ReportPart } from '#core/report-paper/document.ts';
import { paperTable } from '#core/report-paper/paper-cell.ts';
import type { PaperWriter } from '#core/report-paper/writer.ts';
import { plain, table } from '../../paper/markdown.ts';

/** A period's report as Markdown: for the terminal, and for archives that outlive every office program. */
export function toMarkdown({ marks, title, subtitle, parts }: ReportDocument, writer: PaperWriter): string {
  const lines = [`# ${marks.join('')}${plain(title)}`, plain(subtitle), ...parts.map((part) => sayPart(part, writer))];
  return `${lines.filter((line) => line !== '').join('\n\n')}\n`;
}

function sayPart(part: ReportPart, writer: PaperWriter): string {
  switch (part.kind) {
    case 'heading':
      return `${part.level === 2 ? '###' : '##'} ${plain(part.text)}`;
    case 'text':
      return part.strong === true ? `**${plain(part.text)}**` : plain(part.text);
    case 'list':
      return part.items.map(({ text }) => `- ${plain(text)}`).join('\n');
    case 'figures':
      return part.items
        .map(
          ({ label, value, change }) => `- ${plain(label)}: **${plain(value)}**${change === '' ? '' : ` (${change})`}`,
        )
        .join('\n');
    case 'chart':
      return '';
    case 'table': {
      const { columns, rows, more, weak } = paperTable(part.table, writer);
      const cells = rows.map((row) => row.map(({ text, note }) => (note === '' ? text : `${text} (${note})`)));
      return [
        table(
          columns.map(({ label }) => label),
          cells,
        ),
        more > 0 ? writer.say(`另有 ${more} 行。`, `${more} more rows.`) : '',
        weak ? writer.say('\\* 覆盖率低于 95 %。', '\\* Coverage below 95 %.') : '',
      ]
        .filter((text) => text !== '')
        .join('\n\n');
    }
  }
}
