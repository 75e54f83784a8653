import {
  AlignmentType,
  BorderStyle,
  Document,
  Footer,
  Header,
  HeadingLevel,
  ImageRun,
  LineRuleType,
  Packer,
  PageNumber,
  Paragraph,
  Table,
  TableCell,
  TableRow,
  TextRun,
  WidthType,
} from 'docx';
import type { IncidentReport } from '#core/report.ts';
import { CHART_HEIGHT, CHART_WIDTH } from './chart-image.ts';
import { type DocumentPart, type DrawnChart, documentParts } from './report-document.ts';

/** The report as a Word document. Word brings no Chinese face along, so the one that Windows and Office have is named. */
const FONT = { ascii: 'Arial', hAnsi: 'Arial', eastAsia: 'Microsoft YaHei', cs: 'Arial' };
const QUIET = '5C6670';
const LINE = { style: BorderStyle.SINGLE, size: 4, color: 'C9D0D6' };
const NO_LINE = { style: BorderStyle.NONE, size: 0, color: 'FFFFFF' };
/** A4 less its margins, in twentieths of a point. */
const TEXT_WIDTH = 9638;

export async function toDocx(report: IncidentReport, charts: readonly DrawnChart[]): Promise<Buffer> {
  const document = new Document({
    title: report.title,
    creator: 'Zhishou',
    styles: {
      default: {
        document: {
          run: { font: FONT, size: 20 },
          paragraph: { spacing: { after: 80, line: 300, lineRule: LineRuleType.AUTO } },
        },
        title: { run: { font: FONT, size: 36, bold: true }, paragraph: { spacing: { after: 160 } } },
        heading1: { run: { font: FONT, size: 26, bold: true }, paragraph: { spacing: { before: 320, after: 120 } } },
      },
    },
    sections: [
      {
        properties: {
          page: { size: { width: 11906, height: 16838 }, margin: { top: 1134, bottom: 1134, left: 1134, right: 1134 } },
        },
        headers: { default: new Header({ children: [quietLine(`${report.marks.join('')}${report.title}`)] }) },
        footers: { default: new Footer({ children: [pageLine()] }) },
        children: documentParts(report, charts).flatMap(render),
      },
    ],
  });
  return Packer.toBuffer(document);
}

const quietLine = (text: string): Paragraph =>
  new Paragraph({ children: [new TextRun({ text, size: 16, color: QUIET, font: FONT })] });

const pageLine = (): Paragraph =>
  new Paragraph({
    alignment: AlignmentType.RIGHT,
    children: [new TextRun({ size: 16, color: QUIET, children: [PageNumber.CURRENT, ' / ', PageNumber.TOTAL_PAGES] })],
  });

function render(part: DocumentPart): (Paragraph | Table)[] {
  switch (part.kind) {
    case 'title':
      return [new Paragraph({ text: part.text, heading: HeadingLevel.TITLE })];
    case 'heading':
      return [new Paragraph({ text: part.text, heading: HeadingLevel.HEADING_1, keepNext: true })];
    case 'text':
      return [
        new Paragraph({
          children: [
            new TextRun({
              text: part.text,
              font: FONT,
              ...(part.quiet === true ? { color: QUIET, size: 18 } : {}),
              bold: part.strong === true,
            }),
          ],
        }),
      ];
    case 'list':
      return part.items.map((text) => new Paragraph({ text, bullet: { level: 0 } }));
    case 'chart':
      return [
        new Paragraph({
          keepNext: true,
          spacing: { before: 160 },
          children: [new TextRun({ text: part.title, bold: true, font: FONT })],
        }),
        new Paragraph({
          // An exact line height would cut the picture.
          spacing: { line: 240, lineRule: LineRuleType.AUTO },
          children: [
            new ImageRun({
              type: 'png',
              data: part.png,
              transformation: { width: 640, height: Math.round((640 * CHART_HEIGHT) / CHART_WIDTH) },
              altText: { name: part.title, title: part.title, description: part.title },
            }),
          ],
        }),
      ];
    case 'table':
      return [tableOf(part), new Paragraph({ text: '', spacing: { after: 0 } })];
  }
}

function tableOf({ columns, widths, rows }: Extract<DocumentPart, { kind: 'table' }>): Table {
  const total = widths.reduce((sum, width) => sum + width, 0);
  const cellWidths = widths.map((width) => Math.round((TEXT_WIDTH * width) / total));
  const cell = (text: string, index: number, bold: boolean): TableCell =>
    new TableCell({
      width: { size: cellWidths[index] ?? 0, type: WidthType.DXA },
      margins: { top: 40, bottom: 40, left: 60, right: 60 },
      borders: { top: NO_LINE, left: NO_LINE, right: NO_LINE, bottom: LINE },
      children: [
        new Paragraph({
          // A head never stands alone at the foot of a page.
          keepNext: bold,
          spacing: { after: 0, line: 260, lineRule: LineRuleType.AUTO },
          children: text
            .split('\n')
            .map(
              (line, n) => new TextRun({ text: line, bold, size: 17, font: FONT, ...(n === 0 ? {} : { break: 1 }) }),
            ),
        }),
      ],
    });
  return new Table({
    width: { size: TEXT_WIDTH, type: WidthType.DXA },
    columnWidths: cellWidths,
    rows: [
      ...(columns.length === 0
        ? []
        : [new TableRow({ tableHeader: true, children: columns.map((text, index) => cell(text, index, true)) })]),
      ...rows.map(
        (row) => new TableRow({ cantSplit: true, children: row.map((text, index) => cell(text, index, false)) }),
      ),
    ],
  });
}
