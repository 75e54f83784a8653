import type { Config } from '#core/config/config.ts';
import type { Rule } from '#core/config/rule.ts';
import type { Clock, StateStore } from '#core/ports.ts';
import type { Reading, ReadingNews } from '#core/reading.ts';
import type { SeriesSample } from '#core/series.ts';
import type { Duration, Instant } from '#core/time.ts';
import { createLatestReadings } from '../latest-readings.ts';
import type { Rota } from '../seams.ts';
import { createRuleEngine, type RuleChange } from './rule-engine.ts';

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

export function createBackTest({ config, rules, clock, rota }: BackTestParts): BackTest {
  const tested: Config = { ...config, rules };
  const latest = createLatestReadings(tested);
  const record = createRecord();
  const feeders = new Map<string, Feeder>();
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
      const feeder = feeders.get(device) ?? createFeeder(device);
      feeders.set(device, feeder);
      const changed = feeder.changed(at, samples);
      const news: ReadingNews = { teller: feeder, serial: feeder.serial, changed };
      const said = latest.take({ device, at, readings: feeder.all(), news, cause: 'schedule' }, at, false);
      if (said === null || said.length === 0) return;
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

interface Feeder {
  readonly serial: number;
  all(): readonly Reading[];
  changed(at: Instant, samples: readonly PointSample[]): readonly Reading[];
}

/** What the collector would have said: most of it is what was said before. */
function createFeeder(device: string): Feeder {
  const last = new Map<string, Reading>();
  let serial = 0;
  return {
    get serial() {
      return serial;
    },
    all: () => [...last.values()],
    changed(at, samples) {
      serial++;
      const changed: Reading[] = [];
      for (const [point, { value, quality }] of samples) {
        const before = last.get(point);
        if (before !== undefined && before.value === value && before.quality === quality) continue;
        const reading: Reading = {
          ...{ device, point, value, quality, measuredAt: at, receivedAt: at },
          ...{ changedAt: before?.value === value ? before.changedAt : at, simulated: false },
        };
        last.set(point, reading);
        changed.push(reading);
      }
      return changed;
    },
  };
}
