import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Instant, instant, minutes } from '#core/time.ts';
import type { HeatDefinition } from '#services/alerts/plans/definition.ts';
import { newHeat, summariseHeat, takeTemperature } from '#services/alerts/plans/heat.ts';
import type { HeatState } from '#services/alerts/plans/state.ts';
import { clocksOf } from '#services/alerts/plans/view.ts';
import { MONDAY, sampleConfig } from './outage-rig.ts';
import { PureRun } from './pure-run.ts';

/** O-CLG-1: heat as a clock. Tables of what the sensors say, one row a minute and sensor. */

const A = 'th-1/ambient.temperature';
const B = 'th-2/ambient.temperature';
const C = 'th-3/ambient.temperature';
const settings: HeatDefinition = {
  points: ['th-1', 'th-2', 'th-3'].map((device) => ({ device, point: 'ambient.temperature' })),
  limit: 45,
  margin: { share: 0.1, at_least: minutes(2) },
  safe: { below: 27, for: minutes(10) },
  names: {},
};

type Series = (minute: number) => number | null;
const rising =
  (from: number, perMinute: number): Series =>
  (t) =>
    from + perMinute * t;
const flat = (at: number): Series => rising(at, 0);

/** What is known after so many minutes of readings twice a minute. */
function heatAfter(length: number, series: Readonly<Record<string, Series>>, definition = settings): HeatState {
  const heat = newHeat(MONDAY);
  for (let t = 0; t <= length; t += 0.5) {
    const now = at(t);
    for (const [name, of] of Object.entries(series)) {
      const value = of(t);
      if (value !== null) heat.points[name] = takeTemperature(heat.points[name], value, MONDAY, now);
    }
    summariseHeat(heat, definition, now);
  }
  return heat;
}

const at = (minute: number): Instant => instant(MONDAY + minute * 60_000);
const inMinutes = (heat: HeatState, now: number): number | null =>
  heat.exhaustion.at === null ? null : (heat.exhaustion.at - at(now)) / 60_000;

