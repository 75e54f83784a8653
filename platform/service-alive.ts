import { messageOf } from '#core/errors.ts';
import type { Bus, Cancel, Clock, Log, Metrics } from '#core/ports.ts';
import type { ServiceAlive } from '#core/service-alive.ts';
import { type Instant, milliseconds, seconds, toIso } from '#core/time.ts';
import { topic } from '#core/topics.ts';

/** Says on the bus that a service is alive, and counts how often its event loop stood still: then everything was late. */
export interface AliveDependencies {
  readonly site: string;
  readonly service: string;
  readonly bus: Bus;
  /** Real time, also in a room that runs faster. */
  readonly wall: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly trouble?: () => string | null;
}

const SAID_EVERY = seconds(15);
const LOOKED_EVERY = milliseconds(500);
/** A message from the bus waits so long: half of a UPS's poll, and long enough to be no garbage collection. */
export const STALL_MS = 2000;

/** Returns the way to stop it. */
export function sayAlive({ site, service, bus, wall, log, metrics, trouble }: AliveDependencies): Cancel {
  let stopped = false;
  let cancels: Cancel[] = [];
  let stalls: ServiceAlive['stalls'] = { count: 0, longestS: 0, lastAt: null };
  let lookedAt = wall.monotonic();
  let sayNext: Cancel = () => {};

  function look(): void {
    if (stopped) return;
    const now = wall.monotonic();
    const late = now - lookedAt - LOOKED_EVERY;
    lookedAt = now;
    if (late > STALL_MS) note(late, wall.now());
    cancels = [wall.after(LOOKED_EVERY, look)];
  }

  function note(lateMs: number, at: Instant): void {
    stalls = { count: stalls.count + 1, longestS: Math.max(stalls.longestS, lateMs / 1000), lastAt: toIso(at) };
    metrics.count('zhishou_event_loop_stalls_total', { service });
    log.error({ service, stoodStillMs: Math.round(lateMs) }, 'this process stood still; everything in it was late');
  }

  function say(): void {
    if (stopped) return;
    const alive: ServiceAlive = { service, at: toIso(wall.now()), trouble: trouble?.() ?? null, stalls };
    bus.publish(topic(site, 'service/+', service), JSON.stringify(alive)).catch((error: unknown) => {
      log.debug({ service, error: messageOf(error) }, 'the bus did not take that this service is alive');
    });
    sayNext = wall.after(SAID_EVERY, say);
  }

  look();
  say();
  return () => {
    stopped = true;
    sayNext();
    for (const cancel of cancels) cancel();
  };
}
