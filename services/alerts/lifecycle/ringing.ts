import type { Config } from '#core/config/config.ts';
import type { Escalation } from '#core/config/escalation.ts';
import type { Rule } from '#core/config/rule.ts';
import { allOf, type Ladder, ladderAt, laddersOf, waitOf } from '#core/escalation.ts';
import type { NotificationRequest } from '#core/notification.ts';
import type { Text } from '#core/text.ts';
import { fromIso, type Instant, instant, toIso } from '#core/time.ts';
import type { Rota } from '../seams.ts';
import type { AlertRecord } from './alert-record.ts';
import type { AlertTexts } from './alert-texts.ts';
import { firstStep, momentsOf, nextRing, over, type Ring } from './escalation.ts';
import { mayReopen, reopenAt } from './reopening.ts';
import { silenceLeft } from './tell-decision.ts';

/** Rings people again, one after the other, while nobody acknowledges an alert that they were told of. */
export interface Ringing {
  /** Rings if it is time and keeps that it did; says when to ask again, null for not before something changes. */
  ringIfDue(record: AlertRecord, rule: Rule, now: Now): Instant | null;
  /** Whom the very first message goes to, and which step of its chain that is. */
  first(rule: Rule, now: Now): { readonly whom: Whom; readonly step: number };
}

/** Now by the clock that only goes on and by the one on the wall. */
export interface Now {
  readonly steady: Instant;
  readonly wall: Instant;
}

type Whom = Pick<NotificationRequest, 'functions' | 'people' | 'channels'>;

export interface RingingDependencies {
  readonly plan: Escalation;
  readonly config: Pick<Config, 'people' | 'site'>;
  readonly rota: Rota;
  readonly texts: Pick<AlertTexts, 'reminder' | 'reopened'>;
  readonly put: (record: AlertRecord) => void;
  /** Durable within the unit of work; returns the people it goes to. */
  readonly tell: (request: NotificationRequest) => readonly string[];
  /** An open incident answers for alerts of this rule: it escalates by itself. */
  readonly answeredFor: (rule: string) => boolean;
  /** Somebody did something, or a step ended, in the incident that answers for it, since then. */
  readonly progressedSince?: (rule: string, since: Instant) => boolean;
}

/** An instant on the page is not renewed for less than this. */
const SAME_MOMENT_MS = 2000;

