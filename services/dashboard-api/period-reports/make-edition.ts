import type { ReportsConfig } from '#core/config/reports.ts';
import { ZhishouError } from '#core/errors.ts';
import type { ArchivedReport, PeriodReport } from '#core/paperwork/period-report.ts';
import type { PeriodSpan } from '#core/period-report/periods.ts';
import type { Clock, Log } from '#core/ports.ts';
import type { Language } from '#core/text.ts';
import { toIso } from '#core/time.ts';
import type { KeptEdition, NewFile, ReportArchive } from '#platform/report-archive.ts';
import type { DrawPapers } from './draw-papers.ts';
import type { ReportDesk } from './report-desk.ts';
import type { PaperFormat } from './seams.ts';

/** Makes a report's papers once and for all: in each language and format of the site, with the figures themselves as JSON. */
export interface EditionMaker {
  /** The newest edition, made when there is none. BAD_REQUEST while the period goes on. */
  make(span: PeriodSpan, by: string): Promise<KeptEdition>;
  /** Another one beside those before, with the reason. */
  correct(span: PeriodSpan, by: string, reason: string): Promise<KeptEdition>;
}

export interface MakerInput {
  readonly desk: ReportDesk;
  readonly archive: ReportArchive;
  readonly draw: DrawPapers;
  readonly formats: Pick<ReportsConfig, 'formats' | 'languages'>;
  readonly clock: Clock;
  readonly log: Log;
}

export const fileName = (id: string, language: Language, format: PaperFormat): string => `${id}-${language}.${format}`;
export const figuresName = (id: string): string => `${id}.json`;

export function createEditionMaker({ desk, archive, draw, formats, clock, log }: MakerInput): EditionMaker {
  /** Whoever asks while it is being made gets the same one. */
  const making = new Map<string, Promise<KeptEdition>>();

  const once = (key: string, work: () => Promise<KeptEdition>): Promise<KeptEdition> => {
    const running = making.get(key);
    if (running !== undefined) return running;
    const made = work().finally(() => making.delete(key));
    making.set(key, made);
    return made;
  };

  async function write(span: PeriodSpan, by: string, reason: string | null): Promise<KeptEdition> {
    if (clock.now() < span.to) throw new ZhishouError('BAD_REQUEST', span.id, 'it is archived when it is over');
    const id = archive.nextId(span.id);
    const report: PeriodReport = { ...(await desk.report(span.id)), id };
    if (!report.final)
      throw new ZhishouError('BAD_REQUEST', span.id, 'it was read before the period was over; ask again');
    const files = [...(await papersOf(report)), { name: figuresName(id), bytes: Buffer.from(JSON.stringify(report)) }];
    const { period, name, from, to } = span;
    const edition = { id, periodId: span.id, period, name, from, to, madeAt: clock.now(), madeBy: by };
    return archive.add({ ...edition, summary: report.summary, reason }, files);
  }

  /** A paper that cannot be drawn leaves the others as they are; without any of them there is no edition. */
  async function papersOf(report: PeriodReport): Promise<readonly NewFile[]> {
    const charts = await desk.charts(report);
    const wanted = formats.languages.flatMap((language) => formats.formats.map((format) => ({ language, format })));
    const drawn = await draw(report, charts, wanted);
    for (const { language, format, error } of drawn)
      if (error !== null) log.error({ report: report.id, format, language, error }, 'a paper could not be drawn');
    const files = drawn.flatMap(({ language, format, bytes }): NewFile[] =>
      bytes === null ? [] : [{ name: fileName(report.id, language, format), bytes }],
    );
    if (files.length === 0 && wanted.length > 0)
      throw new ZhishouError('BAD_ANSWER', report.id, 'no paper could be drawn');
    return files;
  }

  return {
    make: (span, by) => once(span.id, async () => archive.newest(span.id) ?? (await write(span, by, null))),
    correct: (span, by, reason) =>
      once(`${span.id} ${reason}`, async () =>
        archive.newest(span.id) === null ? write(span, by, null) : write(span, by, reason),
      ),
  };
}

/** As the page lists it. */
export function toArchived(edition: KeptEdition, archive: ReportArchive): ArchivedReport {
  return {
    ...{ id: edition.id, period: edition.period, name: edition.name, files: edition.files, summary: edition.summary },
    ...{ from: toIso(edition.from), to: toIso(edition.to), madeAt: toIso(edition.madeAt) },
    intact: archive.intact(edition.id),
    mailed: archive.mail.of(edition.id).map(({ person, sentAt, error }) => ({
      ...{ to: person, at: sentAt === null ? null : toIso(sentAt), error },
    })),
  };
}
