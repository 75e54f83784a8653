import type { ReportDocument, ReportPart } from '#core/report-paper/document.ts';
import { paperTable } from '#core/report-paper/paper-cell.ts';
import type { PaperWriter } from '#core/report-paper/writer.ts';
import type { DocumentPart, DrawnChart } from '../../paper/document-part.ts';

/** A period's report as parts of a paper, its charts drawn in. */
export function paperParts(
  document: ReportDocument,
  charts: ReadonlyMap<string, DrawnChart>,
  writer: PaperWriter,
  title: string,
): readonly DocumentPart[] {
  return [
    { kind: 'title', text: title },
    { kind: 'text', quiet: true, text: document.subtitle },
    ...document.parts.flatMap((part) => partOf(part, charts, writer)),
  ];
}

function partOf(part: ReportPart, charts: ReadonlyMap<string, DrawnChart>, writer: PaperWriter): DocumentPart[] {
  switch (part.kind) {
    case 'heading':
      return [{ kind: 'heading', text: part.text, ...(part.level === undefined ? {} : { level: part.level }) }];
    case 'text':
      return [part];
    case 'list':
      return [{ kind: 'list', items: part.items.map(({ text }) => text) }];
    case 'figures':
      return [part];
    case 'chart': {
      const drawn = charts.get(part.chart);
      return drawn === undefined ? [] : [{ kind: 'chart', ...drawn }];
    }
    case 'table': {
      const { columns, rows, more, weak } = paperTable(part.table, writer);
      const { say } = writer;
      const notes = [
        ...(more > 0 ? [say(`另有 ${more} 行，见 Excel 文件。`, `${more} more rows in the Excel file.`)] : []),
        ...(weak
          ? [say('* 覆盖率低于 95 %，只代表有记录的时间。', '* Coverage below 95 %: tells only of the time on record.')]
          : []),
      ];
      return [
        {
          kind: 'table',
          columns: columns.map(({ label }) => label),
          widths: columns.map(({ width }) => width),
          align: columns.map(({ align }) => align),
          rows: rows.map((row) =>
            row.map(({ text, note, strong }) => ({ text, ...(note === '' ? {} : { note }), strong })),
          ),
        },
        ...(notes.length === 0 ? [] : [{ kind: 'text', quiet: true, text: notes.join(' ') } as const]),
      ];
    }
  }
}
