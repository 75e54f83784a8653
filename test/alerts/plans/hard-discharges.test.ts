import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instant, minutes } from '#core/time.ts';
import type { PowerDefinition, Supply } from '#services/alerts/plans/definition.ts';
import type { PowerSample } from '#services/alerts/plans/events.ts';
import { newUps, summarise, takeSample } from '#services/alerts/plans/power.ts';
import type { PowerState, UpsState } from '#services/alerts/plans/state.ts';
import { believedMin, discharge, power, START, TEST } from './discharge.ts';

/** Discharges that fool a gauge: jumps, recalibration, shed load, bypass; and several UPSes of one room. */

describe('I1: a gauge that jumps', () => {
  const rows = [
    { reason: 'recalibrates 20 % down in the middle of a discharge', at: 12, by: -20 },
    { reason: 'recalibrates 35 % down', at: 15, by: -35 },
    { reason: 'falls 10 % at the transfer', at: 0.3, by: -10 },
  ];
  const tests = [TEST, null];
  it.each(rows.flatMap((row) => tests.map((test) => ({ ...row, test, model: test === null ? 'without' : 'with' }))))(
    '$reason, $model a discharge test: within two minutes the figure is not above the truth of the lower gauge',
    ({ at, by, test }) => {
      // The gauge was too hopeful by `by` until it jumps: from then on it is right.
      discharge(
        {
          realMin: 60,
          factor: 3,
          test,
          lengthMin: 55,
          change: (sample, minute) => {
            const charge = minute < at ? Math.min(100, (sample.charge ?? 0) - by) : sample.charge;
            return { ...sample, charge };
          },
        },
        (state, minute, trueMin) => {
          if (minute > at + 2 && minute > 6 && trueMin > 5)
            expect(believedMin(state, minute) ?? 0, `minute ${minute.toFixed(1)}`).toBeLessThan(1.15 * trueMin + 1);
        },
      );
    },
  );

  it('a gauge that jumps up is not believed at once: the figure grows only as the measured slope confirms it', () => {
    let before = 0;
    discharge(
      {
        realMin: 40,
        factor: 1,
        lengthMin: 25,
        change: (sample, minute) =>
          minute < 12 ? sample : { ...sample, charge: Math.min(100, (sample.charge ?? 0) + 30) },
      },
      (state, minute) => {
        const end = (state.believed?.at ?? 0) - START;
        if (minute < 12) before = end;
        else if (minute < 13) expect(end).toBeLessThan(before + minutes(2));
      },
    );
  });

  it('one wild reading of the charge moves nothing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 6, max: 20 }), fc.integer({ min: 0, max: 100 }), (when, wild) => {
        let last: number | null = null;
        discharge(
          {
            realMin: 60,
            factor: 2,
            lengthMin: 24,
            change: (sample, minute) => (Math.abs(minute - when) < 0.04 ? { ...sample, charge: wild } : sample),
          },
          (state, minute, trueMin) => {
            if (minute < 6) return;
            const found = believedMin(state, minute) ?? 0;
            expect(Math.abs(found - trueMin)).toBeLessThan(0.15 * trueMin + 1);
            last = found;
          },
        );
        expect(last).not.toBeNull();
      }),
      { numRuns: 20, seed: 4 },
    );
  });
});

describe('I1 I3: firmware from a third to three times the truth, with shed load', () => {
  it('stays near the truth once the slope has had its five minutes on the new load', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.3, max: 3, noNaN: true }),
        fc.integer({ min: 25, max: 120 }),
        fc.integer({ min: 5, max: 15 }),
        fc.double({ min: 0.4, max: 1, noNaN: true }),
        (factor, realMin, shedAt, share) => {
          discharge(
            { realMin, factor, lengthMin: realMin, load: (minute) => (minute < shedAt ? 2400 : 2400 * share) },
            (state, minute, trueMin) => {
              const settled = minute > shedAt + 8 && minute > 0.35 * realMin;
              const found = believedMin(state, minute);
              if (trueMin < 5 || minute < 6) return;
              expect(found ?? 0).toBeLessThan(1.15 * trueMin + 1);
              if (settled) expect(found ?? 0).toBeGreaterThan(0.6 * share * trueMin - 1);
            },
          );
        },
      ),
      { numRuns: 30, seed: 5 },
    );
  });
});

