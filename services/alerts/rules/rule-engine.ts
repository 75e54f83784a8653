import type { Config } from '#core/config/config.ts';
import type { Rule } from '#core/config/rule.ts';
import type { Cancel, Clock, StateStore } from '#core/ports.ts';
import type { Reading } from '#core/reading.ts';
import { between, type Duration, hours, type Instant, milliseconds, minutes, plus } from '#core/time.ts';
import { QUIET } from '#platform/clock/quiet.ts';
import type { LatestReadings } from '../latest-readings.ts';
import type { Rota } from '../seams.ts';
import { isAtRest, staysAtRest } from './at-rest.ts';
import { type Leaf, pointsOf, sooner, testsOf } from './evaluate.ts';
import { stepFlapping } from './flapping.ts';
import type { Look, Observation } from './observation.ts';
import { IDLE, type RuleEffect, type RuleState, stepRule } from './rule-step.ts';

/**
 * Runs every rule over every device it concerns: indexes rules by device and point, keeps their states in the store
 * (keys `alerts/rule/<rule>/<device>`), wakes them when silence alone may change them.
 */
export interface RuleChange {
  readonly rule: Rule;
  readonly device: string;
  readonly effects: readonly RuleEffect[];
}

/** Rules of one device, to be stepped. */
export interface Touched {
  readonly device: string;
  readonly rules: ReadonlySet<unknown>;
}

export interface RuleEngine {
  /** Restores states and timers; judges nothing, so that a new configuration makes no event by being loaded (L8). */
  start(): void;
  /** The rules that read one of these points of a device and may say something else now; null: none. */
  touchedBy(device: string, readings: readonly Reading[], now: Instant): Touched | null;
  /** Steps them. Call within the unit of work. */
  step(touched: Touched, now: Instant): readonly RuleChange[];
  stop(): void;
  /** States that no rule of the configuration owns any more; forgets them. */
  takeOrphans(): readonly { rule: string; device: string }[];
}

export interface RuleEngineDependencies {
  readonly config: Config;
  readonly clock: Clock;
  readonly steady: () => Instant;
  readonly state: StateStore;
  readonly latest: LatestReadings;
  /** What `calendar.working` means in a rule: door and motion outside working hours (O-THF-1). */
  readonly rota?: Pick<Rota, 'isWorkingTime'>;
  /** A rule's time has come: step within a unit of work of the caller's. */
  readonly onDue: (due: () => readonly RuleChange[]) => void;
}

interface Instance {
  readonly rule: Rule;
  readonly device: string;
  readonly named: boolean;
  readonly key: string;
  readonly asksCalendar: boolean;
  readonly look: Look;
  /** Null: it asks the calendar, of which nobody tells. */
  readonly tests: readonly Leaf[] | null;
  state: RuleState;
  /** Its last step said nothing: while its tests say the same and nothing of it is due, stepping it gives just this again. */
  calm: boolean;
  /** What the store holds; null for nothing. */
  stored: RuleState | null;
  timer: { at: Instant; cancel: Cancel } | null;
  /** Of its last step: what no repeated reading puts off, and when the device was heard by then. */
  fixedAt: Instant | null;
  repeatedAt: Instant | null;
}

const NONE: readonly Instance[] = [];
const PREFIX = 'alerts/rule/';
const WORKING = 'calendar.working';
const SOON: Duration = milliseconds(1);

