import { describe, expect, it } from 'vitest';
import { loadSite, SAMPLE_CONFIG } from '#commands/configuration.ts';
import type { Config } from '#core/config/config.ts';
import type { Journal, StateStore } from '#core/ports.ts';
import { type Duration, minutes, seconds } from '#core/time.ts';
import { makeTemporaryFolder } from '#platform/environment.ts';
import { openJournal } from '#platform/journal.ts';
import { openStateStore } from '#platform/state-store.ts';
import { makeService } from './service.ts';
import { makeBatch, makeConfig, makeRule, T0 } from './support.ts';

const mains = makeRule({ id: 'mains-lost', on: { kinds: ['ups'] }, when: { point: 'ups.status', is: 'OB' } });
const smoke = makeRule({
  id: 'smoke',
  on: { devices: ['smoke-1'] },
  when: { point: 'room.smoke', is: true },
  safety: true,
});
const config = (parts: Partial<Config> = {}): Config => makeConfig({ rules: [mains, smoke], ...parts });
const SMOKE = (on: boolean) => makeBatch('smoke-1', T0, { 'room.smoke': on });

/** Writes down each commit and each message in the order in which they happen. */
function watched() {
  const order: string[] = [];
  let depth = 0;
  const state = openStateStore(':memory:');
  const journal = openJournal(':memory:');
  const writing = <T>(work: () => T): T => {
    depth++;
    try {
      return work();
    } finally {
      depth--;
      if (depth === 0) order.push('state');
    }
  };
  const watchedState: StateStore = {
    ...state,
    set: (key, value) => writing(() => state.set(key, value)),
    delete: (key) => writing(() => state.delete(key)),
    transaction: (work) => writing(() => state.transaction(work)),
  };
  const watchedJournal: Journal = {
    ...journal,
    append(records) {
      order.push('journal');
      return journal.append(records);
    },
  };
  return { order, state: watchedState, journal: watchedJournal };
}

describe('the way of an alarm to people', () => {
  it.each([
    ['smoke', SMOKE(true)],
    ['mains lost', makeBatch('ups-1', T0, { 'ups.status': 'OB DISCHRG', 'battery.charge': 90 })],
  ])('has exactly one commit before the message is handed over: %s', async (_name, batch) => {
    const { order, state, journal } = watched();
    const service = makeService({ config: config(), state, journal });
    service.channels.phone.answer = () => void order.push('handed');
    await service.start();
    await service.publish(makeBatch('ups-1', T0, { 'ups.status': 'OL' }));
    order.length = 0;
    await service.publish(batch);
    expect(order.slice(0, order.indexOf('handed') + 1)).toEqual(['state', 'handed']);
    await service.stop();
  });
});

describe('alarms of one instant', () => {
  it('are told each, however close they follow each other: smoke that flickers within a millisecond or after a clock set back', async () => {
    const service = makeService({ config: config() });
    await service.start();
    for (const on of [true, false, true, false, true]) await service.publish(SMOKE(on));
    const fired = service.channels.phone.sent.filter(({ subject }) => subject.startsWith('HIGH'));
    expect(fired).toHaveLength(3);
    expect(new Set(fired.map(({ alert }) => alert)).size).toBe(3);
    await service.stop();
  });
});

describe('an alert that opens an incident', () => {
  it('is the quick first message; what follows is the incident’s, and each person hears once that it is over (L31)', async () => {
    const secrets = makeTemporaryFolder('zhishou-telling-');
    const { config: sample } = loadSite(SAMPLE_CONFIG, { secretsDirectory: secrets.path });
    const service = makeService({ config: sample!, forcedMode: 'drill' });
    const ups = async (status: string, lasting: Duration) => {
      for (let past = 0; past < lasting; past += seconds(10)) {
        const points = { 'ups.status': status, 'battery.charge': 95, 'battery.runtime': 7200, 'output.realpower': 900 };
        await service.publish(makeBatch('ups-1', service.clock.now(), points));
        await service.advance(seconds(10));
      }
    };
    await service.start();
    await ups('OL', minutes(1));
    await ups('OB DISCHRG', minutes(6));
    await ups('OL CHRG', minutes(10));
    expect(service.seen('incident/+').at(-1)).toMatchObject({ phase: 'closed', outcome: 'stood-down' });
    const mine = service.channels.phone.sent.filter(
      ({ incident, alert }) => incident !== null || alert?.startsWith('mains-lost'),
    );
    const people = [...new Set(mine.filter(({ alert }) => alert !== null).map(({ to }) => to))].sort();
    const counts = people.map((to) => {
      const got = mine.filter((message) => message.to === to).map(({ subject }) => subject);
      const quick = got.filter((subject) => /市电中断|Mains lost, UPS/.test(subject)).length;
      const over = got.filter((subject) => /恢复：|解除|RECOVERED|stood down/.test(subject)).length;
      return { to, quick, over, first: /市电中断|Mains lost, UPS/.test(got[0] ?? '') };
    });
    expect(people.length).toBeGreaterThan(1);
    expect(counts).toEqual(people.map((to) => ({ to, quick: 1, over: 1, first: true })));
    await service.stop();
    secrets.remove();
  });
});

