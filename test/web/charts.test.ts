import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { historyStep } from '#core/history-steps.ts';
import type { HistorySeries } from '#core/history-view.ts';
import { axisScale } from '../../services/dashboard-api/web/src/model/axis-scale.ts';
import { chartCsv } from '../../services/dashboard-api/web/src/model/chart-csv.ts';
import { boxesOf, heightFor, layOut, type ToPlace } from '../../services/dashboard-api/web/src/model/chart-layout.ts';
import { type ChartLink, readLink, toQuery } from '../../services/dashboard-api/web/src/model/chart-link.ts';
import {
  addPiece,
  isAtHand,
  type Piece,
  rowAt,
  rowsOf,
  statesOf,
  summaryOf,
} from '../../services/dashboard-api/web/src/model/chart-pieces.ts';
import {
  clampView,
  fetchFor,
  isAtNow,
  LONGEST_MS,
  lengthOfView,
  moveView,
  SHORTEST_MS,
  zoomView,
} from '../../services/dashboard-api/web/src/model/chart-view.ts';
import { findPoints } from '../../services/dashboard-api/web/src/model/find-points.ts';
import { timeTicks } from '../../services/dashboard-api/web/src/model/time-ticks.ts';
import { quietRoom, readingsAt } from './fixture-room.ts';

const NOW = Date.parse('2026-11-21T02:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const SHANGHAI = { language: 'zh', timeZone: 'Asia/Shanghai' } as const;

const spans = fc
  .tuple(
    fc.double({ min: 0, max: 20 * 365 * DAY, noNaN: true }),
    fc.double({ min: 0, max: 30 * 365 * DAY, noNaN: true }),
  )
  .map(([before, length]) => ({ from: NOW - before - length, to: NOW - before }));

describe('what a chart shows', () => {
  test('whatever is asked for, it is between a minute and decades long and ends at most a little after now', () => {
    fc.assert(
      fc.property(spans, fc.double({ min: 0.001, max: 1000, noNaN: true }), (span, factor) => {
        for (const view of [clampView(span, NOW), zoomView(clampView(span, NOW), factor, span.from, NOW)]) {
          expect(lengthOfView(view)).toBeGreaterThanOrEqual(SHORTEST_MS - 1);
          expect(lengthOfView(view)).toBeLessThanOrEqual(LONGEST_MS + 1);
          expect(view.to - NOW).toBeLessThanOrEqual(lengthOfView(view) * 0.021 + 1);
        }
      }),
    );
  });
  test('zooming leaves the instant under the pointer where it is', () => {
    const view = { from: NOW - 10 * DAY, to: NOW - 5 * DAY };
    const at = NOW - 8 * DAY;
    const closer = zoomView(view, 0.5, at, NOW);
    const share = (one: typeof view): number => (at - one.from) / lengthOfView(one);
    expect(share(closer)).toBeCloseTo(share(view), 9);
    expect(lengthOfView(closer)).toBe(2.5 * DAY);
  });
  test('what is moved to now ends there and keeps its length', () => {
    const view = moveView({ from: NOW - 2 * HOUR, to: NOW - HOUR }, 5, NOW);
    expect(lengthOfView(view)).toBe(HOUR);
    expect(isAtNow(view, NOW)).toBe(true);
  });
  test('what is fetched reaches half a view further, and the service takes the step that the picture wants', () => {
    fc.assert(
      fc.property(spans, fc.integer({ min: 120, max: 900 }), (span, points) => {
        const view = clampView(span, NOW);
        const ask = fetchFor(view, NOW, points);
        expect(ask.points).toBeLessThanOrEqual(2000);
        expect(historyStep(ask.to - ask.from, ask.points)).toBe(ask.stepMs);
        expect(ask.from).toBeLessThanOrEqual(view.from);
        expect(ask.to).toBeGreaterThanOrEqual(Math.min(view.to, NOW));
      }),
    );
  });
});

const seriesOf = (at: number[], change: Partial<HistorySeries> = {}): HistorySeries => ({
  ...{ device: 'ups-1', point: 'ups.load', unit: '%', kind: 'number' },
  at: at.map((one) => one / 1000),
  mean: at.map((_, i) => i),
  min: at.map((_, i) => i - 1),
  max: at.map((_, i) => i + 1),
  ...{ count: at.map(() => 1), coverage: at.map(() => 1), changes: [], truncated: false },
  ...change,
});
const range = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.max(0, Math.ceil((to - from) / step)) }, (_, i) => from + i * step);
const pieceOf = (from: number, to: number, stepMs: number, askedAt = NOW): Piece => ({
  ...{ from, to, stepMs, askedAt },
  series: seriesOf(range(from, Math.min(to, askedAt), stepMs)),
});

