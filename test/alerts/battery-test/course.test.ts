import { describe, expect, it } from 'vitest';
import { hours, minutes, seconds } from '#core/time.ts';
import { sampleConfig } from '../../plans/support.ts';
import { discharging, isOver, makeRig } from './rig.ts';

/** A guided battery test of the simulated room from its preparation to its result (O-BAT-1). */

describe('a battery test by the UPS’s own order (O-BAT-1)', () => {
  it.each([1, 2, 3])(
    'seed %i: finds the health of a battery aged to four fifths within 3 per cent',
    async (seed) => {
      const rig = await makeRig({ health: 0.8, seed });
      await discharging(rig);
      await rig.until('it is over', () => isOver(rig));
      const { state, result, curve, stopsAt, floor } = rig.test();
      expect(state).toBe('done');
      expect(Math.abs((result?.health ?? 0) - 0.8)).toBeLessThan(0.03 * 0.8);
      expect(result).toMatchObject({ quality: 'good', before: null, recalibrated: true });
      // Down to its line and no further.
      const lowest = Math.min(...curve.flatMap(({ charge }) => charge ?? []));
      expect(lowest).toBeLessThanOrEqual(stopsAt.charge);
      expect(lowest).toBeGreaterThanOrEqual(floor.charge);
      expect(rig.outage()).toBeNull();
      expect(rig.broken()).toEqual([]);
      // Told: that it begins, what came of it, that it is over.
      const words = [...rig.deliveries.values()].map(({ subject }) => subject).join('\n');
      expect(words).toContain('电池测试开始');
      expect(words).toContain('健康度');
      // Ordered to begin once and to leave off, and each step in the journal.
      expect(rig.orders()).toEqual(['ups-test accepted', 'ups-test accepted']);
      const kinds = rig.lines().flatMap((line) => /^site (battery-test\.\S+)/.exec(line)?.[1] ?? []);
      expect(kinds).toEqual(
        ['prepared', 'begun', 'discharging', 'stopping', 'back-on-mains', 'done'].map((kind) => `battery-test.${kind}`),
      );
      await rig.stop();
    },
    180_000,
  );

  it('the runtime forecast of the next outage goes by what was measured', async () => {
    const rig = await makeRig({ health: 0.8 });
    await discharging(rig);
    await rig.until('it is over', () => isOver(rig));
    const measured = rig.test().result?.forecast.after;
    expect(measured?.runtimeS).toBeLessThan(0.83 * 3600);
    await rig.advance(hours(4));
    rig.simulate({ kind: 'mains', present: false });
    await rig.until('the outage is followed', () => rig.outage() !== null);
    const opened = rig.lines().find((line) => line.includes('"power-outage"') && line.includes('"batteries"'));
    expect(opened).toContain(`"runtimeMs":${(measured?.runtimeS ?? 0) * 1000},"atLoadW":${measured?.atLoadW}`);
    await rig.stop();
  }, 180_000);

  it('a test whose conditions do not hold is refused, with what is missing in both languages', async () => {
    const rig = await makeRig({ config: () => sampleConfig(), warmUp: minutes(10) });
    await rig.command({ kind: 'battery-test.start', ups: 'ups-1', way: 'ups', onSite: true });
    expect(rig.test().state).toBe('checking');
    const missing = rig.test().preconditions.filter(({ holds }) => holds !== true);
    expect(missing.map(({ id }) => id)).toEqual(['mains', 'recharged']);
    const refused = await rig.command({ kind: 'battery-test.confirm', test: rig.test().id, word: 'begin' });
    expect(refused).toMatchObject({ ok: false, error: 'CONFLICT' });
    expect(refused.detailText?.zh).toMatch(/条件未齐/);
    expect(refused.detailText?.en).toMatch(/not yet/);
    expect(rig.orders()).toEqual([]);
    // Nobody goes on with it: it is laid aside by itself.
    await rig.until('it is laid aside', () => isOver(rig));
    expect(rig.test()).toMatchObject({ state: 'abandoned', result: null });
    await rig.stop();
  }, 180_000);

  it('whoever is on duty may stop it at any time; what was recorded counts and never raises the forecast', async () => {
    const rig = await makeRig();
    await discharging(rig);
    await rig.advance(minutes(16));
    const stopped = await rig.command({ kind: 'battery-test.stop', test: rig.test().id }, 'duty');
    expect(stopped.ok).toBe(true);
    await rig.until('it is over', () => isOver(rig));
    const { state, result, reason } = rig.test();
    expect(state).toBe('done');
    expect(reason?.en).toMatch(/Stopped by/);
    expect(result?.dischargedShare).toBeGreaterThan(0.15);
    expect(result?.dischargedShare).toBeLessThan(0.35);
    expect(result?.forecast.after?.runtimeS ?? 0).toBeLessThanOrEqual(3600);
    await rig.stop();
  }, 180_000);

  it('a second test of the same UPS waits for the first, and a person away from the room begins none', async () => {
    const rig = await makeRig();
    const nobody = await rig.command({ kind: 'battery-test.start', ups: 'ups-1', way: 'ups', onSite: false });
    expect(nobody).toMatchObject({ ok: false, error: 'CONFLICT' });
    await discharging(rig);
    const second = await rig.command({ kind: 'battery-test.start', ups: 'ups-1', way: 'ups', onSite: true });
    expect(second).toMatchObject({ ok: false, error: 'CONFLICT', created: rig.test().id });
    const viewer = await rig.command({ kind: 'battery-test.start', ups: 'ups-1', way: 'ups', onSite: true }, 'duty');
    expect(viewer).toMatchObject({ ok: false, error: 'FORBIDDEN' });
    await rig.stop();
  }, 180_000);
});

