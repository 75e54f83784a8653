import {
  AlignmentType,
  BorderStyle,
  Document,
  Footer,
  Header,
  HeadingLevel,
  ImageRun,
  type IParagraphOptions,
  LineRuleType,
  Packer,
  PageNumber,
  Paragraph,
  Table,
  TableCell,
  TableRow,
  TabStopType,
  TextRun,
  VerticalAlign,
  WidthType,
} from 'docx';
import { CHART_HEIGHT, CHART_WIDTH } from './chart-picture.ts';
import type { Cell, DocumentPart, KeyFigure, PaperFrame } from './document-part.ts';

/** A paper as a Word document. Word brings no Chinese face along, so the one that Windows and Office have is named. */
const FONT = { ascii: 'Arial', hAnsi: 'Arial', eastAsia: 'Microsoft YaHei', cs: 'Arial' };
const QUIET = '5C6670';
const LINE = { style: BorderStyle.SINGLE, size: 4, color: 'C9D0D6' };
const NO_LINE = { style: BorderStyle.NONE, size: 0, color: 'FFFFFF' };
/** A4 less its margins, in twentieths of a point. */
const TEXT_WIDTH = 9638;

export async function docxOf(frame: PaperFrame, parts: readonly DocumentPart[]): Promise<Buffer> {
  const document = new Document({
    title: frame.title,
    creator: 'Zhishou',
    styles: {
      default: {
        document: {
          run: { font: FONT, size: 20 },
          paragraph: { spacing: { after: 80, line: 300, lineRule: LineRuleType.AUTO } },
        },
        title: { run: { font: FONT, size: 36, bold: true }, paragraph: { spacing: { after: 160 } } },
        heading1: { run: { font: FONT, size: 26, bold: true }, paragraph: { spacing: { before: 260, after: 100 } } },
        heading2: { run: { font: FONT, size: 21, bold: true }, paragraph: { spacing: { before: 160, after: 80 } } },
      },
    },
    sections: [
      {
        properties: {
          page: { size: { width: 11906, height: 16838 }, margin: { top: 1134, bottom: 1134, left: 1134, right: 1134 } },
        },
        headers: { default: new Header({ children: [quietLine([frame.header])] }) },
        footers: { default: new Footer({ children: [pageLine(frame.footer)] }) },
        children: parts.flatMap(render),
      },
    ],
  });
  return Packer.toBuffer(document);
}

const quietLine = (children: readonly string[]): Paragraph =>
  new Paragraph({ children: [new TextRun({ children, size: 16, color: QUIET, font: FONT })] });

const pageLine = (footer: string): Paragraph =>
  new Paragraph({
    tabStops: [{ type: TabStopType.RIGHT, position: TEXT_WIDTH }],
    children: [
      new TextRun({
        size: 16,
        color: QUIET,
        font: FONT,
        children: [`${footer}\t`, PageNumber.CURRENT, ' / ', PageNumber.TOTAL_PAGES],
      }),
    ],
  });

function render(part: DocumentPart): (Paragraph | Table)[] {
  switch (part.kind) {
    case 'title':
      return [new Paragraph({ text: part.text, heading: HeadingLevel.TITLE })];
    case 'heading': {
      const heading = part.level === 2 ? HeadingLevel.HEADING_2 : HeadingLevel.HEADING_1;
      return [new Paragraph({ text: part.text, heading, keepNext: true })];
    }
    case 'text': {
      const quiet = part.quiet === true ? { color: QUIET, size: 18 } : {};
      return [
        new Paragraph({
          children: [new TextRun({ text: part.text, font: FONT, ...quiet, bold: part.strong === true })],
        }),
      ];
    }
    case 'list':
      return part.items.map((text) => new Paragraph({ text, bullet: { level: 0 } }));
    case 'chart':
      return chartOf(part);
    case 'figures':
      return [figuresOf(part.items), gap()];
    case 'table':
      return [tableOf(part), gap()];
  }
}

/** Two tables that touch are one to Word. */
const gap = (): Paragraph =>
  new Paragraph({ spacing: { after: 0, line: 140, lineRule: LineRuleType.EXACT }, children: [] });

