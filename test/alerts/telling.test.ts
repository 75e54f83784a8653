import { describe, expect, it } from 'vitest';
import type { Config } from '#core/config/config.ts';
import type { Journal, StateStore } from '#core/ports.ts';
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
