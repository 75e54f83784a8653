import PDFDocument from 'pdfkit';
import { plainFont } from '#platform/plain-font.ts';
import { CHART_HEIGHT, CHART_WIDTH } from './chart-picture.ts';
import type { Cell, DocumentPart, KeyFigure, PaperFrame } from './document-part.ts';

/** A paper as PDF on A4, Noto Sans SC embedded, so that it prints the same everywhere. */
const MARGIN = 48;
const INK = '#1d2227';
const QUIET = '#5c6670';
const LINE = '#d3d9de';
const REGULAR = 'regular';
const BOLD = 'bold';
/** A heading alone at a page's foot helps nobody. */
const KEEP_WITH_NEXT = 78;
const KEEP_WITH_CHART = 30;

type Pdf = InstanceType<typeof PDFDocument>;

export function pdfOf(frame: PaperFrame, parts: readonly DocumentPart[]): Promise<Buffer> {
  const pdf = new PDFDocument({
    size: 'A4',
    margin: MARGIN,
    bufferPages: true,
    // The one that it would begin with, Helvetica, is not embedded.
    font: '',
    info: { Title: frame.title, Creator: 'Zhishou' },
  });
  pdf.registerFont(REGULAR, plainFont('400Regular'));
  pdf.registerFont(BOLD, plainFont('700Bold'));
  const pieces: Buffer[] = [];
  const done = new Promise<Buffer>((resolve, reject) => {
    pdf.on('data', (piece: Buffer) => pieces.push(piece));
    pdf.on('end', () => resolve(Buffer.concat(pieces)));
    pdf.on('error', reject);
  });
  for (const [index, part] of parts.entries()) draw(pdf, part, parts[index + 1]);
  numberPages(pdf, frame);
  pdf.end();
  return done;
}

function draw(pdf: Pdf, part: DocumentPart, next: DocumentPart | undefined): void {
  pdf.font(REGULAR).fontSize(10).fillColor(INK);
  switch (part.kind) {
    case 'title':
      pdf.font(BOLD).fontSize(19).text(part.text, { lineGap: 3 }).moveDown(0.5);
      return;
    case 'heading': {
      const beside = next?.kind === 'heading' ? KEEP_WITH_NEXT + 30 : KEEP_WITH_NEXT;
      const keep = next?.kind === 'chart' ? KEEP_WITH_CHART + chartHeight(pdf, next) : beside;
      if (pdf.y > pdf.page.height - MARGIN - keep) pdf.addPage();
      const [before, size, after] = part.level === 2 ? [0.5, 10.5, 0.25] : [0.75, 13, 0.3];
      pdf.moveDown(before).font(BOLD).fontSize(size).text(part.text).moveDown(after);
      return;
    }
    case 'text':
      pdf
        .font(part.strong === true ? BOLD : REGULAR)
        .fontSize(part.quiet === true ? 9 : 10)
        .fillColor(part.quiet === true ? QUIET : INK)
        .text(part.text, { lineGap: 3 })
        .moveDown(0.35);
      return;
    case 'list':
      for (const item of part.items) pdf.fontSize(9.5).text(`·  ${item}`, { lineGap: 2, indent: 0 }).moveDown(0.08);
      return;
    case 'chart':
      drawChart(pdf, part);
      return;
    case 'figures':
      drawFigures(pdf, part.items);
      return;
    case 'table':
      drawTable(pdf, part);
      return;
  }
}

type Chart = Extract<DocumentPart, { kind: 'chart' }>;

function chartHeight(pdf: Pdf, { size }: Chart): number {
  const { width, height } = size ?? { width: CHART_WIDTH, height: CHART_HEIGHT };
  return ((pdf.page.width - 2 * MARGIN) * height) / width;
}

function drawChart(pdf: Pdf, chart: Chart): void {
  const width = pdf.page.width - 2 * MARGIN;
  const height = chartHeight(pdf, chart);
  if (pdf.y + height + 30 > pdf.page.height - MARGIN) pdf.addPage();
  pdf.font(BOLD).fontSize(10).text(chart.title).moveDown(0.2);
  pdf.image(chart.png, MARGIN, pdf.y, { width });
  pdf.y += height + 8;
  pdf.x = MARGIN;
}

function drawFigures(pdf: Pdf, items: readonly KeyFigure[]): void {
  if (items.length === 0) return;
  const width = (pdf.page.width - 2 * MARGIN) / items.length;
  const options = { width: width - CELL.gap, lineGap: 1 };
  const lines = ({ label, value, change, pressing }: KeyFigure) => [
    { text: label, font: REGULAR, size: 8, color: QUIET },
    { text: pressing ? `${value} !` : value, font: pressing ? BOLD : REGULAR, size: 14, color: INK },
    { text: change === '' ? ' ' : change, font: REGULAR, size: 8, color: QUIET },
  ];
  /** Of each line over all figures, so that they stand in rows. */
  const heights = [0, 1, 2].map((row) =>
    Math.max(
      ...items.map((item) => {
        const { text = '', font = REGULAR, size = 8 } = lines(item)[row] ?? {};
        return pdf.font(font).fontSize(size).heightOfString(text, options);
      }),
    ),
  );
  const height = heights.reduce((sum, one) => sum + one, 12);
  if (pdf.y + height > pdf.page.height - MARGIN) pdf.addPage();
  const top = pdf.y;
  rule(pdf, top);
  for (const [index, item] of items.entries()) {
    let y = top + 6;
    for (const [row, { text, font, size, color }] of lines(item).entries()) {
      pdf
        .font(font)
        .fontSize(size)
        .fillColor(color)
        .text(text, MARGIN + index * width, y, options);
      y += heights[row] ?? 0;
    }
  }
  rule(pdf, top + height);
  pdf.x = MARGIN;
  pdf.y = top + height;
  pdf.fontSize(10).moveDown(0.2);
}

