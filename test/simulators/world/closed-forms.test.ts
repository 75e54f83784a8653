import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hours, milliseconds, minutes } from '#core/time.ts';
import { cellWatts, chargedAfter, chargingWatts, drainWatts, trueRemainingMs } from '#simulators/world/battery.ts';
import { humidityAt } from '#simulators/world/climate.ts';
import { coolingOutput, temperatureNow, vapourNow } from '#simulators/world/flows.ts';
import type { BatteryState, Running } from '#simulators/world/state.ts';
import { sampleRoom, sampleSpec } from '../sample-room.ts';

/** The closed forms between events against a plain integration in small steps. */

const ups = () => {
  const { room } = sampleRoom();
  const running = room.look();
  return { spec: running.plan.upses[0]!, battery: running.world.upses[0]!.battery };
};
const anyCharge = fc.double({ min: 0.02, max: 1, noNaN: true });
const anyLoad = fc.double({ min: 50, max: 5400, noNaN: true });

describe('the battery’s closed forms', () => {
  it('charging is the same as in steps of a second', () => {
    const { spec, battery } = ups();
    fc.assert(
      fc.property(anyCharge, fc.double({ min: 0.01, max: 12, noNaN: true }), (share, forHours) => {
        let energy = share * battery.capacityWh;
        const steps = Math.ceil(forHours * 3600);
        const each = forHours / steps;
        for (let i = 0; i < steps; i++)
          energy = Math.min(
            battery.capacityWh,
            energy + chargingWatts(spec.battery, energy / battery.capacityWh) * each,
          );
        const whole = chargedAfter(spec.battery, battery.capacityWh, share * battery.capacityWh, forHours);
        expect(whole / battery.capacityWh).toBeCloseTo(energy / battery.capacityWh, 3);
        expect(whole).toBeGreaterThanOrEqual(share * battery.capacityWh);
        expect(whole).toBeLessThanOrEqual(battery.capacityWh);
      }),
      { numRuns: 25 },
    );
  });

  it('the remaining time is what a discharge in small steps takes, for any charge and load', () => {
    const { spec, battery } = ups();
    fc.assert(
      fc.property(anyCharge, anyLoad, (share, load) => {
        const now: BatteryState = { ...battery, energyWh: share * battery.capacityWh };
        const said = trueRemainingMs(spec, now, load);
        let passedMs = 0;
        const step = Math.max(100, said / 5000);
        while (trueRemainingMs(spec, now, load) > 0 && passedMs < said * 2 + 1000) {
          now.energyWh -= (drainWatts(spec, now, load) * step) / 3_600_000;
          passedMs += step;
        }
        expect(Math.abs(passedMs - said)).toBeLessThanOrEqual(step * 2);
      }),
      { numRuns: 50 },
    );
  });

  it('more load lasts shorter, and shorter than in proportion (Peukert, resistance, knee); more charge lasts longer', () => {
    const { spec, battery } = ups();
    fc.assert(
      fc.property(anyCharge, anyLoad, fc.double({ min: 1.01, max: 3, noNaN: true }), (share, load, more) => {
        const at = (charge: number, watts: number): number =>
          trueRemainingMs(spec, { ...battery, energyWh: charge * battery.capacityWh }, watts);
        const own = cellWatts(spec, load * more) / cellWatts(spec, load);
        expect(at(share, load * more)).toBeLessThanOrEqual(at(share, load) / own + 1);
        expect(at(Math.min(1, share * 1.1), load)).toBeGreaterThanOrEqual(at(share, load));
      }),
      { numRuns: 200 },
    );
  });
});