export function createRuleEngine(dependencies: RuleEngineDependencies): RuleEngine {
  const { config, clock, steady, state, latest, onDue } = dependencies;
  const kinds = new Map(config.devices.map((device) => [device.id, device.kind]));
  const byPoint = indexByPoint(config.rules);
  const alone = eachTold(config);
  const instances = new Map<string, Instance>();
  const byDevice = new Map<string, ReadonlyMap<string, readonly Instance[]>>();
  const orphans: { rule: string; device: string }[] = [];
  let stopped = false;

  function instanceOf(rule: Rule, device: string): Instance {
    const key = `${PREFIX}${rule.id}/${device}`;
    const known = instances.get(key);
    if (known !== undefined) return known;
    const named = rule.on.devices?.includes(device) ?? false;
    const asksCalendar = pointsOf(rule.when).includes(WORKING);
    const made: Instance = {
      rule,
      device,
      named,
      key,
      asksCalendar,
      look: (point) => latest.observe(device, point),
      tests: asksCalendar ? null : testsOf(rule.when),
      state: IDLE,
      calm: false,
      stored: null,
      timer: null,
      fixedAt: null,
      repeatedAt: null,
    };
    instances.set(key, made);
    return made;
  }

  /** A device's rules by the points that they read. */
  function instancesOf(device: string): ReadonlyMap<string, readonly Instance[]> {
    const known = byDevice.get(device);
    if (known !== undefined) return known;
    const made = new Map<string, Instance[]>();
    for (const [point, rules] of byPoint) {
      const concerned = rules.filter((rule) => concerns(rule, device, kinds));
      if (concerned.length > 0)
        made.set(
          point,
          concerned.map((rule) => instanceOf(rule, device)),
        );
    }
    byDevice.set(device, made);
    return made;
  }

  function step(instance: Instance, now: Instant): readonly RuleEffect[] {
    const look: Look = instance.asksCalendar
      ? (point) => (point === WORKING ? workingNow(now) : instance.look(point))
      : instance.look;
    const stepOf = alone.has(instance.rule.id) ? stepRule : stepFlapping;
    const stepped = stepOf(instance.rule, instance.state, look, now, instance.named);
    instance.state = stepped.state;
    instance.calm = instance.tests !== null && isAtRest(stepped, instance.tests, instance.look, now);
    save(instance, state);
    // Nothing is said when the office opens or closes.
    const looksAgain = instance.asksCalendar ? plus(now, minutes(1)) : null;
    instance.fixedAt = sooner(stepped.fixedAt, looksAgain);
    instance.repeatedAt = latest.repeatedAt(instance.device);
    arm(instance, sooner(stepped.wakeAt, looksAgain), now);
    return stepped.effects;
  }

  /** The calendar's answer as a point of every device. Without a calendar nobody knows. */
  function workingNow(now: Instant): Observation | null {
    if (dependencies.rota === undefined) return null;
    const value = dependencies.rota.isWorkingTime(clock.now());
    return { value, quality: 'good', goodAt: now, changedAt: now, staleAt: plus(now, hours(1)), simulated: false };
  }

  /** Timers that are early are left alone: when they ring, the rule is stepped and armed anew. One reading costs no timer. */
  function arm(instance: Instance, at: Instant | null, now: Instant): void {
    if (stopped || at === null || (instance.timer !== null && instance.timer.at <= at)) return;
    instance.timer?.cancel();
    const cancel = clock.after(milliseconds(Math.max(at - now, SOON)), () => {
      instance.timer = null;
      if (stopped || putOff(instance, at)) return QUIET;
      onDue(() => changesOf(instance, step(instance, steady())));
      return QUIET;
    });
    instance.timer = { at, cancel };
  }

  /** What was to be looked at because nothing might come, and something came: the same, only later. */
  function putOff(instance: Instance, at: Instant): boolean {
    const { fixedAt, repeatedAt, device } = instance;
    const heard = latest.repeatedAt(device);
    if (heard === null || repeatedAt === null || heard <= repeatedAt) return false;
    const now = steady();
    const later = plus(at, between(repeatedAt, heard));
    if (later <= now || (fixedAt !== null && fixedAt <= now)) return false;
    instance.repeatedAt = heard;
    arm(instance, sooner(later, fixedAt), now);
    return true;
  }

  return {
    start() {
      const rules = new Map(config.rules.map((rule) => [rule.id, rule]));
      for (const [key, stored] of [...state.entries(PREFIX)]) {
        const [ruleId = '', device = ''] = key.slice(PREFIX.length).split('/');
        const rule = rules.get(ruleId);
        if (rule === undefined || !concerns(rule, device, kinds)) {
          orphans.push({ rule: ruleId, device });
          state.delete(key);
          continue;
        }
        const instance = instanceOf(rule, device);
        instance.state = stored as RuleState;
        instance.stored = stored as RuleState;
      }
      const now = steady();
      for (const rule of config.rules) for (const device of rule.on.devices ?? []) instanceOf(rule, device);
      // The first look comes with the first reading or after this pause, whichever is first: nothing is judged by loading.
      for (const instance of instances.values()) {
        arm(instance, (now + latest.staleAfter(instance.device)) as Instant, now);
      }
    },
    touchedBy(device, readings, now) {
      const concerned = instancesOf(device);
      let rules = null as Set<Instance> | null;
      for (const { point } of readings)
        for (const instance of concerned.get(point) ?? NONE) {
          if (rules?.has(instance) === true || staysCalm(instance, now)) continue;
          rules ??= new Set();
          rules.add(instance);
        }
      return rules === null ? null : { device, rules };
    },
    step({ device, rules }, now) {
      const changes: RuleChange[] = [];
      for (const instance of rules as ReadonlySet<Instance>) {
        const effects = step(instance, now);
        if (effects.length > 0) changes.push({ rule: instance.rule, device, effects });
      }
      return changes;
    },
    stop() {
      stopped = true;
      for (const instance of instances.values()) instance.timer?.cancel();
    },
    takeOrphans: () => orphans.splice(0),
  };
}

