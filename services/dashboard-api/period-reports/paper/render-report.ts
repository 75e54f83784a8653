import { createHash } from 'node:crypto';
import type { PeriodReport } from '#core/paperwork/period-report.ts';
import { periodDocument } from '#core/report-paper/period-document.ts';
import { createPaperWriter } from '#core/report-paper/writer.ts';
import type { Language } from '#core/text.ts';
import type { DrawnChart } from '../../paper/document-part.ts';
import type { PeriodChart, RenderOptions, RenderReport } from '../seams.ts';

/** A report as a file. What draws is loaded when it is first wanted: most days nobody asks for paper. */
export const renderReport: RenderReport = async (report, options) => {
  const { language, format } = options;
  if (format === 'csv') {
    const { toCsv } = await import('./report-csv.ts');
    return toCsv(report, language);
  }
  if (format === 'xlsx') {
    const { toXlsx } = await import('./report-xlsx.ts');
    return toXlsx(report, language);
  }
  const document = periodDocument(report, language);
  const writer = createPaperWriter(report, language);
  if (format === 'md') {
    const { toMarkdown } = await import('./report-markdown.ts');
    return Buffer.from(toMarkdown(document, writer));
  }
  const title = [...document.marks, document.title].join(language === 'zh' ? '' : ' ');
  const { paperParts } = await import('./paper-parts.ts');
  const parts = paperParts(document, await drawCharts(options), writer, title);
  const frame = { title, header: title, footer: editionOf(report, language) };
  if (format === 'docx') {
    const { docxOf } = await import('../../paper/paper-docx.ts');
    return docxOf(frame, parts);
  }
  const { pdfOf } = await import('../../paper/paper-pdf.ts');
  return pdfOf(frame, parts);
};

/** Word and PDF of one report show the same pictures: each is drawn once. */
const pictures = new WeakMap<PeriodChart, Map<Language, DrawnChart>>();

async function drawCharts({ charts, language }: RenderOptions): Promise<ReadonlyMap<string, DrawnChart>> {
  if (charts.length === 0) return new Map();
  const { periodChartPng, PERIOD_CHART } = await import('./period-chart.ts');
  return new Map(
    charts.map((chart) => {
      const drawn = pictures.get(chart) ?? new Map<Language, DrawnChart>();
      pictures.set(chart, drawn);
      const picture = drawn.get(language) ?? {
        title: chart.title[language],
        png: periodChartPng(chart, language),
        size: PERIOD_CHART,
      };
      drawn.set(language, picture);
      return [chart.id, picture];
    }),
  );
}

/** Which edition this is: two papers of one week that differ are told apart by it. */
function editionOf(report: PeriodReport, language: Language): string {
  const { id, generatedAt, siteName } = report;
  const digest = createHash('sha256').update(JSON.stringify(report)).digest('hex').slice(0, 12);
  const made = `${generatedAt.slice(0, 16).replace('T', ' ')} UTC`;
  return `${siteName[language]} · ${id} · ${language === 'zh' ? `制作于 ${made}` : `made ${made}`} · ${digest}`;
}
