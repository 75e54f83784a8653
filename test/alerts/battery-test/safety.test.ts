import { describe, expect, it } from 'vitest';
import { hours, minutes, seconds } from '#core/time.ts';
import { sampleConfig } from '../../plans/support.ts';
import { discharging, isOver, makeRig, type Rig } from './rig.ts';

/** A battery test never endangers the room: a real outage, a deaf UPS, silence and a killed monitor in the middle of it (O-BAT-1, I1–I9). */

const outageAt = (rig: Rig): number => Date.parse(rig.outage()?.openedAt ?? '');
const subjects = (rig: Rig): string => [...rig.deliveries.values()].map(({ subject }) => subject).join('\n');
const down = (rig: Rig): boolean =>
  (rig.outage()?.steps ?? [])
    .filter(({ operation, device }) => operation === 'shutdown' && /^(server|array)-/.test(device ?? ''))
    .every(({ state }) => state === 'done');

describe('mains really fails during a battery test', () => {
  it('by the UPS’s own order: the plan begins in the same moment as without a test, shuts down in order and in time (I1, I2, I3, I4)', async () => {
    const rig = await makeRig({ health: 0.8 });
    await discharging(rig);
    await rig.advance(minutes(10));
    const began = rig.now();
    rig.simulate({ kind: 'mains', present: false });
    await rig.until('the outage is followed', () => rig.outage() !== null, minutes(1));
    expect(outageAt(rig) - began).toBeLessThan(15_000);
    expect(rig.test().state).toBe('stopping');
    expect(rig.test().reason?.en).toMatch(/really lost/);
    expect(subjects(rig)).not.toContain('没有回到市电');
    await rig.until('all is down', () => down(rig), hours(1));
    await rig.advance(minutes(30));
    expect(rig.broken()).toEqual([]);
    rig.simulate({ kind: 'mains', present: true });
    await rig.until('the test is over', () => isOver(rig), hours(3));
    expect(rig.test().state).toBe('failed');
    await rig.advance(hours(1));
    expect(rig.broken()).toEqual([]);
    await rig.stop();
  }, 180_000);

  it('by hand, unseen behind the open breaker: at the latest when the breaker does not help, still with time for everything (I1, I2)', async () => {
    const rig = await makeRig({ health: 0.8 });
    await discharging(rig, 'by-hand');
    await rig.advance(minutes(8));
    rig.simulate({ kind: 'mains', present: false });
    await rig.until('the discharge is to end', () => rig.test().state === 'stopping', hours(1));
    // The breaker is closed at once, and nothing comes of it.
    rig.simulate({ kind: 'ups-input', device: 'ups-1', present: true });
    await rig.until('the outage plan has taken over', () => rig.outage() !== null, minutes(4));
    await rig.until('all is down', () => down(rig), hours(1));
    await rig.advance(minutes(30));
    expect(rig.broken()).toEqual([]);
    await rig.stop();
  }, 180_000);

  it('a short one in the middle: stood down by the plan as ever, nothing is shut down (I3)', async () => {
    const rig = await makeRig();
    await discharging(rig);
    await rig.advance(minutes(5));
    rig.simulate({ kind: 'mains', present: false });
    await rig.advance(minutes(3));
    rig.simulate({ kind: 'mains', present: true });
    await rig.until('it is stood down', () => rig.outage()?.outcome === 'stood-down', minutes(20));
    expect(rig.broken()).toEqual([]);
    await rig.until('the test is over', () => isOver(rig), hours(2));
    await rig.stop();
  }, 180_000);
});

