import type { AlertView } from '#core/alert.ts';
import type { FunctionName } from '#core/config/people.ts';
import type { Rule } from '#core/config/rule.ts';
import type { NotificationRequest } from '#core/notification.ts';
import type { StateStore } from '#core/ports.ts';
import type { Instant } from '#core/time.ts';
import type { Rota } from '../seams.ts';
import { type AlertRecord, isFiring } from './alert-record.ts';
import type { AlertStore } from './alert-store.ts';
import type { AlertTexts } from './alert-texts.ts';
import { byGravity, digestText } from './digest-texts.ts';
import { planTelling, type Waiting, type Window } from './gathering.ts';
import { avoiding, type Now, type Ringing } from './ringing.ts';
import { decideTelling } from './tell-decision.ts';

/** Tells people of alerts and of their ends: each once, in the conversation of its incident, and a storm as one message. */
export interface Telling {
  restore(): void;
  /** Notes what is due of this alert; says when to ask again. */
  consider(record: AlertRecord, rule: Rule, now: Now): Instant | null;
  /** Tells what is due of all that was considered, and of recoveries; says when to ask again. */
  tell(now: Now): Instant | null;
}

export interface TellingDependencies {
  readonly store: AlertStore;
  readonly state: StateStore;
  readonly rota: Rota;
  readonly ringing: Pick<Ringing, 'first'>;
  readonly texts: AlertTexts;
  readonly put: (record: AlertRecord) => void;
  readonly request: (request: NotificationRequest) => readonly string[];
  readonly answeredFor: (rule: string) => boolean;
  /** The open incident that an alert belongs to: its rule opens that plan, or its device is among the plan's. */
  readonly incidentOf: (rule: string, device: string) => string | null;
  /** Its plan judges the outage whatever people keep silent about. */
  readonly opensAnyway: (rule: string) => boolean;
}

/** Windows of conversations, by the incident's id, or `site`. */
const PREFIX = 'alert-gathering/';
const SITE = 'site';

interface Due {
  readonly record: AlertRecord;
  /** Null: it ends. */
  readonly rule: Rule | null;
}

