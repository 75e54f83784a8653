import type { Config } from '#core/config/config.ts';
import type { Bus, Channel, Clock, Journal, Log, Metrics, ReachProbe, StateStore } from '#core/ports.ts';
import type { Random } from '#core/random.ts';
import type { Secret } from '#core/secret.ts';
import type { Instant } from '#core/time.ts';
import type { RuleFiles } from '#platform/config/rule-files.ts';
import type { NutListener } from '#platform/nut/nut-listener.ts';
import type { ActionDrivers } from './actions/action-runner.ts';
import { createPipeline, type Pipeline } from './pipeline.ts';
import type { Overrides } from './seams.ts';
import { createHeartbeat, type Heartbeat, type Ping } from './self/heartbeat.ts';

/** The alerts service: readings → rules → alerts → people; alerts → incidents → plans → actions. See pipeline.ts for the way through it. */
export interface AlertsDependencies {
  readonly config: Config;
  readonly clock: Clock;
  readonly bus: Bus;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly journal: Journal;
  readonly state: StateStore;
  readonly random: Random;
  readonly drivers: ActionDrivers;
  readonly reach: ReachProbe;
  /** Where NUT clients come in, when site.yaml has a nut_server; without one nobody can. */
  readonly nut?: NutListener | null;
  /** By the channel's id in site.yaml. */
  readonly channels: Readonly<Record<string, Channel>>;
  /** What the page signs people's orders with. */
  readonly signatureKey: Secret | string;
  readonly forcedMode: 'drill' | 'rehearsal' | null;
  /** Where the rules stand; a simulation has none, and its rules stay as they are. */
  readonly ruleFiles?: RuleFiles;
  /** When each plan was practised last. Given: the site's readiness is tested daily and told; a simulation has none. */
  readonly lastDrills?: () => ReadonlyMap<string, Instant>;
  /** Real time and a way out, for the heartbeat and for who watches whom; a simulated run has none. */
  readonly outward?: { readonly wall: Clock; readonly ping: Ping };
  readonly overrides?: Overrides;
  /** Makes the lease of the site; without it this instance always acts. */
  readonly lease?: (events: LeaseEvents) => { readonly held: boolean; stop(): Promise<void> };
}

export interface LeaseEvents {
  readonly onHeld: () => void;
  readonly onLost: (reason: string) => void;
}

export interface Alerts {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** False while another instance has the lease. */
  acting(): boolean;
}

export function createAlerts(dependencies: AlertsDependencies): Alerts {
  const { log, metrics } = dependencies;
  let pipeline: Pipeline | null = null;
  let lease: { readonly held: boolean; stop(): Promise<void> } | null = null;
  /** Taking over and standing down follow each other in order. */
  let turn: Promise<void> = Promise.resolve();
  let failure: unknown = null;

  function inTurn(work: () => Promise<void>): Promise<void> {
    turn = turn.then(work).catch((error: unknown) => {
      failure = error;
      log.error({ err: error }, 'the alerts service failed to change its role');
    });
    return turn;
  }

  /** Whoever watches from outside hears of both instances. */
  const standbyBeat: Heartbeat | null =
    dependencies.outward === undefined || dependencies.lease === undefined
      ? null
      : createHeartbeat({
          ...{ beats: dependencies.config.site.heartbeat, clock: dependencies.outward.wall, log, metrics },
          ...{ ping: dependencies.outward.ping, failing: () => [], report: () => {} },
        });

  async function act(): Promise<void> {
    if (pipeline !== null) return;
    standbyBeat?.stop();
    const next = createPipeline(dependencies);
    pipeline = next;
    metrics.gauge('zhishou_alerts_acting', 1);
    await next.start();
  }

  async function standBy(): Promise<void> {
    const ending = pipeline;
    pipeline = null;
    metrics.gauge('zhishou_alerts_acting', 0);
    await ending?.stop();
    standbyBeat?.start();
  }

  return {
    async start() {
      metrics.gauge('zhishou_alerts_acting', 0);
      if (dependencies.lease === undefined) {
        await act();
        return;
      }
      lease = dependencies.lease({ onHeld: () => void inTurn(act), onLost: () => void inTurn(standBy) });
      await turn;
      if (pipeline === null) standbyBeat?.start();
      if (failure !== null) throw failure;
    },
    async stop() {
      await inTurn(standBy);
      standbyBeat?.stop();
      await lease?.stop();
    },
    acting: () => pipeline !== null,
  };
}
