import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instant, milliseconds } from '#core/time.ts';
import { overloadBorne } from '#services/alerts/plans/overload.ts';
import { newUps, takeSample } from '#services/alerts/plans/power.ts';
import type { UpsState } from '#services/alerts/plans/state.ts';
import { believedMin, discharge, power, START, TEST } from './discharge.ts';

describe('when the battery will be empty', () => {
  it('I1 I3: however the firmware lies and the battery has aged, after five minutes the figure stays near the truth', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.5, max: 3, noNaN: true }),
        fc.integer({ min: 20, max: 120 }),
        fc.array(fc.double({ min: -0.8, max: 0.8, noNaN: true }), { minLength: 7, maxLength: 7 }),
        (factor, realMin, noise) => {
          discharge(
            { realMin, factor, lengthMin: realMin, noise: (i) => noise[i % 7] ?? 0 },
            (state, minute, trueMin) => {
              // The last minutes decide nothing any more: a bare shutdown alone takes five.
              if (minute < 6 || minute < 0.2 * realMin || trueMin < 5) return;
              const believed = believedMin(state, minute);
              expect(believed).not.toBeNull();
              // Never beyond the truth by more than the plan's margin leaves, never below it by more than I3 allows beside that margin.
              expect(believed ?? 0).toBeLessThan(1.11 * trueMin + 0.5);
              expect(believed ?? 0).toBeGreaterThan(0.87 * trueMin - 0.75);
            },
          );
        },
      ),
      { numRuns: 60, seed: 2 },
    );
  });

  it('I3: a firmware that says half is disbelieved after five minutes on load, with the reason', () => {
    let last: UpsState | null = null;
    discharge({ realMin: 60, factor: 0.5, lengthMin: 8 }, (state) => {
      last = state;
    });
    const estimate = (last as UpsState | null)?.estimates.find((one) => one.source === 'ups');
    expect(estimate?.credible).toBe(false);
    expect(estimate?.why.en).toContain('disagrees');
    expect((last as UpsState | null)?.believed?.source).not.toBe('ups');
  });

  it('shed load lengthens the figure only as the measured slope confirms it', () => {
    let atShed: number | null = null;
    let confirmedAt: number | null = null;
    discharge(
      { realMin: 60, factor: 1, lengthMin: 40, load: (minute) => (minute < 3 ? 2400 : 1200) },
      (state, minute) => {
        const end = (state.believed?.at ?? 0) as number;
        if (minute < 3) atShed = end;
        else if (atShed !== null && confirmedAt === null) {
          if (end > atShed + 60_000) {
            confirmedAt = minute;
            expect(state.estimates.find((one) => one.source === 'slope')?.credible).toBe(true);
          }
        }
      },
    );
    expect(confirmedAt).not.toBeNull();
    expect(confirmedAt ?? 0).toBeGreaterThan(3.2);
  });

  const sentinels: { reason: string; runtimeS: number | null; charge: number | null }[] = [
    { reason: '0 with charge left', runtimeS: 0, charge: 90 },
    { reason: '-1', runtimeS: -1, charge: 90 },
    { reason: 'the cap of 16 bits', runtimeS: 65_535, charge: 90 },
    { reason: 'not a number', runtimeS: Number.NaN, charge: 90 },
    { reason: 'no value', runtimeS: null, charge: 90 },
  ];
  it.each(sentinels)('L5: a runtime that is $reason is no value', ({ runtimeS, charge }) => {
    const state = takeSample(
      newUps(instant(START)),
      { ups: 'u', status: 'OB', charge, runtimeS, loadW: 2400 },
      instant(START),
      power(TEST),
    );
    expect(state.estimates.find((one) => one.source === 'ups')).toMatchObject({ at: null, credible: false });
    expect(state.believed?.source).toBe('model');
  });

  it('L9: a gauge that stands still is replaced by what must have flowed out by our own measure (L6)', () => {
    discharge(
      { realMin: 60, factor: 3, lengthMin: 30, change: (sample) => ({ ...sample, charge: 100, runtimeS: null }) },
      (state, minute, trueMin) => {
        if (minute > 10) expect(believedMin(state, minute) ?? 0).toBeLessThan(1.1 * trueMin);
      },
    );
  });

  it('one odd reading right after the transfer does not move the figure', () => {
    discharge(
      {
        realMin: 60,
        factor: 1,
        lengthMin: 2,
        change: (sample, minute) => (Math.abs(minute - 0.5) < 0.04 ? { ...sample, runtimeS: 120 } : sample),
      },
      (state, minute) => {
        if (minute > 0.4) expect(believedMin(state, minute) ?? 0).toBeGreaterThan(50);
      },
    );
  });

  it('without a discharge test the slope alone carries it', () => {
    discharge({ realMin: 45, factor: 3, lengthMin: 20, test: null }, (state, minute, trueMin) => {
      if (minute < 6) return;
      expect(state.believed?.source).toBe('slope');
      expect(Math.abs((believedMin(state, minute) ?? 0) - trueMin) / trueMin).toBeLessThan(0.1);
    });
  });
});

