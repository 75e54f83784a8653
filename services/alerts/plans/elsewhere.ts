import { sameText, type Text } from '#core/text.ts';
import { type Instant, plus } from '#core/time.ts';
import { conditionHolds } from './conditions.ts';
import type { ActDefinition } from './definition.ts';
import type { Command, EventBody, IncidentEvent } from './events.ts';
import { patience } from './prepared-backup.ts';
import { ENDED, type Hold, type Holds, type IncidentState, type StepProgress } from './state.ts';
import { indexOf } from './step-index.ts';
import { stepList } from './step-list.ts';
import { isThreatened, threatOf } from './threat.ts';
import type { Turn } from './turn.ts';

/**
 * Several incidents of one site on the same machines: an outage, and the heat that comes of it. What both want is done once, by
 * whoever began it; the other takes the effect as proven. What one keeps off the other does not start: it leaves the start to
 * the last one that needs it off, so that recovery is one.
 *
 * Each incident tells the others what it does to which device, and hears of theirs as events, so each stays the fold of its own.
 */
const TAKES_DOWN: readonly string[] = ['shutdown', 'power_off', 'emergency_off', 'shed'];
const BRINGS_BACK: readonly string[] = ['start', 'restore'];
const takesDown = (step: ActDefinition): boolean => TAKES_DOWN.includes(step.operation);
const bringsBack = (step: ActDefinition): boolean => BRINGS_BACK.includes(step.operation);

/** What this incident does to which devices now. */
export function holdsOf(state: IncidentState): Holds {
  const holds: Record<string, Hold> = {};
  if (state.phase === 'closed') return holds;
  const { acts, actPlaces } = indexOf(state.definition);
  const list = stepList(state);
  for (let i = 0; i < acts.length; i++) {
    const step = acts[i];
    const progress = list[actPlaces[i] ?? -1];
    if (step === undefined || progress === undefined) continue;
    if (step.own || (!takesDown(step) && !bringsBack(step))) continue;
    const hold = bringsBack(step) ? startOf(progress, holds[step.device]) : downOf(state, step, progress);
    if (hold === 'up') delete holds[step.device];
    else if (hold !== null && RANK[hold] >= RANK[holds[step.device] ?? 'wanted']) holds[step.device] = hold;
  }
  return holds;
}

/** What is under way counts more than what was, and what was more than what will be. */
const RANK: Readonly<Record<Hold, number>> = { wanted: 0, released: 1, off: 2, going: 3, rising: 4 };
const LETS_GO: ReadonlySet<string> = new Set(['recovering', 'standing-down']);
const underWay = ({ state, verify }: StepProgress): boolean =>
  state === 'running' || (state === 'verifying' && verify?.purpose !== 'watch');

function downOf(state: IncidentState, step: ActDefinition, progress: StepProgress): Hold | null {
  if (underWay(progress)) return 'going';
  const letsGo = LETS_GO.has(state.phase);
  if (progress.state === 'done') return progress.ours ? (letsGo ? 'released' : 'off') : null;
  const wants = progress.state === 'pending' && step.operation === 'shutdown' && state.phase === 'protecting';
  return wants && conditionHolds(state, step.when) === 'yes' && stillNeeded(state) ? 'wanted' : null;
}

const stillNeeded = (state: IncidentState): boolean => threatOf(state) === null || isThreatened(state);

/** Its start is under way, or has ended, whichever way: from then on only a look at the machine says what it is. */
function startOf(progress: StepProgress, before: Hold | undefined): Hold | 'up' | null {
  if (underWay(progress)) return 'rising';
  return ENDED.has(progress.state) && before !== 'going' ? 'up' : null;
}

/** What has changed of it, for the others. */
export function holdNews(before: IncidentState | null, after: IncidentState): Command[] {
  if (before !== null && before.steps === after.steps && before.phase === after.phase) return [];
  const holds = decidedHolds(after);
  return sameHolds(before === null ? {} : decidedHolds(before), holds) ? [] : [{ type: 'holds', holds }];
}

/** A state never changes once it is decided, and each is asked twice: as what came after and as what was before. */
const known = new WeakMap<IncidentState, Holds>();
function decidedHolds(state: IncidentState): Holds {
  const found = known.get(state) ?? holdsOf(state);
  known.set(state, found);
  return found;
}

export const sameHolds = (a: Holds, b: Holds): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.keys(a).every((device) => a[device] === b[device]);

