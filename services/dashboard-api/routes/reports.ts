import { z } from 'zod';
import { messageOf, ZhishouError } from '#core/errors.ts';
import type { IncidentView } from '#core/incident.ts';
import type { IncidentReport } from '#core/report.ts';
import type { Language } from '#core/text.ts';
import { SETTLE_LIMIT } from '../history.ts';
import { writeIncidentReport } from '../reports/incident-report.ts';
import { CHART_IDS, collectCharts, type ReportChart } from '../reports/report-charts.ts';
import { localTimeFormatter } from '../reports/report-format.ts';
import { toMarkdown } from '../reports/report-markdown.ts';
import { writeScore } from '../reports/report-score.ts';
import { problemSchema } from '../schemas/answers.ts';
import { reportSchema } from '../schemas/report.ts';
import { API, type Context, type Server } from './context.ts';
import { idParameter } from './readings.ts';

/** The written report of an incident: for the page, as Markdown, Word and PDF; its charts as SVG. */

const VIEWER = { access: { who: 'viewer' } } as const;
const byId = z.strictObject({ id: idParameter });
const languageParameter = z.enum(['zh', 'en']).optional();

const TYPES = {
  md: 'text/markdown; charset=utf-8',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  pdf: 'application/pdf',
} as const;

export function reportRoutes(server: Server, context: Context): void {
  const { config, model } = context;
  const find = (id: string): IncidentView => {
    const incident = model.incident(id);
    if (incident === null) throw new ZhishouError('NOT_FOUND', id, 'no such incident');
    return incident;
  };
  server.get(
    `${API}/incidents/:id/report`,
    {
      config: VIEWER,
      schema: {
        tags: ['incidents'],
        summary: 'The written report: JSON, or ?format=md, docx, pdf; Accept: text/markdown gives Markdown too',
        params: byId,
        querystring: z.strictObject({
          language: languageParameter,
          format: z.enum(['json', 'md', 'docx', 'pdf']).optional(),
        }),
        response: { 200: reportSchema, default: problemSchema },
      },
    },
    async ({ params: { id }, query: { language = config.site.language, format }, headers }, reply) => {
      const incident = find(id);
      const charts = await chartsOf(context, incident, language);
      const report = {
        ...reportOf(context, incident, language),
        charts: charts.map(({ id, title }) => ({ id, title })),
      };
      const wantsText = format === undefined && /\btext\/(markdown|plain)\b/.test(headers.accept ?? '');
      const kind = wantsText ? 'md' : (format ?? 'json');
      if (kind === 'json') return report;
      reply.type(TYPES[kind]);
      if (kind === 'md') return reply.send(toMarkdown(report));
      reply.header('content-disposition', `attachment; filename="${id}.${kind}"`);
      return reply.send(await writeFile(kind, report, charts, config.site.time_zone));
    },
  );
  server.get(
    `${API}/incidents/:id/charts/:chart`,
    {
      config: VIEWER,
      schema: {
        tags: ['incidents'],
        summary: 'One chart of the report as SVG',
        params: z.strictObject({ id: idParameter, chart: z.enum(CHART_IDS) }),
        querystring: z.strictObject({ language: languageParameter }),
        response: { 200: z.string(), default: problemSchema },
      },
    },
    async ({ params: { id, chart: name }, query: { language = config.site.language } }, reply) => {
      const charts = await chartsOf(context, find(id), language);
      const chart = charts.find((one) => one.id === name);
      if (chart === undefined) throw new ZhishouError('NOT_FOUND', name, 'nothing was recorded for this chart');
      // Loaded when somebody asks: the service starts without the drawing library.
      const { chartSvg } = await import('../reports/chart-image.ts');
      return reply.type('image/svg+xml').send(chartSvg(chart, config.site.time_zone));
    },
  );
}

/** All but the charts, which wait for the history. */
export function reportOf(context: Context, incident: IncidentView, language: Language): IncidentReport {
  const { config, model, clock, accounts } = context;
  const report = writeIncidentReport({
    incident,
    deliveries: model.deliveries().filter((delivery) => delivery.incident === incident.id),
    people: config.people.people,
    devices: config.devices,
    rules: model.rules()?.rules ?? config.rules,
    accounts: accounts.users(),
    siteName: config.site.name,
    timeZone: config.site.time_zone,
    language,
    generatedAt: clock.now(),
  });
  const localTime = localTimeFormatter(config.site.time_zone);
  const score = writeScore({
    incident,
    incidents: model.incidents(),
    deliveries: model.deliveries(),
    language,
    localTime,
  });
  return { ...report, score };
}

/** A report goes out without its charts when the history does not answer. */
async function chartsOf(context: Context, incident: IncidentView, language: Language): Promise<readonly ReportChart[]> {
  const { config, history, clock, log } = context;
  try {
    await history.settled(SETTLE_LIMIT);
    return await collectCharts({
      incident,
      series: history.store,
      devices: config.devices,
      timeZone: config.site.time_zone,
      language,
      now: clock.now(),
    });
  } catch (error) {
    log.error(
      { error: messageOf(error), incident: incident.id },
      'the report has no charts: the history does not answer',
    );
    return [];
  }
}

async function writeFile(
  kind: 'docx' | 'pdf',
  report: IncidentReport,
  charts: readonly ReportChart[],
  timeZone: string,
): Promise<Buffer> {
  const { chartPng } = await import('../reports/chart-image.ts');
  const drawn = charts.map((chart) => ({ title: chart.title, png: chartPng(chart, timeZone) }));
  if (kind === 'docx') return (await import('../reports/report-docx.ts')).toDocx(report, drawn);
  return (await import('../reports/report-pdf.ts')).toPdf(report, drawn);
}
