import type { BatteryTestState } from '../paperwork/battery-test.ts';
import type { Text } from '../text.ts';
import { type Instant, minutes } from '../time.ts';
import { withSample } from './curve.ts';
import { doubtOf } from './doubts.ts';
import { floorsOf } from './floor.ts';
import { isFresh, preconditionsOf } from './preconditions.ts';
import { resultOf } from './result.ts';
import type { BatteryTest, Stepped, StopOrder, TestCommand, TestEvent, TestFacts } from './state.ts';
import { told } from './tellings.ts';
import { calibratesOnMains, hasLostMains, isBackOnMains, isDischarging } from './ups-state.ts';

/**
 * The guided battery test (O-BAT-1) as a pure function: what happens, at which moment → the state after it and what is to be done.
 *
 * checking ⇄ ready → starting → discharging → stopping → recharging → done; `failed` and `abandoned` from anywhere. Nothing is taken for
 * done because it was ordered: that it discharges, and that it is back on mains, is what two looks at the UPS say.
 */
export function step(test: BatteryTest, event: TestEvent, now: Instant): Stepped {
  const draft = new Draft(test, now);
  if (!OVER.has(test.state)) take(draft, event);
  return draft.stepped();
}

const OVER: ReadonlySet<BatteryTestState> = new Set(['done', 'failed', 'abandoned']);
const BATTERY_IN_USE: ReadonlySet<BatteryTestState> = new Set(['starting', 'discharging', 'stopping']);

/** Nobody goes on with it. */
const PREPARED_FOR = minutes(30);
const START_WITHIN = minutes(2);
/** By hand: the way to the distribution board. */
const OPEN_WITHIN = minutes(10);
const ORDER_AGAIN = minutes(0.5);
const STOP_WITHIN = minutes(1);
const SAY_AGAIN = minutes(5);
const MOST_SAID = 12;
const RECHARGES_WITHIN = minutes(60);
const RECHARGED_BY = 2;
const LOOKS = 2;
/** Nothing discharges for longer. */
const LONGEST = minutes(12 * 60);

/**
 * Does this test explain that the UPS is on its battery? By hand, while a person is at the breaker, the battery above the floor and
 * nothing in doubt; by order, where a UPS calls its own calibration "on battery", only while it says that it calibrates and that mains
 * is at its input. What is an outage the room's plan must hear of at once.
 */
export const explainsMainsLost = (test: BatteryTest): boolean =>
  BATTERY_IN_USE.has(test.state) && !test.released && (test.way === 'by-hand' || calibratesOnMains(test.last));

class Draft {
  test: BatteryTest;
  readonly now: Instant;
  readonly #commands: TestCommand[] = [];

  constructor(test: BatteryTest, now: Instant) {
    this.test = test;
    this.now = now;
  }

  set(change: Partial<BatteryTest>): void {
    this.test = { ...this.test, ...change };
  }

  go(state: BatteryTestState, change: Partial<BatteryTest> = {}): void {
    this.set({ ...change, state, since: this.now });
  }

  do(...commands: readonly TestCommand[]): void {
    this.#commands.push(...commands);
  }

  record(kind: string, text: Text): void {
    this.do({ do: 'record', kind: `battery-test.${kind}`, text });
  }

  /** Once each key. */
  tell(key: string, command: TestCommand): void {
    if (this.test.told.includes(key)) return;
    this.set({ told: [...this.test.told, key] });
    this.do(command);
  }

