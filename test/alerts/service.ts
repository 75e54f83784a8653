import type { CommandBody, CommandResult, Role } from '#core/command.ts';
import type { Config } from '#core/config/config.ts';
import type { Action } from '#core/config/device.ts';
import type { Bus, Channel, Journal, StateStore } from '#core/ports.ts';
import { seededRandom } from '#core/random.ts';
import type { ReadingBatch } from '#core/reading.ts';
import { Secret } from '#core/secret.ts';
import { type Duration, type Instant, seconds } from '#core/time.ts';
import { type TopicPattern, type TopicPayloads, topic, topicFilter } from '#core/topics.ts';
import { createMemoryBus, type MemoryBus } from '#platform/bus/memory-bus.ts';
import { createVirtualClock, type VirtualClock } from '#platform/clock/virtual-clock.ts';
import { signCommand } from '#platform/command-signature.ts';
import { openJournal } from '#platform/journal.ts';
import { silentLog } from '#platform/log.ts';
import { openStateStore } from '#platform/state-store.ts';
import { withAbsent } from '#services/alerts/actions/absent-driver.ts';
import { type AlertsDependencies, createAlerts } from '#services/alerts/app.ts';
import { type FakeChannel, fakeChannel, fakeMetrics, makeConfig, T0 } from './support.ts';

/** The whole alerts service on a bus in memory and a virtual clock; channels and drivers keep what they get. */
export interface Service {
  readonly bus: MemoryBus;
  readonly clock: VirtualClock;
  readonly channels: { phone: FakeChannel; email: FakeChannel };
  readonly metrics: ReturnType<typeof fakeMetrics>;
  readonly actions: Action[];
  readonly state: StateStore;
  readonly journal: Journal;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Publishes and lets everything that follows happen. */
  publish(batch: ReadingBatch): Promise<void>;
  raw(name: string, payload: string | Uint8Array, options?: { retain?: boolean }): Promise<void>;
  advance(by: Duration): Promise<void>;
  /** All payloads seen on a pattern since the start, newest last. */
  seen<P extends TopicPattern>(pattern: P): TopicPayloads[P][];
  command(
    body: CommandBody,
    more?: { id?: string; role?: Role; key?: string; at?: Instant },
  ): Promise<CommandResult | null>;
}

export const KEY = new Secret('the key that pages sign with');

export interface ServiceOptions
  extends Partial<Pick<AlertsDependencies, 'forcedMode' | 'lease' | 'nut' | 'reach' | 'ruleFiles'>> {
  readonly config?: Config;
  readonly state?: StateStore;
  readonly journal?: Journal;
  readonly bus?: MemoryBus;
  readonly clock?: VirtualClock;
}

export function makeService(options: ServiceOptions = {}): Service {
  const config = options.config ?? makeConfig();
  const clock = options.clock ?? createVirtualClock(T0);
  const bus = options.bus ?? createMemoryBus();
  const channels = { phone: fakeChannel(), email: fakeChannel() };
  const metrics = fakeMetrics();
  const actions: Action[] = [];
  const state = options.state ?? openStateStore(':memory:');
  const journal = options.journal ?? openJournal(':memory:');
  const driver = {
    run: (action: Action) => {
      actions.push(action);
      return Promise.resolve({ result: 'ok' as const, detail: 'done' });
    },
  };
  const alerts = createAlerts({
    config,
    clock,
    bus: bus as Bus,
    log: silentLog,
    metrics,
    journal,
    state,
    random: seededRandom(1),
    drivers: withAbsent({ ssh: driver, snmp_set: driver, mqtt: driver, local: driver }),
    reach: options.reach ?? { tcp: () => Promise.resolve('closed') },
    nut: options.nut ?? null,
    channels: channels as Readonly<Record<string, Channel>>,
    signatureKey: KEY,
    forcedMode: options.forcedMode ?? null,
    ...(options.lease === undefined ? {} : { lease: options.lease }),
    ...(options.ruleFiles === undefined ? {} : { ruleFiles: options.ruleFiles }),
  });
  const messages: { topic: string; payload: string }[] = [];
  let count = 0;
  const settle = (): Promise<void> => clock.advanceByAsync(seconds(0));
  const service: Service = {
    bus,
    clock,
    channels,
    metrics,
    actions,
    state,
    journal,
    async start() {
      await bus.subscribe('zhishou/#', ({ topic: name, payload }) => {
        messages.push({ topic: name, payload: new TextDecoder().decode(payload) });
      });
      await alerts.start();
      await settle();
    },
    stop: () => alerts.stop(),
    publish: (batch) =>
      service.raw(topic(config.site.id, 'reading/+', batch.device), JSON.stringify(batch), { retain: true }),
    async raw(name, payload, more = {}) {
      await bus.publish(name, payload, more);
      await settle();
    },
    advance: (by) => clock.advanceByAsync(by),
    seen<P extends TopicPattern>(pattern: P) {
      const filter = new RegExp(`^${topicFilter(config.site.id, pattern).replace('+', '[^/]+')}$`);
      return messages
        .filter((message) => filter.test(message.topic) && message.payload !== '')
        .map((message) => JSON.parse(message.payload) as TopicPayloads[P]);
    },
    async command(body, more = {}) {
      const id = more.id ?? `c${++count}`;
      const by = { user: 'ann', name: 'Ann', role: more.role ?? 'administrator' } as const;
      const key = more.key === undefined ? KEY : new Secret(more.key);
      const signed = signCommand({ id, at: more.at ?? clock.now(), by, body }, key);
      const before = service.seen('command-result/+').length;
      await service.raw(topic(config.site.id, 'command'), JSON.stringify(signed));
      return (
        service
          .seen('command-result/+')
          .slice(before)
          .find((result) => result.id === id) ?? null
      );
    },
  };
  return service;
}
