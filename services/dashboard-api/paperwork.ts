import type { Config } from '#core/config/config.ts';
import type { IncidentView } from '#core/incident.ts';
import type { Bus, Clock, Log, Metrics } from '#core/ports.ts';
import { toIso } from '#core/time.ts';
import type { Accounts } from '#platform/accounts-store.ts';
import type { PastDrill } from '#platform/drill-log.ts';
import { type DutyStore, openDutyStore } from '#platform/duty-store.ts';
import { type MeetingStore, openMeetingStore } from '#platform/meeting-store.ts';
import type { RegisterStore } from '#platform/register-store.ts';
import type { ReportArchive } from '#platform/report-archive.ts';
import type { History } from '#platform/series/write-behind/history.ts';
import { type Duties, openDuties } from './duties/duties.ts';
import { createMeetingDesk } from './meetings/meeting-desk.ts';
import { createMeetings, type Meetings } from './meetings/meetings.ts';
import { createNotices, type Notices } from './notices.ts';
import { mailOf, openPeriodReports, type PeriodReports } from './period-reports/open-reports.ts';
import { reportSources } from './period-reports/report-sources.ts';
import type { Changed } from './read-model/changed.ts';
import type { ReadModel } from './read-model/model.ts';
import { openRegisters } from './registers/open-registers.ts';
import type { Registers } from './registers/register-book.ts';
import type { WhoIs } from './registers/register-who.ts';
import type { TaskList } from './tasks/task-list.ts';

/** The room's paperwork: registers, duties, reports, meetings. Each part owns its own store; here they are joined. */
export interface Paperwork {
  readonly notices: Notices;
  readonly registers: Registers;
  /** The account that asks, the person behind it and what they are now. */
  readonly whoIs: WhoIs;
  readonly duties: Duties;
  readonly reports: PeriodReports;
  readonly meetings: Meetings;
  /** What it did that belongs on paper: its backups enter themselves. */
  takeIncident(incident: IncidentView): void;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** What its parts are made of. */
export interface PaperworkBase {
  readonly config: Config;
  /** The site's clock. */
  readonly clock: Clock;
  readonly wall: Clock;
  readonly bus: Bus;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly history: History;
  readonly model: ReadModel;
  readonly tasks: TaskList;
  readonly accounts: Accounts;
  readonly registerStore: RegisterStore | undefined;
  readonly reportArchive: ReportArchive | undefined;
  readonly drills: () => readonly PastDrill[];
  /** Without it what became of duties is forgotten with the process. */
  readonly dutyStore: DutyStore | undefined;
  readonly meetingStore: MeetingStore | undefined;
  /** Pages and walls hear of it. */
  readonly changed: Changed;
}

export function openPaperwork(base: PaperworkBase): Paperwork {
  const { config, bus, log } = base;
  const notices = createNotices({ site: config.site.id, bus, log });
  const { registers, whoIs, desk, takeIncident } = openRegisters({ ...base, notices, store: base.registerStore });
  // Which register it was in is for those alone who may read it.
  registers.onChange(({ change }) => base.changed('registers', { at: change.at }));
  const duties = openDuties({
    ...{ ...base, notices, registers },
    store: base.dutyStore ?? openDutyStore(':memory:'),
    changed: (at) => base.changed('duties', { at: toIso(at) }),
  });
  const reports = openPeriodReports({
    ...{ ...base, notices, archive: base.reportArchive },
    sources: {
      ...reportSources({ registers, duties }),
      decisions: (from, to) => meetings.decisionsSince(from, to),
    },
    mail: mailOf(config),
  });
  const meetings = createMeetings({
    ...base,
    ...{ settings: config.site.meeting, registers, duties, archive: reports.archive },
    store: base.meetingStore ?? openMeetingStore(':memory:'),
  });
  const meetingDesk = createMeetingDesk({
    ...{ ...base, settings: config.site.meeting, timeZone: config.site.time_zone, meetings, notices },
  });
  return {
    notices,
    meetings,
    reports,
    registers,
    whoIs,
    duties,
    takeIncident,
    async start() {
      desk.start();
      await duties.start();
      reports.start();
      meetingDesk.start();
    },
    async stop() {
      meetingDesk.stop();
      await reports.stop();
      await duties.stop();
      await desk.stop();
    },
  };
}