/** Most readings are neither over a threshold nor back below it. */
const staysCalm = ({ rule, calm, timer, tests, look, state }: Instance, now: Instant): boolean =>
  calm && tests !== null && staysAtRest(rule, state, tests, look, timer?.at ?? null, now);

/** Safety alarms are told each (L34); what opens an incident is judged there by its own measure of calm. */
const eachTold = ({ rules, plans }: Pick<Config, 'rules' | 'plans'>): ReadonlySet<string> =>
  new Set([
    ...rules.filter(({ safety }) => safety).map(({ id }) => id),
    ...plans.flatMap(({ triggers }) => triggers.alerts),
  ]);

const changesOf = ({ rule, device }: Instance, effects: readonly RuleEffect[]): RuleChange[] =>
  effects.length === 0 ? [] : [{ rule, device, effects }];

function concerns(rule: Rule, device: string, kinds: ReadonlyMap<string, string>): boolean {
  if (rule.on.devices?.includes(device) === true) return true;
  const kind = kinds.get(device);
  return kind !== undefined && (rule.on.kinds ?? []).some((wanted) => wanted === kind);
}

function indexByPoint(rules: readonly Rule[]): ReadonlyMap<string, readonly Rule[]> {
  const index = new Map<string, Rule[]>();
  for (const rule of rules) {
    for (const point of new Set(pointsOf(rule.when))) {
      index.set(point, [...(index.get(point) ?? []), rule]);
    }
  }
  return index;
}

/** An idle rule that remembers nothing above its limit needs no row; others are written only when they changed. */
function save(instance: Instance, state: StateStore): void {
  const { phase, memory } = instance.state;
  const worth =
    phase !== 'idle' ||
    instance.state.flaps !== undefined ||
    Object.values(memory.latched).includes(true) ||
    Object.keys(memory.missingSince).length > 0;
  const kept = worth ? instance.state : null;
  if (sameState(kept, instance.stored)) return;
  instance.stored = kept;
  if (kept === null) state.delete(instance.key);
  else state.set(instance.key, kept);
}

const sameState = (a: RuleState | null, b: RuleState | null): boolean =>
  a === b ||
  (a !== null &&
    b !== null &&
    a.phase === b.phase &&
    a.since === b.since &&
    a.doubtful === b.doubtful &&
    sameFields(a.memory.latched, b.memory.latched) &&
    sameFields(a.memory.missingSince, b.memory.missingSince) &&
    sameFlaps(a.flaps, b.flaps));

function sameFields(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  let left = 0;
  for (const key in b)
    if (key in a) left++;
    else return false;
  for (const key in a) {
    if (a[key] !== b[key]) return false;
    left--;
  }
  return left === 0;
}

function sameFlaps(a: RuleState['flaps'], b: RuleState['flaps']): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || a.chattering !== b.chattering) return false;
  if (a.spells.length !== b.spells.length) return false;
  return a.spells.every(({ from, to }, index) => from === b.spells[index]?.from && to === b.spells[index]?.to);
}
