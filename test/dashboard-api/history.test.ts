import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { HISTORY_STEPS, historyStep } from '#core/history-steps.ts';
import type { DeviceContextResponse, HistoryManyResponse, HistoryMarksResponse } from '#core/history-view.ts';
import { milliseconds, plus } from '#core/time.ts';
import { deviceContextSchema, historyManySchema, historyMarksSchema } from '#services/dashboard-api/schemas/history.ts';
import { alert, batch, incident, iso, reading, START, startDashboard, type TestDashboard } from './support.ts';

describe('the ladder of steps', () => {
  test('any range is at most as many buckets as asked for, wherever it begins', () => {
    const lengths = fc.double({ min: 1000, max: 25 * 366 * 86_400_000, noNaN: true });
    fc.assert(
      fc.property(
        lengths,
        fc.integer({ min: 2, max: 2000 }),
        fc.double({ min: 0, max: 1e12, noNaN: true }),
        (...given) => {
          const [length, points, from] = given;
          const step = historyStep(length, points);
          const buckets = Math.ceil((from + length) / step) - Math.floor(from / step);
          expect(buckets).toBeLessThanOrEqual(points + 1);
        },
      ),
    );
  });
  test('each step is a whole part of the next unit, so that figures kept by minute, hour and day are enough', () => {
    for (const step of HISTORY_STEPS) {
      const unit = [60_000, 3_600_000, 86_400_000].find((one) => step < one);
      expect(unit === undefined ? step % 86_400_000 : unit % step).toBe(0);
    }
    expect([...HISTORY_STEPS].sort((a, b) => a - b)).toEqual(HISTORY_STEPS);
  });
});

const sites: TestDashboard[] = [];
const start = async (...given: Parameters<typeof startDashboard>): Promise<TestDashboard> => {
  const site = await startDashboard(...given);
  sites.push(site);
  return site;
};
afterEach(async () => {
  for (const site of sites.splice(0)) await site.dashboard.stop();
});
const at = (second: number) => plus(START, milliseconds(second * 1000));

