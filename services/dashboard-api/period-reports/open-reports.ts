import type { Config } from '#core/config/config.ts';
import type { Clock, Log, Metrics } from '#core/ports.ts';
import { earliest, type Instant, instant } from '#core/time.ts';
import type { PastDrill } from '#platform/drill-log.ts';
import { openReportArchive, type ReportArchive } from '#platform/report-archive.ts';
import type { History } from '#platform/series/write-behind/history.ts';
import { settingsOf } from '#platform/series/write-behind/series-settings.ts';
import { SETTLE_LIMIT } from '../history.ts';
import type { Notices } from '../notices.ts';
import type { ReadModel } from '../read-model/model.ts';
import type { TaskList } from '../tasks/task-list.ts';
import { type DrawPapers, drawPapers } from './draw-papers.ts';
import { createMailDesk, type MailDesk, peopleMeant } from './mail-desk.ts';
import { createEditionMaker, type EditionMaker } from './make-edition.ts';
import { createReportDesk, type ReportDesk } from './report-desk.ts';
import { createReportSchedule } from './schedule.ts';
import type { MailReport } from './seams.ts';
import type { ReportSources } from './sources.ts';

/** The reports of weeks, months, quarters and years, put together. */
export interface PeriodReports {
  readonly desk: ReportDesk;
  readonly archive: ReportArchive;
  readonly maker: EditionMaker;
  readonly mails: MailDesk;
  readonly draw: DrawPapers;
  start(): void;
  stop(): Promise<void>;
}

export interface PeriodReportsInput {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly history: History;
  readonly model: ReadModel;
  readonly tasks: TaskList;
  readonly drills: () => readonly PastDrill[];
  readonly notices: Notices;
  readonly sources: ReportSources;
  /** Absent: forgotten with the process. */
  readonly archive: ReportArchive | undefined;
  /** Null: nobody is mailed. */
  readonly mail: MailReport | null;
}

/** Null: the site has no way to send mail. What sends is loaded with the first one. */
export function mailOf(config: Config): MailReport | null {
  if (!Object.values(config.site.channels).some(({ kind }) => kind === 'smtp')) return null;
  let ready: Promise<MailReport | null> | null = null;
  return async (mail) => {
    ready ??= import('./mail.ts').then(({ createReportMail }) => createReportMail(config));
    return (await ready)?.(mail) ?? { result: 'failed', detail: 'there is no way to send mail' };
  };
}

const DEFAULT_PAPERS = { formats: ['docx', 'pdf', 'xlsx'], languages: ['zh', 'en'] } as const;

export function openPeriodReports(input: PeriodReportsInput): PeriodReports {
  const { config, clock, log, history, model, tasks } = input;
  const archive = input.archive ?? openReportArchive(':memory:', null);
  const measuring = { store: history.store, settings: settingsOf(config), timeZone: config.site.time_zone };
  const desk = createReportDesk({
    config,
    clock,
    settled: () => history.settled(SETTLE_LIMIT),
    input: () => ({ measuring, sources: input.sources, records: recordsOf(model, tasks, input.drills) }),
  });
  const formats = config.site.reports ?? {
    formats: [...DEFAULT_PAPERS.formats],
    languages: [...DEFAULT_PAPERS.languages],
  };
  const maker = createEditionMaker({ desk, archive, draw: drawPapers, formats, clock, log });
  const mails = createMailDesk({
    ...{ config, clock, log, archive, mail: input.mail },
    onGivenUp: (id, person) => {
      const edition = archive.get(id);
      if (edition !== null) schedule.tell(edition, [person]);
    },
  });
  const schedule = createReportSchedule({
    ...{ config, clock, log, metrics: input.metrics, archive, maker, mails, notices: input.notices },
    meant: (names, at) => peopleMeant(config, model.rota(), names, at),
    since: () => firstReading(history),
  });
  return {
    ...{ desk, archive, maker, mails, draw: drawPapers },
    start() {
      mails.start();
      schedule.start();
    },
    async stop() {
      await schedule.stop();
      await mails.stop();
      if (input.archive === undefined) archive.close();
    },
  };
}

async function firstReading({ store }: History): Promise<Instant | null> {
  const series = await store.series();
  if (series.length === 0) return null;
  return series.reduce((first, { firstAt }) => earliest(first, firstAt), instant(Number.MAX_SAFE_INTEGER));
}

const recordsOf = (model: ReadModel, tasks: TaskList, drills: () => readonly PastDrill[]) => ({
  incidents: model.incidents(),
  alerts: model.alerts(),
  deliveries: model.deliveries(),
  alarmFigures: model.alarmFigures(),
  batteryTests: model.batteryTests(),
  outOfService: model.outOfService(),
  rota: model.rota(),
  tasks: tasks.all(),
  drills: drills(),
});