describe('a battery test by hand (O-BAT-1)', () => {
  it('a person opens the breaker and closes it when told: no outage is called, the alarm is explained, the battery is measured', async () => {
    const rig = await makeRig({ health: 0.9 });
    await discharging(rig, 'by-hand');
    const alarm = [...rig.alerts.values()].find(({ rule }) => rule === 'mains-lost');
    expect(alarm?.inhibitedBy).toBe(`battery-test/${rig.test().id}`);
    await rig.until('it says to close the breaker', () => rig.test().state === 'stopping');
    expect(rig.test().mayConfirm).toEqual(['mains-on']);
    expect([...rig.deliveries.values()].some(({ subject }) => subject.includes('请立即合上市电开关'))).toBe(true);
    await rig.advance(minutes(1));
    rig.simulate({ kind: 'ups-input', device: 'ups-1', present: true });
    await rig.command({ kind: 'battery-test.confirm', test: rig.test().id, word: 'mains-on' });
    await rig.until('it is over', () => isOver(rig));
    const { state, result } = rig.test();
    expect(state).toBe('done');
    expect(Math.abs((result?.health ?? 0) - 0.9)).toBeLessThan(0.03);
    expect(rig.outage()).toBeNull();
    expect(rig.broken()).toEqual([]);
    await rig.stop();
  }, 180_000);

  it('nobody closes the breaker: people are told, the alarm is explained no more, the outage plan takes over above the floor', async () => {
    const rig = await makeRig();
    await discharging(rig, 'by-hand');
    await rig.until('it says to close the breaker', () => rig.test().state === 'stopping');
    expect(rig.outage()).toBeNull();
    await rig.until('the outage plan has taken over', () => rig.outage() !== null, minutes(4));
    expect(rig.charge()).toBeGreaterThan(rig.test().floor.charge - 2);
    await rig.until('it is told again', () =>
      [...rig.deliveries.values()].some(({ subject }) => subject.includes('没有回到市电')),
    );
    // The breaker stays open: the plan shuts everything down in order, in time.
    await rig.until(
      'the sequence is begun',
      () => (rig.outage()?.steps ?? []).some(({ id, state }) => id.startsWith('shut') && state === 'done'),
      hours(1),
    );
    await rig.advance(minutes(30));
    expect(rig.broken()).toEqual([]);
    await rig.stop();
  }, 180_000);

  it('the UPS goes to its battery and nobody says that it was the breaker: after two minutes it is an outage', async () => {
    const rig = await makeRig();
    await rig.command({ kind: 'battery-test.start', ups: 'ups-1', way: 'by-hand', onSite: true });
    await rig.until('everything holds', () => rig.test().state === 'ready');
    await rig.command({ kind: 'battery-test.confirm', test: rig.test().id, word: 'begin' });
    await rig.advance(seconds(30));
    rig.simulate({ kind: 'mains', present: false });
    await rig.until('the outage plan has taken over', () => rig.outage() !== null, minutes(4));
    expect(rig.charge()).toBeGreaterThan(90);
    expect(rig.test().state).toBe('stopping');
    await rig.stop();
  }, 180_000);
});
