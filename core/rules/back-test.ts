import type { Config } from '../config/config.ts';
import type { Rule } from '../config/rule.ts';
import { ruleFor } from '../config/rule-for.ts';
import type { Clock, StateStore } from '../ports.ts';
import type { Reading } from '../reading.ts';
import type { Rota } from '../rota/rota.ts';
import type { SeriesSample } from '../series.ts';
import { type Duration, type Instant, milliseconds } from '../time.ts';
import { bindRule, readsOwn } from './bind-rule.ts';
import { isOfCalendar } from './calendar-look.ts';
import { createLatestReadings } from './latest-readings.ts';
import { isOfRegister } from './register-look.ts';
import { createRuleEngine, type RuleChange } from './rule-engine.ts';
import { indexRules } from './rule-index.ts';

/**
 * When rules would have fired: the same engine as at work, fed with the past on a clock that stands where the past stands. Nothing
 * is told and nothing kept; what is remembered is bounded.
 */
export interface BackTest {
  /** What one device told at one time, later than all before. */
  feed(device: string, at: Instant, samples: readonly PointSample[]): void;
  /** Up to here nothing more came. */
  end(at: Instant): BackTestResult;
}

export type PointSample = readonly [point: string, sample: SeriesSample];

export interface BackTestParts {
  readonly config: Config;
  readonly rules: readonly Rule[];
  /** Stands still but for `advanceTo`, which runs what is due until then. */
  readonly clock: Clock & { advanceTo(at: Instant): void };
  readonly rota?: Pick<Rota, 'isWorkingTime'>;
  /** Judged for this device alone, by rules that are its own already. */
  readonly only?: string;
}

export interface BackTestResult {
  readonly spans: readonly FiredSpan[];
  /** More than are kept fired: only the first are here, all are counted. */
  readonly more: number;
  /** Rule and device for which something was known at all. */
  readonly readings: number;
}

/** An alert that would have been. */
export interface FiredSpan {
  readonly rule: string;
  readonly device: string;
  readonly point: string;
  readonly from: Instant;
  /** Null: it still fired at the end. */
  readonly to: Instant | null;
  /** It came and went so often and would have been told once; 0: it did not. */
  readonly chattering: number;
  /** For so long of it nobody could have known whether it still was so. */
  readonly doubtful: Duration;
}

const MOST_SPANS = 10_000;

export function createBackTest({ config, rules, clock, rota, only }: BackTestParts): BackTest {
  const tested: Config = { ...config, rules };
  const latest = createLatestReadings(tested);
  const record = createRecord();
  const steady = (): Instant => clock.now();
  const take = (changes: readonly RuleChange[]): void => {
    for (const change of changes) record.take(change, clock.now());
  };
  const engine = createRuleEngine({
    config: tested,
    clock,
    steady,
    state: FORGETFUL,
    latest,
    ...(only === undefined ? {} : { rules: { rules, of: (rule, device) => (device === only ? rule : null) } }),
    ...(rota === undefined ? {} : { rota }),
    onDue: (due) => take(due()),
  });
  let readings = 0;
  let started = false;

  return {
    feed(device, at, samples) {
      clock.advanceTo(at);
      if (!started) engine.start();
      started = true;
      readings += samples.length;
      const said = samples.map(
        ([point, { value, quality }]): Reading => ({
          ...{ device, point, value, quality, simulated: false },
          ...{ measuredAt: at, receivedAt: at, changedAt: at },
        }),
      );
      if (latest.take({ device, at, readings: said, cause: 'schedule' }, at, false) === null) return;
      const touched = engine.touchedBy(device, said, at);
      if (touched !== null) take(engine.step(touched, at));
    },
    end(at) {
      clock.advanceTo(at);
      engine.stop();
      return { ...record.end(at), readings };
    },
  };
}

type Open = { -readonly [Key in keyof FiredSpan]: FiredSpan[Key] };

/** Alerts out of what the engine says. */
function createRecord() {
  const open = new Map<string, Open & { doubtfulFrom: Instant | null }>();
  const spans: FiredSpan[] = [];
  let more = 0;

  function close(key: string, to: Instant | null, at: Instant): void {
    const found = open.get(key);
    if (found === undefined) return;
    open.delete(key);
    const { doubtfulFrom, ...span } = found;
    const doubtful = milliseconds(span.doubtful + (doubtfulFrom === null ? 0 : at - doubtfulFrom));
    if (spans.length < MOST_SPANS) spans.push({ ...span, to, doubtful });
    else more++;
  }

  return {
    take({ rule, device, effects }: RuleChange, at: Instant): void {
      const key = `${rule.id}/${device}`;
      for (const { kind, point, times } of effects) {
        const one = open.get(key);
        if (kind === 'fired') {
          const nothing = { to: null, chattering: 0, doubtful: milliseconds(0), doubtfulFrom: null };
          open.set(key, { rule: rule.id, device, point, from: at, ...nothing });
        } else if (kind === 'cleared') close(key, at, at);
        else if (one === undefined) continue;
        else if (kind === 'chattering') one.chattering = times ?? 0;
        else if (kind === 'doubtful') one.doubtfulFrom = at;
        else if (kind === 'certain' && one.doubtfulFrom !== null) {
          one.doubtful = milliseconds(one.doubtful + at - one.doubtfulFrom);
          one.doubtfulFrom = null;
        }
      }
    },
    end(at: Instant): Pick<BackTestResult, 'spans' | 'more'> {
      for (const key of [...open.keys()]) close(key, null, at);
      return { spans: spans.sort((a, b) => a.from - b.from), more };
    },
  };
}

/** The engine keeps what it knows in memory; no restart is played here. */
const FORGETFUL: StateStore = {
  get: () => undefined,
  set() {},
  delete() {},
  entries: () => [],
  transaction: (work) => work(),
  close() {},
};

/** What rules read of which device. */
export function rulesRead(rules: readonly Rule[], devices: Config['devices']) {
  const index = indexRules(
    rules.map((rule) => bindRule(rule, devices)),
    devices,
  );
  return {
    has: (device: string, point: string): boolean => index.reading(device, point).length > 0,
    /** By rule and device that it is judged for, with the points of that device itself. */
    all: () =>
      rules.flatMap((rule) =>
        index.concerned(rule).flatMap((device) => {
          const own = ruleFor(rule, device);
          const points =
            own === null
              ? []
              : [...new Set(readsOwn(own.when))].filter((point) => !isOfCalendar(point) && !isOfRegister(point));
          return points.length === 0 ? [] : [{ rule: rule.id, device, points }];
        }),
      ),
  };
}
