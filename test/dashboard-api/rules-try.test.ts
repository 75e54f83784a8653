import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { ruleSchema } from '#core/config/rule.ts';
import { hours, milliseconds, minus, minutes, plus } from '#core/time.ts';
import { createMemorySeriesStore } from '#platform/series/memory-series-store.ts';
import { iso, reading, type SignedIn, START, startDashboard, type TestDashboard } from './support.ts';

let site: TestDashboard;
let admin: SignedIn;
afterEach(() => site.dashboard.stop());

const RULE = ruleSchema.parse({
  id: 'battery-low',
  title: 'Battery low',
  on: { kinds: ['ups'] },
  when: { point: 'battery.charge', below: 30, clear: 40 },
  for: '2m',
  severity: 'high',
  consequence: 'c',
  response: 'r',
  respond_within: '5m',
  source: 'test',
});

/** A day of a battery in an hour's outage: down to 20 % and up again, a reading a minute. */
async function begin(): Promise<void> {
  const series = createMemorySeriesStore();
  site = await startDashboard({ series });
  admin = await site.signIn();
  await series.write(
    Array.from({ length: 24 * 60 }, (_, minute) => {
      const at = plus(minus(START, hours(24)), minutes(minute));
      const into = minute - 600;
      const value = into < 0 || into > 160 ? 100 : into < 80 ? 100 - into : 20 + (into - 80);
      return reading({ point: 'battery.charge', value, measuredAt: at, receivedAt: at, changedAt: at });
    }),
  );
  await site.publish('rules', '', { since: iso(), readAt: iso(), rules: [RULE], overrides: [], problems: [] });
}
const get = (url: string) => site.dashboard.inject({ url, headers: admin.headers });
/** It pauses between slices, so that nobody else waits: the clock goes on meanwhile. */
async function ask(more: Record<string, string>) {
  let done = false;
  const query = new URLSearchParams({ rule: 'battery-low', device: 'ups-1', days: '1', ...more });
  const asked = get(`/api/v1/rules/try?${query}`).finally(() => {
    done = true;
  });
  while (!done) {
    await site.wall.advanceByAsync(milliseconds(10));
    await setImmediate();
  }
  return asked;
}

describe('a rule is tried on history', () => {
  test('as it is: once, from two minutes below 30 until it is over 40', async () => {
    await begin();
    const { now, edited, refused } = (await ask({})).json();
    expect(now).toMatchObject({ off: false, times: 1 });
    // 71 minutes to below 30, two of waiting; back over 40 21 minutes after the lowest.
    expect(now.spans[0]).toMatchObject({
      from: new Date(START - 24 * 3_600_000 + (600 + 73) * 60_000).toISOString(),
      to: new Date(START - 24 * 3_600_000 + (600 + 80 + 20) * 60_000).toISOString(),
    });
    expect(edited.times).toBe(1);
    expect(refused).toBeNull();
  });

  test('with other numbers: the limit that it never passes, and nothing is changed by asking', async () => {
    await begin();
    const values = JSON.stringify({ limits: [{ path: '0', limit: 15 }] });
    const answer = await ask({ values });
    expect([answer.statusCode, answer.json().edited?.times ?? answer.body]).toEqual([200, 0]);
    expect(answer.json().now.times).toBe(1);
    expect((await get('/api/v1/rules')).json().view.overrides).toEqual([]);
  });

  test.each([
    ['a rule that is not there', { rule: 'nothing' }, 404],
    ['a device that is not there', { device: 'nowhere' }, 404],
    ['more days than are looked at', { days: '365' }, 400],
    ['numbers that are none', { values: '{"limits":"x"}' }, 400],
    ['no JSON', { values: '{' }, 400],
  ])('%s is refused', async (_what, more: Record<string, string>, status) => {
    await begin();
    expect((await ask(more)).statusCode).toBe(status);
  });
});
