import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAlarmCollector } from '#core/alarm-figures/alarms.ts';
import { weekOf } from '#core/alarm-figures/weeks.ts';
import { ALERT_CHANGES, type AlertEvent } from '#core/alert-event.ts';
import { instant, toIso } from '#core/time.ts';
import { eventsOf, figures, figuresOfEvents, type Line, MONDAY, moment, WEEK } from './support.ts';

const MIN = 60;
const HOUR = 3600;
const DAY = 24 * HOUR;
const short = (alert: string, from: number, length: number): Line[] => [
  [from, alert, 'fired'],
  [from + length, alert, 'cleared'],
];

/** Counted by hand. */
const A_WEEK: readonly Line[] = [
  ...short('temp.th-1.1', 2 * HOUR, 10 * MIN),
  ...short('temp.th-1.2', DAY, 20 * MIN),
  [DAY + 5 * MIN, 'temp.th-1.2', 'acknowledged', { by: 'lin-hao' }],
  ...short('temp.th-1.3', DAY + HOUR, 30 * MIN),
  [2 * DAY, 'fan.ac-1.1', 'fired', { severity: 'high' }],
  [2 * DAY + HOUR, 'fan.ac-1.1', 'acknowledged', { by: 'zhou-min' }],
  [2 * DAY + 2 * HOUR, 'fan.ac-1.1', 'shelved', { by: 'zhou-min' }],
  [2 * DAY + 5 * HOUR, 'fan.ac-1.1', 'unshelved'],
  [3 * DAY, 'down.th-2.1', 'fired', { severity: 'medium' }],
  [3 * DAY, 'down.th-2.1', 'inhibited', { by: 'fan.ac-1.1' }],
  [3 * DAY + MIN, 'down.th-2.1', 'cleared'],
  [4 * DAY, 'down.th-3.1', 'fired', { severity: 'medium' }],
  [4 * DAY, 'down.th-3.1', 'maintenance', { by: 'w1' }],
  [4 * DAY + HOUR, 'down.th-3.1', 'returned', { by: 'w1' }],
  [4 * DAY + 2 * HOUR, 'down.th-3.1', 'cleared'],
  [5 * DAY, 'leak.w-1.1', 'pending'],
  [5 * DAY + 1, 'leak.w-1.1', 'dismissed'],
  ...short('test.th-9.1', 5 * DAY, MIN).map(([s, id, what]): Line => [s, id, what, { simulated: true }]),
];

describe('a week counted by hand', () => {
  const week = figures(A_WEEK, {
    pages: [
      { at: toIso(moment(HOUR)), person: 'lin-hao' },
      { at: toIso(moment(2 * HOUR)), person: 'lin-hao' },
      { at: toIso(moment(3 * HOUR)), person: 'zhou-min' },
      { at: toIso(instant(MONDAY - 1)), person: 'zhou-min' },
    ],
  });
  it('counts what stood before people, by day, severity and room; what was held back and what is simulated apart', () => {
    expect(week.alarms).toBe(5);
    expect(week.aDay).toBeCloseTo(5 / 7);
    expect(week.days.map(({ alarms }) => alarms)).toEqual([1, 2, 1, 0, 1, 0, 0]);
    expect(week.severities).toEqual({ low: 3, medium: 1, high: 1 });
    expect(week.rooms).toEqual([
      { room: 'core', alarms: 4 },
      { room: null, alarms: 1 },
    ]);
    expect(week.heldBack).toEqual({ inhibited: 1, maintenance: 0 });
    expect(week.simulated).toBe(1);
  });
  it('a simulated site counts what is simulated', () => {
    expect(figures(A_WEEK, { simulation: true })).toMatchObject({ alarms: 6, simulated: 0 });
  });
  it('how long until acknowledged and cleared, from when it stood before people', () => {
    expect(week.acknowledge).toEqual({ count: 2, medianS: 5 * MIN, p90S: HOUR });
    // 10, 20, 30 and, of what came out of maintenance, 60 minutes.
    expect(week.clear).toEqual({ count: 4, medianS: 20 * MIN, p90S: HOUR });
  });
  it('what stands for more than a day is stale; who shelved what for how long; who was paged how often', () => {
    expect(week.stale.count).toBe(1);
    expect(week.stale.longest[0]).toMatchObject({ rule: 'fan', device: 'ac-1', since: toIso(moment(2 * DAY)) });
    expect(week.shelved).toEqual([{ person: 'zhou-min', times: 1, totalS: 3 * HOUR }]);
    expect(week.people).toEqual([
      { person: 'lin-hao', pages: 2 },
      { person: 'zhou-min', pages: 1 },
    ]);
  });
  it('names the most frequent with what to do', () => {
    expect(week.badActors.map(({ rule, alarms, kind }) => [rule, alarms, kind])).toEqual([
      ['temp', 3, 'frequent'],
      ['down', 1, null],
      ['fan', 1, 'stale'],
    ]);
    expect(week.badActors[0]).toMatchObject({ share: 0.6, medianS: 20 * MIN });
  });
});

