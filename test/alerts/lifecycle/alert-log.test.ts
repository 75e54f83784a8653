import { expect, it } from 'vitest';
import type { AlertEvent } from '#core/alert-event.ts';
import { instant, minutes, plus, toIso } from '#core/time.ts';
import { openStateStore } from '#platform/state-store.ts';
import { createAlertLog, EVENTS_KEPT, readAlertLog } from '#services/alerts/lifecycle/alert-log.ts';
import { T0 } from '../support.ts';

function setUp(most?: number) {
  const state = openStateStore(':memory:');
  let now = T0;
  const log = createAlertLog(state, () => now, most);
  const add = (alert: string): void => {
    const event: AlertEvent = {
      at: toIso(now),
      alert,
      rule: 'r',
      device: 'd',
      severity: 'low',
      what: 'fired',
      by: null,
    };
    log.append(event);
  };
  const advance = (to: number): void => {
    now = instant(to);
  };
  const all = (from?: string): string[] => [...readAlertLog(state, from)].map(({ alert }) => alert);
  return { state, add, advance, all, now: () => now };
}

it('the alert log keeps its order, and is read from a moment on without reading all of it', () => {
  const { add, advance, all, now } = setUp();
  for (let i = 0; i < 50; i++) {
    add(`a${i}`);
    advance(plus(now(), minutes(1)));
  }
  expect(all()).toHaveLength(50);
  expect(all(toIso(plus(T0, minutes(47))))).toEqual(['a47', 'a48', 'a49']);
  expect(all('9999')).toEqual([]);
});

it('the alert log is bounded by number and by age, and gets there in slices', () => {
  const { state, add, advance, all, now } = setUp(100);
  for (let i = 0; i < 250; i++) add(`a${i}`);
  expect(all()).toHaveLength(100);
  expect(all()[0]).toBe('a150');
  advance(plus(now(), EVENTS_KEPT) + 1);
  add('new');
  expect(all()).toHaveLength(81);
  for (let i = 0; i < 10; i++) add(`b${i}`);
  expect(all()).toEqual(['new', ...Array.from({ length: 10 }, (_, i) => `b${i}`)]);
  expect([...state.entries('alert-log/')]).toHaveLength(11);
});
