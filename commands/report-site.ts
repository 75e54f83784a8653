import { join, resolve } from 'node:path';
import type { Config } from '#core/config/config.ts';
import type { SeriesStore } from '#core/ports.ts';
import { createRota } from '#core/rota/rota.ts';
import { toIso } from '#core/time.ts';
import { openAccounts } from '#platform/accounts-store.ts';
import { copyDatabase } from '#platform/backup/make-backup.ts';
import { createMemoryBus } from '#platform/bus/memory-bus.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { drillsOf } from '#platform/drill-log.ts';
import { openDutyStore } from '#platform/duty-store.ts';
import { isThere, makeTemporaryFolder } from '#platform/environment.ts';
import { openJournal } from '#platform/journal.ts';
import { silentLog } from '#platform/log.ts';
import { openMeetingStore } from '#platform/meeting-store.ts';
import { createMetrics } from '#platform/metrics.ts';
import { openRegisterStore } from '#platform/register-store.ts';
import { openReportArchive } from '#platform/report-archive.ts';
import type { History } from '#platform/series/write-behind/history.ts';
import { openStateStore } from '#platform/state-store.ts';
import { VERSION } from '#platform/version.ts';
import { createKeptFigures } from '#services/alerts/figures/kept-figures.ts';
import { readIncidents } from '#services/alerts/plans/fold.ts';
import { viewOf } from '#services/alerts/plans/view.ts';
import { openPaperwork } from '#services/dashboard-api/paperwork.ts';
import type { PeriodReports } from '#services/dashboard-api/period-reports/open-reports.ts';
import { createReadModel, type ReadModel } from '#services/dashboard-api/read-model/model.ts';
import { createTaskList } from '#services/dashboard-api/tasks/task-list.ts';
import { readAnyHistory } from './site-history.ts';

/**
 * A site's reports without its service, or beside it: the parts that the service is made of, over copies of its stores as they are at this
 * moment. Nothing is started, nothing is sent, and nothing but the copies is written.
 */
export interface ReportSite {
  readonly state: string;
  readonly directory: string;
  readonly config: Config;
}

const STORES = ['journal', 'state', 'dashboard', 'registers', 'duties', 'meetings', 'reports'] as const;
/** As many as the figures keep. */
const MOST_WEEKS = 520;

export async function withReports<T>(site: ReportSite, work: (reports: PeriodReports) => Promise<T>): Promise<T> {
  const folder = makeTemporaryFolder('zhishou-report-');
  const closing: (() => void)[] = [];
  const own = <Store extends { close(): void }>(store: Store): Store => {
    closing.push(() => store.close());
    return store;
  };
  try {
    const files = await copied(site.state, folder.path);
    return await readAnyHistory({ state: site.state, config: site.directory }, async (store) => {
      const parts = open(site, store, files, own);
      return work(parts.reports);
    });
  } finally {
    for (const close of closing.reverse()) close();
    folder.remove();
  }
}

type Files = Readonly<Record<(typeof STORES)[number], string>>;

/** Those that are not there are empty. */
async function copied(state: string, folder: string): Promise<Files> {
  const files: [string, string][] = [];
  for (const name of STORES) {
    const [from, to] = [join(resolve(state), `${name}.sqlite`), join(folder, `${name}.sqlite`)];
    if (isThere(from)) await copyDatabase(from, to);
    files.push([name, to]);
  }
  return Object.fromEntries(files) as Files;
}

function open(
  { config, state }: ReportSite,
  store: SeriesStore,
  files: Files,
  own: <Store extends { close(): void }>(store: Store) => Store,
) {
  const clock = createSystemClock();
  const metrics = createMetrics();
  const model = createReadModel({
    config,
    present: () => ({ now: clock.now(), speed: 1, version: VERSION }),
    changed: () => {},
    kept: null,
    readingsChanged: () => {},
  });
  const alertsState = own(openStateStore(files.state));
  const weeks = createKeptFigures(alertsState).weeks(MOST_WEEKS);
  model.onAlarmFigures({ at: toIso(clock.now()), timeZone: config.site.time_zone, weeks });
  tellIncidents(config, files.journal, model, own);
  return openPaperwork({
    ...{ config, clock, wall: clock, bus: createMemoryBus(), log: silentLog, metrics, model },
    history: historyOf(store),
    tasks: createTaskList({ config, clock, store: own(openStateStore(files.dashboard)) }),
    accounts: own(openAccounts(':memory:')),
    registerStore: own(openRegisterStore(files.registers)),
    dutyStore: own(openDutyStore(files.duties)),
    meetingStore: own(openMeetingStore(files.meetings)),
    reportArchive: own(openReportArchive(files.reports, join(resolve(state), 'reports'))),
    drills: () => drillsOf(state, config.site.id),
    changed: () => {},
  });
}

/** Out of the journal, as the service itself knows them after a restart. */
function tellIncidents(
  config: Config,
  file: string,
  model: ReadModel,
  own: <Store extends { close(): void }>(store: Store) => Store,
): void {
  const rota = createRota(config);
  const journal = own(openJournal(file));
  for (const { state, timeline, lastAt } of readIncidents(journal))
    model.onIncident(
      viewOf(state, {
        timeline,
        personFor: (name) =>
          name === 'duty' ? (rota.dutyAt(lastAt)?.person ?? null) : (rota.peopleOf(name, lastAt)[0] ?? null),
      }),
    );
}

/** What was kept, and nothing on its way. */
function historyOf(store: SeriesStore): History {
  return {
    add() {},
    settled: async () => {},
    store: store as History['store'],
    status: () => {
      throw new Error('a copy has no deliveries');
    },
    close: async () => {},
  };
}