describe('O-CLG-1: when the limit is reached', () => {
  const rows: { reason: string; series: Record<string, Series>; minutes: number | null }[] = [
    {
      reason: 'all rise alike: the rest of the way at that speed',
      series: { [A]: rising(25, 0.4), [B]: rising(24, 0.4), [C]: rising(25, 0.4) },
      minutes: 40,
    },
    {
      reason: 'the one that gets there first counts',
      series: { [A]: rising(25, 0.2), [B]: rising(25, 0.5), [C]: rising(25, 0.2) },
      minutes: 30,
    },
    {
      reason: 'nothing rises: no end in sight',
      series: { [A]: flat(25), [B]: flat(24), [C]: flat(30) },
      minutes: null,
    },
    {
      reason: 'the room cools',
      series: { [A]: rising(35, -0.3), [B]: rising(34, -0.3), [C]: flat(30) },
      minutes: null,
    },
    {
      reason: 'a missing sensor is not heat, and the others still tell',
      series: { [A]: () => null, [B]: rising(25, 0.4), [C]: (t) => (t < 3 ? 25 : null) },
      minutes: 40,
    },
    {
      reason: 'one wild reading moves nothing',
      series: { [A]: (t) => (t === 8 ? 80 : 25 + 0.4 * t), [B]: rising(25, 0.4), [C]: rising(25, 0.4) },
      minutes: 40,
    },
    {
      reason: 'a wild reading as the last one moves next to nothing',
      series: { [A]: (t) => (t === 10 ? -40 : 25 + 0.4 * t), [B]: rising(24, 0.4), [C]: rising(24, 0.4) },
      minutes: 40.3,
    },
    {
      reason: 'a sensor that stands still high up while the others move is not believed',
      series: { [A]: flat(44), [B]: rising(25, 0.4), [C]: rising(25, 0.4) },
      minutes: 40,
    },
    {
      reason: 'a sensor stuck above the limit shuts nothing down',
      series: { [A]: (t) => (t < 4 ? 25 + 0.1 * t : 60), [B]: rising(25, 0.1), [C]: rising(25, 0.1) },
      minutes: 190,
    },
    {
      reason: 'a sensor that jumped alone is not believed, however it wobbles up there',
      series: { [A]: (t) => (t < 4 ? 25 : 60 + 0.3 * (t % 2)), [B]: flat(25), [C]: flat(25) },
      minutes: null,
    },
    {
      reason: 'a single sensor is believed: there is no other to ask',
      series: { [A]: rising(25, 0.4) },
      minutes: 40,
    },
  ];
  it.each(rows)('$reason', ({ series, minutes: expected }) => {
    const found = inMinutes(heatAfter(10, series), 10);
    if (expected === null) expect(found).toBeNull();
    else expect(found).toBeCloseTo(expected, 0);
  });

  it('shows the spread: one estimate a point, with its figures and why it counts or not', () => {
    const heat = heatAfter(10, { [A]: flat(44), [B]: rising(25, 0.4), [C]: rising(25, 0.2) });
    expect(heat.exhaustion.source).toBe('heat');
    expect(heat.exhaustion.estimates.map(({ source, credible }) => [source, credible])).toEqual([
      ['heat', false],
      ['heat', true],
      ['heat', true],
    ]);
    expect(heat.exhaustion.estimates[1]?.why.en).toContain('rising 0.40 °C a minute');
    expect(heat.exhaustion.estimates[0]?.why.en).toContain('not believed');
  });

  it('tells nothing in the first two minutes: a slope needs its time', () => {
    expect(heatAfter(1.5, { [A]: rising(25, 3) }).exhaustion.at).toBeNull();
  });

  it('cooling that works again is seen within minutes, not after the whole window', () => {
    const broken: Series = (t) => (t <= 20 ? 25 + 0.4 * t : 33 - 0.5 * (t - 20));
    expect(heatAfter(20, { [A]: broken, [B]: broken }).exhaustion.at).not.toBeNull();
    expect(heatAfter(25, { [A]: broken, [B]: broken }).exhaustion.at).toBeNull();
  });

  it('whatever noise a sensor has and whichever one reading is wild, the forecast stays within a fifth of the truth', () => {
    const noise = fc.array(fc.integer({ min: -10, max: 10 }), { minLength: 41, maxLength: 41 });
    fc.assert(
      fc.property(
        noise,
        noise,
        fc.nat(40),
        fc.integer({ min: -40, max: 90 }),
        fc.integer({ min: 15, max: 60 }),
        (one, two, when, wild, rate) => {
          const speed = rate / 100;
          const of =
            (wobble: number[]): Series =>
            (t) =>
              26 + speed * t + (wobble[t * 2] ?? 0) / 100;
          const heat = heatAfter(20, { [A]: (t) => (t * 2 === when ? wild : of(one)(t)), [B]: of(two) });
          const truth = (45 - 26 - speed * 20) / speed;
          expect(Math.abs((inMinutes(heat, 20) ?? 0) - truth)).toBeLessThan(Math.max(2, 0.2 * truth));
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('O-CLG-1: when the room is cool again', () => {
  const rows: { reason: string; series: Record<string, Series>; length: number; over: boolean }[] = [
    { reason: 'below and not rising', series: { [A]: flat(24), [B]: flat(24) }, length: 5, over: true },
    {
      reason: 'below, and rising: the cooling is still away',
      series: { [A]: rising(24, 0.3), [B]: rising(24, 0.3) },
      length: 5,
      over: false,
    },
    {
      reason: 'one point is still warm',
      series: { [A]: flat(24), [B]: flat(24), [C]: flat(28) },
      length: 5,
      over: false,
    },
    { reason: 'most points are silent: silence settles nothing', series: { [A]: flat(24) }, length: 5, over: false },
    {
      reason: 'warmer again by noise only: it stays so',
      series: { [A]: (t) => 26.5 + (t > 8 ? 0.7 : 0), [B]: flat(24), [C]: flat(24) },
      length: 12,
      over: true,
    },
    {
      reason: 'clearly warmer again',
      series: { [A]: (t) => 24 + (t > 8 ? t - 8 : 0), [B]: flat(24), [C]: flat(24) },
      length: 13,
      over: false,
    },
  ];
  it.each(rows)('$reason', ({ series, length, over }) => {
    expect(heatAfter(length, series).over).toBe(over);
  });
});

describe('O-CLG-1: a plan against heat', () => {
  const POINTS = ['th-1/ambient.temperature', 'th-2/ambient.temperature'];
  const say = (of: Series) => ({
    ms: 30_000,
    say: (now: Instant) => {
      const value = of((now - MONDAY) / 60_000);
      return value === null
        ? null
        : ({ type: 'points', points: Object.fromEntries(POINTS.map((name, i) => [name, value - 0.5 * i])) } as const);
    },
  });
  const takesMs = (step: string) => (/^(shutdown|backup|start)/.test(step) ? 60_000 : 3000);
  const open = () => new PureRun({ config: sampleConfig(), plan: 'cooling-failure', takesMs });

  it('starts at the latest safe start, says why with its figures, and is done before the limit', () => {
    const run = open();
    run.run(minutes(90), say(rising(25, 0.25)));
    expect(run.state.sequence?.reason).toBe('latest-safe-start');
    expect(run.whyOf('The shutdown sequence starts')).toMatch(/40 °C is reached at \d\d:\d\d, shutdown needs/);
    expect(run.state.phase).toBe('shut-down');
    const lastOff = Math.max(...Object.values(run.state.steps).map((step) => step.run?.begunAt ?? 0));
    expect((lastOff - MONDAY) / 60_000).toBeLessThan((40 - 25) / 0.25);
    // Not hours early either: the need of the sample's plan and its margin.
    expect(((run.state.sequence?.at ?? 0) - MONDAY) / 60_000).toBeGreaterThan(30);
  });

  it('the clocks name the threat, the hottest point and the limit', () => {
    const run = open();
    run.run(minutes(10), say(rising(25, 0.25)));
    expect(clocksOf(run.state)).toMatchObject({
      threat: 'heat',
      temperatureLimitC: 40,
      exhaustion: { source: 'heat' },
      chargePercent: null,
    });
    expect(clocksOf(run.state)?.temperatureC).toBeCloseTo(27.4, 0);
    expect(clocksOf(run.state)?.limitS).toBeNull();
    expect(clocksOf(run.state)?.latestSafeStart).not.toBeNull();
  });

  it('cool again before the point of no return: stands down after it has stayed so, nothing was shut down', () => {
    const run = open();
    run.run(
      minutes(60),
      say((t) => (t < 12 ? 25 + 0.4 * t : Math.max(23, 30 - 0.5 * (t - 12)))),
    );
    expect(run.state.outcome).toBe('stood-down');
    expect(run.acts().filter((act) => act.startsWith('shutdown'))).toEqual([]);
    expect(run.lines()).toContain('The room cools, waiting for it to stay so');
  });

  it('cool again after it: what was begun is finished, the equipment starts once all points have stayed cool', () => {
    const run = open();
    const peak = 75;
    run.run(
      minutes(180),
      say((t) => (t < peak ? 25 + 0.25 * t : Math.max(23, 43 - 0.6 * (t - peak)))),
    );
    expect(run.state.pointOfNoReturn).not.toBeNull();
    const started = run.commands.find(({ command }) => command.type === 'act' && command.step.startsWith('start'));
    expect(started).toBeDefined();
    // 43 °C falls below 27 °C after 27 minutes, and stays there for ten.
    expect((started?.at ?? 0) - MONDAY).toBeGreaterThanOrEqual(minutes(peak + 26 + 10));
    expect(run.state.outcome).toBe('recovered');
  });

  it('sensors that fall silent are not heat: nothing starts that the last figures did not say', () => {
    const run = open();
    run.run(
      minutes(120),
      say((t) => (t < 10 ? 24 : null)),
    );
    expect(run.acts().filter((act) => act.startsWith('shutdown'))).toEqual([]);
    expect(run.state.sequence).toBeNull();
  });

  it('at the limit it starts at once, however slow the rise was', () => {
    const run = open();
    run.run(minutes(3), say(flat(40.6)));
    expect(run.state.sequence?.reason).toBe('heat-limit');
  });

  it('I3: nobody’s silence or answer starts it: a warm room that does not heat up is left alone for hours', () => {
    const run = open();
    run.run(minutes(240), say(flat(33)));
    expect(run.state.sequence).toBeNull();
    expect(run.acts().filter((act) => act.startsWith('shutdown'))).toEqual([]);
  });

  it('I8: the same readings give the same state and the same commands', () => {
    const [one, two] = [open(), open()];
    for (const run of [one, two]) run.run(minutes(60), say(rising(25, 0.3)));
    expect(JSON.stringify(one.state)).toBe(JSON.stringify(two.state));
    expect(JSON.stringify(one.commands)).toBe(JSON.stringify(two.commands));
  });

  it('a person’s order starts it before its time', () => {
    const run = open();
    run.run(minutes(5), say(rising(25, 0.3)));
    run.handle({ type: 'start-sequence', by: 'gao-jie', reason: 'smells burnt' });
    expect(run.state.phase).toBe('protecting');
  });
});