describe('each bad actor has its suggestion', () => {
  const often = (alert: string, gap: number, length: number): Line[] =>
    [1, 2, 3].flatMap((n) => short(`${alert}.${n}`, n * gap, length));
  it.each<[reason: string, lines: Line[], kind: string | null]>([
    ['three in a minute want hysteresis', often('a.th-1', 20, 5), 'chattering'],
    ['three in more than a minute do not chatter', often('a.th-1', 30, 5), 'short'],
    [
      'the engine found it to come and go',
      [...short('a.th-1.1', 0, HOUR), [60, 'a.th-1.1', 'chattering']],
      'chattering',
    ],
    ['many short ones want a longer `for`', often('a.th-1', HOUR, 4 * MIN), 'short'],
    ['many long ones have a cause', often('a.th-1', HOUR, 6 * MIN), 'frequent'],
    ['one that stands wants a repair', [[0, 'a.th-1.1', 'fired']], 'stale'],
    [
      'always shelved: nobody needs it',
      [...often('a.th-1', HOUR, MIN), ...[1, 2, 3].map((n): Line => [n * HOUR, `a.th-1.${n}`, 'shelved', { by: 'p' }])],
      'shelved',
    ],
    ['once is no pattern', short('a.th-1.1', 0, MIN), null],
    ['a smoke detector is looked at, never loosened', often('smoke.th-1', 20, 5), 'detector'],
  ])('%s', (_reason, lines, kind) => {
    const [first] = figures(lines).badActors;
    expect(first?.kind).toBe(kind);
    if (kind !== null) expect(first?.suggestion?.zh.length).toBeGreaterThan(8);
  });
  it('ten at most, the most frequent first', () => {
    const lines = Array.from({ length: 12 }, (_, rule) =>
      Array.from({ length: rule + 1 }, (__, n) => short(`r${rule}.d.${n}`, rule * HOUR + n * 300, 10)).flat(),
    ).flat();
    expect(figures(lines).badActors.map(({ alarms }) => alarms)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
  });
});

describe('edges', () => {
  it('an empty week is all zeros, and nothing divides by none', () => {
    const week = figures([]);
    expect(week).toMatchObject({ alarms: 0, aDay: 0, worst: { alarms: 0, from: null }, badActors: [], people: [] });
    expect(week.flood).toEqual({ times: 0, totalS: 0, share: 0 });
    expect(week.acknowledge).toEqual({ count: 0, medianS: null, p90S: null });
    expect(JSON.stringify(week)).not.toContain('NaN');
  });
  it('on Monday morning a day is a whole day, so that one alarm is not a hundred a day', () => {
    expect(figures(short('a.b.1', MIN, MIN), { now: moment(10 * MIN) }).aDay).toBe(1);
  });
  it('what stood before the week is not counted in it, but is stale in it and clears in it', () => {
    const week = figures(short('a.b.1', -3 * DAY, 4 * DAY));
    expect(week).toMatchObject({ alarms: 0, stale: { count: 1 }, clear: { count: 1, medianS: 4 * DAY } });
  });
  it.each([
    ['not yet after 24 h', DAY, 0],
    ['a second after', DAY + 1, 1],
  ])('stale: %s', (_reason, length, count) => {
    expect(figures(short('a.b.1', HOUR, length)).stale.count).toBe(count);
  });
  it('a rule that went is no answer to how long clearing takes', () => {
    expect(
      figures([
        [0, 'a.b.1', 'fired'],
        [60, 'a.b.1', 'retired'],
      ]),
    ).toMatchObject({ alarms: 1, clear: { count: 0 } });
  });
  it('what was acknowledged, opened again and acknowledged counts once, by the first', () => {
    const week = figures([
      [0, 'a.b.1', 'fired'],
      [60, 'a.b.1', 'acknowledged'],
      [600, 'a.b.1', 'reopened'],
      [900, 'a.b.1', 'acknowledged'],
    ]);
    expect(week).toMatchObject({ alarms: 1, acknowledge: { count: 1, medianS: 60 } });
  });
});

describe('weeks of the site begin on its Monday, also where clocks change', () => {
  it.each([
    ['Shanghai knows no summer time', '2026-11-18T00:00:00Z', 'Asia/Shanghai', '2026-11-16', 168],
    ['Sunday night is still the week before', '2026-11-15T15:59:59Z', 'Asia/Shanghai', '2026-11-09', 168],
    ['Berlin goes forward: an hour is missing', '2026-03-29T12:00:00Z', 'Europe/Berlin', '2026-03-23', 167],
    ['Berlin goes back: an hour comes twice', '2026-10-25T12:00:00Z', 'Europe/Berlin', '2026-10-19', 169],
  ])('%s', (_reason, at, zone, id, hours) => {
    const week = weekOf(instant(Date.parse(at)), zone);
    expect(week.id).toBe(id);
    expect((week.to - week.from) / 3_600_000).toBe(hours);
    expect(week.days).toHaveLength(7);
    expect(weekOf(week.to, zone).from).toBe(week.to);
    expect(weekOf(instant(week.to - 1), zone).id).toBe(id);
  });
  it('an alarm in the hour that comes twice is on that Sunday', () => {
    const week = weekOf(instant(Date.parse('2026-10-25T12:00:00Z')), 'Europe/Berlin');
    const events = ['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z', '2026-10-25T22:59:59Z'].map(
      (at, n): AlertEvent => ({
        ...{ at, alert: `a${n}`, rule: 'r', device: 'd' },
        severity: 'low',
        what: 'fired',
        by: null,
      }),
    );
    expect(figuresOfEvents(events, { span: week, now: week.to }).days.map(({ alarms }) => alarms)).toEqual([
      0, 0, 0, 0, 0, 0, 3,
    ]);
  });
});

const line = fc.record({
  seconds: fc.integer({ min: -2 * DAY, max: 8 * DAY }),
  alert: fc.constantFrom('a.th-1.1', 'a.th-1.2', 'a.th-1.3', 'b.ac-1.1', 'b.ac-1.2', 'smoke.th-2.1', 'c.x.1'),
  what: fc.constantFrom(...ALERT_CHANGES),
  by: fc.constantFrom('p', 'q'),
});
const lines = fc
  .array(line, { maxLength: 80 })
  .map((all) => eventsOf(all.map(({ seconds, alert, what, by }): Line => [seconds, alert, what, { by }])));

it('the order of the lines does not matter', () => {
  fc.assert(
    fc.property(lines, fc.infiniteStream(fc.nat()), (events, keys) => {
      const mixed = events
        .map((event) => ({ event, key: keys.next().value ?? 0 }))
        .sort((a, b) => a.key - b.key)
        .map(({ event }) => event);
      expect(figuresOfEvents(mixed)).toEqual(figuresOfEvents(events));
    }),
  );
});

it('days, severities and rooms each add up to all alarms; bad actors never to more', () => {
  fc.assert(
    fc.property(lines, (events) => {
      const { alarms, days, severities, rooms, badActors } = figuresOfEvents(events);
      const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
      expect(sum(days.map((day) => day.alarms))).toBe(alarms);
      expect(sum(Object.values(severities))).toBe(alarms);
      expect(sum(rooms.map((room) => room.alarms))).toBe(alarms);
      expect(sum(badActors.map((actor) => actor.alarms))).toBeLessThanOrEqual(alarms);
    }),
  );
});

it('a week is the sum of its two parts', () => {
  fc.assert(
    fc.property(lines, fc.integer({ min: -DAY, max: 7 * DAY }), (events, cut) => {
      const at = moment(Math.max(1, cut));
      const part = (from: typeof at, to: typeof at) =>
        figuresOfEvents(events, { span: { from, to, days: [] }, now: to });
      const [one, two, all] = [part(WEEK.from, at), part(at, WEEK.to), part(WEEK.from, WEEK.to)];
      expect(one.alarms + two.alarms).toBe(all.alarms);
      expect(one.clear.count + two.clear.count).toBe(all.clear.count);
      expect(one.acknowledge.count + two.acknowledge.count).toBe(all.acknowledge.count);
      expect(one.heldBack.inhibited + two.heldBack.inhibited).toBe(all.heldBack.inhibited);
    }),
  );
});

/** As the log is written: an alert ends once, and after its end nothing more is said of it. */
const lives = lines.map((events) => {
  const ended = new Set<string>();
  const order = ({ at, what }: AlertEvent) => `${at} ${String(ALERT_CHANGES.indexOf(what)).padStart(2, '0')}`;
  return events
    .toSorted((a, b) => (order(a) < order(b) ? -1 : 1))
    .filter(({ alert, what }) => {
      if (ended.has(alert)) return false;
      if (what === 'cleared' || what === 'retired' || what === 'dismissed') ended.add(alert);
      return true;
    });
});

it('what is carried into the next week gives the same figures as the whole log', () => {
  fc.assert(
    fc.property(lives, (events) => {
      const before = createAlarmCollector();
      for (const event of events) if (event.at < toIso(WEEK.from)) before.add(event);
      const carried = before.carry(instant(WEEK.from - 3_600_000));
      const rest = events.filter(({ at }) => at >= toIso(WEEK.from));
      const whole = figuresOfEvents(events);
      const next = figuresOfEvents([...carried, ...rest]);
      expect(next.clear).toEqual(whole.clear);
      expect(next.alarms).toBe(whole.alarms);
    }),
  );
});
