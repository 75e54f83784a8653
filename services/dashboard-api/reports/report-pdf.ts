import PDFDocument from 'pdfkit';
import type { IncidentReport } from '#core/report.ts';
import { CHART_HEIGHT, CHART_WIDTH, fontFile } from './chart-image.ts';
import { type DocumentPart, type DrawnChart, documentParts } from './report-document.ts';

/** The report as PDF on A4, Noto Sans SC embedded, so that it prints the same everywhere. */
const MARGIN = 52;
const INK = '#1d2227';
const QUIET = '#5c6670';
const LINE = '#d3d9de';
const REGULAR = 'regular';
const BOLD = 'bold';
/** A heading alone at a page's foot helps nobody. */
const KEEP_WITH_NEXT = 110;
const KEEP_WITH_CHART = 270;

type Pdf = InstanceType<typeof PDFDocument>;

export function toPdf(report: IncidentReport, charts: readonly DrawnChart[]): Promise<Buffer> {
  const pdf = new PDFDocument({
    size: 'A4',
    margin: MARGIN,
    bufferPages: true,
    font: fontFile('400Regular'),
    info: { Title: `${report.marks.join('')}${report.title}`, Creator: 'Zhishou' },
  });
  pdf.registerFont(REGULAR, fontFile('400Regular'));
  pdf.registerFont(BOLD, fontFile('700Bold'));
  const pieces: Buffer[] = [];
  const done = new Promise<Buffer>((resolve, reject) => {
    pdf.on('data', (piece: Buffer) => pieces.push(piece));
    pdf.on('end', () => resolve(Buffer.concat(pieces)));
    pdf.on('error', reject);
  });
  const parts = documentParts(report, charts);
  for (const [index, part] of parts.entries()) draw(pdf, part, parts[index + 1]);
  numberPages(pdf, `${report.marks.join('')}${report.title}`);
  pdf.end();
  return done;
}

function draw(pdf: Pdf, part: DocumentPart, next: DocumentPart | undefined): void {
  pdf.font(REGULAR).fontSize(10).fillColor(INK);
  switch (part.kind) {
    case 'title':
      pdf.font(BOLD).fontSize(19).text(part.text, { lineGap: 3 }).moveDown(0.5);
      return;
    case 'heading':
      if (pdf.y > pdf.page.height - MARGIN - (next?.kind === 'chart' ? KEEP_WITH_CHART : KEEP_WITH_NEXT)) pdf.addPage();
      pdf.moveDown(0.9).font(BOLD).fontSize(13).text(part.text).moveDown(0.35);
      return;
    case 'text':
      pdf
        .font(part.strong === true ? BOLD : REGULAR)
        .fontSize(part.quiet === true ? 9 : 10)
        .fillColor(part.quiet === true ? QUIET : INK)
        .text(part.text, { lineGap: 3 })
        .moveDown(0.35);
      return;
    case 'list':
      for (const item of part.items) pdf.text(`·  ${item}`, { lineGap: 3, indent: 0 }).moveDown(0.2);
      return;
    case 'chart':
      drawChart(pdf, part);
      return;
    case 'table':
      drawTable(pdf, part);
      return;
  }
}

function drawChart(pdf: Pdf, { title, png }: Extract<DocumentPart, { kind: 'chart' }>): void {
  const width = pdf.page.width - 2 * MARGIN;
  const height = (width * CHART_HEIGHT) / CHART_WIDTH;
  if (pdf.y + height + 30 > pdf.page.height - MARGIN) pdf.addPage();
  pdf.font(BOLD).fontSize(10).text(title).moveDown(0.2);
  pdf.image(png, MARGIN, pdf.y, { width });
  pdf.y += height + 8;
  pdf.x = MARGIN;
}

function drawTable(pdf: Pdf, { columns, widths, rows }: Extract<DocumentPart, { kind: 'table' }>): void {
  if (rows.length === 0) return;
  const space = pdf.page.width - 2 * MARGIN;
  const total = widths.reduce((sum, width) => sum + width, 0);
  const places = widths.map((width) => (space * width) / total);
  const head = (): void => {
    if (columns.length > 0) drawRow(pdf, columns, places, BOLD, () => {});
  };
  // A head never stands alone at the foot of a page.
  const [first = []] = rows;
  if (pdf.y + rowHeight(pdf, columns, places) + rowHeight(pdf, first, places) > pdf.page.height - MARGIN) pdf.addPage();
  head();
  for (const row of rows) drawRow(pdf, row, places, REGULAR, head);
  pdf.x = MARGIN;
  pdf.moveDown(0.4);
}

const CELL = { fontSize: 8.5, lineGap: 2, gap: 8, padding: 3.5 };

const cellOptions = (places: readonly number[], index: number) => ({
  width: (places[index] ?? 0) - CELL.gap,
  lineGap: CELL.lineGap,
});

function rowHeight(pdf: Pdf, cells: readonly string[], places: readonly number[]): number {
  pdf.fontSize(CELL.fontSize);
  const heights = cells.map((cell, index) => pdf.heightOfString(cell === '' ? ' ' : cell, cellOptions(places, index)));
  return Math.max(0, ...heights) + 2 * CELL.padding;
}

/** One row with a line below it; on a new page, under the table's head again, where it would be torn. */
function drawRow(
  pdf: Pdf,
  cells: readonly string[],
  places: readonly number[],
  font: string,
  headAgain: () => void,
): void {
  pdf.font(font).fontSize(CELL.fontSize);
  const height = rowHeight(pdf, cells, places);
  if (pdf.y + height > pdf.page.height - MARGIN) {
    pdf.addPage();
    headAgain();
  }
  const top = pdf.y;
  let x = MARGIN;
  for (const [index, cell] of cells.entries()) {
    pdf
      .font(font)
      .fontSize(CELL.fontSize)
      .fillColor(INK)
      .text(cell, x, top + CELL.padding, cellOptions(places, index));
    x += places[index] ?? 0;
  }
  pdf
    .moveTo(MARGIN, top + height)
    .lineTo(pdf.page.width - MARGIN, top + height)
    .lineWidth(0.5)
    .strokeColor(LINE)
    .stroke();
  pdf.x = MARGIN;
  pdf.y = top + height;
}

/** The mark of a drill stands on every page, as on everything else. */
function numberPages(pdf: Pdf, title: string): void {
  const { start, count } = pdf.bufferedPageRange();
  for (let page = start; page < start + count; page++) {
    pdf.switchToPage(page);
    const { bottom } = pdf.page.margins;
    // Written below the margin: without this the text would ask for a new page.
    pdf.page.margins.bottom = 0;
    const y = pdf.page.height - MARGIN + 14;
    pdf.font(REGULAR).fontSize(8).fillColor(QUIET);
    pdf.text(title, MARGIN, y, { width: pdf.page.width - 2 * MARGIN - 60, lineBreak: false, ellipsis: true });
    pdf.text(`${page + 1} / ${count}`, pdf.page.width - MARGIN - 60, y, {
      width: 60,
      align: 'right',
      lineBreak: false,
    });
    pdf.page.margins.bottom = bottom;
  }
}