const rule = (pdf: Pdf, y: number): Pdf =>
  pdf
    .moveTo(MARGIN, y)
    .lineTo(pdf.page.width - MARGIN, y)
    .lineWidth(0.5)
    .strokeColor(LINE)
    .stroke();

type PdfTable = Extract<DocumentPart, { kind: 'table' }>;

function drawTable(pdf: Pdf, { columns, widths, rows, align }: PdfTable): void {
  if (rows.length === 0) return;
  const space = pdf.page.width - 2 * MARGIN;
  const total = widths.reduce((sum, width) => sum + width, 0);
  const places = widths.map((width, index) => ({
    width: (space * width) / total,
    align: align?.[index] === 'end' ? ('right' as const) : ('left' as const),
  }));
  const head = (): void => {
    if (columns.length > 0) drawRow(pdf, columns, places, true, () => {});
  };
  // A head never stands alone at the foot of a page.
  const [first = []] = rows;
  if (pdf.y + rowHeight(pdf, columns, places, true) + rowHeight(pdf, first, places, false) > pdf.page.height - MARGIN)
    pdf.addPage();
  head();
  for (const row of rows) drawRow(pdf, row, places, false, head);
  pdf.x = MARGIN;
  pdf.fontSize(CELL.fontSize).moveDown(0.4);
}

const CELL = { fontSize: 8.5, noteSize: 7, lineGap: 2, gap: 8, padding: 3 };

interface Place {
  readonly width: number;
  readonly align: 'left' | 'right';
}

const cellOptions = ({ width, align }: Place) => ({ width: width - CELL.gap, lineGap: CELL.lineGap, align });

const partsOf = (cell: Cell): { text: string; note: string; strong: boolean } =>
  typeof cell === 'string'
    ? { text: cell, note: '', strong: false }
    : { text: cell.text, note: cell.note ?? '', strong: cell.strong === true };

function cellHeight(pdf: Pdf, cell: Cell, place: Place, head: boolean): number {
  const { text, note, strong } = partsOf(cell);
  const options = cellOptions(place);
  pdf.font(head || strong ? BOLD : REGULAR).fontSize(CELL.fontSize);
  const height = pdf.heightOfString(text === '' ? ' ' : text, options);
  if (note === '') return height;
  return height + pdf.font(REGULAR).fontSize(CELL.noteSize).heightOfString(note, options);
}

const NOWHERE: Place = { width: 0, align: 'left' };

const rowHeight = (pdf: Pdf, cells: readonly Cell[], places: readonly Place[], head: boolean): number =>
  Math.max(0, ...cells.map((cell, index) => cellHeight(pdf, cell, places[index] ?? NOWHERE, head))) + 2 * CELL.padding;

/** One row with a line below it; on a new page, under the table's head again, where it would be torn. */
function drawRow(
  pdf: Pdf,
  cells: readonly Cell[],
  places: readonly Place[],
  isHead: boolean,
  headAgain: () => void,
): void {
  const height = rowHeight(pdf, cells, places, isHead);
  if (pdf.y + height > pdf.page.height - MARGIN) {
    pdf.addPage();
    headAgain();
  }
  const top = pdf.y;
  let x = MARGIN;
  for (const [index, cell] of cells.entries()) {
    const place = places[index] ?? NOWHERE;
    const { text, note, strong } = partsOf(cell);
    pdf
      .font(isHead || strong ? BOLD : REGULAR)
      .fontSize(CELL.fontSize)
      .fillColor(INK)
      .text(text, x, top + CELL.padding, cellOptions(place));
    if (note !== '')
      pdf.font(REGULAR).fontSize(CELL.noteSize).fillColor(QUIET).text(note, x, pdf.y, cellOptions(place));
    x += place.width;
  }
  rule(pdf, top + height);
  pdf.x = MARGIN;
  pdf.y = top + height;
}

function numberPages(pdf: Pdf, { header, footer }: PaperFrame): void {
  const { start, count } = pdf.bufferedPageRange();
  const wide = pdf.page.width - 2 * MARGIN - 60;
  for (let page = start; page < start + count; page++) {
    pdf.switchToPage(page);
    const { top, bottom } = pdf.page.margins;
    // Written outside the margins: without this the text would ask for a new page.
    pdf.page.margins.top = 0;
    pdf.page.margins.bottom = 0;
    const y = pdf.page.height - MARGIN + 14;
    pdf.font(REGULAR).fontSize(8).fillColor(QUIET);
    if (header !== '' && page > start)
      pdf.text(header, MARGIN, MARGIN - 24, { width: wide + 60, lineBreak: false, ellipsis: true });
    pdf.text(footer, MARGIN, y, { width: wide, lineBreak: false, ellipsis: true });
    pdf.text(`${page + 1} / ${count}`, pdf.page.width - MARGIN - 60, y, {
      width: 60,
      align: 'right',
      lineBreak: false,
    });
    pdf.page.margins.top = top;
    pdf.page.margins.bottom = bottom;
  }
}