export function createRinging(dependencies: RingingDependencies): Ringing {
  const { plan, config, rota, texts, put, tell, answeredFor } = dependencies;
  const ladders = laddersOf(plan);
  const momentOf = momentsOf(rota, config.site.time_zone);
  const shownAs = new WeakMap<AlertRecord, string>();
  const people = new Map(config.people.people.map((person) => [person.id, person]));

  const ladderOf = (rule: Rule, now: Now): Ladder | null => ladderAt(ladders, rule.severity, momentOf(now.wall));
  const holders = (step: Pick<Ladder['steps'][number], 'tell' | 'people'>, wall: Instant) =>
    [
      ...step.tell.flatMap((name) => rota.peopleOf(name, wall)),
      ...step.people.flatMap((id) => people.get(id) ?? []),
    ].filter(({ routes }) => routes.length > 0);
  const somebodyAt = (wall: Instant) => (step: Ladder['steps'][number]) => holders(step, wall).length > 0;
  const namesOf = (ids: readonly string[]): Text[] => [...new Set(ids)].flatMap((id) => people.get(id)?.name ?? []);
  const whomAt = (ladder: Ladder, step: number) => ladder.steps[step] ?? allOf(ladder);
  const asWhom = (ladder: Ladder, step: number): Whom => ({
    functions: whomAt(ladder, step).tell,
    people: whomAt(ladder, step).people,
    ...over(ladder.steps[step]?.channels),
  });
  /** What is said again: the same words and key whoever it goes to. */
  const request = (record: AlertRecord, rule: Rule, key: string): Omit<NotificationRequest, 'subject' | 'body'> => ({
    key: `alert/${record.view.id}/${key}`,
    phase: 'reminder',
    about: { alert: record.view.id },
    ...{ functions: [], people: [], severity: rule.severity, drill: false, simulated: record.view.simulated },
    ...avoiding(record),
  });

  function ring(record: AlertRecord, rule: Rule, ladder: Ladder, { step }: Ring, now: Now): AlertRecord {
    const rung = record.rung + 1;
    const words = texts.reminder(record.view, rung);
    const told = tell({ ...request(record, rule, `ring/${rung}`), ...words, ...asWhom(ladder, step) });
    const everyone = [...new Set([...(record.told ?? []), ...told])];
    return { ...record, told: everyone, toldAt: now.steady, rung, step, wait: waitOf(ladder, step) };
  }

  /** It begins with whoever had it, and goes on where the chain stood. */
  function reopen(record: AlertRecord, rule: Rule, now: Now): AlertRecord {
    const had = record.view.acknowledged;
    const ladder = ladderOf(rule, now);
    if (had === null || ladder === null) return record;
    const times = (record.view.reopened?.times ?? 0) + 1;
    const view = { ...record.view, state: 'firing', acknowledged: null, reopened: { ...had, times } } as const;
    const open = { ...record, view, told: record.told ?? [] };
    const next = nextRing({ ...open, toldAt: now.steady }, rule, ladder, now.steady, somebodyAt(now.wall));
    const step = next?.step ?? ladder.steps.length;
    const whom = asWhom(ladder, step);
    const told = tell({
      ...request(open, rule, `reopened/${times}`),
      ...texts.reopened(view, people.get(had.by)?.name ?? null),
      functions: whom.functions,
      people: [...new Set([...(people.has(had.by) ? [had.by] : []), ...whom.people])],
    });
    return {
      ...open,
      told: [...new Set([...open.told, ...told])],
      toldAt: now.steady,
      step,
      wait: waitOf(ladder, step),
    };
  }

  /** What the page says of it: who has been told, who is next and when. */
  function shown(record: AlertRecord, ladder: Ladder, ring: Ring, now: Now): AlertRecord {
    // Each change of any alert reviews all of them; who holds a function changes by the minute.
    const known = `${ring.step} ${ring.at} ${Math.floor(now.wall / 60_000)}`;
    if (shownAs.get(record) === known) return record;
    shownAs.set(record, known);
    const at = instant(now.wall + Math.max(0, ring.at - now.steady));
    const next = namesOf(holders(whomAt(ladder, ring.step), now.wall).map(({ id }) => id));
    const told = namesOf(record.told ?? []);
    const before = record.view.escalation;
    const same =
      before !== undefined &&
      JSON.stringify([before.told, before.next]) === JSON.stringify([told, next]) &&
      Math.abs((fromIso(before.at) ?? 0) - at) < SAME_MOMENT_MS;
    return same ? record : { ...record, view: { ...record.view, escalation: { told, next, at: toIso(at) } } };
  }

  function unshown(record: AlertRecord): void {
    if (record.view.escalation === undefined) return;
    const { escalation: _, ...view } = record.view;
    put({ ...record, view });
  }

  return {
    first(rule, now) {
      const ladder = ladderOf(rule, now);
      const step = ladder === null ? -1 : firstStep(ladder, somebodyAt(now.wall));
      const also = ladder?.steps[step];
      if (also === undefined) return { whom: { functions: rule.notify, people: [] }, step: -1 };
      // Nobody but the step's own people is told: then over its channels.
      const own = rule.notify.every((name) => also.tell.includes(name)) ? over(also.channels) : {};
      return {
        whom: { functions: [...new Set([...rule.notify, ...also.tell])], people: also.people, ...own },
        step,
      };
    },
    ringIfDue(record, rule, now) {
      const kept = silenceLeft(record, now.wall) !== null || (record.view.maintenance ?? null) !== null;
      const silenced = !rule.safety && kept;
      if (record.view.state === 'acknowledged') {
        unshown(record);
        if (silenced || !mayReopen(plan, rule)) return null;
        const due = reopenAt(record, plan, rule, now, dependencies.progressedSince);
        if (due.record !== record) put(due.record);
        if (now.steady < due.at) return due.at;
        const again = reopen(due.record, rule, now);
        put(again);
        return this.ringIfDue(again, rule, now);
      }
      const ladder = ladderOf(rule, now);
      const next = ladder === null ? null : nextRing(record, rule, ladder, now.steady, somebodyAt(now.wall));
      if (ladder === null || next === null || silenced || answeredFor(rule.id)) {
        unshown(record);
        return null;
      }
      const due = now.steady >= next.at;
      const current = due ? ring(record, rule, ladder, next, now) : record;
      const following = due ? nextRing(current, rule, ladder, now.steady, somebodyAt(now.wall)) : next;
      if (following === null) return null;
      const result = shown(current, ladder, following, now);
      if (result !== record) put(result);
      return following.at;
    },
  };
}

/** A failing channel is not told of over itself (L34). */
export const avoiding = ({ view }: AlertRecord): Pick<NotificationRequest, 'avoidChannels'> =>
  view.rule === 'zhishou-channel-failing' ? { avoidChannels: [view.device] } : {};
