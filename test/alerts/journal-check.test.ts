import { expect, test } from 'vitest';
import type { JournalState } from '#core/journal-state.ts';
import { hours, instant, minutes, seconds } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { openJournal } from '#platform/journal.ts';
import { createJournalCheck } from '#services/alerts/self/journal-check.ts';

/** The record's chain of hashes, looked at while the service works. */

function checked(records: number) {
  const clock = createVirtualClock(instant(Date.UTC(2026, 0, 14)));
  const journal = openJournal(':memory:');
  const write = (n: number): void => {
    for (let i = 0; i < n; i++)
      journal.append([{ at: clock.now(), stream: 'inc-1', kind: 'incident.timer', body: { i } }]);
  };
  write(records);
  const told: JournalState[] = [];
  const errors: unknown[] = [];
  const check = createJournalCheck({
    wall: clock,
    clock,
    journal,
    publishState: (state) => void told.push(state),
    onBroken: () => void told.push({ at: 'broken', records: 0, broken: null }),
    onError: (error) => void errors.push(error),
  });
  check.start();
  return { clock, journal, write, told, errors, check };
}

test('it is whole, also when records are written while it is checked, and it is looked at again each hour', async () => {
  const { clock, write, told, check } = checked(750);
  await clock.advanceByAsync(seconds(10));
  write(30);
  await clock.advanceByAsync(minutes(1));
  expect(told).toMatchObject([{ records: 780, broken: null }]);
  await clock.advanceByAsync(hours(1));
  expect(told).toHaveLength(2);
  check.publish();
  expect(told).toHaveLength(3);
  check.stop();
});

test('checked in slices it says the same as at once', () => {
  const { journal, check } = checked(250);
  check.stop();
  let slices = 0;
  const steps = journal.verifySlowly?.();
  for (let step = steps?.next(); step?.done === false; step = steps?.next()) slices++;
  expect(slices).toBe(2);
  expect(journal.verify()).toBeNull();
});

test('a journal that cannot be read is told of, and tried again', async () => {
  const { clock, journal, errors, told, check } = checked(5);
  journal.close();
  await clock.advanceByAsync(minutes(30));
  expect(errors.length).toBeGreaterThan(1);
  expect(told).toEqual([]);
  check.stop();
});
