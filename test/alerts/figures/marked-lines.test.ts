import { expect, it } from 'vitest';
import { openStateStore } from '#platform/state-store.ts';
import { readAlertLog } from '#services/alerts/lifecycle/alert-log.ts';
import { createAlertStore } from '#services/alerts/lifecycle/alert-store.ts';
import { createRecords } from '#services/alerts/lifecycle/records.ts';
import { makeRule, T0 } from '../support.ts';

it.each([
  ['made up', true],
  ['real', false],
])(
  'the alert log marks what is %s, so that the figures of a real room leave out what is simulated',
  (_what, simulated) => {
    const state = openStateStore(':memory:');
    const store = createAlertStore(state, () => {});
    const records = createRecords({
      ...{ store, state, now: () => T0, publish: () => {}, hand: () => {}, opensIncident: () => false },
    });
    const seen = { at: '2026-11-23T02:00:00.000Z', state: 'pending', value: 1, point: 'p', simulated } as const;
    records.put(store.open(makeRule({ id: 'r', when: { point: 'ups.load', above: 80 } }), 'ups-1', seen));
    expect([...readAlertLog(state)].map((event) => event.simulated)).toEqual([simulated ? true : undefined]);
  },
);