export function createTelling(dependencies: TellingDependencies): Telling {
  const { store, state, rota, ringing, texts, put, request } = dependencies;
  const windows = createWindows(state);
  let due = new Map<string, Due[]>();

  function add(group: string, one: Due): void {
    const list = due.get(group);
    if (list === undefined) due.set(group, [one]);
    else list.push(one);
  }

  /** One conversation: what goes by itself, what goes together, what waits. */
  function settle(group: string, all: readonly Due[], now: Now): Instant | null {
    const byId = new Map(all.map((one) => [one.record.view.id, one]));
    const plan = planTelling(windows.get(group), all.map(waitingOf), now.steady, group === SITE ? 'site' : 'incident');
    const some = (ids: readonly string[]): Due[] => ids.flatMap((id) => byId.get(id) ?? []);
    for (const one of some(plan.each.map(({ id }) => id))) tellOne(group, one, now);
    tellTogether(group, some(plan.together), now);
    for (const { record, rule } of some(plan.later))
      if (record.putOff === undefined)
        put({ ...record, putOff: now.steady, ...(rule === null ? {} : { opens: true }) });
    windows.set(group, plan.window);
    return plan.due;
  }

  const waitingOf = ({ record, rule }: Due): Waiting => ({
    id: record.view.id,
    severity: record.view.severity,
    safety: record.view.safety,
    said: dependencies.answeredFor(record.view.rule),
    recovery: rule === null,
    putOff: record.putOff !== undefined,
  });

  function tellOne(group: string, { record, rule }: Due, now: Now): void {
    if (rule !== null) tellFiring(group, record, rule, now);
    else if (isOwed(record)) tellEnd(record);
  }

  const isOwed = ({ view }: AlertRecord): boolean => store.get(view.id)?.recovers !== undefined;

  /** It fires again: nobody may read afterwards that it has ended. */
  function endBefore({ view }: AlertRecord): void {
    for (const before of store.owing())
      if (before.view.rule === view.rule && before.view.device === view.device) tellEnd(before);
  }

  function tellFiring(group: string, record: AlertRecord, rule: Rule, now: Now): void {
    const { view } = record;
    endBefore(record);
    const first = ringing.first(rule, now);
    const conversation = record.conversation ?? (group === SITE ? undefined : group);
    const again = record.told === null ? 0 : (record.again ?? 0) + 1;
    const told = request({
      key: again === 0 ? `alert/${view.id}/fired` : `alert/${view.id}/again/${again}`,
      phase: 'raised',
      about: { alert: view.id },
      conversation,
      ...first.whom,
      severity: rule.severity,
      ...texts.fired(view),
      drill: false,
      simulated: view.simulated,
      ...avoiding(record),
    });
    put(asTold(record, { told, step: first.step, conversation, again }, now));
  }

  /** L31: exactly one recovery, to those who were told. */
  function tellEnd({ recovers = [], putOff: _, ...record }: AlertRecord): void {
    const { view } = record;
    request({
      key: `alert/${view.id}/cleared`,
      about: { alert: view.id },
      conversation: record.conversation,
      functions: [],
      people: recovers,
      phase: endPhase(record.conversation, [view.id]),
      severity: view.severity === 'low' ? 'low' : 'medium',
      ...(record.retired ? texts.retired(view) : texts.cleared(view)),
      drill: false,
      simulated: view.simulated,
    });
    put(record);
  }

  /** A lamp goes off when the last alert of the conversation has ended. */
  function endPhase(conversation: string | undefined, ended: readonly string[]): 'recovered' | 'information' {
    if (conversation === undefined) return 'recovered';
    const left = store
      .active()
      .some((one) => one.conversation === conversation && isFiring(one) && !ended.includes(one.view.id));
    return left ? 'information' : 'recovered';
  }

  function tellTogether(group: string, all: readonly Due[], now: Now): void {
    const [only, ...others] = all;
    if (only === undefined) return;
    if (others.length === 0) {
      tellOne(group, only, now);
      return;
    }
    const firing = all.filter(({ rule }) => rule !== null);
    for (const { record } of firing) endBefore(record);
    const ended = all.filter(({ rule, record }) => rule === null && isOwed(record));
    if (firing.length === 1) tellOne(group, firing[0] ?? only, now);
    else if (firing.length > 1) tellFiringTogether(group, firing, now);
    if (ended.length === 1) tellOne(group, ended[0] ?? only, now);
    else if (ended.length > 1) tellEndTogether(group, ended, now);
  }

  function tellFiringTogether(group: string, all: readonly Due[], now: Now): void {
    const conversation = group === SITE ? `together-${now.steady.toString(36)}` : group;
    const told = new Map<string, Set<string>>();
    const steps = new Map<string, number>();
    const audience = ({ record, rule }: Due): readonly string[] => {
      if (rule === null) return [];
      const { whom, step } = ringing.first(rule, now);
      steps.set(record.view.id, step);
      return [...whom.functions.flatMap((name) => reachable(rota, name, now.wall)), ...whom.people];
    };
    for (const { people, part, number } of parts(all, audience)) {
      const views = part.map(({ record }) => record.view);
      const ids = request({
        ...common(group, conversation, views),
        key: `together/${group}/${now.steady.toString(36)}/${number}`,
        phase: 'raised',
        functions: people.length > 0 ? [] : part.flatMap(({ rule }) => rule?.notify ?? []),
        people,
        severity: byGravity(views)[0]?.severity ?? 'medium',
        ...digestText(views, 'fired', texts.deviceName),
      });
      for (const { id } of views) for (const person of ids) told.set(id, (told.get(id) ?? new Set()).add(person));
    }
    for (const { record } of all) {
      const people = [...(told.get(record.view.id) ?? [])];
      const step = steps.get(record.view.id) ?? -1;
      const again = record.told === null ? 0 : (record.again ?? 0) + 1;
      put(asTold(record, { told: people, step, conversation: record.conversation ?? conversation, again }, now));
    }
  }

  function tellEndTogether(group: string, all: readonly Due[], now: Now): void {
    const conversation = all[0]?.record.conversation ?? group;
    const phase = endPhase(
      conversation,
      all.map(({ record }) => record.view.id),
    );
    for (const { people, part, number } of parts(all, ({ record }) => record.recovers ?? [])) {
      const views = part.map(({ record }) => record.view);
      request({
        ...common(group, conversation, views),
        key: `together/${group}/${now.steady.toString(36)}/ended/${number}`,
        phase,
        functions: [],
        people,
        severity: 'medium',
        ...digestText(views, 'cleared', texts.deviceName),
      });
    }
    for (const { record } of all) {
      const { recovers: _, putOff: __, ...rest } = record;
      put(rest);
    }
  }

  function consider(record: AlertRecord, rule: Rule, now: Now): Instant | null {
    const decision = decideTelling(record, rule, record.view.inhibitedBy, now);
    if (decision.tell) {
      add(dependencies.incidentOf(rule.id, record.view.device) ?? SITE, { record, rule });
      return null;
    }
    const kept = decision.reason === 'silenced' || decision.reason === 'maintenance';
    if (kept && record.told === null && record.opens !== true && dependencies.opensAnyway(rule.id))
      put({ ...record, opens: true });
    return decision.again;
  }

  return {
    restore: windows.restore,
    consider,
    tell(now) {
      for (const record of store.owing()) {
        // What was told by itself ends by itself; what was told in a conversation ends in it.
        if (record.conversation === undefined || record.view.safety) tellEnd(record);
        else add(record.conversation, { record, rule: null });
      }
      const groups = due;
      due = new Map();
      let again: Instant | null = null;
      for (const [group, all] of groups) {
        const at = settle(group, all, now);
        if (at !== null && (again === null || at < again)) again = at;
      }
      for (const [group, window] of windows.all())
        if (!groups.has(group) && planTelling(window, [], now.steady, 'site').window === null) windows.set(group, null);
      return again;
    },
  };
}

