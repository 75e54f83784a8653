import type { DeliveryView } from '#core/notification.ts';
import type { Language } from '#core/text.ts';
import { type Duration, earliest, type Instant, plus, seconds } from '#core/time.ts';
import type { Gate } from './channel-desk.ts';
import { byUrgency, type Delivery, laneOf, MAX_WAIT } from './delivery.ts';
import { type Merged, merge, mergeMoment } from './merging.ts';

/** What is done with the messages that wait, as a pure decision: the most severe first, no channel overrun, each conversation in its order. */
export interface SendingPlan {
  readonly merge: readonly Merged[];
  readonly send: readonly Delivery[];
  /** Their channel fails and there is another way: that is taken now. */
  readonly onward: readonly { readonly delivery: Delivery; readonly why: string }[];
  /** Their channel fails and there is no other way: they wait, and say so. */
  readonly held: readonly { readonly delivery: Delivery; readonly why: string }[];
  /** Waited too long for a channel that fails. */
  readonly giveUp: readonly { readonly delivery: Delivery; readonly why: string }[];
  /** Something may go then. */
  readonly wakeAt: Instant | null;
}

export interface InFlight {
  readonly channel: string;
  readonly lane: string;
  readonly since: Instant;
}

export interface SendingFacts {
  readonly now: Instant;
  readonly inFlight: ReadonlyMap<string, InFlight>;
  readonly gate: (channel: string) => Gate;
  readonly languageOf: (view: DeliveryView) => Language;
}

/** Side by side to one channel. */
const AT_ONCE = 4;
/** So long a message waits for the one before it in its conversation, which is on its way; then it overtakes. */
const LANE_PATIENCE: Duration = seconds(20);

export function planSending(open: Iterable<Delivery>, facts: SendingFacts): SendingPlan {
  const waiting = [...open].filter(({ view }) => !facts.inFlight.has(view.id));
  if (waiting.length === 0) return { merge: [], send: [], onward: [], held: [], giveUp: [], wakeAt: null };
  const merges = waiting.length === 1 ? [] : planMerges(waiting, facts);
  const gone = new Set(merges.flatMap(({ from }) => from.map(({ view }) => view.id)));
  const replaced = new Map(merges.map(({ into }) => [into.view.id, into]));
  const left = waiting
    .filter(({ view }) => !gone.has(view.id))
    .map((delivery) => replaced.get(delivery.view.id) ?? delivery);
  return { merge: merges, ...decideEach(left, facts) };
}

const isDue = (delivery: Delivery, { now, gate }: SendingFacts): boolean => {
  if (delivery.nextAt <= now) return true;
  const back = gate(delivery.view.channel).backSince;
  return back !== null && back > (delivery.triedAt ?? 0);
};

/** What was written in one moment; and where the newest may go and older ones still wait for their next try, or where not all that are due can go. */
function planMerges(waiting: readonly Delivery[], facts: SendingFacts): Merged[] {
  const lanes = Map.groupBy(waiting, ({ view }) => laneOf(view));
  if (lanes.size === waiting.length) return [];
  const due = new Map<string, number>();
  for (const delivery of waiting) {
    const { channel } = delivery.view;
    if (isDue(delivery, facts)) due.set(channel, (due.get(channel) ?? 0) + 1);
  }
  const merges: Merged[] = [];
  for (const lane of lanes.values()) {
    const newest = lane.at(-1);
    if (newest === undefined || lane.length < 2 || !isDue(newest, facts)) continue;
    const { channel } = newest.view;
    const moment = mergeMoment(lane, facts.languageOf(newest.view));
    if (moment !== null) {
      merges.push(moment);
      continue;
    }
    const gate = facts.gate(channel);
    const short = (due.get(channel) ?? 0) > gate.left(newest.view.severity === 'high');
    const stale = lane.some((delivery) => !isDue(delivery, facts));
    if (!short && !stale && gate.shutUntil === null) continue;
    const merged = merge(lane, facts.languageOf(newest.view));
    if (merged !== null) merges.push(merged);
  }
  return merges;
}

interface Why {
  readonly delivery: Delivery;
  readonly why: string;
}

/** What the messages of one look have taken so far. */
interface Taken {
  readonly busy: Map<string, number>;
  readonly lanes: Map<string, Instant>;
  readonly spent: Map<string, number>;
  readonly probed: Set<string>;
}

function decideEach(waiting: readonly Delivery[], facts: SendingFacts): Omit<SendingPlan, 'merge'> {
  const { now, inFlight } = facts;
  const taken: Taken = { busy: new Map(), lanes: new Map(), spent: new Map(), probed: new Set() };
  for (const { channel, lane, since } of inFlight.values()) {
    taken.busy.set(channel, (taken.busy.get(channel) ?? 0) + 1);
    taken.lanes.set(lane, since);
  }
  const plan = { send: [] as Delivery[], onward: [] as Why[], held: [] as Why[], giveUp: [] as Why[] };
  let wakeAt: Instant | null = null;
  const wake = (at: Instant): void => {
    wakeAt = wakeAt === null ? at : earliest(wakeAt, at);
  };
  for (const delivery of [...waiting].sort(byUrgency)) {
    if (!isDue(delivery, facts)) {
      wake(delivery.nextAt);
      continue;
    }
    const gate = facts.gate(delivery.view.channel);
    if (gate.shutUntil !== null && (gate.shutUntil > now || taken.probed.has(delivery.view.channel))) {
      decideShut(delivery, gate, now, plan, wake);
      continue;
    }
    const at = mayGo(delivery, gate, taken, now);
    if (at === null) plan.send.push(delivery);
    else wake(at);
  }
  return { ...plan, wakeAt };
}

function decideShut(
  delivery: Delivery,
  gate: Gate,
  now: Instant,
  plan: { onward: Why[]; held: Why[]; giveUp: Why[] },
  wake: (at: Instant) => void,
): void {
  const why = gate.error ?? 'the channel fails';
  const { view, rest } = delivery;
  const end = plus(delivery.since ?? now, MAX_WAIT[view.severity]);
  if (rest.length > 0) plan.onward.push({ delivery, why });
  else if (now >= end) plan.giveUp.push({ delivery, why });
  else if (view.state === 'queued') plan.held.push({ delivery, why });
  if (rest.length > 0 || now < end) wake(end);
  if (gate.shutUntil !== null && gate.shutUntil > now && gate.shutUntil < end) wake(gate.shutUntil);
}

/** Null: now; else when it is worth asking again. */
function mayGo({ view }: Delivery, gate: Gate, taken: Taken, now: Instant): Instant | null {
  const { channel } = view;
  const lane = laneOf(view);
  const before = taken.lanes.get(lane);
  if (before !== undefined && now < plus(before, LANE_PATIENCE)) return plus(before, LANE_PATIENCE);
  const busy = taken.busy.get(channel) ?? 0;
  if (busy >= AT_ONCE) return plus(now, LANE_PATIENCE);
  const high = view.severity === 'high';
  const spent = taken.spent.get(channel) ?? 0;
  if (gate.left(high) - spent <= 0) {
    const at = gate.freeAt(high);
    return at > now ? at : plus(now, LANE_PATIENCE);
  }
  taken.busy.set(channel, busy + 1);
  taken.lanes.set(lane, now);
  taken.spent.set(channel, spent + 1);
  if (gate.shutUntil !== null) taken.probed.add(channel);
  return null;
}
