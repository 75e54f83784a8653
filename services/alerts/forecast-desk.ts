import type { ForecastView } from '#core/forecast.ts';
import type { Cancel, Clock } from '#core/ports.ts';
import { type Duration, milliseconds, seconds } from '#core/time.ts';
import type { AlertsDependencies } from './app.ts';
import type { BusEdge } from './bus-edge.ts';
import type { Incidents } from './seams.ts';

/**
 * Forecasts of the open incidents, beside the decision path: a moment after an incident was shown anew, in slices of a few
 * milliseconds between which everything else has its turn, at most once in five seconds each, and again while time passes.
 * It only reads; nothing waits for it. Published is what reads differently.
 */
export interface ForecastDesk {
  /** It was shown anew. */
  onIncident(id: string, closed: boolean): void;
  /** All of them again, for a bus that was away. */
  publish(): void;
  stop(): void;
}

export interface ForecastDeskDependencies {
  /** Real time: how much of the machine it may take. */
  readonly wall: Clock;
  /** Null: there is no such open incident. */
  readonly forecast: (id: string) => Generator<void, ForecastView> | null;
  readonly publishView: (view: ForecastView) => void;
  readonly retract: (id: string) => void;
  readonly onError: (error: unknown) => void;
}

const SOON: Duration = milliseconds(200);
const GAP = seconds(5);
/** Where nothing moves, clocks do. */
const AGAIN = seconds(30);
const SLICE = milliseconds(1);
const MOST_INCIDENTS = 50;

interface Watched {
  cancel: Cancel | null;
  /** It is being worked out now; shown anew meanwhile, it is worked out once more. */
  busy: boolean;
  again: boolean;
  /** It will be worked out soon: being shown anew puts it off no further. */
  soon: boolean;
  doneAt: Duration | null;
  shown: string | null;
  view: ForecastView | null;
}

export function createForecastDesk(deps: ForecastDeskDependencies): ForecastDesk {
  const { wall } = deps;
  const incidents = new Map<string, Watched>();
  let stopped = false;

  function drop(id: string): void {
    const watched = incidents.get(id);
    if (watched === undefined) return;
    watched.cancel?.();
    incidents.delete(id);
    deps.retract(id);
  }

  function later(id: string, watched: Watched, delay: Duration, work: () => void): void {
    watched.cancel?.();
    watched.cancel = wall.after(delay, () => {
      watched.cancel = null;
      if (!stopped && incidents.get(id) === watched) work();
    });
  }

  function begin(id: string, watched: Watched): void {
    try {
      const slices = deps.forecast(id);
      if (slices === null) {
        drop(id);
        return;
      }
      Object.assign(watched, { busy: true, again: false, soon: false });
      goOn(id, watched, slices);
    } catch (error) {
      failed(id, watched, error);
    }
  }

  function goOn(id: string, watched: Watched, slices: Generator<void, ForecastView>): void {
    try {
      const { done, value } = slices.next();
      if (done !== true) {
        later(id, watched, SLICE, () => goOn(id, watched, slices));
        return;
      }
      ended(id, watched);
      const reads = readsAs(value);
      if (reads === watched.shown) return;
      Object.assign(watched, { shown: reads, view: value });
      deps.publishView(value);
    } catch (error) {
      failed(id, watched, error);
    }
  }

  function ended(id: string, watched: Watched): void {
    watched.busy = false;
    watched.doneAt = wall.monotonic();
    watched.soon = watched.again;
    later(id, watched, watched.again ? GAP : AGAIN, () => begin(id, watched));
  }

  /** A forecast that cannot be made is none: people answer all the same. */
  function failed(id: string, watched: Watched, error: unknown): void {
    deps.onError(error);
    ended(id, watched);
  }

  return {
    onIncident(id, closed) {
      if (stopped) return;
      if (closed) {
        drop(id);
        return;
      }
      let watched = incidents.get(id);
      if (watched === undefined) {
        if (incidents.size >= MOST_INCIDENTS) return;
        watched = { cancel: null, busy: false, again: false, soon: false, doneAt: null, shown: null, view: null };
        incidents.set(id, watched);
      }
      const one = watched;
      one.again = true;
      if (one.busy || one.soon) return;
      one.soon = true;
      const rested = one.doneAt === null ? Number.POSITIVE_INFINITY : wall.monotonic() - one.doneAt;
      later(id, one, milliseconds(Math.max(SOON, GAP - rested)), () => begin(id, one));
    },
    publish() {
      for (const { view } of incidents.values()) if (view !== null) deps.publishView(view);
    },
    stop() {
      stopped = true;
      for (const { cancel } of incidents.values()) cancel?.();
      incidents.clear();
    },
  };
}

/** Null in a simulated run: nobody looks. */
export function openForecasts(
  { outward, edge, log, metrics }: Pick<AlertsDependencies, 'outward' | 'log' | 'metrics'> & { readonly edge: BusEdge },
  incidents: () => Pick<Incidents, 'forecast'> | null,
): ForecastDesk | null {
  if (outward === undefined) return null;
  return createForecastDesk({
    wall: outward.wall,
    forecast: (id) => incidents()?.forecast(id) ?? null,
    publishView: (view) => edge.publish('forecast/+', view.incident, view),
    retract: (id) => edge.retract('forecast/+', id),
    onError: (error) => {
      metrics.count('zhishou_forecast_failures_total');
      log.error({ err: error }, 'a forecast could not be made');
    },
  });
}

/** Seconds that move are no news: texts say minutes. */
const readsAs = ({ at: _at, ...view }: ForecastView): string =>
  JSON.stringify(view, (key, value: unknown) =>
    key === 'spareS' ? undefined : typeof value === 'string' && INSTANT.test(value) ? value.slice(0, 16) : value,
  );
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:/;
