import { computed, ref, watch } from 'vue';
import type { HealthResponse } from '#core/api.ts';
import { get } from './api.ts';
import { live } from './store.ts';

/** Does the rest of the service still work? Asked each minute and after each reconnection; while nobody answers, the last answer stands. */

const EVERY_MS = 60_000;
const health = ref<HealthResponse | null>(null);

export type Trouble = 'alerts' | 'bus' | 'collector' | 'recorder';

/** What does not work, the worst first: without the alerts service nobody decides. */
export const troubles = computed<Trouble[]>(() => {
  const found = health.value;
  if (found === null) return [];
  const holds: Readonly<Record<Trouble, boolean>> = {
    alerts: found.services.alerts.state === 'silent',
    bus: found.bus === 'down',
    collector: found.services.collector.state === 'silent',
    recorder: found.recorder.state === 'failing',
  };
  return (['alerts', 'bus', 'collector', 'recorder'] as const).filter((name) => holds[name]);
});

async function ask(): Promise<void> {
  try {
    health.value = await get<HealthResponse>('/health');
  } catch {
    // The page says by itself when it is cut off.
  }
}

/** Returns the way to stop it. */
export function watchHealth(): () => void {
  void ask();
  const timer = setInterval(() => void ask(), EVERY_MS);
  const stop = watch(
    () => live.connection,
    (now) => {
      if (now === 'live') void ask();
    },
  );
  return () => {
    clearInterval(timer);
    stop();
  };
}
