import { addressOf, type HeartbeatConfig } from '#core/config/watch.ts';
import { messageOf } from '#core/errors.ts';
import type { Cancel, Clock, Log, Metrics } from '#core/ports.ts';
import { hours, type Instant, plus, seconds } from '#core/time.ts';

/**
 * The beat to a watcher outside (L32): it calls people when it hears nothing. Beaten only after the way from a message to people
 * has been gone; `fail_url` is told when the service knows that it cannot do what it is there for.
 */
export interface Heartbeat {
  start(): void;
  stop(): void;
}

/** One request outwards; rejects when the other side did not take it. */
export type Ping = (request: {
  readonly url: string;
  readonly method: HeartbeatConfig['method'];
  readonly body: string | undefined;
  readonly timeoutMs: number;
}) => Promise<void>;

export interface HeartbeatDependencies {
  readonly beats: readonly HeartbeatConfig[];
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly ping: Ping;
  /** Acting: did the way run? Absent: this instance stands by. */
  readonly beat?: () => Promise<boolean>;
  /** What this service knows that it cannot do now. */
  readonly failing: () => readonly string[];
  /** The watcher outside has not been reached for an hour, or is again. */
  readonly report: (watcher: string, unreached: boolean, error: string | null) => void;
}

const TIMEOUT = seconds(10);
/** The watcher calls by itself long before; this is for whoever mends the way to it. */
const TOLD_AFTER = hours(1);

export function createHeartbeat(deps: HeartbeatDependencies): Heartbeat {
  const each = deps.beats.map((config, index) => createOne(deps, config, index));
  return {
    start() {
      for (const one of each) one.start();
    },
    stop() {
      for (const one of each) one.stop();
    },
  };
}

function createOne(deps: HeartbeatDependencies, config: HeartbeatConfig, index: number): Heartbeat {
  const { clock, log, metrics } = deps;
  const watcher = `heartbeat-${index + 1}`;
  let cancel: Cancel | null = null;
  let stopped = true;
  let failedSince: Instant | null = null;

  async function tell(url: HeartbeatConfig['url'] | undefined): Promise<void> {
    if (url === undefined) return;
    try {
      await deps.ping({
        ...{ url: addressOf(url), method: config.method, timeoutMs: TIMEOUT },
        body: config.method === 'POST' ? config.body : undefined,
      });
      metrics.count('zhishou_heartbeats_total', { watcher, result: 'taken' });
      failedSince = null;
      deps.report(watcher, false, null);
    } catch (error) {
      metrics.count('zhishou_heartbeats_total', { watcher, result: 'failed' });
      failedSince ??= clock.now();
      log.warn({ watcher, error: messageOf(error) }, 'the heartbeat did not get out');
      if (clock.now() >= plus(failedSince, TOLD_AFTER)) deps.report(watcher, true, messageOf(error));
    }
  }

  async function once(): Promise<void> {
    if (deps.beat === undefined) return tell(config.standby_url);
    const runs = await deps.beat();
    if (stopped) return;
    const failing = deps.failing();
    if (runs && failing.length === 0) return tell(config.url);
    metrics.count('zhishou_heartbeats_withheld_total', { watcher });
    log.error({ watcher, runs, failing }, 'no heartbeat: this service cannot do what it is there for');
    return tell(config.fail_url);
  }

  function tick(): void {
    if (stopped) return;
    cancel = clock.after(config.every, tick);
    once().catch((error: unknown) => log.error({ watcher, error: messageOf(error) }, 'the heartbeat failed'));
  }

  return {
    start() {
      stopped = false;
      if (deps.beat !== undefined) void tell(config.start_url);
      tick();
    },
    stop() {
      stopped = true;
      cancel?.();
    },
  };
}
