import type { ForecastView } from '#core/forecast.ts';
import type { IncidentView } from '#core/incident.ts';
import type { Changed } from './changed.ts';

/** The newest forecast of each open incident. Pages are told that there is another and ask for it: most of them do not show it. */
const MOST = 50;

export function createForecasts(changed: Changed) {
  const forecasts = new Map<string, ForecastView>();
  return {
    onForecast(view: ForecastView): void {
      forecasts.delete(view.incident);
      forecasts.set(view.incident, view);
      const [oldest] = forecasts.keys();
      if (forecasts.size > MOST && oldest !== undefined) forecasts.delete(oldest);
      changed('forecast', { incident: view.incident, at: view.at });
    },
    /** With the incident the forecast ends. */
    endForecast({ id, phase }: Pick<IncidentView, 'id' | 'phase'>): void {
      if (phase === 'closed') forecasts.delete(id);
    },
    forecast: (id: string): ForecastView | null => forecasts.get(id) ?? null,
  };
}
