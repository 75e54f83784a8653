import type { Config } from '#core/config/config.ts';
import type { Person } from '#core/config/people.ts';
import { messageOf } from '#core/errors.ts';
import type { Notice } from '#core/notice.ts';
import { sayPeriod } from '#core/period-report/say.ts';
import { dueReports } from '#core/period-report/schedule.ts';
import type { Cancel, Clock, Log, Metrics } from '#core/ports.ts';
import { type Duration, hours, type Instant, minutes, plus, seconds, toIso } from '#core/time.ts';
import type { KeptEdition, ReportArchive } from '#platform/report-archive.ts';
import type { Notices } from '../notices.ts';
import type { MailDesk } from './mail-desk.ts';
import type { EditionMaker } from './make-edition.ts';

/** Ready before the meeting, by itself (O-WK-1): makes what is due, after a restart what is missing, each once; tells and mails it. */
export interface ReportSchedule {
  start(): void;
  stop(): Promise<void>;
  /** Says to somebody that it is there, without its files. */
  tell(edition: KeptEdition, people: readonly Person[]): void;
}

export interface ScheduleInput {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly archive: ReportArchive;
  readonly maker: EditionMaker;
  readonly mails: MailDesk;
  readonly notices: Notices;
  /** Of site.yaml's `mail`. */
  readonly meant: (names: readonly string[], at: Instant) => readonly Person[];
  /** Since when history has anything; null: it has nothing yet. Rejects while it cannot be read. */
  readonly since: () => Promise<Instant | null>;
}

/** History is filled and the bus has spoken by then. */
const AFTER_START = seconds(30);
const AGAIN_AFTER: Duration = minutes(5);
const SOON = seconds(1);
const LATEST_LOOK: Duration = hours(1);
const WORTH_TELLING = hours(7 * 24);

export function createReportSchedule(input: ScheduleInput): ReportSchedule {
  const { config, clock, log, metrics, archive, maker, mails, notices } = input;
  const reports = config.site.reports;
  /** Said until the bus has it. */
  const untold = new Map<string, Notice>();
  const handedOut = new Set<string>();
  let cancel: Cancel = () => {};
  let running: Promise<void> | null = null;
  let stopped = true;
  let again = false;

  async function makeDue(): Promise<Duration> {
    if (reports === undefined) return LATEST_LOOK;
    const { due, next } = dueReports(reports, clock.now(), config.site.time_zone);
    const missing = due.filter(({ span }) => archive.newest(span.id) === null);
    const since = missing.length === 0 ? null : await input.since();
    let failed = false;
    for (const { span } of missing) {
      // A report of a time before there was anything would be a page of nothing.
      if (stopped || since === null || since >= span.to) continue;
      try {
        const edition = await maker.make(span, 'zhishou');
        metrics.count('zhishou_reports_made_total', { period: span.period });
        log.info({ report: edition.id }, 'a report was made');
      } catch (error) {
        failed = true;
        metrics.count('zhishou_reports_failed_total', { period: span.period });
        log.error({ report: span.id, error: messageOf(error) }, 'a report could not be made: tried again');
      }
    }
    // A kill between the archive and the mail leaves nobody without: what is planned or told already stays as it is.
    for (const { span } of due) {
      const edition = archive.get(span.id);
      if (edition !== null && clock.now() < plus(edition.madeAt, WORTH_TELLING)) handOut(edition);
    }
    if (failed) return AGAIN_AFTER;
    return next === null ? LATEST_LOOK : (Math.min(LATEST_LOOK, Math.max(1000, next - clock.now())) as Duration);
  }

  /** Who has mail gets the files; who has none is told. */
  function handOut(edition: KeptEdition): void {
    if (handedOut.has(edition.id)) return;
    handedOut.add(edition.id);
    // Whoever had the function when it was made.
    const people = input.meant(reports?.[edition.period]?.mail ?? [], edition.madeAt);
    if (people.length > 0) tell(edition, mails.send(edition, people).unreachable);
  }
  function tell(edition: KeptEdition, people: readonly Person[]): void {
    if (people.length === 0) return;
    const notice = noticeOf(edition, people, plus(clock.now(), WORTH_TELLING));
    untold.set(notice.key, notice);
    look();
  }
  async function sayUntold(): Promise<void> {
    for (const [key, notice] of untold)
      if (notice.until <= toIso(clock.now()) || (await notices.tell(notice))) untold.delete(key);
  }

  function look(): void {
    cancel();
    // What came meanwhile is looked at when this look has ended.
    again = running !== null;
    if (stopped || again) return;
    let wait: Duration = AGAIN_AFTER;
    running = makeDue()
      .then(async (next) => {
        await sayUntold();
        wait = untold.size > 0 ? (Math.min(next, AGAIN_AFTER) as Duration) : next;
      })
      .catch((error: unknown) => log.error({ error: messageOf(error) }, 'reports wait'))
      .finally(() => {
        running = null;
        if (!stopped) cancel = clock.after(again ? SOON : wait, look);
      });
  }

  return {
    tell,
    start() {
      stopped = false;
      cancel = clock.after(AFTER_START, look);
    },
    async stop() {
      stopped = true;
      cancel();
      await running;
    },
  };
}

function noticeOf(edition: KeptEdition, people: readonly Person[], until: Instant): Notice {
  const said = sayPeriod(edition);
  const ids = people.map(({ id }) => id);
  return {
    key: `report/${edition.id}/${ids.length === 1 ? ids[0] : 'ready'}`,
    functions: [],
    people: ids,
    severity: 'low',
    subject: { zh: `${said.zh}运行报告已生成`, en: `The report of ${said.en} is ready` },
    body: edition.summary,
    phase: 'information',
    conversation: `report/${edition.id}`,
    path: `/reports/${edition.id}`,
    until: toIso(until),
  };
}