describe('an alert that fires at the start', () => {
  it('has its incident also when the journal that knew of it is lost, and is not opened twice when it is not', async () => {
    const secrets = makeTemporaryFolder('zhishou-reconcile-');
    const { config: sample } = loadSite(SAMPLE_CONFIG, { secretsDirectory: secrets.path });
    const first = makeService({ config: sample!, forcedMode: 'drill' });
    await first.start();
    await first.publish(makeBatch('ups-1', T0, { 'ups.status': 'OB DISCHRG', 'battery.charge': 95 }));
    await first.stop();
    const same = makeService({ config: sample!, forcedMode: 'drill', state: first.state, journal: first.journal });
    await same.start();
    await same.advance(seconds(1));
    expect(new Set(same.seen('incident/+').map(({ id }) => id)).size).toBe(1);
    await same.stop();
    const lost = makeService({
      config: sample!,
      forcedMode: 'drill',
      state: first.state,
      journal: openJournal(':memory:'),
    });
    await lost.start();
    await lost.advance(seconds(1));
    expect(lost.seen('incident/+').at(-1)).toMatchObject({ plan: { id: 'power-outage' }, phase: 'responding' });
    await lost.stop();
    secrets.remove();
  });
});

describe('a sensor that flaps', () => {
  it('is told three times and of one calm, and explains nothing away meanwhile (L30, L31)', async () => {
    const hot = makeRule({ id: 'hot', on: { devices: ['th-1'] }, when: { point: 'ambient.temperature', above: 27 } });
    const other = makeRule({
      id: 'cooling-stopped',
      on: { devices: ['ac-1'] },
      when: { point: 'cooling.status', is: 'off' },
      inhibited_by: [{ rule: 'hot', scope: 'site' }],
    });
    const service = makeService({ config: makeConfig({ rules: [hot, other] }) });
    await service.start();
    for (let i = 0; i < 12; i++) {
      await service.publish(makeBatch('th-1', service.clock.now(), { 'ambient.temperature': i % 2 === 0 ? 30 : 20 }));
      await service.advance(seconds(20));
    }
    expect(service.seen('alert/+').at(-1)).toMatchObject({ state: 'firing', chattering: { times: 6 } });
    const ofRule = (rule: string) =>
      service.channels.phone.sent.filter(({ alert, to }) => to === 'ann' && alert?.startsWith(`${rule}.`) === true);
    const subjects = () => ofRule('hot').map(({ subject }) => subject.replace(/:.*/, ''));
    expect(subjects()).toEqual(['HIGH', 'RECOVERED', 'HIGH', 'RECOVERED', 'HIGH']);
    expect(ofRule('hot').at(-1)?.body).toContain('It comes and goes: 3 times so far');
    await service.publish(makeBatch('ac-1', service.clock.now(), { 'cooling.status': 'off' }));
    expect(ofRule('cooling-stopped')).toHaveLength(1);
    for (let i = 0; i < 33; i++) {
      await service.publish(makeBatch('th-1', service.clock.now(), { 'ambient.temperature': 20 }));
      await service.advance(seconds(20));
    }
    const recovered = ofRule('hot').filter(({ subject }) => subject.startsWith('RECOVERED'));
    expect(recovered).toHaveLength(3);
    expect(recovered.at(-1)?.body).toContain('in which it came 6 times');
    await service.stop();
  });
});