describe('several points in one request', () => {
  test('numbers come in columns with mean between lowest and highest, gaps left out, words as their changes', async () => {
    const { dashboard, publish, wall } = await start();
    for (const second of [0, 10, 20, 30, 900, 910]) {
      const time = { measuredAt: at(second), receivedAt: at(second) };
      await publish(
        'reading/+',
        'ups-1',
        batch(
          [
            reading({ value: 90 + second / 100, ...time }),
            reading({ point: 'ups.status', value: second < 900 ? 'OL' : 'OB', ...time }),
          ],
          at(second),
        ),
      );
    }
    await wall.advanceByAsync(milliseconds(5000));
    const url = `/api/v1/history?series=ups-1/battery.charge&series=ups-1/ups.status&from=${iso()}&to=${iso(1000)}&points=100`;
    const answer = (await dashboard.inject(url)).json<HistoryManyResponse>();
    expect(historyManySchema.parse(answer)).toEqual(answer);
    const [charge, status] = answer.series;
    expect(answer.stepS).toBe(12);
    expect(charge).toMatchObject({ device: 'ups-1', point: 'battery.charge', unit: '%', kind: 'number', changes: [] });
    const places = charge?.at.map((second) => second - START / 1000) ?? [];
    // A value holds for five minutes; then nothing is known until the next one.
    expect(places.filter((second) => second > 350 && second < 880)).toEqual([]);
    expect(places[0]).toBe(0);
    charge?.mean.forEach((mean, i) => {
      expect(mean).toBeGreaterThanOrEqual(charge.min[i] ?? Number.NaN);
      expect(mean).toBeLessThanOrEqual(charge.max[i] ?? Number.NaN);
    });
    expect(charge?.count.reduce((sum, one) => sum + one, 0)).toBe(6);
    expect(status?.kind).toBe('word');
    expect(status?.changes.map(({ value }) => value)).toEqual(['OL', 'OB']);
    expect(status?.at).toEqual([]);
  });

  test.each([
    ['no series', ''],
    ['an empty series', 'series='],
    ['no point', 'series=ups-1'],
    ['more than one slash', 'series=ups-1/a/b'],
    ['more than twelve', Array.from({ length: 13 }, () => 'series=ups-1/battery.charge').join('&')],
    ['an unknown key', 'series=ups-1/battery.charge&x=1'],
    ['points beyond all measure', 'series=ups-1/battery.charge&points=1e9'],
    ['no points', 'series=ups-1/battery.charge&points=0'],
    ['a range backwards', `series=ups-1/battery.charge&from=${iso(10)}&to=${iso()}`],
    ['a hundred years', 'series=ups-1/battery.charge&from=1926-01-01T00:00:00Z&to=2026-01-01T00:00:00Z'],
    ['a time that is none', 'series=ups-1/battery.charge&from=yesterday'],
    ['an object', 'series[device]=ups-1'],
  ])('%s is 400 and not a long answer', async (_what, query) => {
    const { dashboard } = await start();
    const response = await dashboard.inject(`/api/v1/history?${query}`);
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ code: 'BAD_REQUEST' });
  });
  test.each([
    ['device', 'series=ups-9/battery.charge'],
    ['device named like a property', 'series=__proto__/battery.charge'],
    ['point', 'series=ups-1/no.such.point'],
  ])('a %s that is not there is 404', async (_what, query) => {
    const { dashboard } = await start();
    expect((await dashboard.inject(`/api/v1/history?${query}`)).statusCode).toBe(404);
  });
  test('whatever is asked is answered or refused, never a 500', async () => {
    const { dashboard } = await start();
    const text = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc.constantFrom(
        'ups-1/battery.charge',
        'ups-1/ups.status',
        '%00',
        '/',
        'a/b',
        iso(),
        '9999-12-31T23:59:59+23:59',
      ),
    );
    const name = fc.constantFrom('series', 'from', 'to', 'points', 'device', 'x');
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('/history', '/history/marks'),
        fc.array(fc.tuple(name, text), { maxLength: 6 }),
        async (path, query) => {
          const { statusCode } = await dashboard.inject(`/api/v1${path}?${new URLSearchParams(query)}`);
          expect([200, 400, 404]).toContain(statusCode);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('what happened meanwhile', () => {
  let site: TestDashboard;
  beforeAll(async () => {
    site = await startDashboard();
    await site.publish('alert/+', 'a', alert({ state: 'cleared', clearedAt: iso(600), incident: '20261121-1' }));
    await site.publish('alert/+', 'b', alert({ id: 'b', device: 'th-1', firedAt: null, state: 'pending' }));
    await site.publish('alert/+', 'c', alert({ id: 'c', device: 'th-1', firedAt: iso(-7200), state: 'firing' }));
    await site.publish('incident/+', 'i', incident());
    await site.publish('maintenance', '', {
      windows: [
        {
          ...{ id: 'w', devices: ['ups-1'], kinds: [], room: null, rule: null, from: iso(-100), to: iso(100) },
          ...{ reason: '更换电池', by: 'lin-hao', at: iso(-100), ended: null },
        },
      ],
      shelved: [],
    });
    await site.publish('outages', '', {
      outages: [
        { id: 'o', from: iso(200), to: iso(300), upses: [], reason: '检修', by: 'lin-hao', at: iso(), cancelled: null },
        {
          ...{ id: 'x', from: iso(200), to: iso(300), upses: [], reason: '检修', by: 'lin-hao', at: iso() },
          cancelled: { by: 'lin-hao', at: iso(), reason: '改期' },
        },
      ],
    });
  });
  afterAll(() => site.dashboard.stop());
  const marks = async (query: string, headers = {}): Promise<HistoryMarksResponse> =>
    (await site.dashboard.inject({ url: `/api/v1/history/marks?${query}`, headers })).json();

  test('alerts that fired, incidents, announced cuts and maintenance, by their beginnings; nothing that never happened', async () => {
    const answer = await marks(`from=${iso(-3600)}&to=${iso(3600)}`);
    expect(historyMarksSchema.parse(answer)).toEqual(answer);
    // The alert that fired two hours ago still does: it reaches into the range.
    expect(answer.marks.map(({ kind, id }) => `${kind} ${id}`)).toEqual([
      'alert c',
      'maintenance w',
      'incident 20261121-1',
      'alert on-battery.ups-1',
      'outage o',
    ]);
  });
  test('a device’s own, and those of the whole site', async () => {
    const ids = async (device: string): Promise<string[]> =>
      (await marks(`from=${iso(-3600)}&to=${iso(3600)}&device=${device}`)).marks.map(({ id }) => id);
    expect(await ids('th-1')).toEqual(['c', 'o']);
    expect(await ids('ups-1')).toEqual(['w', '20261121-1', 'on-battery.ups-1', 'o']);
  });
  test('what is over before the range or begins after it is not there', async () => {
    const answer = await marks(`from=${iso(700)}&to=${iso(800)}&device=ups-1`);
    expect(answer.marks.map(({ id }) => id)).toEqual(['20261121-1']);
  });
  test('people’s own words are for those who signed in', async () => {
    const { headers } = await site.signIn('viewer');
    const query = `from=${iso(-3600)}&to=${iso(3600)}&device=ups-1`;
    expect((await marks(query)).marks.map(({ note }) => note)).toEqual([null, null, null, null]);
    expect((await marks(query, headers)).marks.map(({ note }) => note)).toContain('更换电池');
  });
  test('around a device: what plans would do with it, and what happened to it, the newest first', async () => {
    const { headers } = await site.signIn('viewer');
    const answer = (
      await site.dashboard.inject({ url: '/api/v1/devices/ups-1/context', headers })
    ).json<DeviceContextResponse>();
    expect(deviceContextSchema.parse(answer)).toEqual(answer);
    expect(answer.steps).toEqual([]);
    expect(answer.marks.map(({ id }) => id)).toEqual(['on-battery.ups-1', '20261121-1', 'w']);
    expect((await site.dashboard.inject({ url: '/api/v1/devices/none/context', headers })).statusCode).toBe(404);
  });
});