function chartOf({ title, png, size }: Extract<DocumentPart, { kind: 'chart' }>): Paragraph[] {
  const { width, height } = size ?? { width: CHART_WIDTH, height: CHART_HEIGHT };
  return [
    new Paragraph({
      keepNext: true,
      spacing: { before: 160 },
      children: [new TextRun({ text: title, bold: true, font: FONT })],
    }),
    new Paragraph({
      // An exact line height would cut the picture.
      spacing: { line: 240, lineRule: LineRuleType.AUTO },
      children: [
        new ImageRun({
          type: 'png',
          data: png,
          transformation: { width: 640, height: Math.round((640 * height) / width) },
          altText: { name: title, title, description: title },
        }),
      ],
    }),
  ];
}

function figuresOf(items: readonly KeyFigure[]): Table {
  const width = Math.floor(TEXT_WIDTH / Math.max(1, items.length));
  const line = (text: string, size: number, bold: boolean, quiet: boolean): Paragraph =>
    new Paragraph({
      spacing: { after: 0, line: 260, lineRule: LineRuleType.AUTO },
      children: [new TextRun({ text, size, bold, font: FONT, ...(quiet ? { color: QUIET } : {}) })],
    });
  return new Table({
    width: { size: TEXT_WIDTH, type: WidthType.DXA },
    columnWidths: items.map(() => width),
    rows: [
      new TableRow({
        cantSplit: true,
        children: items.map(
          ({ label, value, change, pressing }) =>
            new TableCell({
              width: { size: width, type: WidthType.DXA },
              margins: { top: 60, bottom: 60, left: 60, right: 60 },
              borders: { top: LINE, left: NO_LINE, right: NO_LINE, bottom: LINE },
              children: [
                line(label, 16, false, true),
                line(pressing ? `${value} !` : value, 28, pressing, false),
                line(change === '' ? ' ' : change, 16, false, true),
              ],
            }),
        ),
      }),
    ],
  });
}

function tableOf({ columns, widths, rows, align }: Extract<DocumentPart, { kind: 'table' }>): Table {
  const total = widths.reduce((sum, width) => sum + width, 0);
  const cellWidths = widths.map((width) => Math.round((TEXT_WIDTH * width) / total));
  const cell = (content: Cell, index: number, head: boolean): TableCell =>
    new TableCell({
      width: { size: cellWidths[index] ?? 0, type: WidthType.DXA },
      margins: { top: 40, bottom: 40, left: 60, right: 60 },
      borders: { top: NO_LINE, left: NO_LINE, right: NO_LINE, bottom: LINE },
      verticalAlign: head ? VerticalAlign.BOTTOM : VerticalAlign.TOP,
      children: [cellParagraph(content, align?.[index] ?? 'start', head)],
    });
  const row = (cells: readonly Cell[], head: boolean): TableRow =>
    new TableRow({
      ...(head ? { tableHeader: true } : { cantSplit: true }),
      children: cells.map((content, index) => cell(content, index, head)),
    });
  return new Table({
    width: { size: TEXT_WIDTH, type: WidthType.DXA },
    columnWidths: cellWidths,
    rows: [...(columns.length === 0 ? [] : [row(columns, true)]), ...rows.map((cells) => row(cells, false))],
  });
}

function cellParagraph(content: Cell, align: 'start' | 'end', head: boolean): Paragraph {
  const { text, note, strong } = typeof content === 'string' ? { text: content } : content;
  const bold = head || strong === true;
  const lines = text
    .split('\n')
    .map((line, n) => new TextRun({ text: line, bold, size: 17, font: FONT, ...(n === 0 ? {} : { break: 1 }) }));
  const options: IParagraphOptions = {
    // A head never stands alone at the foot of a page.
    keepNext: head,
    spacing: { after: 0, line: 260, lineRule: LineRuleType.AUTO },
    alignment: align === 'end' ? AlignmentType.RIGHT : AlignmentType.LEFT,
  };
  const below = note === undefined ? [] : [new TextRun({ text: note, size: 15, color: QUIET, font: FONT, break: 1 })];
  return new Paragraph({ ...options, children: [...lines, ...below] });
}
