import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hours, instant, minutes, seconds } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import type { Room } from '#simulators/room.ts';
import { trueRemainingMs } from '#simulators/world/battery.ts';
import { upsFigures } from '#simulators/world/firmware.ts';
import type { WorldCommand } from '#simulators/world/world-command.ts';
import { START, sampleRoom } from '../sample-room.ts';

const CUT: WorldCommand = { kind: 'mains', present: false };
const RETURN: WorldCommand = { kind: 'mains', present: true };
const coolingRuns = (room: Room): boolean => room.look().world.cooling.some((cooling) => cooling.on);

describe('the battery', () => {
  it('holds the full load of the room for the tested hour, and then everything that runs crashes', () => {
    const { room, clock } = sampleRoom();
    room.apply(CUT);
    clock.advanceBy(hours(2));
    const off = room.truth().power.find((one) => one.what === 'ups-off');
    expect((off?.at ?? 0) - START).toBeGreaterThan(58 * 60_000);
    expect((off?.at ?? 0) - START).toBeLessThan(62 * 60_000);
    expect(room.state().devices.map((one) => one.state)).toEqual([
      'crashed',
      'crashed',
      'crashed',
      'crashed',
      'off',
      'off',
      'off',
    ]);
    expect(
      room
        .truth()
        .transitions.filter((one) => one.dataLoss)
        .map((one) => one.device),
    ).toEqual(['server-1', 'server-2', 'server-3', 'array-1']);
  });

  it('takes its length from a drill’s override, at the full load of the room', () => {
    const { room, clock } = sampleRoom({ overrides: { batteryMs: minutes(20) } });
    room.apply(CUT);
    clock.advanceBy(hours(1));
    const off = room.truth().power.find((one) => one.what === 'ups-off');
    expect(((off?.at ?? 0) - START) / 60_000).toBeCloseTo(20, 0);
  });

  it('tells the true remaining time at any moment: what it says then comes true', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), (after) => {
        const { room, clock } = sampleRoom();
        room.apply(CUT);
        clock.advanceBy(minutes(after));
        const saidS = room.state().battery.trueRemainingS ?? 0;
        clock.advanceBy(hours(2));
        const off = room.truth().power.find((one) => one.what === 'ups-off')?.at ?? 0;
        expect(Math.abs((off - START) / 1000 - after * 60 - saidS)).toBeLessThan(60);
      }),
      { numRuns: 10 },
    );
  });

  it('lasts more than twice as long at half the load, and leaves more undelivered at a high one (Peukert, knee)', () => {
    const { room } = sampleRoom();
    const { plan, world } = room.look();
    const at = (watts: number): number => trueRemainingMs(plan.upses[0]!, world.upses[0]!.battery, watts);
    expect(at(1200) / at(2400)).toBeGreaterThan(2);
    expect(at(4800) / at(2400)).toBeLessThan(0.5);
  });

  it('is overstated by a firmware that multiplies, and the truth stays as it is', () => {
    const { room, clock } = sampleRoom();
    room.apply(CUT);
    clock.advanceBy(minutes(10));
    const honest = upsFigures(room.look(), 0).runtimeMinutes;
    const truth = room.state().battery.trueRemainingS;
    room.apply({ kind: 'firmware', runtimeFactor: 3 });
    expect(upsFigures(room.look(), 0).runtimeMinutes / honest).toBeCloseTo(3, 0);
    expect(room.state().battery.trueRemainingS).toBe(truth);
  });

  it('grows in time when load is shed', () => {
    const { room, clock } = sampleRoom();
    room.apply(CUT);
    clock.advanceBy(minutes(5));
    const before = room.state().battery.trueRemainingS ?? 0;
    room.orderOutlet('pdu-1', 6, false, 'test');
    expect(room.state().battery.trueRemainingS ?? 0).toBeGreaterThan(before * 1.1);
  });
});