/** Another incident says what it does now; nothing: it needs nothing any more. */
export function takeHolds(turn: Turn, event: Extract<IncidentEvent, { type: 'holds-elsewhere' }>): void {
  const { state } = turn;
  const before = state.others[event.by]?.holds ?? {};
  const { [event.by]: _, ...others } = state.others;
  const holds = Object.entries(event.holds).map(([device, what]) => {
    const known = before[device];
    return [device, known?.what === what ? known : { what, since: turn.at }] as const;
  });
  state.others =
    holds.length === 0 ? others : { ...others, [event.by]: { title: event.title, holds: Object.fromEntries(holds) } };
}

export interface Elsewhere {
  readonly title: Text;
  readonly what: Hold;
  readonly since: Instant;
}

/** What the other incidents do to this device; the one that decides most first. */
function onDevice(state: IncidentState, device: string): Elsewhere[] {
  const found: Elsewhere[] = [];
  for (const { title, holds } of Object.values(state.others)) {
    const hold = holds[device];
    if (hold !== undefined) found.push({ title, ...hold });
  }
  return found.sort((a, b) => RANK[b.what] - RANK[a.what]);
}

/** Another incident is at this device now: it is waited for, as long as such a thing takes at most. */
export function busyElsewhere(state: IncidentState, step: ActDefinition): Elsewhere | null {
  // An emergency cut waits for nobody.
  if (step.operation === 'emergency_off' || (!takesDown(step) && !bringsBack(step))) return null;
  const found = onDevice(state, step.device).find(({ what }) => what === 'going' || what === 'rising');
  return found !== undefined && state.now < plus(found.since, patience(step)) ? found : null;
}

/** Down through another incident and proven so: what is to take it down is done, and cannot be backed up any more. */
export function downElsewhere(state: IncidentState, device: string): Elsewhere | null {
  const found = onDevice(state, device);
  const isUp = found.some(({ what }) => what === 'rising');
  return isUp ? null : (found.find(({ what }) => what === 'off' || what === 'released') ?? null);
}

/** It was taken down by another incident just now: whoever lets it go last brings it back. */
export const takenOver = (state: IncidentState, step: ActDefinition): boolean =>
  takesDown(step) && onDevice(state, step.device).some(({ what }) => what !== 'wanted' && what !== 'rising');

/** `off`: kept off by another incident, which will start it · `wanted`: about to be taken down by one. */
export function neededOffElsewhere(state: IncidentState, step: ActDefinition): Elsewhere | null {
  if (!bringsBack(step)) return null;
  return onDevice(state, step.device).find(({ what }) => what === 'off' || what === 'wanted') ?? null;
}

/** By time alone: the patience with another incident's work ends. */
export const elsewhereDues = (state: IncidentState): Instant[] =>
  Object.keys(state.others).length === 0
    ? []
    : indexOf(state.definition).acts.flatMap((step) => {
        const busy = state.steps[step.id]?.state === 'pending' ? busyElsewhere(state, step) : null;
        return busy === null ? [] : [plus(busy.since, patience(step))];
      });

/** What this incident does not know yet, or knows otherwise, of the open ones beside it. */
export function unknownHolds(
  state: IncidentState,
  open: readonly IncidentState[],
): Extract<EventBody, { type: 'holds-elsewhere' }>[] {
  const news: Extract<EventBody, { type: 'holds-elsewhere' }>[] = [];
  const others = open.filter(({ id }) => id !== state.id);
  const said = (id: string): Holds =>
    Object.fromEntries(Object.entries(state.others[id]?.holds ?? {}).map(([device, { what }]) => [device, what]));
  for (const other of others) {
    const holds = holdsOf(other);
    if (!sameHolds(holds, said(other.id)))
      news.push({ type: 'holds-elsewhere', by: other.id, title: other.definition.plan.title, holds });
  }
  for (const id of Object.keys(state.others))
    if (!others.some((other) => other.id === id))
      news.push({ type: 'holds-elsewhere', by: id, title: state.others[id]?.title ?? sameText(id), holds: {} });
  return news;
}

/** The same for an incident that is opened. */
export function holdsForNew(open: readonly IncidentState[], at: Instant): IncidentState['others'] {
  const found = open.map((other) => {
    const holds = Object.entries(holdsOf(other)).map(([device, what]) => [device, { what, since: at }] as const);
    return [other.id, { title: other.definition.plan.title, holds: Object.fromEntries(holds) }] as const;
  });
  return Object.fromEntries(found.filter(([, { holds }]) => Object.keys(holds).length > 0));
}