describe('a past put together', () => {
  const T = NOW - DAY;
  test('the finest at hand is shown, and coarser ones where it does not reach', () => {
    const coarse = pieceOf(T, T + 10 * HOUR, HOUR);
    const fine = pieceOf(T + 4 * HOUR, T + 5 * HOUR, 60_000);
    const rows = rowsOf([coarse, fine], { from: T, to: T + 10 * HOUR }, 60_000);
    expect(rows.filter(({ span }) => span === 60_000).length).toBe(60);
    expect(rows.filter(({ span }) => span === HOUR).length).toBe(9);
    expect(rows.map(({ at }) => at)).toEqual(rows.map(({ at }) => at).toSorted((a, b) => a - b));
  });
  test('no instant is told twice, whatever pieces there are', () => {
    const piece = fc
      .tuple(fc.integer({ min: 0, max: 48 }), fc.integer({ min: 1, max: 48 }), fc.constantFrom(60_000, 300_000, HOUR))
      .map(([start, length, step]) => pieceOf(T + start * HOUR, T + (start + length) * HOUR, step));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), fc.constantFrom(60_000, HOUR), (pieces, step) => {
        const rows = rowsOf(pieces, { from: T, to: T + 96 * HOUR }, step);
        rows.forEach((row, i) => {
          const next = rows[i + 1];
          if (next !== undefined) expect(next.at).toBeGreaterThanOrEqual(row.at + row.span / 2);
        });
      }),
      { numRuns: 60 },
    );
  });
  test('where nothing is known there is a gap, and no value is read out', () => {
    const piece = { ...pieceOf(T, T + 6 * HOUR, HOUR), series: seriesOf([T, T + HOUR, T + 4 * HOUR]) };
    const rows = rowsOf([piece], { from: T, to: T + 6 * HOUR }, HOUR);
    expect(rows.map(({ mean }) => mean)).toEqual([0, 1, null, 2]);
    expect(rowAt(rows, T + 3 * HOUR)).toBeNull();
    expect(rowAt(rows, T + HOUR + 1)?.mean).toBe(1);
    expect(rowAt(rows, T - 1)).toBeNull();
    expect(rowAt(rows, T + 9 * HOUR)).toBeNull();
  });
  test('a piece is at hand up to the moment at which it was asked for', () => {
    const piece = pieceOf(NOW - 2 * HOUR, NOW, 10_000);
    const view = { from: NOW - HOUR, to: NOW + 60_000 };
    expect(isAtHand([piece], view, 10_000, NOW, 10_000)).toBe(true);
    expect(isAtHand([piece], view, 10_000, NOW + 60_000, 10_000)).toBe(false);
    expect(isAtHand([piece], view, 60_000, NOW, 10_000)).toBe(false);
    expect(isAtHand([piece], { from: NOW - 3 * HOUR, to: NOW }, 10_000, NOW, 10_000)).toBe(false);
  });
  test('what a newer piece tells as finely is let go, and few are kept', () => {
    const small = pieceOf(NOW - HOUR, NOW, 10_000);
    const large = pieceOf(NOW - 2 * HOUR, NOW + 1, 10_000);
    expect(addPiece([small], large)).toEqual([large]);
    const many = range(0, 40, 1).reduce<readonly Piece[]>(
      (kept, i) => addPiece(kept, pieceOf(i * DAY, (i + 1) * DAY, HOUR)),
      [],
    );
    expect(many.length).toBe(16);
  });
  test('lowest, mean and highest are those of what is seen', () => {
    const rows = rowsOf([pieceOf(T, T + 10 * HOUR, HOUR)], { from: T, to: T + 10 * HOUR }, HOUR);
    expect(summaryOf(rows, { from: T + 2 * HOUR, to: T + 5 * HOUR })).toEqual({
      min: 1,
      max: 5,
      mean: 3,
      count: 3,
      last: 4,
    });
    expect(summaryOf([], { from: T, to: NOW })).toBeNull();
  });
  test('a word stands until the next one, the last until now', () => {
    const changes = [
      { at: new Date(T - HOUR).toISOString(), value: 'OL', quality: 'good' },
      { at: new Date(T + HOUR).toISOString(), value: 'OB', quality: 'good' },
    ];
    const piece = { ...pieceOf(T, NOW, HOUR), series: seriesOf([], { kind: 'word', changes }) };
    const states = statesOf([piece], { from: T, to: NOW }, NOW);
    expect(states.map(({ from, to, value }) => [from, to, value])).toEqual([
      [T - HOUR, T + HOUR, 'OL'],
      [T + HOUR, NOW, 'OB'],
    ]);
    expect(statesOf([], { from: T, to: NOW }, NOW)).toEqual([]);
  });
});