describe('what the UPS says of itself', () => {
  const rows = [
    ['OL', 'mains', 'on line'],
    ['OB DISCHRG', 'battery', 'an outage'],
    ['OL CAL OB', 'mains', 'L3: calibration is no outage'],
    ['OB TEST', 'mains', 'L3: a self-test is no outage'],
    ['BYPASS', 'mains', 'L3: bypass is no outage'],
    ['OL BYPASS OVER', 'mains', 'L3: overloaded and on bypass: told by a rule, no outage'],
    ['OL RB', 'mains', 'L3: a battery to be replaced is no outage'],
    ['OL OVER', 'mains', 'L3: overload is no outage'],
    ['OB BYPASS', 'battery', 'mains lost on bypass: an outage that no battery carries'],
    ['ECO OB', 'battery', 'mains lost in eco mode is an outage'],
    ['OL ALARM', 'mains', 'an alarm is told by its rule, it is no outage'],
    ['ECO OL', 'mains', 'L3: eco mode is no outage'],
    ['OL TRIM', 'mains', 'a brown-out that the UPS corrects'],
    ['OB LB', 'battery', 'low battery in an outage'],
  ] as const;
  it.each(rows)('%s is %s: %s', (status, expected) => {
    const state = takeSample(
      newUps(instant(START)),
      { ups: 'u', status, charge: 90, runtimeS: null, loadW: null },
      instant(START),
      power(TEST),
    );
    expect(state.status).toBe(expected);
  });

  it('L3 L10: OFF counts only after 30 s, and then it is no power', () => {
    let state = newUps(instant(START));
    const at = (s: number, status: string) => {
      state = takeSample(
        state,
        { ups: 'u', status, charge: 50, runtimeS: null, loadW: 0 },
        instant(START + s * 1000),
        power(TEST),
      );
      return state.status;
    };
    expect(at(0, 'OB')).toBe('battery');
    expect(at(5, 'OFF')).toBe('battery');
    expect(at(20, 'OB')).toBe('battery');
    expect(at(25, 'OFF')).toBe('battery');
    expect(at(50, 'OFF')).toBe('battery');
    expect(at(56, 'OFF')).toBe('off');
  });

  it('L6: the time on battery is our own measure, and a pause in the readings counts', () => {
    let state = newUps(instant(START));
    for (const s of [0, 5, 10, 130]) {
      const status = s === 10 ? null : 'OB';
      state = takeSample(
        state,
        { ups: 'u', status, charge: 90, runtimeS: null, loadW: 2400 },
        instant(START + s * 1000),
        power(TEST),
      );
    }
    expect(state.onBatteryMs).toBe(milliseconds(130_000));
  });

  it('L1 L9: on battery without a charge told any more the battery goes on emptying: the end stays where it was', () => {
    let told: number | null = null;
    discharge(
      {
        realMin: 60,
        factor: 1,
        lengthMin: 45,
        change: (sample, minute) =>
          minute < 20 ? sample : { ...sample, status: null, charge: null, runtimeS: null, loadW: null },
      },
      (state, minute) => {
        if (minute < 20) told = state.believed?.at ?? null;
        else expect(Math.abs((state.believed?.at ?? 0) - (told ?? 0))).toBeLessThan(60_000);
      },
    );
    expect(told).not.toBeNull();
  });

  it('I3: a gauge that wavers by a percent and rounds moves the figure by no more than a twentieth from one reading to the next', () => {
    const noise = [0.9, -0.7, 0.2, -1, 0.6, -0.3, 1, -0.9, 0.1, 0.8, -0.5];
    let before: number | null = null;
    discharge(
      { realMin: 90, factor: 2, lengthMin: 80, noise: (i) => noise[(i * 7) % 11] ?? 0 },
      (state, minute, trueMin) => {
        const believed = believedMin(state, minute);
        if (minute > 10 && before !== null && trueMin > 10)
          expect(Math.abs((believed ?? 0) - before) / trueMin).toBeLessThan(0.05);
        before = believed;
      },
    );
  });

  it('I3: a load that became a little lighter discharges no faster, whatever the first percents since then look like', () => {
    const wild = [0, -1, 1, 0, -1, 0, 1, -1];
    let lightS = 0;
    discharge(
      {
        realMin: 50,
        factor: 3,
        lengthMin: 25,
        test: null,
        load: (minute) => (minute < 15 ? 2400 : 2240),
        noise: (i) => (i > 190 && i < 215 ? -0.9 : (wild[i % 8] ?? 0) * 0.4),
      },
      (state, minute, trueMin) => {
        if (minute <= 15) return;
        lightS += 5;
        if (lightS < 300) expect(believedMin(state, minute) ?? 0).toBeGreaterThan(0.88 * trueMin);
      },
    );
    expect(lightS).toBeGreaterThan(300);
  });

  it.each([
    ['at its rated load', 'OB', undefined, null],
    ['a little above it, which it bears', 'OB OVER', 104, null],
    ['by its own percentage', 'OB', 118, 600_000],
    ['heavily', 'OB OVER', 130, 60_000],
    ['beyond everything', 'OB', 180, 5_000],
    ['by its own word alone', 'OB OVER', undefined, 600_000],
    ['silent', null, undefined, null],
  ] as const)('I1: how long an inverter bears its load: %s', (_, status, overPercent, borne) => {
    const sample = { ups: 'u', status, charge: 80, runtimeS: null, loadW: 9000 };
    expect(overloadBorne(overPercent === undefined ? sample : { ...sample, overPercent })).toBe(borne);
  });

  it('I1: overloaded on battery it ends when it trips, and again by its battery when it is relieved', () => {
    let overloaded: number | null = null;
    discharge(
      {
        realMin: 60,
        factor: 1,
        lengthMin: 16,
        change: (sample, minute) => (minute < 7 || minute > 11 ? sample : { ...sample, overPercent: 115 }),
      },
      (state, minute, trueMin) => {
        if (minute > 7.1 && minute < 11) overloaded = believedMin(state, minute);
        if (minute > 7.1 && minute < 11) expect(overloaded ?? 0).toBeCloseTo(17 - minute, 0);
        if (minute > 11.2) expect(believedMin(state, minute) ?? 0).toBeGreaterThan(0.85 * trueMin);
      },
    );
    expect(overloaded).not.toBeNull();
  });
});