describe('L3: mains lost while the UPS stands on bypass', () => {
  it('no battery carries the load: the battery’s end is now, and it says so', () => {
    let state = newUps(instant(START));
    for (let s = 0; s <= 20; s += 5) {
      const sample: PowerSample = { ups: 'u', status: 'OB BYPASS', charge: 100, runtimeS: 3600, loadW: 2400 };
      state = takeSample(state, sample, instant(START + s * 1000), power(TEST));
      expect(state.believed?.at ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(START + s * 1000);
    }
    expect(state.estimates.find((one) => one.source === 'ups')?.why.en).toContain('bypass');
  });
});

const state = (upses: Record<string, UpsState>): PowerState => ({
  ups: upses,
  mains: 'unknown',
  mainsSince: instant(START),
  outageSince: null,
  silent: false,
  listeningSince: instant(START),
  measuredEnd: null,
  measuredEnds: {},
  exhaustion: { at: null, source: null, estimates: [] },
  need: { ms: 0 as never, path: [] },
  bareMs: 0 as never,
  marginMs: 0 as never,
  latestSafeStart: null,
  charge: null,
  loadW: null,
});

const definition = (supplies: readonly Supply[]): PowerDefinition =>
  ({ ...power(TEST), ups: ['a', 'b'], supplies, treat_silence_on_battery_as: 'hold' }) as PowerDefinition;

/** A UPS on battery that ends so many minutes after START; null: on mains; 'off': it gives nothing. */
function ups(end: number | 'off' | null): UpsState {
  const base = newUps(instant(START));
  if (end === null) return { ...base, status: 'mains', seenAt: instant(START) };
  if (end === 'off') return { ...base, status: 'off', seenAt: instant(START) };
  return {
    ...base,
    status: 'battery',
    seenAt: instant(START),
    believed: { at: instant(START + end * 60_000), source: 'slope' },
    batterySamples: 5,
  };
}

describe('L7: power as a graph', () => {
  const either: Supply = { need: 1, of: [{ ups: 'a' }, { ups: 'b' }] };
  const both: Supply = { need: 2, of: [{ ups: 'a' }, { ups: 'b' }] };
  const onlyA: Supply = { ups: 'a' };
  const bareFeed: Supply = { feed: 'f', upses: ['a'] };
  const rows: {
    reason: string;
    supplies: readonly Supply[];
    a: number | 'off' | null;
    b: number | 'off' | null;
    mains: 'lost' | 'present';
    endMin: number | null;
  }[] = [
    { reason: 'one of two on battery', supplies: [either], a: 20, b: null, mains: 'present', endMin: null },
    { reason: 'both on battery, either is enough', supplies: [either], a: 20, b: 50, mains: 'lost', endMin: 50 },
    { reason: 'both on battery, both are needed', supplies: [both], a: 20, b: 50, mains: 'lost', endMin: 20 },
    { reason: 'one is empty or off, the other lasts', supplies: [either], a: 'off', b: 50, mains: 'lost', endMin: 50 },
    {
      reason: 'one is off, the other has mains',
      supplies: [either],
      a: 'off',
      b: null,
      mains: 'present',
      endMin: null,
    },
    {
      reason: 'the first machine to lose its supply decides',
      supplies: [either, onlyA],
      a: 20,
      b: 50,
      mains: 'lost',
      endMin: 20,
    },
    {
      reason: 'a machine on a UPS of its own is not saved by the other',
      supplies: [onlyA],
      a: 20,
      b: null,
      mains: 'lost',
      endMin: 20,
    },
    {
      reason: 'a bare feed beside a UPS: it is lost with the mains, the battery remains',
      supplies: [{ need: 1, of: [bareFeed, { ups: 'a' }] }],
      a: 20,
      b: null,
      mains: 'lost',
      endMin: 20,
    },
    {
      reason: 'a bare feed and a UPS, both needed: it is off with the mains, no hurry saves it',
      supplies: [{ need: 2, of: [bareFeed, { ups: 'a' }] }],
      a: 20,
      b: null,
      mains: 'lost',
      endMin: null,
    },
  ];
  it.each(rows)('$reason', ({ supplies, a, b, mains, endMin }) => {
    const power_ = state({ a: ups(a), b: ups(b) });
    summarise(power_, definition(supplies), instant(START + 1000));
    expect(power_.mains).toBe(mains);
    const found = power_.exhaustion.at;
    if (endMin === null) expect(found).toBeNull();
    else expect(((found ?? Number.NaN) - START) / 60_000).toBeCloseTo(endMin, 0);
  });

  it('whatever the tree, more supplies needed never last longer, and a UPS on mains never shortens anything', () => {
    const minute = fc.option(fc.integer({ min: 1, max: 90 }), { nil: null });
    fc.assert(
      fc.property(minute, minute, (a, b) => {
        const endOf = (supply: Supply): number => {
          const power_ = state({ a: ups(a), b: ups(b) });
          summarise(power_, definition([supply]), instant(START + 1000));
          return power_.exhaustion.at ?? Number.POSITIVE_INFINITY;
        };
        expect(endOf(both)).toBeLessThanOrEqual(endOf(either));
        if (a === null || b === null) expect(endOf(either)).toBe(Number.POSITIVE_INFINITY);
      }),
    );
  });
});
