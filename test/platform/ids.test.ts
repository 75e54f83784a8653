import { expect, it } from 'vitest';
import type { Clock } from '#core/ports.ts';
import { seededRandom } from '#core/random.ts';
import { instant, milliseconds, seconds } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { createIds } from '#platform/ids.ts';

it('ids are short, differ, and sort in the order they were made', () => {
  const clock = createVirtualClock(instant(Date.UTC(2026, 0, 5)));
  const next = createIds(clock, seededRandom(1));
  const ids: string[] = [];
  for (let i = 0; i < 3000; i++) {
    ids.push(next());
    if (i % 100 === 0) clock.advanceBy(milliseconds(i % 7));
  }
  expect(new Set(ids).size).toBe(3000);
  expect([...ids].sort()).toEqual(ids);
  expect(ids[0]).toMatch(/^[0-9a-z]{9}-[0-9a-z]{4}$/);
});

it('a wall clock that is set back makes no smaller id, and a million in one millisecond none twice', () => {
  let now = Date.UTC(2026, 0, 5);
  const clock = { now: () => instant(now) } as Clock;
  const next = createIds(clock, seededRandom(1));
  let before = next();
  now -= seconds(3600);
  for (let i = 0; i < 1_100_000; i++) {
    const id = next();
    if (id <= before) throw new Error(`${id} after ${before}`);
    before = id;
  }
});

it('the same clock and seed give the same ids (I8)', () => {
  const make = () => createIds(createVirtualClock(instant(5)), seededRandom('x'));
  const [one, other] = [make(), make()];
  expect([one(), one(), one()]).toEqual([other(), other(), other()]);
});
