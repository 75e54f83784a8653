import type { IncidentReport } from '#core/report.ts';
import type { DrawnChart } from '../paper/document-part.ts';
import { docxOf } from '../paper/paper-docx.ts';
import { documentParts } from './report-document.ts';

/** The report as a Word document. */
export const toDocx = (report: IncidentReport, charts: readonly DrawnChart[]): Promise<Buffer> =>
  docxOf(
    { title: report.title, header: `${report.marks.join('')}${report.title}`, footer: '' },
    documentParts(report, charts),
  );