describe('mains', () => {
  it('in a brown-out stops the air conditioner first, then sends the UPS to its battery', () => {
    const { room, clock } = sampleRoom();
    room.apply({ kind: 'mains-voltage', volts: 180 });
    clock.advanceBy(seconds(5));
    expect(coolingRuns(room)).toBe(false);
    // The panel's lever says whether it works: it is not broken, it has no power.
    expect(room.state()).toMatchObject({ mains: true, cooling: true });
    room.apply({ kind: 'cooling', working: false });
    expect(room.state().cooling).toBe(false);
    room.apply({ kind: 'mains-voltage', volts: 150 });
    expect(room.state().mains).toBe(false);
    expect(room.truth().power.map((one) => one.what)).toEqual(['mains-lost', 'ups-on-battery']);
  });

  it('coming back after the battery was empty returns the output, boots what starts by itself, and recharges', () => {
    const { room, clock } = sampleRoom();
    room.apply(CUT);
    clock.advanceBy(hours(2));
    room.apply(RETURN);
    clock.advanceBy(seconds(5));
    expect(room.state().devices[0]?.powered).toBe(false);
    clock.advanceBy(minutes(10));
    expect(room.state().devices.every((one) => one.state === 'running')).toBe(true);
    clock.advanceBy(hours(10));
    expect(room.state().battery.chargePercent).toBeGreaterThan(99);
    expect(room.state().roomTemperatureC).toBeLessThan(25);
  });

  it('leaves a server off that was shut down while its outlet kept its power (L21)', () => {
    const { room, clock } = sampleRoom();
    room.apply(CUT);
    room.session('server-1', 'test').run('sudo shutdown -h now', { write() {}, exit() {}, lost() {} });
    clock.advanceBy(minutes(5));
    room.apply(RETURN);
    clock.advanceBy(minutes(30));
    expect(room.state().devices[0]).toMatchObject({ state: 'off', powered: true });
    room.orderOutlet('pdu-1', 1, false, 'test');
    room.orderOutlet('pdu-1', 1, true, 'test');
    clock.advanceBy(minutes(5));
    expect(room.state().devices[0]?.state).toBe('running');
  });

  it('heats the room while it is away and the air conditioner rests before it starts again', () => {
    const { room, clock } = sampleRoom();
    const before = room.state().roomTemperatureC;
    room.apply(CUT);
    clock.advanceBy(minutes(10));
    const hot = room.state().roomTemperatureC;
    expect(hot).toBeGreaterThan(before + 2);
    room.apply(RETURN);
    clock.advanceBy(minutes(2));
    expect(coolingRuns(room)).toBe(false);
    clock.advanceBy(minutes(3));
    expect(coolingRuns(room)).toBe(true);
    clock.advanceBy(minutes(20));
    expect(room.state().roomTemperatureC).toBeLessThan(hot - 2);
  });
});