describe('the address of a comparison', () => {
  test('says all of it: what is written is read again', () => {
    const keys = fc.uniqueArray(
      fc.record({
        device: fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/),
        point: fc.stringMatching(/^[a-z]{1,6}\.[a-z]{1,6}$/),
      }),
      { maxLength: 8, selector: ({ device, point }) => `${device}/${point}` },
    );
    const links: fc.Arbitrary<ChartLink> = fc.record({
      series: keys,
      range: fc.oneof(
        fc.record({ lengthMs: fc.integer({ min: 60, max: 1e8 }).map((seconds) => seconds * 1000) }),
        fc.integer({ min: 60, max: 1e7 }).map((seconds) => ({ from: NOW - 1e10 - seconds * 1000, to: NOW - 1e10 })),
      ),
      apart: fc.constantFrom(true, false, null),
      overlay: fc.constantFrom('none', 'day', 'week', 'year'),
      table: fc.boolean(),
    });
    fc.assert(
      fc.property(links, (link) => {
        expect(readLink(toQuery(link), NOW)).toEqual(link);
      }),
    );
  });
  test.each([
    ['the address of before', { device: 'ups-1', point: 'ups.load', range: '24h' }, ['ups-1/ups.load'], 86_400_000],
    ['nonsense', { s: ['x', '/', 'a/b/c'], range: 'soon', layout: 'round', over: 'there' }, [], 21_600_000],
    ['a range backwards', { s: 'a/b', from: '2026-11-21T02:00:00Z', to: '2026-11-21T01:00:00Z' }, ['a/b'], 21_600_000],
    ['no length', { s: 'a/b', range: '0s' }, ['a/b'], 60_000],
    ['the same twice', { s: ['a/b', 'a/b'] }, ['a/b'], 21_600_000],
  ])('%s', (_what, query, series, lengthMs) => {
    const link = readLink(query, NOW);
    expect(link.series.map(({ device, point }) => `${device}/${point}`)).toEqual(series);
    expect(link.range).toEqual({ lengthMs });
  });
});