describe('the room’s closed forms', () => {
  /** One kelvin, one pascal at a time: Euler in steps of a fifth of a second, from the same flows. */
  function inSmallSteps(running: Running, forMs: number): { temperatureC: number; vapourPa: number } {
    const { plan, world, kept } = running;
    let temperatureC = temperatureNow(running);
    let vapourPa = vapourNow(running);
    const outside = kept.climate.outsidePa;
    const dt = 0.2;
    for (let passed = 0; passed < forMs / 1000; passed += dt) {
      let cool = 0;
      let share = 0;
      for (const [index, spec] of plan.cooling.entries()) {
        const output = coolingOutput(spec, world.cooling[index]!.on, temperatureC);
        cool += output * spec.capacity_watts;
        share += output;
      }
      const leak = (world.outside.temperatureC - temperatureC) * plan.room.leak_watts_per_kelvin;
      temperatureC += ((kept.climate.heatWatts + leak - cool) / plan.room.heat_capacity) * dt;
      vapourPa += ((outside - vapourPa) / 14_400) * dt;
      if (vapourPa > 1050) vapourPa = Math.max(1050, vapourPa - 0.06 * share * dt);
    }
    return { temperatureC, vapourPa };
  }

  it.each([
    ['on mains, its cooling in balance', () => {}, 20],
    [
      'in an outage, without cooling',
      (room: ReturnType<typeof sampleRoom>['room']) => room.apply({ kind: 'mains', present: false }),
      20,
    ],
    [
      'with a broken air conditioner',
      (room: ReturnType<typeof sampleRoom>['room']) => room.apply({ kind: 'cooling', working: false }),
      20,
    ],
    [
      'on a hot day',
      (room: ReturnType<typeof sampleRoom>['room']) => room.apply({ kind: 'outside', temperatureC: 40, humidity: 80 }),
      20,
    ],
  ])('%s: within a tenth of a kelvin of small steps', (_, prepare, after) => {
    const { room, clock } = sampleRoom();
    prepare(room);
    const expected = inSmallSteps(room.look(), minutes(after));
    clock.advanceBy(minutes(after));
    const running = room.look();
    expect(Math.abs(temperatureNow(running) - expected.temperatureC)).toBeLessThan(0.1);
    expect(Math.abs(vapourNow(running) - expected.vapourPa)).toBeLessThan(10);
  });

  it('gets drier in per cent as it gets hotter, the same water in the air', () => {
    const { room, clock } = sampleRoom();
    const before = room.state();
    room.apply({ kind: 'cooling', working: false });
    clock.advanceBy(minutes(20));
    const after = room.state();
    expect(after.roomTemperatureC).toBeGreaterThan(before.roomTemperatureC + 3);
    expect(after.humidity).toBeLessThan(before.humidity - 3);
    expect(humidityAt(1200, 30)).toBeLessThan(humidityAt(1200, 20));
  });
});

describe('time in between', () => {
  it('charge never rises on battery and never falls on mains, whenever one looks', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 90_000 }), { minLength: 5, maxLength: 60 }), (gaps) => {
        const { room, clock } = sampleRoom();
        room.apply({ kind: 'mains', present: false });
        let last = room.state().battery.chargePercent;
        for (const gap of gaps) {
          clock.advanceBy(milliseconds(gap));
          const now = room.state().battery.chargePercent;
          expect(now).toBeLessThanOrEqual(last);
          last = now;
        }
        room.apply({ kind: 'mains', present: true });
        for (const gap of gaps) {
          clock.advanceBy(milliseconds(gap));
          const now = room.state().battery.chargePercent;
          expect(now).toBeGreaterThanOrEqual(last);
          last = now;
        }
      }),
      { numRuns: 20 },
    );
  });

  it('another device does not change what the others say (chance by name)', () => {
    const with9 = sampleSpec();
    with9.sensors['th-9'] = { ...with9.sensors['th-1']!, offset: 3 };
    const plain = sampleRoom();
    const more = sampleRoom({ simulation: with9 });
    for (const { room, clock } of [plain, more]) {
      clock.advanceBy(minutes(7));
      room.apply({ kind: 'mains', present: false });
      room.session('server-1', 'test').run('sudo shutdown -h now', { write() {}, exit() {}, lost() {} });
      clock.advanceBy(hours(0.2));
    }
    for (const device of ['ups-1', 'pdu-1', 'th-1', 'th-3', 'ac-1'])
      expect(more.room.points(device)?.values).toEqual(plain.room.points(device)?.values);
    expect(more.room.truth().transitions).toEqual(plain.room.truth().transitions);
  });
});
