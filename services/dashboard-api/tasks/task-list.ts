import type { Config } from '#core/config/config.ts';
import { ZhishouError } from '#core/errors.ts';
import type { IncidentView } from '#core/incident.ts';
import type { Clock, StateStore } from '#core/ports.ts';
import type { TaskView } from '#core/task.ts';
import type { Text } from '#core/text.ts';
import { fromIso, hours, type Instant, plus, toIso } from '#core/time.ts';
import { versionOf } from '../conditional/version-of.ts';

/**
 * The improvement items of reports as tracked tasks (O-RPT-1): each line that a closed incident's report proposes becomes one
 * task, once, whatever is published again; people add their own. Nothing is overwritten: each change is a line of its history.
 */
export interface TaskList {
  all(): readonly TaskView[];
  get(id: string): TaskView | null;
  /** Null while the incident is open or has been taken over already. */
  takeFrom(incident: IncidentView, improvements: () => readonly Text[]): readonly TaskView[] | null;
  add(task: NewTask, by: string): TaskView;
  change(id: string, change: TaskChange, by: string): TaskView;
}

export interface NewTask {
  readonly title: Text;
  readonly owner: string | null;
  /** ISO 8601. */
  readonly dueAt: string | null;
  readonly incident: string | null;
  /** Written down once by this name, however often it is added. */
  readonly once?: string;
}

export interface TaskChange {
  readonly state?: TaskView['state'] | undefined;
  readonly owner?: string | null | undefined;
  readonly dueAt?: string | undefined;
  readonly note?: string | undefined;
}

type Kept = Omit<TaskView, 'overdue' | 'version'>;

const PREFIX = 'tasks/';
const SEEN = 'tasks-of/';
const ONCE = 'tasks-once/';
/** Until the meeting after next: findings are looked at weekly. */
const DUE_AFTER = hours(14 * 24);
const MOST_TASKS = 5000;
const MOST_CHANGES = 200;

export function createTaskList(deps: {
  readonly config: Pick<Config, 'people'>;
  readonly store: StateStore;
  readonly clock: Clock;
}): TaskList {
  const { config, store, clock } = deps;
  const tasks = new Map<string, Kept>(
    [...store.entries(PREFIX)].map(([key, value]) => [key.slice(PREFIX.length), value as Kept]),
  );

  const keep = (task: Kept): TaskView => {
    tasks.set(task.id, task);
    store.set(PREFIX + task.id, task);
    return viewOf(task, clock.now());
  };
  const isPerson = (id: string): boolean => config.people.people.some((person) => person.id === id);
  const usualOwner =
    config.people.people.find((person) => person.functions.includes('equipment-administrator'))?.id ?? null;
  const make = (task: NewTask, by: string, id: string, more: Pick<Kept, 'plan' | 'drill'>): TaskView => {
    if (tasks.size >= MOST_TASKS) throw new ZhishouError('TOO_MANY', 'tasks', `at most ${MOST_TASKS}`);
    const now = clock.now();
    return keep({
      id,
      title: task.title,
      state: 'open',
      owner: task.owner,
      dueAt: task.dueAt ?? toIso(plus(now, DUE_AFTER)),
      incident: task.incident,
      ...more,
      createdAt: toIso(now),
      createdBy: by,
      history: [],
    });
  };

  return {
    all: () =>
      [...tasks.values()]
        .sort((a, b) => Number(a.state !== 'open') - Number(b.state !== 'open') || a.dueAt.localeCompare(b.dueAt))
        .map((task) => viewOf(task, clock.now())),
    get(id) {
      const task = tasks.get(id);
      return task === undefined ? null : viewOf(task, clock.now());
    },
    takeFrom(incident, improvements) {
      if (incident.phase !== 'closed' || store.get(SEEN + incident.id) !== undefined) return null;
      const made = improvements().map((title, index) =>
        make(
          { title, owner: usualOwner, dueAt: null, incident: incident.id },
          'zhishou',
          `${incident.id}-${index + 1}`,
          {
            plan: { id: incident.plan.id, version: incident.plan.version },
            drill: incident.mode === 'drill' || incident.mode === 'rehearsal',
          },
        ),
      );
      store.set(SEEN + incident.id, toIso(clock.now()));
      return made;
    },
    add(task, by) {
      if (task.owner !== null && !isPerson(task.owner))
        throw new ZhishouError('NOT_FOUND', task.owner, 'no such person');
      const before = task.once === undefined ? undefined : store.get(ONCE + task.once);
      const same = typeof before === 'string' ? tasks.get(before) : undefined;
      if (same !== undefined) return viewOf(same, clock.now());
      const own = [...tasks.keys()].filter((id) => id.startsWith('task-')).length;
      return store.transaction(() => {
        const made = make(task, by, `task-${clock.now().toString(36)}-${own + 1}`, { plan: null, drill: false });
        if (task.once !== undefined) store.set(ONCE + task.once, made.id);
        return made;
      });
    },
    change(id, change, by) {
      const task = tasks.get(id);
      if (task === undefined) throw new ZhishouError('NOT_FOUND', id, 'no such task');
      if (change.owner != null && !isPerson(change.owner))
        throw new ZhishouError('NOT_FOUND', change.owner, 'no such person');
      if (change.dueAt !== undefined && fromIso(change.dueAt) === null)
        throw new ZhishouError('BAD_REQUEST', 'dueAt', 'an instant with offset');
      // Giving a task up is a decision that somebody reads about later.
      if (change.state === 'dropped' && (change.note ?? '') === '')
        throw new ZhishouError('BAD_REQUEST', 'note', 'dropping a task needs a reason');
      if (task.history.length >= MOST_CHANGES) throw new ZhishouError('TOO_MANY', id, 'too many changes');
      const line = { at: toIso(clock.now()), by, change: describe(task, change), note: change.note ?? null };
      return keep({
        ...task,
        ...(change.state === undefined ? {} : { state: change.state }),
        ...(change.owner === undefined ? {} : { owner: change.owner }),
        ...(change.dueAt === undefined ? {} : { dueAt: change.dueAt }),
        history: [...task.history, line],
      });
    },
  };
}

const viewOf = (task: Kept, now: Instant): TaskView => ({
  ...task,
  version: versionOf(task),
  overdue: task.state === 'open' && Date.parse(task.dueAt) < now,
});

/** `state: open → done; owner: lin-hao → gao-jie`. */
function describe(task: Kept, change: TaskChange): string {
  const parts = (['state', 'owner', 'dueAt'] as const).flatMap((name) =>
    change[name] === undefined || change[name] === task[name]
      ? []
      : [`${name}: ${task[name] ?? '-'} → ${change[name] ?? '-'}`],
  );
  return parts.length === 0 ? 'note' : parts.join('; ');
}
