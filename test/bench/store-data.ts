import { seededRandom } from '#core/random.ts';
import type { Reading } from '#core/reading.ts';
import { type Instant, instant } from '#core/time.ts';

/**
 * Made-up readings like those of temperature sensors: tenths of a degree that wander, polled every so often with the jitter of
 * a network. All points of a device come with one poll and so with one time, as they do in a house.
 */
export interface DataSpec {
  readonly series: number;
  readonly readings: number;
  readonly everyS: number;
}

export interface Batch {
  /** Number of the series of each reading. */
  readonly series: Int32Array;
  readonly at: Float64Array;
  readonly value: Float64Array;
}

export const POINTS_OF_A_DEVICE = 25;
/** A Monday; whole hours. The whole year lies behind us: VictoriaMetrics drops what is measured tomorrow. */
export const START = Date.UTC(2025, 0, 6);
const POLLS_IN_BATCH = 400;

export const deviceOf = (series: number): string => `sensor-${Math.floor(series / POINTS_OF_A_DEVICE) + 1}`;
export const pointOf = (series: number): string => `ambient.${(series % POINTS_OF_A_DEVICE) + 1}.temperature`;
export const endOf = ({ readings, everyS }: DataSpec): Instant => instant(START + readings * everyS * 1000);
export const totalOf = ({ series, readings }: DataSpec): number => series * readings;

/** Poll by poll over all devices, in batches of about ten thousand; the same for each store. */
export function* batchesOf(spec: DataSpec): Generator<Batch> {
  const random = seededRandom('store bench');
  const walk = Float64Array.from({ length: spec.series }, () => 180 + random.integer(0, 80));
  const pollsAtOnce = Math.max(1, Math.min(POLLS_IN_BATCH, Math.floor(10_000 / spec.series)));
  for (let poll = 0; poll < spec.readings; poll += pollsAtOnce) {
    const polls = Math.min(pollsAtOnce, spec.readings - poll);
    const count = polls * spec.series;
    const batch = { series: new Int32Array(count), at: new Float64Array(count), value: new Float64Array(count) };
    let place = 0;
    for (let own = 0; own < polls; own++) {
      let at = 0;
      for (let series = 0; series < spec.series; series++) {
        if (series % POINTS_OF_A_DEVICE === 0)
          at = START + (poll + own) * spec.everyS * 1000 + Math.floor(((series * 7919) % 5000) + 60 * random.next());
        const draw = random.next();
        // A tenth up or down now and then: a room has inertia.
        if (draw < 0.15) walk[series] = (walk[series] ?? 0) + (draw < 0.075 ? -1 : 1);
        batch.series[place] = series;
        batch.at[place] = at;
        batch.value[place++] = (walk[series] ?? 0) / 10;
      }
    }
    yield batch;
  }
}

/** One text a name, as the spool and the drivers hand them over, and not a new one with each reading. */
const NAMES: { device: string; point: string }[] = [];
const namesOf = (series: number): { readonly device: string; readonly point: string } => {
  NAMES[series] ??= { device: deviceOf(series), point: pointOf(series) };
  return NAMES[series];
};

export const toReadings = ({ series, at, value }: Batch): readonly Reading[] =>
  Array.from(series, (number, i) => {
    const time = instant(at[i] ?? 0);
    return {
      ...namesOf(number),
      value: value[i] ?? 0,
      quality: 'good',
      measuredAt: time,
      receivedAt: time,
      changedAt: time,
      simulated: true,
    };
  });

export function toLines({ series, at, value }: Batch): string {
  const lines: string[] = [];
  for (let i = 0; i < series.length; i++) {
    const number = series[i] ?? 0;
    lines.push(`room,device=${deviceOf(number)},point=${pointOf(number)} value=${value[i]} ${at[i]}`);
  }
  return lines.join('\n');
}
