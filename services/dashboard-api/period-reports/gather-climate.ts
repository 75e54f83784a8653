import { type ClimateStandard, climateFigure } from '#core/climate-standards.ts';
import type { Device } from '#core/config/device.ts';
import type { Excursion, RoomClimate, SensorClimate } from '#core/paperwork/period-report.ts';
import { airOf, type ClimateQuantity, isJudged, limitsOf } from '#core/period-report/climate-limits.ts';
import {
  type ClimateSum,
  climateFigures,
  outsideBuckets,
  type RoomPart,
  sumOf,
  sumOfRoom,
} from '#core/period-report/climate-sum.ts';
import {
  type FoundExcursion,
  findExcursions,
  type Happening,
  joinedWith,
  sharpen,
  worstFirst,
} from '#core/period-report/excursions.ts';
import type { Interval } from '#core/period-report/intervals.ts';
import { merged } from '#core/period-report/intervals.ts';
import { type ClimateTable, judgeBuckets } from '#core/period-report/outside.ts';
import type { PeriodSpan } from '#core/period-report/periods.ts';
import { definePoint } from '#core/points.ts';
import type { SeriesBand, SeriesEntry, SeriesKey } from '#core/series.ts';
import type { Text } from '#core/text.ts';
import { type Instant, minutes, plus, toIso } from '#core/time.ts';
import { climateTable, dewPointTable, isFine, judge, type Kept, keyOf, type Measuring, pagesOf } from './measure.ts';

/** The air of the rooms: every sensor's figures and its room's, against the standard, beside those of the period before. */

export interface ClimateAsk {
  readonly measuring: Measuring;
  readonly devices: readonly Device[];
  readonly standard: ClimateStandard;
  readonly kept: Kept;
  readonly span: PeriodSpan;
  readonly before: PeriodSpan;
  /** Up to which there can be anything: the period's end, or now. */
  readonly until: Instant;
  readonly happenings: readonly Happening[];
}

export interface Climate {
  readonly rooms: readonly RoomClimate[];
  readonly excursions: readonly Excursion[];
  /** In which some sensor was read: where there is none, nobody was watching. */
  readonly seen: readonly Interval[];
  readonly estimatedS: number;
}

interface Sensor extends SeriesKey {
  readonly of: Device;
  readonly quantity: ClimateQuantity;
  readonly band: SeriesBand | null;
  /** Null: its dew point is reckoned from these two. */
  readonly from: readonly [temperature: SeriesKey, humidity: SeriesKey] | null;
}
interface Read {
  readonly sensor: Sensor;
  readonly part: RoomPart;
  readonly before: RoomPart | null;
  readonly excursions: readonly FoundExcursion[];
  readonly seen: readonly Interval[];
  readonly estimatedS: number;
}

/** More than a hall has; what is beyond is told. */
const MOST_SENSORS = 600;
const MOST_EXCURSIONS = 10;
/** Asked side by side; the store answers one after the other, and a page's question comes between. */
const AT_ONCE = 4;
const QUANTITIES: readonly ClimateQuantity[] = ['temperature', 'humidity', 'dew-point'];

export async function gatherClimate(ask: ClimateAsk): Promise<Climate> {
  const reads = await inTurns(sensorsOf(ask).slice(0, MOST_SENSORS), AT_ONCE, (sensor) => readSensor(ask, sensor));
  // One that has fallen silent since the period before stands there with nothing: a gap is not hidden.
  const measured = reads.filter(({ part, before }) =>
    [part, before].some((one) => one !== null && isMeasured(one.sum)),
  );
  const worst = measured
    .flatMap(({ sensor, excursions }) => excursions.map((found) => ({ sensor, found })))
    .sort((a, b) => worstFirst(a.found, b.found))
    .slice(0, MOST_EXCURSIONS);
  return {
    rooms: [...Map.groupBy(measured, ({ sensor }) => sensor.of.room)].map(([room, own]) => roomOf(ask, room, own)),
    excursions: await inTurns(worst, 1, ({ sensor, found }) => excursionOf(ask, sensor, found)),
    seen: merged(measured.flatMap(({ seen }) => seen)),
    estimatedS: measured.reduce((sum, { estimatedS }) => sum + estimatedS, 0),
  };
}