describe('where charts stand', () => {
  const one = (key: string, unit: string, kind: ToPlace['kind'] = 'number'): ToPlace => ({ key, unit, kind });
  const said = (panels: ReturnType<typeof layOut>): string =>
    panels
      .map((panel) => (panel.kind === 'word' ? panel.key : panel.axes.map(({ keys }) => keys.join('+')).join('|')))
      .join(' ');
  test.each([
    ['one unit: one chart', [one('a', 'V'), one('b', 'V')], null, 'a+b'],
    ['two units: an axis on either side', [one('a', 'V'), one('b', '%')], null, 'a|b'],
    ['three units: one under the other', [one('a', 'V'), one('b', '%'), one('c', 'A')], null, 'a b c'],
    ['three units, told to be together: two in a chart', [one('a', 'V'), one('b', '%'), one('c', 'A')], false, 'a|b c'],
    ['apart: each its own', [one('a', 'V'), one('b', 'V')], true, 'a b'],
    ['words are lines below', [one('w', '', 'word'), one('a', 'V')], null, 'a w'],
    ['words alone', [one('w', '', 'word')], null, 'w'],
  ] as const)('%s', (_what, series, apart, wanted) => expect(said(layOut(series, apart))).toBe(wanted));
  test('everything has room in the height that is asked for, nothing lies over another', () => {
    const kinds = fc.array(fc.tuple(fc.constantFrom('V', '%', 'A', '°C'), fc.boolean()), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(kinds, fc.constantFrom(true, false, null), fc.boolean(), (given, apart, isNarrow) => {
        const panels = layOut(
          given.map(([unit, word], i) => one(`k${i}`, unit, word ? 'word' : 'number')),
          apart,
        );
        const height = heightFor(panels, 76, isNarrow);
        const boxes = boxesOf(panels, height, 46, 30);
        boxes.forEach((box, i) => {
          const before = boxes[i - 1];
          expect(box.top).toBeGreaterThanOrEqual(before === undefined ? 46 : before.top + before.height + 20);
        });
        expect((boxes.at(-1)?.top ?? 0) + (boxes.at(-1)?.height ?? 0)).toBeLessThanOrEqual(height - 30 + 0.001);
      }),
    );
  });
});

describe('axes', () => {
  test.each([
    ['a minute', 60_000, ['09:59:00', '09:59:10']],
    ['an hour', HOUR, ['09:00', '09:10']],
    ['a week', 7 * DAY, ['11/15', '11/16']],
    ['a year', 365 * DAY, ['2026年', '3月']],
    ['twenty years', 20 * 365 * DAY, ['2010年', '2015年']],
  ])('time over %s stands on whole units of the site’s clock', (_what, length, first) => {
    const ticks = timeTicks({ from: NOW - length, to: NOW }, 10, SHANGHAI);
    expect(ticks.slice(0, 2).map(({ label }) => label)).toEqual(first);
    expect(ticks.length).toBeLessThanOrEqual(13);
  });
  test('days begin at midnight of the site, also across a change to summer time', () => {
    const ticks = timeTicks({ from: Date.parse('2026-03-27T00:00:00Z'), to: Date.parse('2026-04-01T00:00:00Z') }, 6, {
      language: 'en',
      timeZone: 'Europe/Berlin',
    });
    expect(ticks.map(({ at }) => new Date(at).toISOString().slice(8, 13))).toEqual([
      '27T23',
      '28T23',
      '29T22',
      '30T22',
      '31T22',
    ]);
  });
  const band = { scale: { low: 10, high: 40 }, normal: [18, 27] as const, limits: [] };
  const flat = (mean: number) =>
    rowsOf(
      [
        {
          ...pieceOf(0, HOUR, 60_000),
          series: seriesOf(range(0, HOUR, 60_000), {
            mean: range(0, 60, 1).map(() => mean),
            min: range(0, 60, 1).map(() => mean),
            max: range(0, 60, 1).map(() => mean),
          }),
        },
      ],
      { from: 0, to: HOUR },
      60_000,
    );
  test('a value that stands still is a line in the middle, not a mountain range of its noise', () => {
    const { low, high } = axisScale([{ rows: flat(22), under: [], band }], { from: 0, to: HOUR }, 4);
    expect(low).toBeLessThanOrEqual(21.7);
    expect(high).toBeGreaterThanOrEqual(22.3);
  });
  test('a limit that is near is drawn in, a far one does not flatten the curve', () => {
    const limits = [
      { at: 22.6, side: 'above', severity: 'high' },
      { at: 35, side: 'above', severity: 'high' },
    ] as const;
    const { high } = axisScale([{ rows: flat(22), under: [], band: { ...band, limits } }], { from: 0, to: HOUR }, 4);
    expect(high).toBeGreaterThanOrEqual(22.6);
    expect(high).toBeLessThan(30);
  });
  test('a charge of 100 % has no axis beyond it', () => {
    const full = { scale: { low: 0, high: 100 }, normal: [80, 100] as const, limits: [] };
    const { low, high } = axisScale([{ rows: flat(100), under: [], band: full }], { from: 0, to: HOUR }, 4);
    expect(high).toBe(100);
    expect(low).toBeLessThan(100);
  });
  test('nothing to show is a scale all the same', () => {
    expect(axisScale([], { from: 0, to: HOUR }, 4).step).toBeGreaterThan(0);
  });
});

