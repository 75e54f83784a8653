import type { Config } from '#core/config/config.ts';
import type { Rule } from '#core/config/rule.ts';
import { ruleFor } from '#core/config/rule-for.ts';
import { ZhishouError } from '#core/errors.ts';
import type { Clock, SeriesStore } from '#core/ports.ts';
import { sleep } from '#core/ports.ts';
import { createWorkingTime } from '#core/rota/working-time.ts';
import {
  limitTests,
  type OverrideValues,
  type RuleOverride,
  refuseOverride,
  ruleForDevice,
  withOverride,
} from '#core/rule-override.ts';
import { type BackTestResult, createBackTest, rulesRead } from '#core/rules/back-test.ts';
import { loudTimes } from '#core/rules/loud-times.ts';
import { replay } from '#core/rules/replay.ts';
import type { RuleNumbers, RuleTryResponse, RuleTrySide } from '#core/rules-view.ts';
import { type Instant, milliseconds, toIso } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';

/**
 * A rule on one device, as it counts now and as somebody thinks of changing it, on the same history: when either would have fired.
 * In slices, so that an alarm of this very process never waits for it; stopped when nobody wants it any more.
 */
export interface TryAsk {
  readonly rule: Rule;
  readonly overrides: readonly RuleOverride[];
  readonly device: string;
  /** What would be changed of the rule as the files have it for this device. */
  readonly values: OverrideValues;
  readonly from: Instant;
  readonly to: Instant;
}

export interface TryParts {
  readonly config: Config;
  readonly store: Pick<SeriesStore, 'series' | 'raw' | 'table' | 'changes'>;
  /** Real time, to breathe by. */
  readonly wall: Clock;
  readonly signal: AbortSignal;
}

const EDITED = '.edited';
/** At 3 to 4 µs each: a slice holds the thread for two milliseconds. */
const SLICE = 500;
/** A month of one point at 1 s would be 2.6 million. */
const MOST_READINGS = 1_500_000;
const MOST_SPANS = 500;
const BREATH = milliseconds(0);

/** Throws TOO_MANY when it was stopped or there is too much to look through, STORE_DOWN as the store has it. */
export async function tryRule(ask: TryAsk, parts: TryParts): Promise<RuleTryResponse> {
  const { rule, device, from, to } = ask;
  const now = ruleForDevice(rule, ask.overrides, device);
  const edited = editedRule(ask);
  const rules = [
    ...(now === null ? [] : [asIs(now, rule.id)]),
    ...(edited === null ? [] : [asIs(edited, rule.id + EDITED)]),
  ];
  const result = await run(rules, ask, parts);
  return {
    ...{ rule: rule.id, device },
    ...{ from: toIso(from), to: toIso(to), readings: result.readings },
    filed: numbersOf(ruleFor(rule, device)),
    present: numbersOf(now),
    now: sideOf(result, rule.id, now === null, to),
    edited: sideOf(result, rule.id + EDITED, edited === null, to),
    refused: refuseOverride(ruleFor(rule, device) ?? rule, ask.values),
  };
}

function editedRule({ rule, overrides, device, values }: TryAsk): Rule | null {
  const others = overrides.filter((one) => one.rule !== rule.id || one.device !== device);
  const before = ruleForDevice(rule, others, device);
  return before === null ? null : withOverride(before, values);
}

/** The device's own limits are in it already. */
const asIs = (rule: Rule, id: string): Rule => ({ ...rule, id, overrides: [] });

async function run(rules: readonly Rule[], ask: TryAsk, parts: TryParts): Promise<BackTestResult> {
  const { config, store, wall, signal } = parts;
  const { device, from, to } = ask;
  // What it reads when it is judged for this device.
  const named = rules.map((rule): Rule => ({ ...rule, on: { devices: [device] } }));
  const reads = rulesRead(named, config.devices);
  const series = (await store.series()).filter((key) => reads.has(key.device, key.point));
  const clock = createVirtualClock(from);
  const rota = { isWorkingTime: createWorkingTime(config.calendar, config.site.time_zone) };
  const test = createBackTest({ config, rules, clock, rota, only: device });
  let fed = 0;
  const loud = await loudTimes(store, series, { rules: named, devices: config.devices }, { from, to });
  for await (const steps of replay(store, loud)) {
    for (let i = 0; i < steps.length; i += SLICE) {
      for (const step of steps.slice(i, i + SLICE)) test.feed(step.device, step.at, step.samples);
      fed += SLICE;
      if (signal.aborted) throw new ZhishouError('TOO_MANY', ask.rule.id, 'another one was asked for meanwhile');
      if (fed > MOST_READINGS) throw new ZhishouError('TOO_MANY', ask.rule.id, 'too many readings: choose fewer days');
      await sleep(wall, BREATH);
    }
  }
  return test.end(to);
}

const numbersOf = (rule: Rule | null): RuleNumbers | null =>
  rule === null ? null : { limits: limitTests(rule.when), forS: rule.for / 1000, severity: rule.severity };

function sideOf({ spans }: BackTestResult, rule: string, off: boolean, end: Instant): RuleTrySide {
  const own = spans.filter((span) => span.rule === rule);
  return {
    off,
    times: own.length,
    totalS: own.reduce((sum, span) => sum + ((span.to ?? end) - span.from) / 1000, 0),
    spans: own.slice(0, MOST_SPANS).map((span) => ({
      from: toIso(span.from),
      to: span.to === null ? null : toIso(span.to),
      chattering: span.chattering,
      doubtfulS: span.doubtful / 1000,
    })),
  };
}
