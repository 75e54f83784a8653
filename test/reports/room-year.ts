import { seededRandom } from '#core/random.ts';
import type { Quality, Reading, Value } from '#core/reading.ts';
import { instant } from '#core/time.ts';

/**
 * A year of the sample room, made up from a seed: cooling failures, power cuts, outages of hosts, sensors that fall silent or tell
 * nonsense, a monitor that is away. Every sample is kept beside, so that a test can reckon with it by loops of its own.
 */
export interface MadeSample {
  readonly at: number;
  readonly value: Value | null;
  readonly quality: Quality;
}
export interface MadeSeries {
  readonly device: string;
  readonly point: string;
  readonly samples: readonly MadeSample[];
}
export type Span = readonly [from: number, to: number];

export interface RoomYear {
  readonly from: number;
  readonly to: number;
  readonly series: readonly MadeSeries[];
  /** Nothing was recorded at all. */
  readonly away: readonly Span[];
  readonly failures: readonly Span[];
  readonly cuts: readonly Span[];
  readonly down: Readonly<Record<string, readonly Span[]>>;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Apart from each other, in order. */
function spans(seed: string, [from, to]: Span, count: number, shortest: number, longest: number): readonly Span[] {
  const random = seededRandom(seed);
  const each = (to - from) / count;
  return Array.from({ length: count }, (_, index): Span => {
    const start = from + index * each + random.between(0.05, 0.5) * each;
    return [Math.round(start), Math.round(start + random.between(shortest, Math.min(longest, each * 0.4)))];
  });
}

const within = (at: number, all: readonly Span[]): boolean => all.some(([from, to]) => at >= from && at < to);

/** `everyMs` with up to 4 s of jitter; the seasons and the days are in the temperature, in tenths as sensors tell them. */
export function makeRoomYear(seed: string, [from, to]: Span, everyMs: number): RoomYear {
  const away = spans(`${seed}/away`, [from, to], 9, 20 * MINUTE, 30 * HOUR);
  const failures = spans(`${seed}/cooling`, [from, to], 14, 30 * MINUTE, 5 * HOUR);
  const cuts = spans(`${seed}/mains`, [from, to], 8, 2 * MINUTE, 80 * MINUTE);
  const down = {
    'switch-1': spans(`${seed}/switch`, [from, to], 6, 6 * MINUTE, 2 * HOUR),
    'server-1': spans(`${seed}/server`, [from, to], 9, 10 * MINUTE, 8 * HOUR),
  };
  const times = timesOf(seed, [from, to], everyMs, away);
  const climate = ['th-1', 'th-2', 'th-3', 'th-4'].flatMap((device, place) =>
    airOf(`${seed}/${device}`, device, [0, 0.6, 9, 6][place] ?? 0, times, { range: [from, to], failures }),
  );
  const onBattery = (at: number): boolean => within(at, cuts);
  const series: MadeSeries[] = [
    ...climate,
    made('ups-1', 'ups.status', times, (at) => (onBattery(at) ? 'OB DISCHRG' : 'OL')),
    made('ups-1', 'ups.load', times, (at) => 40 + Math.round(8 * Math.sin((at / DAY) * 2 * Math.PI)) + (at % 7)),
    made('ups-1', 'battery.charge', times, (at) => (onBattery(at) ? 62 + (at % 30) : 100)),
    made('ups-1', 'battery.temperature', times, (at) => 24 + (at % 3)),
    made('ac-1', 'cooling.supply.temperature', times, (at) => (within(at, failures) ? 24 : 15) + (at % 4) / 2),
    made('ac-1', 'cooling.return.temperature', times, (at) => 27 + (at % 5) / 2),
    made('switch-1', 'host.reachable', times, (at) => !within(at, down['switch-1'])),
    made('server-1', 'host.reachable', times, (at) => !within(at, down['server-1'])),
  ];
  return { from, to, series, away, failures, cuts, down };
}

function timesOf(seed: string, [from, to]: Span, everyMs: number, away: readonly Span[]): readonly number[] {
  const random = seededRandom(`${seed}/times`);
  const times: number[] = [];
  for (let at = from; at < to; at += everyMs) {
    const jittered = at + random.integer(0, 4000);
    if (!within(jittered, away)) times.push(jittered);
  }
  return times;
}

const made = (device: string, point: string, times: readonly number[], of: (at: number) => Value): MadeSeries => ({
  ...{ device, point },
  samples: times.map((at) => ({ at, value: of(at), quality: 'good' })),
});

/** Temperature and humidity; th-2 tells its own dew point, as some do. */
function airOf(
  seed: string,
  device: string,
  warmer: number,
  times: readonly number[],
  { range, failures }: { readonly range: Span; readonly failures: readonly Span[] },
): readonly MadeSeries[] {
  const random = seededRandom(seed);
  const silent = spans(`${seed}/silent`, range, 5, HOUR, 3 * DAY);
  const temperature: MadeSample[] = [];
  const humidity: MadeSample[] = [];
  const dewpoint: MadeSample[] = [];
  let [walk, heat] = [0, 0];
  for (const at of times) {
    walk = walk * 0.995 + random.normal(0, 0.08);
    heat = within(at, failures) ? Math.min(11, heat + 0.35) : Math.max(0, heat * 0.9 - 0.05);
    if (within(at, silent)) continue;
    const season = 2 * Math.sin((at / (365 * DAY)) * 2 * Math.PI);
    const celsius = tenths(22.5 + warmer + season + walk + heat + Math.sin((at / DAY) * 2 * Math.PI));
    const percent = tenths(Math.min(95, Math.max(8, 48 - 2 * heat + 9 * season + 3 * walk)));
    const odd = random.next();
    if (odd < 0.002) temperature.push({ at, value: 85, quality: 'implausible' });
    else if (odd < 0.004) temperature.push({ at, value: null, quality: 'missing' });
    else temperature.push({ at, value: celsius, quality: 'good' });
    humidity.push({ at, value: percent, quality: 'good' });
    dewpoint.push({ at, value: tenths(celsius - (100 - percent) / 5), quality: 'good' });
  }
  const series = [
    { device, point: 'ambient.temperature', samples: temperature },
    { device, point: 'ambient.humidity', samples: humidity },
  ];
  return device === 'th-2' ? [...series, { device, point: 'ambient.dewpoint', samples: dewpoint }] : series;
}

const tenths = (value: number): number => Math.round(value * 10) / 10;

/** As the collector would have handed them on. */
export const toReadings = ({ device, point, samples }: MadeSeries): readonly Reading[] =>
  samples.map(({ at, value, quality }) => ({
    ...{ device, point, value, quality, simulated: true },
    ...{ measuredAt: instant(at), receivedAt: instant(at), changedAt: instant(at) },
  }));