describe('any history of the room', () => {
  const servers = ['server-1', 'server-2', 'server-3', 'array-1'] as const;
  const anyCommand: fc.Arbitrary<WorldCommand> = fc.oneof(
    fc.boolean().map((present): WorldCommand => ({ kind: 'mains', present })),
    fc.integer({ min: 0, max: 260 }).map((volts): WorldCommand => ({ kind: 'mains-voltage', volts })),
    fc.boolean().map((working): WorldCommand => ({ kind: 'cooling', working })),
    fc.record({
      kind: fc.constant('fault' as const),
      device: fc.constantFrom(...servers),
      fault: fc.constantFrom(
        'none',
        'backup-fails',
        'backup-hangs',
        'shutdown-hangs',
        'shutdown-slow',
        'boot-fails',
        'login-refused',
        'silent',
      ),
    }),
    fc.integer({ min: 1, max: 100 }).map((chargePercent): WorldCommand => ({ kind: 'battery', chargePercent })),
    fc.constantFrom<WorldCommand>(
      { kind: 'self-test', device: 'ups-1' },
      { kind: 'phase', line: 1, present: false },
      { kind: 'phase', line: 1, present: true },
      { kind: 'phase', line: 3, present: false },
      { kind: 'flapping', times: 3, awayS: 7, backS: 13 },
      { kind: 'planned-cut', afterS: 400, lastsS: 900 },
      { kind: 'planned-cut', afterS: 0, lastsS: 0 },
      { kind: 'ups-input', present: false },
      { kind: 'ups-input', present: true },
      { kind: 'battery-health', share: 0.4 },
      { kind: 'battery-health', share: 1 },
      { kind: 'charger', working: false },
      { kind: 'charger', working: true },
      { kind: 'bypass', bypass: 'manual' },
      { kind: 'bypass', bypass: 'fault' },
      { kind: 'bypass', bypass: 'none' },
      { kind: 'extra-load', watts: 3600 },
      { kind: 'extra-load', watts: 0 },
      { kind: 'ups-off', delayS: 90, restartAfterS: 60 },
      { kind: 'ups-off', delayS: 0 },
      { kind: 'ups-on' },
      { kind: 'fire', burning: true, device: 'server-2' },
      { kind: 'fire', burning: false },
      { kind: 'smoke', device: 'smoke-2', present: true },
      { kind: 'panic', device: 'button-fire' },
      { kind: 'siren', on: true },
      { kind: 'cooling-capacity', share: 0.3 },
      { kind: 'outside', temperatureC: 38 },
      { kind: 'crash', device: 'server-2' },
      { kind: 'bmc', device: 'server-1', fault: 'refuses-soft' },
      { kind: 'outlet-stuck', device: 'pdu-1', outlet: 2, stuck: true },
      { kind: 'sensor', device: 'th-1', fault: 'stuck' },
      { kind: 'network', device: 'ups-1', loss: 0.3, delayMs: 200 },
      { kind: 'network', down: true },
      { kind: 'network' },
    ),
  );
  type Step =
    | { readonly do: 'command'; readonly command: WorldCommand }
    | { readonly do: 'outlet'; readonly outlet: number; readonly on: boolean }
    | { readonly do: 'ssh'; readonly device: string; readonly command: string }
    | { readonly do: 'bmc'; readonly device: string; readonly power: 'soft' | 'off' | 'on' | 'cycle' | 'reset' }
    | { readonly do: 'wait'; readonly ms: number };
  const anyStep: fc.Arbitrary<Step> = fc.oneof(
    anyCommand.map((command): Step => ({ do: 'command', command })),
    fc.record({ do: fc.constant('outlet' as const), outlet: fc.integer({ min: 1, max: 8 }), on: fc.boolean() }),
    fc.record({
      do: fc.constant('ssh' as const),
      device: fc.constantFrom(...servers),
      command: fc.constantFrom(
        'sudo shutdown -h now',
        'system shutdown --flush',
        'zhishou-backup run r1',
        'zhishou-backup run r2',
      ),
    }),
    fc.record({
      do: fc.constant('bmc' as const),
      device: fc.constantFrom(...servers),
      power: fc.constantFrom('soft', 'off', 'on', 'cycle', 'reset'),
    }),
    fc.integer({ min: 1, max: 3_000_000 }).map((ms): Step => ({ do: 'wait', ms })),
  );
  const anyHistory = fc.array(anyStep, { minLength: 1, maxLength: 25 });
  type Bench = ReturnType<typeof sampleRoom>;
  const perform = ({ room, clock }: Bench, step: Step): void => {
    if (step.do === 'command') room.apply(step.command);
    else if (step.do === 'outlet') room.orderOutlet('pdu-1', step.outlet, step.on, 'test');
    else if (step.do === 'bmc') room.orderBmc(step.device, step.power, 'test');
    else if (step.do === 'wait') clock.advanceBy(step.ms as never);
    else {
      const session = room.session(step.device, 'test');
      if (session.login() === 'accepted') session.run(step.command, { write() {}, exit() {}, lost() {} });
    }
  };
  const asText = (bench: Bench): string => JSON.stringify(bench.room.snapshot());

  it('keeps charge within 0 … 100 % and loses or makes no energy', () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        const bench = sampleRoom();
        const start = bench.room.look().world.upses[0]!.battery.energyWh;
        let given = 0;
        for (const step of history) {
          // Any command brings the physics up to this very moment; then only the step itself is between the two looks.
          bench.room.apply({ kind: 'door', open: false });
          const before = bench.room.look().world.upses[0]!.battery.energyWh;
          perform(bench, step);
          // Setting the charge and exchanging the battery make energy from nothing; nothing else does.
          if (step.do === 'command' && (step.command.kind === 'battery' || step.command.kind === 'battery-health'))
            given += bench.room.look().world.upses[0]!.battery.energyWh - before;
          const { chargePercent } = bench.room.state().battery;
          expect(chargePercent).toBeGreaterThanOrEqual(0);
          expect(chargePercent).toBeLessThanOrEqual(100.000001);
        }
        const { energy, upses } = bench.room.look().world;
        const gained = upses[0]!.battery.energyWh - start - given;
        expect(energy.fromMainsWh - energy.toLoadWh - energy.lossWh - gained).toBeCloseTo(0, 3);
        expect(energy.lossWh).toBeGreaterThanOrEqual(-1e-9);
      }),
      { numRuns: 60 },
    );
  });

  it('is the same for the same seed (I8), however often somebody looks', () => {
    fc.assert(
      fc.property(anyHistory, fc.integer({ min: 700, max: 90_000 }), (history, everyMs) => {
        const plain = sampleRoom({ seed: 5 });
        const watched = sampleRoom({ seed: 5 });
        for (const step of history) {
          perform(plain, step);
          if (step.do !== 'wait') perform(watched, step);
          else
            for (let left = step.ms; left > 0; left -= everyMs) {
              watched.clock.advanceBy(Math.min(left, everyMs) as never);
              watched.room.state();
              upsFigures(watched.room.look(), 0);
              for (const device of ['ups-1', 'pdu-1', 'th-1', 'server-1']) watched.room.points(device);
            }
        }
        expect(asText(watched)).toBe(asText(plain));
      }),
      { numRuns: 30 },
    );
  });

  it('goes on after a kill as if it had never been interrupted, with what was under way (snapshot, restore)', () => {
    fc.assert(
      fc.property(anyHistory, anyHistory, fc.integer({ min: 0, max: 900_000 }), (first, second, awayMs) => {
        const whole = sampleRoom({ seed: 9 });
        for (const step of first) perform(whole, step);
        const saved: unknown = JSON.parse(asText(whole));
        const clock = createVirtualClock(instant(whole.clock.now() + awayMs));
        const again = sampleRoom({ seed: 9, clock, snapshot: saved });
        whole.clock.advanceBy(awayMs as never);
        for (const step of second) {
          perform(whole, step);
          perform(again, step);
        }
        expect(asText(again)).toBe(asText(whole));
      }),
      { numRuns: 30 },
    );
  });
});

describe('a restored room', () => {
  it('moves to a clock that is behind it instead of standing still until time has caught up', () => {
    const { room, clock } = sampleRoom();
    room.apply(CUT);
    clock.advanceBy(minutes(10));
    const saved: unknown = JSON.parse(JSON.stringify(room.snapshot()));
    const behind = createVirtualClock(instant(START - 3_600_000));
    const again = sampleRoom({ clock: behind, snapshot: saved });
    expect(again.room.state().battery).toEqual(room.state().battery);
    behind.advanceBy(hours(1));
    expect(again.room.state().devices[0]?.state).toBe('crashed');
  });

  it('refuses a snapshot of other equipment', () => {
    const { room } = sampleRoom();
    const saved = room.snapshot() as { machines: unknown[] };
    saved.machines.pop();
    expect(() => sampleRoom({ snapshot: saved })).toThrow(/other devices/);
  });
});
