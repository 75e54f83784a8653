import type { Config } from '#core/config/config.ts';
import type { DutySummary } from '#core/paperwork/duty-view.ts';
import type { OpenMatters } from '#core/paperwork/meeting-agenda.ts';
import type { MeetingRecord } from '#core/paperwork/meeting-events.ts';
import type { RegisterItem } from '#core/paperwork/register-line.ts';
import { CHANGES, REPAIRS } from '#core/paperwork/well-known-registers.ts';
import { periodAt, periodsLater } from '#core/period-report/periods.ts';
import type { TaskView } from '#core/task.ts';
import type { Text } from '#core/text.ts';
import { fromIso, hours, type Instant, instant, minus, toIso } from '#core/time.ts';
import type { ReportArchive } from '#platform/report-archive.ts';
import type { Duties } from '../duties/duties.ts';
import type { ReadModel } from '../read-model/model.ts';
import type { Registers } from '../registers/register-book.ts';
import type { TaskList } from '../tasks/task-list.ts';

/** What is open in the whole house at a moment, for the agenda of a meeting. Each part may be absent: then it has none of its items. */
export interface MatterSources {
  readonly config: Config;
  readonly model: Pick<ReadModel, 'incidents' | 'alarmFigures'>;
  readonly tasks: Pick<TaskList, 'all' | 'get'>;
  readonly registers: Pick<Registers, 'openOnes' | 'form'> | null;
  readonly duties: Pick<Duties, 'open' | 'missed'> | null;
  readonly archive: Pick<ReportArchive, 'newest'> | null;
}

export interface MeetingAt {
  readonly at: Instant;
  /** When the meeting before it was. */
  readonly before: Instant | null;
  readonly now: Instant;
}

const WEEK = hours(7 * 24);
const MOST_ALARMS = 3;

export function gatherMatters(
  sources: MatterSources,
  meetings: readonly MeetingRecord[],
  when: MeetingAt,
): OpenMatters {
  const { config, model, tasks, registers } = sources;
  const since = when.before ?? minus(when.at, WEEK);
  const names = new Map(config.people.people.map(({ id, name }) => [id, name]));
  const nameOf = (id: string | null): Text | null => (id === null ? null : (names.get(id) ?? { zh: id, en: id }));
  const decided = new Set(meetings.flatMap(({ decisions }) => decisions.flatMap(({ task }) => task ?? [])));
  const items = registers?.openOnes(when.now) ?? [];
  const of = (register: string): readonly RegisterItem[] => items.filter((item) => item.register === register);
  return {
    report: reportOf(sources, when.at),
    decisions: openDecisions(sources.tasks, meetings),
    tasks: tasks
      .all()
      .filter(({ id, state }) => state === 'open' && !decided.has(id))
      .map((task) => ({ ...datedTask(task), owner: nameOf(task.owner) })),
    duties: dutiesOf(sources.duties, since, when.now),
    repairs: of(REPAIRS.register).map((item) => ({ ...entryOf(item), toConfirm: mayConfirm(registers, item) })),
    changes: of(CHANGES.register)
      .filter(({ waiting, dues }) => waiting || dues.some(({ overdue }) => overdue))
      .map(entryOf),
    entries: items
      .filter(({ register }) => register !== REPAIRS.register && register !== CHANGES.register)
      .filter(({ waiting, dues }) => waiting || dues.some(({ overdue }) => overdue))
      .map((item) => ({
        ...entryOf(item),
        title: {
          zh: `${item.registerTitle.zh}：${item.title.zh}`,
          en: `${item.registerTitle.en}: ${item.title.en}`,
        },
      })),
    incidents: model
      .incidents()
      .filter(
        ({ mode, openedAt, closedAt }) =>
          mode !== 'drill' && mode !== 'rehearsal' && (closedAt === null || openedAt >= toIso(since)),
      )
      .map(({ id, plan, openedAt, closedAt }) => ({ id, title: plan.title, at: openedAt, open: closedAt === null })),
    alarms: alarmsOf(model),
    own: [],
  };
}

/** Last week's, once it is made. */
function reportOf({ archive, config }: MatterSources, at: Instant): OpenMatters['report'] {
  const zone = config.site.time_zone;
  const week = periodsLater(periodAt('weekly', at, zone), -1, zone);
  const edition = archive?.newest(week.id) ?? null;
  return edition === null ? null : { id: edition.id, name: week.name, path: `/reports/${edition.id}` };
}

const openDecisions = (tasks: Pick<TaskList, 'get'>, meetings: readonly MeetingRecord[]): OpenMatters['decisions'] =>
  meetings.flatMap(({ id: meeting, decisions }) =>
    decisions.flatMap(({ id, text, owner, task }) => {
      const now = task === null ? null : tasks.get(task);
      if (now === null || now.state !== 'open') return [];
      return [{ meeting, id, text, owner: owner?.name ?? null, dueAt: now.dueAt, overdue: now.overdue }];
    }),
  );

const datedTask = ({ id, title, dueAt, overdue }: TaskView) => ({ id, title, dueAt, overdue, path: '/tasks' });

function dutiesOf(duties: MatterSources['duties'], since: Instant, now: Instant): OpenMatters['duties'] {
  if (duties === null) return [];
  const all = [...duties.open().filter(({ state }) => state === 'overdue'), ...duties.missed(since, now)];
  const once = new Map(all.map((duty): [string, DutySummary] => [duty.id, duty]));
  return [...once.values()].map(({ id, title, dueAt, state, person }) => ({
    ...{ id, title, dueAt, owner: person?.name ?? null, overdue: true, missed: state === 'missed' },
    path: `/duties/${id}`,
  }));
}

const entryOf = ({ key, title, stateLabel, dues, path }: RegisterItem) => ({
  ...{ key, title, state: stateLabel, path, overdue: dues.some(({ overdue }) => overdue) },
});

/** The form that this office keeps has a step for it, from where the entry stands. */
function mayConfirm(registers: MatterSources['registers'], { register, state }: RegisterItem): boolean {
  const move = registers?.form(register).moves.find(({ id }) => id === REPAIRS.confirm);
  return move?.from.includes(state) === true;
}

/** The last whole week: who rang most of all, and what stands for days. */
function alarmsOf({ alarmFigures }: MatterSources['model']): OpenMatters['alarms'] {
  const weeks = alarmFigures()?.weeks ?? [];
  const week = weeks.find(({ ended }) => ended);
  if (week === undefined) return [];
  const actors = week.badActors.slice(0, MOST_ALARMS).map(({ rule, device, title, alarms, suggestion }) => ({
    id: `${rule}/${device}`,
    title,
    detail: {
      zh: `一周 ${alarms} 次${suggestion === null ? '' : `；${suggestion.zh}`}`,
      en: `${alarms} times in the week${suggestion === null ? '' : `; ${suggestion.en}`}`,
    },
    pressing: false,
  }));
  const stale = week.stale.longest.slice(0, MOST_ALARMS).map(({ rule, device, title, since }) => ({
    ...{ id: `stale/${rule}/${device}`, title, pressing: true },
    detail: { zh: `自 ${since.slice(0, 10)} 一直未消除`, en: `stands since ${since.slice(0, 10)}` },
  }));
  return [...stale, ...actors];
}

/** When the meeting before this one was held; null: none was. */
export function heldBefore(meetings: readonly MeetingRecord[], at: Instant): Instant | null {
  const held = meetings.filter((one) => one.closed !== null && (fromIso(one.at) ?? instant(0)) < at);
  return held.length === 0 ? null : instant(Math.max(...held.map((one) => fromIso(one.at) ?? 0)));
}
