import { z } from 'zod';
import { ZhishouError } from '#core/errors.ts';
import { type ArchivedReport, PERIODS, type PeriodReport } from '#core/paperwork/period-report.ts';
import { TABLE_IDS, type TableId } from '#core/report-paper/document.ts';
import type { Language } from '#core/text.ts';
import { nextSchema, pageQuery, toPage } from '../paging.ts';
import { peopleMeant } from '../period-reports/mail-desk.ts';
import { figuresName, fileName, toArchived } from '../period-reports/make-edition.ts';
import { PAPER_FORMATS, PAPER_TYPES, type PaperFormat } from '../period-reports/seams.ts';
import { problemSchema } from '../schemas/answers.ts';
import { archivedReportSchema, periodReportSchema } from '../schemas/period-report.ts';
import { userOf } from './caller.ts';
import { API, type Context, type Server } from './context.ts';
import { idParameter } from './readings.ts';

/** Reports of weeks, months, quarters and years: the archive, any of them on demand, as papers, by mail. */

const VIEWER = { access: { who: 'viewer' } } as const;
const DUTY = { access: { who: 'duty' } } as const;
const byId = z.strictObject({ id: idParameter });
const language = z.enum(['zh', 'en']).optional();
const FILES = [...PAPER_FORMATS, 'json'] as const;

const listSchema = z.object({ reports: z.array(archivedReportSchema), next: nextSchema });
const madeSchema = z.object({ report: periodReportSchema, archived: archivedReportSchema.nullable() });
const mailedSchema = z.object({ queued: z.array(z.string()), unreachable: z.array(z.string()) });

export function periodReportRoutes(server: Server, context: Context): void {
  const { desk, archive, maker } = context.paperwork.reports;
  const archived = (id: string): ArchivedReport | null => {
    const edition = archive.get(id);
    return edition === null ? null : toArchived(edition, archive);
  };

  server.get(
    `${API}/reports`,
    {
      config: VIEWER,
      schema: {
        tags: ['paperwork'],
        summary: 'Archived reports, newest first, each with the SHA-256 of its files and whether they are still those',
        querystring: z.strictObject({ period: z.enum(PERIODS).optional(), ...pageQuery }),
        response: { 200: listSchema, default: problemSchema },
      },
    },
    async ({ query: { period, ...page } }) => {
      const editions = archive.list().filter((one) => period === undefined || one.period === period);
      const shown = toPage(editions, { by: [({ to }) => to, ({ seq }) => seq], newest: true }, page);
      return { reports: shown.page.map((edition) => toArchived(edition, archive)), next: shown.next };
    },
  );
  server.post(
    `${API}/reports`,
    {
      config: DUTY,
      schema: {
        tags: ['paperwork'],
        summary:
          'Make the report of a period; archived when that is over. With a reason: another edition of an archived one',
        body: z.strictObject({
          period: z.enum(PERIODS),
          name: z.string().min(4).max(20),
          reason: z.string().trim().min(1).max(1000).optional(),
        }),
        response: { 200: madeSchema, default: problemSchema },
      },
    },
    async ({ body: { period, name, reason }, caller }) => {
      const span = desk.named(period, name);
      if (context.clock.now() < span.to) {
        if (reason !== undefined)
          throw new ZhishouError('BAD_REQUEST', 'reason', 'the period is not over: nothing is archived yet');
        return { report: await desk.report(span.id), archived: null };
      }
      const by = userOf(caller);
      const edition = await (reason === undefined ? maker.make(span, by) : maker.correct(span, by, reason));
      return { report: reportOf(context, edition.id), archived: archived(edition.id) };
    },
  );
  server.get(
    `${API}/reports/:id`,
    {
      config: VIEWER,
      schema: {
        tags: ['paperwork'],
        summary: 'The figures of a report: as archived, else of any period as history has them now',
        params: byId,
        response: { 200: periodReportSchema, default: problemSchema },
      },
    },
    async ({ params: { id } }) => readReport(context, id),
  );
  fileRoutes(server, context);
  mailRoute(server, context);
}

/** An archived one as it was archived, whatever history says by now. */
function reportOf({ paperwork }: Context, id: string): PeriodReport {
  return JSON.parse(Buffer.from(paperwork.reports.archive.file(id, figuresName(id))).toString()) as PeriodReport;
}

async function readReport(context: Context, id: string): Promise<PeriodReport> {
  const { archive, desk } = context.paperwork.reports;
  return archive.get(id) === null ? desk.report(id) : reportOf(context, id);
}