/** The window of each conversation, kept over a restart. */
function createWindows(state: StateStore) {
  const windows = new Map<string, Window>();
  return {
    restore(): void {
      for (const [key, value] of state.entries(PREFIX)) windows.set(key.slice(PREFIX.length), value as Window);
    },
    get: (group: string): Window | null => windows.get(group) ?? null,
    all: (): readonly (readonly [string, Window])[] => [...windows],
    set(group: string, window: Window | null): void {
      const before = windows.get(group);
      if (before?.since === window?.since && before?.left === window?.left) return;
      if (window === null) {
        windows.delete(group);
        state.delete(PREFIX + group);
      } else {
        windows.set(group, window);
        state.set(PREFIX + group, window);
      }
    },
  };
}

const common = (group: string, conversation: string, views: readonly AlertView[]) => ({
  about:
    group === SITE || group.startsWith('together-') ? { alert: byGravity(views)[0]?.id ?? '' } : { incident: group },
  conversation,
  drill: false,
  simulated: views.some(({ simulated }) => simulated),
});

/** One message a person, and one for all whom the same alerts go to. */
function parts(
  all: readonly Due[],
  audience: (one: Due) => readonly string[],
): { readonly people: readonly string[]; readonly part: readonly Due[]; readonly number: number }[] {
  const byPerson = new Map<string, Due[]>();
  const nobody: Due[] = [];
  for (const one of all) {
    const people = new Set(audience(one));
    if (people.size === 0) nobody.push(one);
    for (const person of people) byPerson.set(person, [...(byPerson.get(person) ?? []), one]);
  }
  const bySet = new Map<string, { people: string[]; part: readonly Due[] }>();
  for (const [person, part] of byPerson) {
    const key = part.map(({ record }) => record.view.id).join(' ');
    const same = bySet.get(key);
    if (same === undefined) bySet.set(key, { people: [person], part });
    else same.people.push(person);
  }
  const found = [...bySet.values(), ...(nobody.length > 0 ? [{ people: [], part: nobody }] : [])];
  return found.map((one, number) => ({ ...one, number }));
}

const reachable = (rota: Rota, name: FunctionName, wall: Instant): string[] =>
  rota
    .peopleOf(name, wall)
    .filter(({ routes }) => routes.length > 0)
    .map(({ id }) => id);

interface WasTold {
  readonly told: readonly string[];
  readonly step: number;
  readonly conversation: string | undefined;
  readonly again: number;
}

function asTold(
  { putOff: _, owed: __, wait: ___, ...record }: AlertRecord,
  { told, step, conversation, again }: WasTold,
  now: Now,
): AlertRecord {
  return {
    ...record,
    told: [...new Set([...(record.told ?? []), ...told])],
    toldAt: now.steady,
    step,
    ...(conversation === undefined ? {} : { conversation }),
    ...(again === 0 ? {} : { again }),
  };
}
