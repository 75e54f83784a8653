import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forecastAfter, resultOf } from '#core/battery-test/result.ts';
import { discharge, factsAt, NOON, newTest, sampleAt } from './bench.ts';

const begun = { sample: sampleAt(NOON) };
const past = { first: null, previous: null, model: { runtimeS: 3600, atLoadW: 2000 } };
const measured = (
  curve: ReturnType<typeof discharge>,
  more: Partial<typeof past> = {},
  settings = newTest().settings,
) => resultOf({ curve, settings, atBegin: factsAt(NOON, begun) }, { ...past, ...more });

describe('what a discharge tells of a battery (O-BAT-1)', () => {
  it('the example: 1,200 Wh for 60 per cent at 2,000 W is 57.6 min from full, health 0.96 of a new one', () => {
    const result = measured(discharge({ hoursFull: 0.96, watts: 2000, to: 40 }));
    expect(result?.dischargedWh).toBeCloseTo(1200, -1);
    expect(result?.capacityWh).toBeCloseTo(1920, -2);
    expect(result?.measuredS).toBeGreaterThan(3400);
    expect(result?.measuredS).toBeLessThan(3500);
    expect(result?.health).toBeCloseTo(0.96, 1);
  });

  it('at any health, load and depth it is found within 3 per cent, however the gauge rounds', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.5, max: 1.05, noNaN: true }),
        fc.integer({ min: 500, max: 5000 }),
        fc.integer({ min: 30, max: 60 }),
        (health, watts, to) => {
          const rated = { runtimeS: 3600, atLoadW: watts };
          const curve = discharge({ hoursFull: health, watts, to });
          const result = measured(curve, {}, { ...newTest().settings, rated });
          expect(Math.abs((result?.health ?? 0) - health) / health).toBeLessThan(0.03);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('a battery whose second half falls faster is not found better than that half', () => {
    const curve = discharge({ hoursFull: 1, watts: 2000, to: 40 });
    const steep = curve.map((point, i) =>
      i < curve.length / 2
        ? point
        : { ...point, charge: Math.round((point.charge ?? 0) - (i - curve.length / 2) * 0.12) },
    );
    const [plain, aged] = [measured(curve), measured(steep)];
    expect(aged?.measuredS ?? 0).toBeLessThan(0.9 * (plain?.measuredS ?? 0));
    expect(aged?.quality).toBe('fair');
    expect(aged?.qualityNote.en).toMatch(/second half/);
  });

  it('without a rated figure the first test is the measure', () => {
    const settings = { ...newTest().settings, rated: null };
    const first = { id: 'bt-ups-1-2025-11-18', at: NOON, health: null, capacityWh: 2000, atLoadW: 2000 };
    const result = measured(
      discharge({ hoursFull: 0.8, watts: 2000, to: 40 }),
      { first, previous: first } as never,
      settings,
    );
    expect(result?.health).toBeCloseTo(0.8, 1);
    expect(result?.before?.id).toBe(first.id);
    expect(measured(discharge({ hoursFull: 0.8, watts: 2000, to: 40 }), {}, settings)?.health).toBeNull();
  });

  it('less than 5 per cent tells nothing', () => {
    expect(measured(discharge({ hoursFull: 1, watts: 2000, to: 97 }))).toBeNull();
  });
});

describe('the runtime forecast after a test (O-BAT-1)', () => {
  const before = { runtimeS: 3600, atLoadW: 2000 };
  it.each([
    ['a shallow discharge changes nothing', 0.05, 1000, false],
    ['shorter: taken at once', 0.12, 3000, true],
    ['longer by a shallow one: not taken', 0.4, 4000, false],
    ['longer by a deep one: taken', 0.55, 4000, true],
    ['as it was: left alone', 0.6, 3590, false],
  ] as const)('%s', (_why, share, measuredS, changed) => {
    const { model, changed: is } = forecastAfter({ share, measuredS, atLoadW: 2000 }, before);
    expect(is).toBe(changed);
    expect(model).toEqual(changed ? { runtimeS: measuredS, atLoadW: 2000 } : before);
  });

  it('is never raised by a discharge of less than half, whatever came out of it', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 0.4999, noNaN: true }),
        fc.integer({ min: 60, max: 40_000 }),
        (share, measuredS) => {
          const { model } = forecastAfter({ share, measuredS, atLoadW: 2000 }, before);
          expect(model?.runtimeS ?? 0).toBeLessThanOrEqual(before.runtimeS);
        },
      ),
    );
  });
});