describe('what is taken away or looked for', () => {
  test('CSV has the site’s own time, keeps commas in their cells, and no cell is a formula', () => {
    const rows = rowsOf([pieceOf(NOW - 2 * HOUR, NOW, HOUR)], { from: NOW - 2 * HOUR, to: NOW }, HOUR);
    const states = [{ from: NOW - HOUR, to: NOW, value: '=cmd|x', quality: 'good' }];
    const head = { device: 'ups-1', point: 'ups.load', unit: '%' };
    const text = chartCsv(
      [
        { ...head, name: '一号, "主"', rows, states: [] },
        { ...head, name: '+1', rows: [], states },
      ],
      { from: NOW - 2 * HOUR, to: NOW },
      () => 480,
    );
    expect(text.split('\r\n')).toEqual([
      'time,device,point,name,unit,mean,min,max,readings,known,value,quality',
      '2026-11-21T08:00:00+08:00,ups-1,ups.load,"一号, ""主""",%,0,-1,1,1,1,,',
      '2026-11-21T09:00:00+08:00,ups-1,ups.load,"一号, ""主""",%,1,0,2,1,1,,',
      "2026-11-21T09:00:00+08:00,ups-1,ups.load,'+1,%,,,,,,'=cmd|x,good",
      '',
    ]);
  });
  const readings = readingsAt(NOW, quietRoom());
  const ask = {
    chosen: [{ device: 'th-1', point: 'ambient.temperature' }],
    language: 'zh',
    nameOf: () => null,
    labelOf: () => '',
  } as const;
  test('without words the same point of other devices comes first, then the device’s own', () => {
    const found = findPoints(readings, { ...ask, wanted: '' }).map(({ key }) => `${key.device}/${key.point}`);
    expect(found.slice(0, 3)).toEqual([
      'th-2/ambient.temperature',
      'th-3/ambient.temperature',
      'th-4/ambient.temperature',
    ]);
    expect(found[3]?.startsWith('th-1/')).toBe(true);
    expect(found).not.toContain('th-1/ambient.temperature');
  });
  test('every word must be found, in either language', () => {
    const found = findPoints(readings, { ...ask, wanted: 'ups-1 电压' }).map(({ key }) => key.point);
    expect(found.toSorted()).toEqual(['input.voltage', 'output.voltage']);
    expect(findPoints(readings, { ...ask, wanted: 'voltage input' }).map(({ key }) => key.point)).toEqual([
      'input.voltage',
    ]);
    expect(findPoints(readings, { ...ask, wanted: '没有这个' })).toEqual([]);
  });
});
