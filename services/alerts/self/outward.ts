import type { Config } from '#core/config/config.ts';
import type { Bus, BusMessage, Cancel, Clock, Log, Metrics, Stop } from '#core/ports.ts';
import { type TopicPattern, topicFilter } from '#core/topics.ts';
import { sayAlive } from '#platform/service-alive.ts';
import type { BusEdge } from '../bus-edge.ts';
import { createBeatSource } from './beat-source.ts';
import { createHeartbeat, type Ping } from './heartbeat.ts';
import type { SelfChecks } from './self-checks.ts';
import { createServiceWatch } from './service-watch.ts';

/** Who watches the watcher (L32): this service says that it lives, watches the others, and beats to whoever watches from outside. */
export interface Outward {
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface OutwardDependencies {
  readonly config: Config;
  readonly bus: Bus;
  readonly edge: BusEdge;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Null: a simulated run, nobody outside. */
  readonly outward: { readonly wall: Clock; readonly ping: Ping } | null;
  readonly checks: Pick<SelfChecks, 'report' | 'failing'>;
  /** A probe goes the way of a reading that fires. */
  readonly through: (id: string, done: () => void) => void;
  readonly guarded: (
    name: TopicPattern,
    handle: (message: BusMessage) => string | null,
  ) => (message: BusMessage) => void;
}

export function createOutward(deps: OutwardDependencies): Outward {
  const { config, bus, edge, log, metrics, outward, checks, guarded } = deps;
  if (outward === null) return { start: () => Promise.resolve(), stop: () => Promise.resolve() };
  const { wall, ping } = outward;
  const source = createBeatSource({
    clock: wall,
    send: (id) => edge.publish('probe', '', { id }),
    through: deps.through,
  });
  const heartbeat = createHeartbeat({
    ...{ beats: config.site.heartbeat, clock: wall, log, metrics, ping, beat: source.beat, failing: checks.failing },
    report: (watcher, unreached, error) => checks.report('zhishou-heartbeat-failing', watcher, unreached, error),
  });
  const watch = createServiceWatch({ wall, report: checks.report });
  const stops: Stop[] = [];
  let cease: Cancel = () => {};
  return {
    async start() {
      const filter = (pattern: TopicPattern) => topicFilter(config.site.id, pattern);
      stops.push(await bus.subscribe(filter('probe'), guarded('probe', source.onProbe)));
      stops.push(await bus.subscribe(filter('service/+'), guarded('service/+', watch.onAlive)));
      cease = sayAlive({ ...{ site: config.site.id, service: 'alerts', bus, wall, log, metrics } });
      watch.start();
      heartbeat.start();
    },
    async stop() {
      heartbeat.stop();
      watch.stop();
      cease();
      for (const stop of stops.splice(0).reverse()) await stop();
    },
  };
}
