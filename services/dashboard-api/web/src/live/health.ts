import { computed, ref, watch } from 'vue';
import type { HealthResponse } from '#core/api.ts';
import { get } from './api.ts';
import { live } from './store.ts';

/** Does the rest of the service still work? Asked each minute and after each reconnection; while nobody answers, the last answer stands. */

const EVERY_MS = 60_000;
const health = ref<HealthResponse | null>(null);

/** What does not work, the worst first: without the alerts service nobody decides. */
const TROUBLES = ['alerts', 'bus', 'collector', 'recorder', 'thinning', 'history'] as const;
export type Trouble = (typeof TROUBLES)[number];
/** These touch what was, not what is: the room is watched all the same. */
export const OF_THE_PAST: readonly Trouble[] = ['recorder', 'thinning', 'history'];

export const troubles = computed<Trouble[]>(() => {
  const found = health.value;
  if (found === null) return [];
  const holds: Readonly<Record<Trouble, boolean>> = {
    alerts: found.services.alerts.state === 'silent',
    bus: found.bus === 'down',
    collector: found.services.collector.state === 'silent',
    recorder: found.recorder.state === 'failing',
    thinning: found.history.thinning,
    history: found.history.state !== 'ok' && !found.history.thinning,
  };
  return TROUBLES.filter((name) => holds[name]);
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