function fileRoutes(server: Server, context: Context): void {
  const { desk } = context.paperwork.reports;
  const own: Language = context.config.site.language;
  server.get(
    `${API}/reports/:id/files/:file`,
    {
      config: VIEWER,
      schema: {
        tags: ['paperwork'],
        summary: 'A report as Word, PDF, Excel, CSV (a part of it), Markdown or JSON: as archived, else drawn now',
        params: byId.extend({ file: z.enum(FILES) }),
        querystring: z.strictObject({ language, part: z.enum(TABLE_IDS).optional() }),
        response: { 200: z.string(), default: problemSchema },
      },
    },
    async ({ params: { id, file }, query }, reply) => {
      const asked = query.language ?? own;
      if (query.part !== undefined && file !== 'csv')
        throw new ZhishouError('BAD_REQUEST', 'part', 'only CSV has one part alone');
      const { name, bytes } = await (query.part === undefined
        ? fileOf(context, id, file, asked)
        : partOf(context, id, asked, query.part));
      reply.type(PAPER_TYPES[file]).header('content-disposition', `attachment; filename="${name}"`);
      return reply.send(Buffer.from(bytes));
    },
  );
  server.get(
    `${API}/reports/:id/charts/:chart`,
    {
      config: VIEWER,
      schema: {
        tags: ['paperwork'],
        summary: 'One chart of a report as SVG',
        params: byId.extend({ chart: idParameter }),
        querystring: z.strictObject({ language }),
        response: { 200: z.string(), default: problemSchema },
      },
    },
    async ({ params: { id, chart: name }, query }, reply) => {
      const report = await readReport(context, id);
      const [chart] = await desk.charts(report, [name]);
      if (chart === undefined) throw new ZhishouError('NOT_FOUND', name, 'the report has no such chart with data');
      const { periodChartSvg } = await import('../period-reports/paper/period-chart.ts');
      return reply.type('image/svg+xml').send(periodChartSvg(chart, query.language ?? own));
    },
  );
}

async function fileOf(
  context: Context,
  id: string,
  file: PaperFormat | 'json',
  asked: Language,
): Promise<{ readonly name: string; readonly bytes: Uint8Array }> {
  const { archive, desk, draw } = context.paperwork.reports;
  const name = file === 'json' ? figuresName(id) : fileName(id, asked, file);
  const edition = archive.get(id);
  if (edition?.files.some((one) => one.name === name) === true) return { name, bytes: archive.file(id, name) };
  const report = await readReport(context, id);
  if (file === 'json') return { name, bytes: Buffer.from(JSON.stringify(report)) };
  const charts = file === 'docx' || file === 'pdf' ? await desk.charts(report) : [];
  const [drawn] = await draw(report, charts, [{ language: asked, format: file }]);
  if (drawn?.bytes == null) throw new ZhishouError('BAD_ANSWER', name, drawn?.error ?? 'it could not be drawn');
  return { name, bytes: drawn.bytes };
}

/** One table as CSV, of what was archived. */
async function partOf(
  context: Context,
  id: string,
  asked: Language,
  part: TableId,
): Promise<{ readonly name: string; readonly bytes: Uint8Array }> {
  const report = await readReport(context, id);
  const { toCsv } = await import('../period-reports/paper/report-csv.ts');
  return { name: `${report.id}-${part}-${asked}.csv`, bytes: toCsv(report, asked, part) };
}

function mailRoute(server: Server, context: Context): void {
  const { archive, mails } = context.paperwork.reports;
  server.post(
    `${API}/reports/:id/mail`,
    {
      config: DUTY,
      schema: {
        tags: ['paperwork'],
        summary: 'Send an archived report by e-mail to people, or to whoever has a function now',
        params: byId,
        body: z.strictObject({ to: z.array(idParameter).min(1).max(50) }),
        response: { 202: mailedSchema, default: problemSchema },
      },
    },
    async ({ params: { id }, body: { to } }, reply) => {
      const edition = archive.get(id);
      if (edition === null) throw new ZhishouError('NOT_FOUND', id, 'no such report is archived');
      const people = peopleMeant(context.config, context.model.rota(), to, context.clock.now());
      if (people.length === 0)
        throw new ZhishouError('NOT_FOUND', to.join(', '), 'no such person, or nobody has this function now');
      const { unreachable } = mails.send(edition, people, true);
      const missed = unreachable.map((person) => person.id);
      const queued = people.map((person) => person.id).filter((person) => !missed.includes(person));
      return reply.code(202).send({ queued, unreachable: missed });
    },
  );
}
