import type { Config } from '#core/config/config.ts';
import type { Device } from '#core/config/device.ts';
import type { SeriesStore } from '#core/ports.ts';
import { localDate } from '#core/rota/local-days.ts';
import type { SeriesBucket } from '#core/series.ts';
import { type Instant, instant } from '#core/time.ts';
import type { DayWeather, RoomWeather } from '#core/wall-view.ts';
import { isWarmPlace } from '#core/warm-place.ts';

/** The weather of the week: each room's last seven days, out of the history of the sensors at the equipment's inlets. */

export const WEATHER_DAYS = 7;
/** A room with more sensors is told by these; each is two questions to the store. */
const MOST_SENSORS = 20;
const OUTDOOR = 'outdoor';

/** The seven dates on the site's calendar, today the last. */
export const weatherDates = (now: Instant, zone: string): Temporal.PlainDate[] => {
  const today = localDate(now, zone);
  return Array.from({ length: WEATHER_DAYS }, (_, index) => today.subtract({ days: WEATHER_DAYS - 1 - index }));
};

export async function readWeather(
  series: Pick<SeriesStore, 'buckets'>,
  { devices, site }: Config,
  now: Instant,
): Promise<RoomWeather[]> {
  const rooms = (['core', 'auxiliary', OUTDOOR] as const).map((room) => ({ room, sensors: sensorsOf(room, devices) }));
  const found: RoomWeather[] = [];
  for (const { room, sensors } of rooms) {
    if (sensors.length === 0) continue;
    const ask = (point: string) => readDays(series, sensors, point, site.time_zone, now);
    const temperature = await ask('ambient.temperature');
    const humidity = await ask('ambient.humidity');
    found.push({ room, devices: sensors.map(({ id }) => id), temperature, humidity });
  }
  return found;
}

/** What equipment breathes in tells the room's weather; where there is nothing but warm places, these do. */
function sensorsOf(room: RoomWeather['room'], devices: readonly Device[]): Device[] {
  const isOutdoor = ({ tags }: Device): boolean => tags.includes(OUTDOOR);
  const all = devices.filter(
    (device) =>
      device.kind === 'sensor' &&
      measuresAir(device) &&
      (room === OUTDOOR ? isOutdoor(device) : device.room === room && !isOutdoor(device)),
  );
  const cool = all.filter((device) => !isWarmPlace(device));
  return (cool.length > 0 ? cool : all).slice(0, MOST_SENSORS);
}

/** Detectors and buttons are sensors too, but their profiles say what they are for. */
const measuresAir = ({ profile, id }: Device): boolean =>
  !/smoke|heat|leak|water|door|contact|motion|occupancy|button|panic/.test(`${profile ?? ''} ${id}`);

async function readDays(
  series: Pick<SeriesStore, 'buckets'>,
  sensors: readonly Device[],
  point: string,
  timeZone: string,
  now: Instant,
): Promise<DayWeather[]> {
  const [first] = weatherDates(now, timeZone);
  if (first === undefined) return [];
  const from = instant(first.toZonedDateTime({ timeZone }).epochMilliseconds);
  const step = { calendar: 'day', timeZone } as const;
  const days = new Map<string, SeriesBucket[]>();
  for (const { id } of sensors) {
    for (const bucket of await series.buckets({ device: id, point, from, to: now, step })) {
      if ((bucket.timeMean ?? bucket.mean) === null) continue;
      const date = localDate(bucket.from, timeZone).toString();
      days.set(date, [...(days.get(date) ?? []), bucket]);
    }
  }
  return [...days].sort(([a], [b]) => a.localeCompare(b)).map(([date, buckets]) => dayOf(date, buckets));
}

/** The mean weighs each sensor by how long it spoke; the ends are those of any of them. */
function dayOf(date: string, buckets: readonly SeriesBucket[]): DayWeather {
  const parts = buckets.map((bucket) => ({
    mean: bucket.timeMean ?? bucket.mean ?? 0,
    weight: Math.max(1, bucket.coveredS),
    min: bucket.min ?? bucket.timeMean ?? 0,
    max: bucket.max ?? bucket.timeMean ?? 0,
  }));
  const weight = parts.reduce((sum, part) => sum + part.weight, 0);
  const round = (value: number): number => Math.round(value * 100) / 100;
  return {
    date,
    min: round(Math.min(...parts.map(({ min }) => min))),
    mean: round(parts.reduce((sum, part) => sum + part.mean * part.weight, 0) / weight),
    max: round(Math.max(...parts.map(({ max }) => max))),
  };
}
