import { reactive } from 'vue';
import type { HistoryResponse, ReadingView } from '#core/api.ts';
import { appendSample, type Sample } from '../model/values.ts';
import { get } from './api.ts';

/** The last hours of the points that are drawn as sparklines: fetched once, carried on by the live readings. */
const SPAN_MS = 3 * 3_600_000;
const AT_ONCE = 4;

const trails = reactive(new Map<string, Sample[]>());
const queue: { device: string; point: string }[] = [];
let running = 0;

/** The trail of a point; asks for its history the first time. */
export function trailOf(device: string, point: string): readonly Sample[] {
  const key = `${device}/${point}`;
  const found = trails.get(key);
  if (found !== undefined) return found;
  trails.set(key, []);
  queue.push({ device, point });
  void drain();
  return [];
}

async function drain(): Promise<void> {
  if (running >= AT_ONCE) return;
  const next = queue.shift();
  if (next === undefined) return;
  running += 1;
  try {
    const { device, point } = next;
    const to = encodeURIComponent(new Date(latestAt).toISOString());
    const from = encodeURIComponent(new Date(latestAt - SPAN_MS).toISOString());
    const history = await get<HistoryResponse>(
      `/readings/history?device=${device}&point=${encodeURIComponent(point)}&from=${from}&to=${to}&points=90`,
    );
    const key = `${device}/${point}`;
    const early = history.buckets.map(({ at, mean }) => ({ at: Date.parse(at), value: mean }));
    const since = early.at(-1)?.at ?? 0;
    trails.set(key, [...early, ...(trails.get(key) ?? []).filter(({ at }) => at > since)]);
  } catch {
    // A sparkline without its past is still one: the live readings carry it on.
  } finally {
    running -= 1;
    void drain();
  }
}

let latestAt = Date.now();

/** Carries the trails on; only points that somebody looks at have one. */
export function extendTrails(readings: readonly ReadingView[], at: number): void {
  latestAt = at;
  for (const { device, point, value, quality, measuredAt } of readings) {
    const trail = trails.get(`${device}/${point}`);
    if (trail === undefined || typeof value !== 'number' || quality !== 'good') continue;
    trails.set(`${device}/${point}`, appendSample(trail, { at: Date.parse(measuredAt), value }, SPAN_MS));
  }
}