describe('what goes wrong with the UPS or with what is heard of it', () => {
  it('a UPS that ignores the stop is ordered again and again, people hear of it until it is proven back, nothing is shut down', async () => {
    const rig = await makeRig();
    rig.simulate({ kind: 'test-stop', device: 'ups-1', heard: false });
    await discharging(rig);
    await rig.advance(minutes(5));
    await rig.command({ kind: 'battery-test.stop', test: rig.test().id }, 'duty');
    await rig.until('people are told', () => subjects(rig).includes('没有回到市电'), minutes(3));
    await rig.advance(minutes(6));
    expect(rig.test().state).toBe('stopping');
    expect(rig.orders().length).toBeGreaterThan(8);
    expect(
      [...rig.deliveries.values()].filter(({ subject }) => subject.includes('没有回到市电')).length,
    ).toBeGreaterThan(1);
    expect(rig.outage()).toBeNull();
    rig.simulate({ kind: 'test-stop', device: 'ups-1', heard: true });
    await rig.until('it is over', () => isOver(rig), hours(1));
    expect(rig.test().state).toBe('done');
    expect(rig.broken()).toEqual([]);
    await rig.stop();
  }, 180_000);

  it('silence ends the test by order; that it stopped is believed when it is heard again', async () => {
    const rig = await makeRig();
    await discharging(rig);
    await rig.advance(minutes(5));
    rig.simulate({ kind: 'network', device: 'ups-1', down: true });
    await rig.until('it is to end', () => rig.test().state === 'stopping', minutes(3));
    expect(rig.test().reason?.en).toMatch(/told/);
    await rig.advance(minutes(3));
    expect(rig.test().state).toBe('stopping');
    rig.simulate({ kind: 'network', device: 'ups-1' });
    await rig.until('it is over', () => isOver(rig), hours(1));
    expect(rig.test().state).toBe('failed');
    expect(rig.broken()).toEqual([]);
    await rig.stop();
  }, 180_000);

  it('another load than at the beginning breaks it off', async () => {
    const rig = await makeRig();
    await discharging(rig);
    await rig.advance(minutes(2));
    rig.simulate({ kind: 'extra-load', device: 'ups-1', watts: 1200 });
    await rig.until('it is to end', () => rig.test().state !== 'discharging', minutes(1));
    expect(rig.test().reason?.en).toMatch(/^Load from/);
    await rig.stop();
  }, 180_000);
});

describe('the monitor is killed in the middle', () => {
  const STEPS = ['starting', 'discharging', 'stopping', 'recharging'] as const;
  it.each(STEPS.flatMap((at) => [[at, 5] as const, [at, 300] as const]))(
    'by order, while %s, back after %i s: the evidence is looked at first, and the UPS comes back to mains',
    async (at, awayS) => {
      const rig = await makeRig();
      if (at === 'starting') {
        await rig.command({ kind: 'battery-test.start', ups: 'ups-1', way: 'ups', onSite: true });
        await rig.until('everything holds', () => rig.test().state === 'ready');
        await rig.command({ kind: 'battery-test.confirm', test: rig.test().id, word: 'begin' });
      } else {
        await discharging(rig);
        await rig.advance(minutes(8));
        if (at !== 'discharging') await rig.command({ kind: 'battery-test.stop', test: rig.test().id });
        if (at === 'recharging') await rig.until('back on mains', () => rig.test().state === 'recharging');
      }
      rig.kill();
      await rig.advance(seconds(awayS));
      await rig.restart();
      await rig.until('it is over', () => isOver(rig), hours(3));
      expect(['done', 'failed']).toContain(rig.test().state);
      await rig.advance(minutes(1));
      expect(rig.outage()).toBeNull();
      expect(rig.broken()).toEqual([]);
      // It never was ordered to begin a second time.
      expect(rig.lines().filter((line) => line.includes('battery-test.begun'))).toHaveLength(1);
      await rig.stop();
    },
    180_000,
  );

  it.each([5, 300])(
    'by hand, back after %i s: explained at once only what was seen a moment ago',
    async (awayS) => {
      const rig = await makeRig();
      await discharging(rig, 'by-hand');
      await rig.advance(minutes(5));
      rig.kill();
      await rig.advance(seconds(awayS));
      await rig.restart();
      await rig.advance(seconds(20));
      if (awayS === 5) {
        expect(rig.test().state).toBe('discharging');
        expect(rig.outage()).toBeNull();
        await rig.until('it says to close the breaker', () => rig.test().state === 'stopping', hours(1));
        rig.simulate({ kind: 'ups-input', device: 'ups-1', present: true });
        await rig.until('it is over', () => isOver(rig), hours(1));
        expect(rig.test().state).toBe('done');
        expect(rig.outage()).toBeNull();
      } else expect(rig.outage()).not.toBeNull();
      expect(rig.broken()).toEqual([]);
      await rig.stop();
    },
    180_000,
  );
});

describe('without a test', () => {
  it('the journal of an outage is the same to the byte, whether UPSes may be tested or not (I8)', async () => {
    const lines: string[][] = [];
    for (const testable of [true, false]) {
      const rig = await makeRig({
        config: () => {
          const config = sampleConfig();
          const devices = config.devices.map(({ battery_test: block, ...device }) =>
            testable && block !== undefined ? { ...device, battery_test: block } : device,
          );
          return { ...config, devices };
        },
      });
      rig.simulate({ kind: 'mains', present: false });
      await rig.advance(minutes(50));
      rig.simulate({ kind: 'mains', present: true });
      await rig.advance(minutes(30));
      lines.push([...rig.lines()]);
      await rig.stop();
    }
    expect(lines[0]?.length).toBeGreaterThan(50);
    expect(lines[0]).toEqual(lines[1]);
  }, 180_000);
});
