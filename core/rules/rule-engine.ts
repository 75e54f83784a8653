import type { Config } from '../config/config.ts';
import type { Rule } from '../config/rule.ts';
import type { Cancel, Clock, StateStore } from '../ports.ts';
import { QUIET } from '../quiet.ts';
import type { Reading } from '../reading.ts';
import type { Rota } from '../rota/rota.ts';
import { between, type Duration, type Instant, milliseconds, plus } from '../time.ts';
import { isAtRest, staysAtRest } from './at-rest.ts';
import { bindRule } from './bind-rule.ts';
import { createCalendarLook, isOfCalendar } from './calendar-look.ts';
import { evaluate, type Leaf, sooner, testsOf } from './evaluate.ts';
import { stepFlapping } from './flapping.ts';
import { saveState } from './kept-state.ts';
import type { LatestReadings } from './latest-readings.ts';
import type { Look } from './observation.ts';
import { createRegisterLook, isOfRegister, type RegisterLook } from './register-look.ts';
import { indexRules } from './rule-index.ts';
import { asConfigured, type EndedByRules, memoryAfter, type RuleSet, sameOn, sameTests } from './rule-set.ts';
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
  /**
   * Other rules from now on. Those that are the same keep all they have; one that tests otherwise keeps its alert where that is
   * still so. Gives what has ended, by the rules and not by the room; nothing begins: that is for the next reading to say (L8).
   */
  replace(next: RuleSet): readonly EndedByRules[];
  /** The next word about this device is to be taken whole, also when it says nothing new: a rule waits for it. */
  awaits(device: string): boolean;
  /** The rules that read one of these points of a device and may say something else now; null: none. */
  touchedBy(device: string, readings: readonly Pick<Reading, 'point'>[], now: Instant): Touched | null;
  /** Steps them. Call within the unit of work. */
  step(touched: Touched, now: Instant): readonly RuleChange[];
  stop(): void;
  /** States that no rule of the configuration owns any more; forgets them. */
  takeOrphans(): readonly EndedByRules[];
}

export interface RuleEngineDependencies {
  readonly config: Config;
  /** Default: those of the configuration as they stand there. */
  readonly rules?: RuleSet;
  readonly clock: Clock;
  readonly steady: () => Instant;
  readonly state: StateStore;
  readonly latest: LatestReadings;
  /** What `calendar.working` means in a rule: door and motion outside working hours (O-THF-1). */
  readonly rota?: Pick<Rota, 'isWorkingTime'>;
  /** Who is signed in to the rooms; without it nobody is. */
  readonly register?: RegisterLook;
  /** A rule's time has come: step within a unit of work of the caller's. */
  readonly onDue: (due: () => readonly RuleChange[]) => void;
}

interface Instance {
  rule: Rule;
  readonly device: string;
  named: boolean;
  readonly key: string;
  readonly look: Look;
  tests: readonly Leaf[];
  state: RuleState;
  /** Not judged yet by the rule as it is now: the next reading does so, whatever it says. */
  fresh: boolean;
  /** Of its last step. */
  unknown: readonly string[];
  /** Its last step said nothing: while its tests say the same and nothing of it is due, stepping it gives just this again. */
  calm: boolean;
  /** What the store holds; null for nothing. */
  stored: RuleState | null;
  timer: { at: Instant; cancel: Cancel } | null;
  /** Of its last step: what no repeated reading puts off, and when the device was heard by then. */
  fixedAt: Instant | null;
  repeatedAt: Instant | null;
}

/** A rule that reads a point, and what is looked at when that is told while the rule is idle. */
interface Reader {
  readonly instance: Instance;
  readonly tests: readonly Leaf[];
}

const NONE: readonly Instance[] = [];
const NO_READERS: readonly Reader[] = [];
const PREFIX = 'alerts/rule/';
const SOON: Duration = milliseconds(1);