  stepped(): Stepped {
    return { state: this.test, commands: this.#commands };
  }
}

function take(draft: Draft, event: TestEvent): void {
  const { test, now } = draft;
  switch (event.type) {
    case 'facts':
      onFacts(draft, event.facts);
      return;
    case 'begin':
      if (test.state === 'ready') begin(draft, event.by);
      return;
    case 'mains-off':
      if (test.way === 'by-hand' && (test.state === 'starting' || test.state === 'discharging'))
        draft.set({ saidOff: true });
      return;
    case 'mains-on':
      if (test.way !== 'by-hand' || !BATTERY_IN_USE.has(test.state)) return;
      draft.set({ saidOn: true });
      if (test.state === 'discharging') stop(draft, 'person', SAID_ON);
      return;
    case 'stop':
      onStop(draft, event.by, event.reason);
      return;
    case 'order-ended':
      if (event.order === 'start' && event.result === 'failed' && test.state === 'starting')
        stop(draft, 'doubt', {
          zh: `UPS 没有接受测试命令：${event.detail}`,
          en: `The UPS did not take the order: ${event.detail}`,
        });
      return;
    case 'resumed':
      if (!BATTERY_IN_USE.has(test.state)) return;
      draft.do({ do: 'poll', fast: true });
      // Nobody looked for a while: what is explained by the test must first be seen again.
      if (test.last === null || now - test.last.at > BLIND_MS) draft.set({ released: true });
  }
}

const BLIND_MS = 60_000;
const SAID_ON: Text = { zh: '操作人已恢复市电', en: 'The operator has restored mains' };

function onFacts(draft: Draft, facts: TestFacts): void {
  switch (draft.test.state) {
    case 'checking':
    case 'ready':
      check(draft, facts);
      break;
    case 'starting':
      starting(draft, facts);
      break;
    case 'discharging':
      discharging(draft, facts);
      break;
    case 'stopping':
      stopping(draft, facts);
      break;
    case 'recharging':
      recharging(draft, facts);
      break;
  }
  const { sample } = facts;
  if (sample !== null && sample.at > (draft.test.last?.at ?? Number.NEGATIVE_INFINITY)) draft.set({ last: sample });
}

function check(draft: Draft, facts: TestFacts): void {
  const { test, now } = draft;
  const preconditions = preconditionsOf(facts, test.settings, test.way, now);
  const { floor, stopsAt } = floorsOf(facts, test.settings, test.way);
  const ready = preconditions.every(({ holds }) => holds === true) && isFresh(facts, now);
  draft.set({ preconditions, floor, stopsAt, atBegin: facts });
  if (ready !== (test.state === 'ready')) draft.set({ state: ready ? 'ready' : 'checking' });
  if (now - test.createdAt > PREPARED_FOR)
    end(draft, 'abandoned', { zh: '半小时内没有开始', en: 'Not begun within half an hour' });
}

function begin(draft: Draft, by: string): void {
  // A test of the battery: what it is compared with is the moment before.
  draft.go('starting', { begunBy: by });
  draft.record('begun', {
    zh: `${draft.test.upsName.zh}电池测试开始，到 ${draft.test.stopsAt.charge}% 为止`,
    en: `Battery test of ${draft.test.upsName.en} begins, down to ${draft.test.stopsAt.charge} %`,
  });
  draft.tell('begun', told.begun(draft.test));
  draft.do({ do: 'poll', fast: true });
  if (draft.test.way === 'ups') draft.do({ do: 'order', order: 'start', attempt: 1 });
}

function starting(draft: Draft, facts: TestFacts): void {
  const { test, now } = draft;
  const doubt = doubtOf(test, facts, now);
  if (doubt !== null) {
    stop(draft, 'doubt', doubt.text);
    return;
  }
  if (isDischarging(facts.sample) && facts.sample !== null) {
    draft.go('discharging', {
      from: facts.sample.at,
      curve: withSample([], facts.sample),
      lowestCharge: facts.sample.charge,
    });
    draft.record('discharging', { zh: 'UPS 已由电池供电', en: 'The UPS runs on its battery' });
    discharging(draft, facts);
    return;
  }
  if (test.way === 'ups' && now - test.since > START_WITHIN)
    stop(draft, 'doubt', { zh: 'UPS 没有按命令开始放电', en: 'The UPS did not begin as it was ordered' });
  else if (test.way === 'by-hand' && now - test.since > OPEN_WITHIN)
    end(draft, 'abandoned', { zh: '没有人断开市电开关', en: 'Nobody opened the breaker' });
}

function discharging(draft: Draft, facts: TestFacts): void {
  const { test, now } = draft;
  const { sample } = facts;
  const doubt = doubtOf(test, facts, now);
  if (sample !== null && isDischarging(sample)) add(draft, facts);
  if (doubt !== null) {
    stop(draft, 'doubt', doubt.text);
    return;
  }
  if (sample === null) return;
  if (isBackOnMains(sample)) {
    // One look may be an odd one.
    const backSamples = test.backSamples + (sample.at > (test.last?.at ?? 0) ? 1 : 0);
    draft.set({ backSamples });
    if (backSamples >= LOOKS) {
      stop(draft, 'ended', { zh: '放电自行结束', en: 'The discharge ended by itself' });
      settle(draft, facts);
    }
    return;
  }
  draft.set({ backSamples: 0 });
  if (isAt(test.stopsAt, sample)) stop(draft, 'floor', { zh: '到达停止线', en: 'Down to where it stops' });
  else if (now - (test.from ?? now) > LONGEST)
    stop(draft, 'doubt', { zh: '放电时间过长', en: 'It has discharged for too long' });
}

const isAt = (floor: BatteryTest['floor'], sample: NonNullable<TestFacts['sample']>): boolean =>
  (sample.charge !== null && sample.charge <= floor.charge) ||
  (sample.remainingS !== null && sample.remainingS <= floor.runtimeS);

function add(draft: Draft, { sample }: TestFacts): void {
  if (sample === null) return;
  const { curve, lowestCharge } = draft.test;
  const lowest = sample.charge === null ? lowestCharge : Math.min(lowestCharge ?? sample.charge, sample.charge);
  draft.set({ curve: withSample(curve, sample), lowestCharge: lowest });
}

/** The discharge is to end. A doubt is also a reason to explain nothing any more. */
function stop(draft: Draft, why: StopOrder['why'], reason: Text): void {
  const { test, now } = draft;
  draft.go('stopping', {
    stop: { at: now, why, orders: 0, orderedAt: null },
    reason,
    backSamples: 0,
    released: test.released || why === 'doubt',
  });
  draft.record('stopping', reason);
  draft.do({ do: 'poll', fast: true });
  if (why === 'ended') return;
  if (test.way === 'ups') orderStop(draft);
  else if (test.from !== null || why !== 'doubt') draft.tell('restore', told.restore(draft.test));
  if (why === 'doubt') draft.tell('doubt', told.doubt(draft.test));
}

function orderStop(draft: Draft): void {
  const { stop: order } = draft.test;
  if (order === null) return;
  draft.set({ stop: { ...order, orders: order.orders + 1, orderedAt: draft.now } });
  draft.do({ do: 'order', order: 'stop', attempt: order.orders + 1 });
}

function onStop(draft: Draft, by: string, reason: string | null): void {
  const { test } = draft;
  const text: Text = {
    zh: `${by} 停止了测试${reason === null ? '' : `：${reason}`}`,
    en: `Stopped by ${by}${reason === null ? '' : `: ${reason}`}`,
  };
  if (test.state === 'checking' || test.state === 'ready') end(draft, 'abandoned', text);
  else if (test.state === 'starting' || test.state === 'discharging') stop(draft, 'person', text);
  // Pressed again: the order goes out again.
  else if (test.state === 'stopping' && test.way === 'ups') orderStop(draft);
}

function stopping(draft: Draft, facts: TestFacts): void {
  const { test, now } = draft;
  const { sample } = facts;
  const fresh = isFresh(facts, now);
  const isNew = sample !== null && sample.at > (test.last?.at ?? 0) && sample.at > (test.stop?.at ?? 0);
  if (isNew && isDischarging(sample)) add(draft, facts);
  if (fresh && isNew) draft.set({ backSamples: isBackOnMains(sample) ? test.backSamples + 1 : 0 });
  if (draft.test.backSamples >= LOOKS) {
    settle(draft, facts);
    return;
  }
  // What comes to light meanwhile, and the floor, end the explanation too.
  if (!test.released && (doubtOf(draft.test, facts, now) !== null || (sample !== null && isAt(test.floor, sample))))
    draft.set({ released: true });
  // Mains is gone by itself: that is the outage plan's, and no order and nobody at the panel brings it back.
  if (test.way === 'ups' && hasLostMains(sample)) return;
  if (test.way === 'ups') stopAgain(draft);
  const within = test.way === 'ups' ? STOP_WITHIN : test.settings.restoreS * 1000;
  const late = now - test.since - within;
  if (late >= 0) escalate(draft, late);
}

function stopAgain(draft: Draft): void {
  const { stop: order } = draft.test;
  if (order !== null && draft.now - (order.orderedAt ?? 0) >= ORDER_AGAIN) orderStop(draft);
}

/** Not back on mains in time: the outage plan takes over, and people hear of it until it is. */
function escalate(draft: Draft, lateMs: number): void {
  draft.set({ released: true });
  const nth = Math.floor(lateMs / SAY_AGAIN);
  if (nth < MOST_SAID) draft.tell(`not-back-${nth}`, told.notBack(draft.test, nth));
}

/** Back on mains, by evidence. */
function settle(draft: Draft, facts: TestFacts): void {
  const { test, now } = draft;
  const result = test.from === null ? null : resultOf(test, facts);
  draft.go('recharging', { to: facts.sample?.at ?? now, result });
  draft.record('back-on-mains', { zh: 'UPS 已回到市电', en: 'The UPS is back on mains' });
  if (result?.recalibrated === true && result.forecast.after !== null)
    draft.do({ do: 'recalibrate', model: result.forecast.after });
  if (test.from === null) {
    end(draft, 'failed', test.reason ?? { zh: '没有放电', en: 'It never discharged' });
    return;
  }
  draft.tell('back', told.back(draft.test));
}

function recharging(draft: Draft, { sample }: TestFacts): void {
  const { test, now } = draft;
  const charge = sample?.charge ?? null;
  const rises =
    charge !== null &&
    sample !== null &&
    isBackOnMains(sample) &&
    charge >= Math.min(99, (test.lowestCharge ?? 100) + RECHARGED_BY);
  if (rises) {
    const good = test.result !== null && test.stop?.why !== 'doubt';
    end(draft, good ? 'done' : 'failed', test.reason);
  } else if (now - test.since > RECHARGES_WITHIN) {
    draft.tell('not-charging', told.notCharging(draft.test));
    end(draft, 'failed', { zh: '回到市电后电池没有充电', en: 'Back on mains, the battery does not charge' });
  }
}

function end(draft: Draft, state: 'done' | 'failed' | 'abandoned', reason: Text | null): void {
  const begun = draft.test.begunBy !== null;
  draft.go(state, { reason });
  draft.do({ do: 'poll', fast: false });
  draft.record(state, reason ?? { zh: '完成', en: 'Done' });
  if (begun) draft.tell('ended', told.ended(draft.test));
}
