import { join, resolve } from 'node:path';
import type { Config } from '#core/config/config.ts';
import { ZhishouError } from '#core/errors.ts';
import { PERIODS, type Period, type PeriodReport } from '#core/paperwork/period-report.ts';
import { type PeriodSpan, periodAt, periodNamed, periodsLater } from '#core/period-report/periods.ts';
import type { Language } from '#core/text.ts';
import { type Instant, toIso } from '#core/time.ts';
import { copyDatabase } from '#platform/backup/make-backup.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { isThere, makeTemporaryFolder, printLine, setExitCode } from '#platform/environment.ts';
import { openReportArchive, type ReportArchive } from '#platform/report-archive.ts';
import { writePieces } from '#platform/series/exchange/text-file.ts';
import { figuresName, fileName } from '#services/dashboard-api/period-reports/make-edition.ts';
import type { PeriodReports } from '#services/dashboard-api/period-reports/open-reports.ts';
import type { PaperFormat } from '#services/dashboard-api/period-reports/seams.ts';
import { configDirectory, describeProblem, loadSite } from './configuration.ts';
import { withReports } from './report-site.ts';

export interface ReportOptions {
  readonly config: string | null;
  readonly state: string;
  readonly week?: string;
  readonly month?: string;
  readonly quarter?: string;
  readonly year?: string;
  readonly format: PaperFormat | 'json';
  readonly language?: Language;
  readonly out?: string;
  readonly anew?: boolean;
  readonly json?: boolean;
}

/** `zhishou report weekly | monthly | quarterly | yearly | list | verify`: reports out of what is kept, whether the service runs or not. */
export async function report(what: string, options: ReportOptions): Promise<void> {
  if (what === 'list') return list(options);
  if (what === 'verify') return verify(options);
  const period = PERIODS.find((one) => one === what);
  if (period === undefined) throw new ZhishouError('BAD_REQUEST', what, `one of ${PERIODS.join(', ')}, list, verify`);
  const directory = configDirectory(options.config);
  const config = configOf(directory);
  const span = spanOf(period, options, config.site.time_zone, createSystemClock().now());
  const language = options.language ?? config.site.language;
  const { name, bytes } = await withReports({ state: options.state, directory, config }, (reports) =>
    paperOf(reports, span, { ...options, language }),
  );
  const out = options.out ?? name;
  await writePieces(out, once(bytes));
  if (out !== '-') await printLine(out);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** What is archived is given as it was archived, unless it is asked for anew. */
async function paperOf(
  { archive, desk, draw }: PeriodReports,
  span: PeriodSpan,
  { format, language, anew }: ReportOptions & { readonly language: Language },
): Promise<{ readonly name: string; readonly bytes: Uint8Array }> {
  const edition = anew === true ? null : archive.newest(span.id);
  const nameIn = (id: string): string => (format === 'json' ? figuresName(id) : fileName(id, language, format));
  if (edition?.files.some(({ name }) => name === nameIn(edition.id)) === true)
    return { name: nameIn(edition.id), bytes: archive.file(edition.id, nameIn(edition.id)) };
  const report: PeriodReport =
    edition === null
      ? await desk.report(span.id)
      : (JSON.parse(Buffer.from(archive.file(edition.id, figuresName(edition.id))).toString()) as PeriodReport);
  if (format === 'json') return { name: nameIn(report.id), bytes: Buffer.from(`${JSON.stringify(report, null, 2)}\n`) };
  const charts = format === 'docx' || format === 'pdf' ? await desk.charts(report) : [];
  const [drawn] = await draw(report, charts, [{ language, format }]);
  if (drawn?.bytes == null) throw new ZhishouError('BAD_ANSWER', report.id, drawn?.error ?? 'it could not be drawn');
  return { name: nameIn(report.id), bytes: drawn.bytes };
}

const OPTION = { weekly: 'week', monthly: 'month', quarterly: 'quarter', yearly: 'year' } as const;
const EXAMPLE = { weekly: '2026-W46', monthly: '2026-11', quarterly: '2026-Q4', yearly: '2026' } as const;

/** The one that was named, else the last that is over. */
function spanOf(period: Period, options: ReportOptions, zone: string, now: Instant): PeriodSpan {
  for (const other of PERIODS)
    if (other !== period && options[OPTION[other]] !== undefined)
      throw new ZhishouError('BAD_REQUEST', `--${OPTION[other]}`, `a ${period} report takes --${OPTION[period]}`);
  const name = options[OPTION[period]];
  if (name === undefined) return periodsLater(periodAt(period, now, zone), -1, zone);
  const span = periodNamed(period, name, zone);
  if (span === null)
    throw new ZhishouError('BAD_REQUEST', name, `no ${OPTION[period]} has this name; as ${EXAMPLE[period]}`);
  if (span.from > now) throw new ZhishouError('BAD_REQUEST', name, 'it has not begun');
  return span;
}

function configOf(directory: string): Config {
  const secrets = makeTemporaryFolder('zhishou-report-secrets-');
  try {
    const { config, problems } = loadSite(directory, { secretsDirectory: secrets.path, profiles: 'named' });
    if (config !== null) return config;
    throw new ZhishouError('BAD_CONFIGURATION', directory, problems.map(describeProblem).join('\n'));
  } finally {
    secrets.remove();
  }
}

/** On a copy of the list: the service may be writing to it. */
async function withArchive<T>(state: string, work: (archive: ReportArchive) => T | Promise<T>): Promise<T> {
  const file = join(resolve(state), 'reports.sqlite');
  if (!isThere(file)) throw new ZhishouError('NOT_FOUND', file, 'no report has been made yet');
  const folder = makeTemporaryFolder('zhishou-reports-');
  try {
    const copy = join(folder.path, 'reports.sqlite');
    await copyDatabase(file, copy);
    const archive = openReportArchive(copy, join(resolve(state), 'reports'));
    try {
      return await work(archive);
    } finally {
      archive.close();
    }
  } finally {
    folder.remove();
  }
}

async function list({ state, json }: ReportOptions): Promise<void> {
  await withArchive(state, async (archive) => {
    const editions = archive.list();
    if (json === true) {
      const shown = editions.map((one) => ({ ...one, madeAt: toIso(one.madeAt), intact: archive.intact(one.id) }));
      await printLine(JSON.stringify({ reports: shown }));
      return;
    }
    for (const edition of editions) {
      const state = archive.intact(edition.id) ? '' : '  CHANGED: zhishou report verify';
      await printLine(
        `${edition.id}  made ${toIso(edition.madeAt)} by ${edition.madeBy}  ${edition.files.length} files${state}`,
      );
      if (edition.reason !== null) await printLine(`  corrected: ${edition.reason}`);
    }
    await printLine(`${editions.length} reports`);
  });
}

/** Exit 1 when anything is not as it was archived. */
async function verify({ state, json }: ReportOptions): Promise<void> {
  await withArchive(state, async (archive) => {
    const looking = archive.verify();
    let step = looking.next();
    while (step.done !== true) step = looking.next();
    const { editions, files, broken } = step.value;
    if (broken.length > 0) setExitCode(1);
    if (json === true) {
      await printLine(JSON.stringify({ ok: broken.length === 0, editions, files, broken }));
      return;
    }
    for (const { id, reason } of broken) await printLine(`${id}: ${reason}`);
    const seen = `${editions} reports, ${files} files`;
    await printLine(broken.length === 0 ? `whole: ${seen}` : `${broken.length} findings in ${seen}`);
  });
}
