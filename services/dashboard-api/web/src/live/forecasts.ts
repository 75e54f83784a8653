import { computed, reactive, watch } from 'vue';
import type { ForecastResponse, ForecastView } from '#core/forecast.ts';
import { calmer, STALE_MS } from '../model/forecast.ts';
import { get } from './api.ts';
import { live } from './store.ts';

/** What answers lead to, asked for when the service has worked out another one, once for all who show it. */
interface Kept {
  shown: ForecastView | null;
  takenMs: number;
  /** Of the one that was asked for last, so that each is asked for once. */
  asked: string | null;
}
const kept = reactive(new Map<string, Kept>());
const MOST = 10;

async function load(id: string, known: string | null, anew: boolean): Promise<void> {
  const entry = kept.get(id) ?? { shown: null, takenMs: 0, asked: null };
  if (!anew && entry.asked !== null && entry.asked === known) return;
  kept.set(id, { ...entry, asked: known ?? 'first' });
  // Without it the answers are there all the same: it is kept as it was until the next one comes.
  const answer = await get<ForecastResponse>(`/incidents/${encodeURIComponent(id)}/forecast`).catch(() => null);
  const present = kept.get(id);
  if (present === undefined || answer === null) return;
  const now = Date.now();
  const { forecast } = answer;
  // An answer that was overtaken by the next one says nothing any more.
  if (forecast !== null && present.shown !== null && forecast.at < present.shown.at) return;
  if (forecast === null) kept.set(id, { ...present, shown: null });
  else {
    const next = calmer(present.shown, forecast, present.takenMs, now);
    if (next !== present.shown) take(id, present, forecast, now);
    else putOff(id, forecast);
  }
  const [oldest] = kept.keys();
  if (kept.size > MOST && oldest !== undefined && oldest !== id) kept.delete(oldest);
}

function take(id: string, before: Kept, forecast: ForecastView, now: number): void {
  kept.set(id, { ...before, shown: forecast, takenMs: now });
}

/** What wavered a little is taken over when nobody can still be in the middle of the line. */
function putOff(id: string, forecast: ForecastView): void {
  setTimeout(() => {
    const present = kept.get(id);
    if (present?.shown != null && present.shown.at < forecast.at) take(id, present, forecast, Date.now());
  }, STALE_MS);
}

/** Of the incident with this id; null while nobody has worked it out. */
export function useForecast(id: () => string | null) {
  watch(
    [id, () => live.forecastsAt.get(id() ?? '') ?? null, () => live.connection],
    ([incident, at, connection], before) => {
      // While the stream was away others may have been worked out that this page was not told of.
      const back = connection === 'live' && before[2] !== undefined && before[2] !== 'live';
      if (incident !== null && connection !== 'offline') void load(incident, at, back);
    },
    { immediate: true },
  );
  return computed(() => kept.get(id() ?? '')?.shown ?? null);
}