/** Some at a time, answers in the order of what was asked. */
export async function inTurns<T, R>(
  all: readonly T[],
  most: number,
  work: (one: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  for (let at = 0; at < all.length; at += most)
    results.push(...(await Promise.all(all.slice(at, at + most).map(work))));
  return results;
}

const isMeasured = ({ coveredS, min }: ClimateSum): boolean => coveredS > 0 || min !== null;

/** Every sensor of the air that history knows; dew points reckoned where temperature and humidity are told and none is. */
function sensorsOf({ devices, kept, standard }: ClimateAsk): readonly Sensor[] {
  const byId = new Map(devices.filter(({ derived }) => derived === undefined).map((device) => [device.id, device]));
  const sensors: Sensor[] = [];
  for (const { device, point } of kept.values()) {
    const [of, air] = [byId.get(device), airOf(point)];
    if (of === undefined || air === null) continue;
    const others = devices.filter(({ room }) => room === of.room);
    const held = isJudged(of, air.place, others);
    const bandOf = (quantity: ClimateQuantity) => (held ? limitsOf(standard, quantity) : null);
    sensors.push({ device, point, of, quantity: air.quantity, band: bandOf(air.quantity), from: null });
    if (air.quantity !== 'temperature') continue;
    const [humidity, dew] = ['humidity', 'dewpoint'].map((what) => point.replace(/temperature$/, what)) as [
      string,
      string,
    ];
    if (!kept.has(keyOf({ device, point: humidity })) || kept.has(keyOf({ device, point: dew }))) continue;
    const from = [
      { device, point },
      { device, point: humidity },
    ] as const;
    sensors.push({ device, point: dew, of, quantity: 'dew-point', band: bandOf('dew-point'), from });
  }
  return sensors.sort(
    (a, b) =>
      QUANTITIES.indexOf(a.quantity) - QUANTITIES.indexOf(b.quantity) ||
      order(a.device, b.device) ||
      order(a.point, b.point),
  );
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

async function readSensor(ask: ClimateAsk, sensor: Sensor): Promise<Read> {
  const { measuring, span, before, kept } = ask;
  const { table, judged, estimatedS } = await readSpan(ask, sensor, span);
  const sum = sumOf(table, judged);
  const first = sensor.from === null ? (kept.get(keyOf(sensor))?.firstAt ?? span.from) : before.from;
  // What began this week has nothing to be compared with, and need not be asked.
  const then = first < before.to ? await readSpan(ask, sensor, before) : null;
  return {
    sensor,
    part: {
      outside: judged === null ? null : outsideBuckets(table, judged),
      sum: isFine(span) && sensor.from === null ? await sharpExtremes(measuring, sensor, sum) : sum,
    },
    before:
      then === null
        ? null
        : {
            outside: then.judged === null ? null : outsideBuckets(then.table, then.judged),
            sum: sumOf(then.table, then.judged),
          },
    seen: coveredTimes(table),
    excursions: judged === null || sensor.band === null ? [] : findExcursions(table, judged, sensor.band),
    estimatedS,
  };
}

async function readSpan({ measuring }: ClimateAsk, sensor: Sensor, span: PeriodSpan) {
  const { band, from } = sensor;
  if (from === null) {
    const table = await climateTable(measuring, sensor, span);
    const judged = band === null ? null : await judge(measuring, sensor, span, table, band);
    return { table, judged, estimatedS: judged?.estimatedS ?? 0 };
  }
  const [temperature, humidity] = await Promise.all(from.map((key) => climateTable(measuring, key, span)));
  const table = dewPointTable(temperature as ClimateTable, humidity as ClimateTable);
  // One value a bucket: none straddles but where the value before it is on the other side; that value has ended.
  return { table, judged: band === null ? null : judgeBuckets(table, band, minutes(0)), estimatedS: 0 };
}

/** The moments of lowest and highest, to the sample. */
async function sharpExtremes(measuring: Measuring, sensor: Sensor, sum: ClimateSum): Promise<ClimateSum> {
  const momentOf = async (bucket: Instant | null, value: number | null): Promise<Instant | null> => {
    if (bucket === null || value === null) return bucket;
    for await (const page of pagesOf(measuring, sensor, bucket, plus(bucket, minutes(15)))) {
      const found = page.find((sample) => sample.value === value && sample.quality === 'good');
      if (found !== undefined) return found.at;
    }
    return bucket;
  };
  return { ...sum, minAt: await momentOf(sum.minAt, sum.min), maxAt: await momentOf(sum.maxAt, sum.max) };
}

async function excursionOf(
  { measuring, span, happenings }: ClimateAsk,
  sensor: Sensor,
  found: FoundExcursion,
): Promise<Excursion> {
  const band = sensor.band ?? {};
  const hold = measuring.settings.hold(sensor);
  // An excursion of a whole month is known to the quarter of an hour: enough.
  const isShort = found.to - found.from <= LONGEST_SHARPENED;
  const samples =
    isFine(span) && sensor.from === null && isShort
      ? (await Array.fromAsync(pagesOf(measuring, sensor, found.from - hold, found.to))).flat()
      : [];
  const sharp = samples.length === 0 ? found : sharpen(found, samples, band, hold);
  const definition = definePoint(sensor.point);
  return {
    ...{ device: sensor.device, name: sensor.of.name, point: sensor.point, unit: definition?.unit ?? '' },
    pointName: definition?.meaning ?? { zh: sensor.point, en: sensor.point },
    ...{ from: toIso(sharp.from), to: toIso(sharp.to), worst: sharp.worst, worstAt: toIso(sharp.worstAt) },
    ...{ limit: sharp.limit, degreeHours: found.beyondS / 3600 },
    joined: joinedWith({ from: sharp.from, to: sharp.to, device: sensor.device }, happenings),
  };
}

const LONGEST_SHARPENED = 2 * 86_400_000;

export const ROOM_NAMES: Readonly<Record<Device['room'], Text>> = {
  core: { zh: '主机房', en: 'Core room' },
  auxiliary: { zh: '辅助机房', en: 'Auxiliary room' },
};

const QUANTITY_NAMES: Readonly<Record<ClimateQuantity, Text>> = {
  temperature: { zh: '温度', en: 'Temperature' },
  humidity: { zh: '相对湿度', en: 'Relative humidity' },
  'dew-point': { zh: '露点', en: 'Dew point' },
};
const UNITS: Readonly<Record<ClimateQuantity, string>> = { temperature: '°C', humidity: '%', 'dew-point': '°C' };

function roomOf({ span, until }: ClimateAsk, room: Device['room'], reads: readonly Read[]): RoomClimate {
  const lengthS = (until - span.from) / 1000;
  const whole = QUANTITIES.flatMap((quantity) => {
    const own = reads.filter(({ sensor }) => sensor.quantity === quantity);
    if (own.length === 0) return [];
    const then = own.flatMap(({ before }) => before ?? []);
    return [
      {
        ...{ name: ROOM_NAMES[room], pointName: QUANTITY_NAMES[quantity], quantity, unit: UNITS[quantity] },
        figures: climateFigures(
          sumOfRoom(own.map(({ part }) => part)),
          then.length === 0 ? null : sumOfRoom(then),
          lengthS,
        ),
        ...limitsText(own.find(({ sensor }) => sensor.band !== null)?.sensor.band ?? null),
      },
    ];
  });
  return {
    ...{ room, name: ROOM_NAMES[room], whole },
    sensors: reads.map(({ sensor, part, before }) => sensorOf(sensor, part.sum, before?.sum ?? null, lengthS)),
    charts: whole.map(({ quantity }) => `${room}-${quantity}`),
  };
}

const limitsText = (band: SeriesBand | null) => ({ low: band?.low ?? null, high: band?.high ?? null });

const sensorOf = (sensor: Sensor, sum: ClimateSum, before: ClimateSum | null, lengthS: number): SensorClimate => ({
  ...{ device: sensor.device, name: sensor.of.name, point: sensor.point, quantity: sensor.quantity },
  pointName: definePoint(sensor.point)?.meaning ?? QUANTITY_NAMES[sensor.quantity],
  unit: UNITS[sensor.quantity],
  figures: climateFigures(sum, before, lengthS),
  ...limitsText(sensor.band),
});

function coveredTimes(table: ClimateTable): readonly Interval[] {
  const times: [number, number][] = [];
  for (let place = 0; place < table.length; place++) {
    const [from, to] = [table.from(place), table.figure(place, 'to')];
    const last = times.at(-1);
    if (last !== undefined && last[1] === from) last[1] = to;
    else times.push([from, to]);
  }
  return times;
}

/** What a report says of where its limits come from. */
export const standardSource = (standard: ClimateStandard): string =>
  climateFigure(standard, 'temperature.high')?.source ?? standard;

export const keptOf = (entries: readonly SeriesEntry[]): Kept => new Map(entries.map((entry) => [keyOf(entry), entry]));
