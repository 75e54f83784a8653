import type { IncidentReport } from '#core/report.ts';
import type { DrawnChart } from '../paper/document-part.ts';
import { pdfOf } from '../paper/paper-pdf.ts';
import { documentParts } from './report-document.ts';

/** The report as PDF. The mark of a drill stands on every page, as on everything else. */
export function toPdf(report: IncidentReport, charts: readonly DrawnChart[]): Promise<Buffer> {
  const title = `${report.marks.join('')}${report.title}`;
  return pdfOf({ title, header: '', footer: title }, documentParts(report, charts));
}