export function createRuleEngine(dependencies: RuleEngineDependencies): RuleEngine {
  const { config, clock, steady, state, latest, onDue } = dependencies;
  let present = dependencies.rules ?? asConfigured(config.rules);
  let written = new Map(present.rules.map((rule) => [rule.id, rule]));
  let index = indexRules(boundOf(present.rules), config.devices);
  let calendar = createCalendarLook(config, present.rules, dependencies.rota);
  const register = dependencies.register ?? createRegisterLook(config);
  let alone = eachTold(present.rules, config.plans);
  const instances = new Map<string, Instance>();
  /** By device and point, as they are first heard of. */
  const byDevice = new Map<string, Map<string, readonly Reader[]>>();
  /** Rules as they count for a device, with their classes bound: one object each. */
  const boundFor = new WeakMap<Rule, Rule>();
  const orphans: EndedByRules[] = [];
  /** By device: the rules that wait for its next reading. */
  const awaiting = new Map<string, Set<Instance>>();
  let stopped = false;

  /** `rule` as it counts for this device. */
  function instanceOf(rule: Rule, device: string): Instance {
    const key = `${PREFIX}${rule.id}/${device}`;
    const known = instances.get(key);
    if (known !== undefined) return known;
    const made: Instance = {
      ...shapeOf(rule, device),
      device,
      key,
      look: (point, other = device) =>
        isOfCalendar(point)
          ? calendar.observe(point, steady(), clock.now())
          : isOfRegister(point)
            ? register.observe(point, other, steady(), clock.now())
            : latest.observe(other, point),
      state: IDLE,
      fresh: false,
      unknown: [],
      calm: false,
      stored: null,
      timer: null,
      fixedAt: null,
      repeatedAt: null,
    };
    instances.set(key, made);
    return made;
  }

  function boundOf(rules: readonly Rule[]): readonly Rule[] {
    return rules.map((rule) => bindRule(rule, config.devices));
  }

  /** The rules that read a point of a device. */
  function readersOf(device: string, point: string): readonly Reader[] {
    const known = byDevice.get(device)?.get(point);
    if (known !== undefined) return known;
    const made = new Set<Instance>();
    for (const concern of index.reading(device, point)) {
      const own = countingFor(concern.rule.id, concern.device);
      if (own !== null) made.add(instanceOf(own, concern.device));
    }
    const list =
      made.size === 0
        ? NO_READERS
        : [...made].map((instance) => ({ instance, tests: testsReading(instance, device, point) }));
    const points = byDevice.get(device) ?? new Map<string, readonly Reader[]>();
    byDevice.set(device, points.set(point, list));
    return list;
  }

  function concernedBy(id: string, device: string): Rule | null {
    const rule = written.get(id);
    return rule !== undefined && index.concerns(rule, device) ? countingFor(id, device) : null;
  }

  /** The rule as it counts for a device that it concerns; null: it does not. */
  function countingFor(id: string, device: string): Rule | null {
    const rule = written.get(id);
    const own = rule === undefined ? null : present.of(rule, device);
    if (own === null) return null;
    const known = boundFor.get(own);
    if (known !== undefined) return known;
    const made = bindRule(own, config.devices);
    boundFor.set(own, made);
    return made;
  }

  function step(instance: Instance, now: Instant): readonly RuleEffect[] {
    instance.fresh = false;
    const stepOf = alone.has(instance.rule.id) ? stepRule : stepFlapping;
    const stepped = stepOf(instance.rule, instance.state, instance.look, now, instance.named);
    instance.state = stepped.state;
    instance.unknown = stepped.unknown;
    instance.calm = isAtRest(stepped, instance.tests, instance.look, now);
    saveState(instance, state);
    instance.fixedAt = stepped.fixedAt;
    instance.repeatedAt = latest.repeatedAt(instance.device);
    arm(instance, stepped.wakeAt, now);
    return stepped.effects;
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

  /** The first look comes with the first reading or after this pause, whichever is first: nothing is judged by loading. */
  function armFirst(instance: Instance, now: Instant): void {
    arm(instance, (now + latest.staleAfter(instance.device)) as Instant, now);
  }

  function awaitReading(instance: Instance, now: Instant): void {
    instance.fresh = true;
    instance.calm = false;
    const { device } = instance;
    awaiting.set(device, (awaiting.get(device) ?? new Set()).add(instance));
    armFirst(instance, now);
  }

  /** What is new waits for a reading of each device that is there already; the others' first reading is news anyway. */
  function addNew(before: RuleSet, now: Instant): void {
    const old = new Map(before.rules.map((rule) => [rule.id, rule]));
    for (const rule of present.rules) {
      const was = old.get(rule.id);
      const named = rule.on.devices ?? [];
      for (const device of index.concerned(rule)) {
        if (was !== undefined && sameOn(was, rule) && before.of(was, device) !== null) continue;
        const own = countingFor(rule.id, device);
        if (own === null || instances.has(`${PREFIX}${rule.id}/${device}`)) continue;
        if (latest.heardAt(device) !== null || named.includes(device)) awaitReading(instanceOf(own, device), now);
      }
    }
  }

  /** False: it has ended with this change. */
  function change(instance: Instance, rule: Rule, now: Instant): boolean {
    const { rule: old, state: had } = instance;
    Object.assign(instance, shapeOf(rule, instance.device));
    if (sameTests(old, rule, instance.device)) return true;
    const memory = memoryAfter(old.when, rule.when, had.memory);
    const { flaps: _flaps, ...plain } = had;
    // Times that were counted by another limit say nothing of this one.
    instance.state = had.phase === 'idle' ? { ...plain, memory } : { ...had, memory };
    const ends = had.phase !== 'idle' && had.flaps?.chattering == null && saysNo(instance, now);
    if (ends) {
      instance.state = { ...IDLE, memory };
      instance.timer?.cancel();
      instance.timer = null;
    }
    saveState(instance, state);
    awaitReading(instance, now);
    return !ends;
  }

  /** By the rule as it is now and what is known already. */
  function saysNo({ rule, named, look, state: { memory } }: Instance, now: Instant): boolean {
    return evaluate(rule.when, look, memory, now, named).truth === false;
  }

  function drop(instance: Instance): void {
    instance.timer?.cancel();
    instance.timer = null;
    instance.fresh = false;
    instances.delete(instance.key);
    state.delete(instance.key);
  }

  return {
    replace(next) {
      const now = steady();
      const before = present;
      present = next;
      written = new Map(next.rules.map((rule) => [rule.id, rule]));
      index = indexRules(boundOf(next.rules), config.devices);
      calendar = createCalendarLook(config, next.rules, dependencies.rota);
      alone = eachTold(next.rules, config.plans);
      byDevice.clear();
      const ended: EndedByRules[] = [];
      for (const instance of [...instances.values()]) {
        const { device } = instance;
        const { id } = instance.rule;
        const rule = concernedBy(id, device);
        if (rule === null) drop(instance);
        if (rule === null || !change(instance, rule, now)) ended.push({ rule: id, device });
      }
      addNew(before, now);
      return ended;
    },
    awaits: (device) => awaiting.has(device),
    start() {
      for (const [key, stored] of [...state.entries(PREFIX)]) {
        const [ruleId = '', device = ''] = key.slice(PREFIX.length).split('/');
        const rule = concernedBy(ruleId, device);
        if (rule === null) {
          orphans.push({ rule: ruleId, device });
          state.delete(key);
          continue;
        }
        const instance = instanceOf(rule, device);
        instance.state = stored as RuleState;
        instance.stored = stored as RuleState;
      }
      const now = steady();
      for (const rule of present.rules)
        for (const device of rule.on.devices ?? []) {
          const own = countingFor(rule.id, device);
          if (own !== null) instanceOf(own, device);
        }
      for (const instance of instances.values()) armFirst(instance, now);
    },
    touchedBy(device, readings, now) {
      let rules = null as Set<Instance> | null;
      for (const { point } of readings)
        for (const reader of readersOf(device, point)) {
          const { instance } = reader;
          if (rules?.has(instance) === true || staysCalm(reader, now)) continue;
          rules ??= new Set();
          rules.add(instance);
        }
      for (const instance of awaiting.get(device) ?? NONE)
        if (instance.fresh) rules = (rules ?? new Set()).add(instance);
      awaiting.delete(device);
      return rules === null ? null : { device, rules };
    },
    step({ rules }, now) {
      const changes: RuleChange[] = [];
      for (const instance of rules as ReadonlySet<Instance>) {
        const effects = step(instance, now);
        // The rule may be another device's, and read this one as well.
        changes.push(...changesOf(instance, effects));
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
function staysCalm({ instance, tests }: Reader, now: Instant): boolean {
  const { calm, timer, state } = instance;
  if (!calm) return false;
  // While nothing is true or counted, what silence does to the other tests changes nothing.
  const read = state.phase === 'idle' && state.flaps === undefined ? tests : instance.tests;
  return staysAtRest(instance, read, timer?.at ?? null, now);
}

/** Safety alarms are told each (L34); what opens an incident is judged there by its own measure of calm. */
const eachTold = (rules: readonly Rule[], plans: Config['plans']): ReadonlySet<string> =>
  new Set([
    ...rules.filter(({ safety }) => safety).map(({ id }) => id),
    ...plans.flatMap(({ triggers }) => triggers.alerts),
  ]);

/** What of an instance comes from its rule. */
function shapeOf(rule: Rule, device: string): Pick<Instance, 'rule' | 'named' | 'tests'> {
  return { rule, named: rule.on.devices?.includes(device) ?? false, tests: testsOf(rule.when) };
}

/** From so many tests on each reading looks only at those that read it. */
const MANY_TESTS = 8;

function testsReading({ tests, device: own }: Instance, device: string, point: string): readonly Leaf[] {
  if (tests.length < MANY_TESTS) return tests;
  return tests.filter(
    ({ test, device: member }) =>
      test.point === point && (test.of?.devices ?? [test.device ?? member ?? own]).includes(device),
  );
}

const changesOf = ({ rule, device }: Instance, effects: readonly RuleEffect[]): RuleChange[] =>
  effects.length === 0 ? [] : [{ rule, device, effects }];
