import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync, type MqttClient } from 'mqtt';
import { loadSite, SAMPLE_CONFIG } from '#commands/configuration.ts';
import type { AlertView } from '#core/alert.ts';
import type { Config } from '#core/config/config.ts';
import type { Channel } from '#core/ports.ts';
import { seededRandom } from '#core/random.ts';
import type { Reading, ReadingBatch, Value } from '#core/reading.ts';
import { Secret } from '#core/secret.ts';
import { instant } from '#core/time.ts';
import { topic, topicFilter } from '#core/topics.ts';
import { createEmbeddedBroker } from '#platform/bus/embedded-broker.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { makeTemporaryFolder } from '#platform/environment.ts';
import { openJournal } from '#platform/journal.ts';
import { silentLog } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import { openStateStore } from '#platform/state-store.ts';
import { withAbsent } from '#services/alerts/actions/absent-driver.ts';
import { createAlerts } from '#services/alerts/app.ts';
import { createWebhookChannel } from '#services/alerts/notify/channels/webhook-channel.ts';
import { against, inMs, type Measure, say, summary } from './figures.ts';
import { startFloor, startReceiver } from './latency-floor.ts';

/**
 * A message on the bus → the first notification handed to its channel, the durable outbox included: the sample site's own
 * rules, plan, people and stores on disk, its broker's TCP port in front and a real webhook behind. Smoke and "on battery"
 * take turns; each fires one alert and clears before the next. Beside it, round by round, the floor: the same bytes over the
 * same kind of broker straight into an HTTP POST, and one durable commit of the same file system.
 */
export interface LatencyFigures {
  readonly rounds: number;
  /** From `publish` of a client on the broker's port to the call of the channel. */
  readonly handedMs: Measure;
  readonly smokeMs: Measure;
  readonly onBatteryMs: Measure;
  /** On to the webhook's server having the whole of it. */
  readonly receivedMs: Measure;
  readonly smokeReceivedMs: Measure;
  readonly onBatteryReceivedMs: Measure;
  /** aedes in this process, its subscriber's HTTP POST received: no rules, nothing durable. */
  readonly floorMs: Measure;
  /** One commit to SQLite (WAL, synchronous FULL) in the same folder. */
  readonly commitMs: Measure;
  readonly ratioToFloor: { readonly p50: number; readonly p99: number };
  readonly budgetMs: number;
  readonly verdict: 'within' | 'over';
}

const BUDGET_MS = 10;
const WARM_UP = 200;
const decoder = new TextDecoder();
const MAIL_TAKES_MS = 5;
const ALARMS = [
  { device: 'smoke-1', point: 'room.smoke', fires: true, clears: false },
  { device: 'ups-1', point: 'ups.status', fires: 'OB DISCHRG', clears: 'OL' },
] as const;

export async function measureLatency({ rounds }: { readonly rounds: number }): Promise<LatencyFigures> {
  const folder = makeTemporaryFolder('zhishou-bench-');
  const receiver = await startReceiver();
  const floor = await startFloor(receiver);
  const service = await startService(folder.path, receiver.url);
  const spare = openStateStore(join(folder.path, 'commit.sqlite'));
  const times = { handed: [] as number[], received: [] as number[], floor: [] as number[], commit: [] as number[] };
  try {
    for (let round = -WARM_UP; round < rounds; round++) {
      const alarm = ALARMS[Math.abs(round) % ALARMS.length] ?? ALARMS[0];
      const took = await service.round(alarm);
      const floorMs = await floor.once(service.lastPayload());
      const from = performance.now();
      spare.set('one', round);
      const commitMs = performance.now() - from;
      if (round < 0) continue;
      times.handed.push(took.handed);
      times.received.push(took.received);
      times.floor.push(floorMs);
      times.commit.push(commitMs);
    }
  } finally {
    await service.stop();
    await floor.stop();
    await receiver.stop();
    spare.close();
    folder.remove();
  }
  return figuresOf(rounds, times);
}

const smoke = (times: readonly number[]): number[] => times.filter((_, round) => round % 2 === 0);
const onBattery = (times: readonly number[]): number[] => times.filter((_, round) => round % 2 === 1);

function figuresOf(
  rounds: number,
  times: { readonly [name in 'handed' | 'received' | 'floor' | 'commit']: readonly number[] },
): LatencyFigures {
  const handedMs = summary(times.handed);
  const receivedMs = summary(times.received);
  const floorMs = summary(times.floor);
  return {
    rounds,
    handedMs,
    smokeMs: summary(smoke(times.handed)),
    onBatteryMs: summary(onBattery(times.handed)),
    receivedMs,
    smokeReceivedMs: summary(smoke(times.received)),
    onBatteryReceivedMs: summary(onBattery(times.received)),
    floorMs,
    commitMs: summary(times.commit),
    ratioToFloor: { p50: receivedMs.p50 / floorMs.p50, p99: receivedMs.p99 / floorMs.p99 },
    budgetMs: BUDGET_MS,
    verdict: handedMs.p99 <= BUDGET_MS ? 'within' : 'over',
  };
}

type Alarm = (typeof ALARMS)[number];

interface Service {
  /** Fires, waits until it is told and received, clears, waits until all is quiet again. */
  round(alarm: Alarm): Promise<{ readonly handed: number; readonly received: number }>;
  lastPayload(): string;
  stop(): Promise<void>;
}

async function startService(folder: string, webhook: string): Promise<Service> {
  const { config: sample } = loadSite(SAMPLE_CONFIG, { secretsDirectory: join(folder, 'secrets') });
  if (sample === null) throw new Error('the sample configuration has mistakes');
  // The same alarm a thousand times a minute chatters and would be told together; a safety alert never is (L34).
  const config: Config = { ...sample, rules: sample.rules.map((rule) => ({ ...rule, safety: true })) };
  const clock = createSystemClock();
  const metrics = createMetrics();
  const credential = { user: 'collector', password: new Secret('bench') };
  const bus = await createEmbeddedBroker({ host: '127.0.0.1', port: 0, services: [credential], metrics });
  const state = openStateStore(join(folder, 'state.sqlite'));
  const journal = openJournal(join(folder, 'journal.sqlite'));
  const watch = watchChannels(webhook);
  const driver = { run: () => Promise.resolve({ result: 'failed' as const, detail: 'the bench has no equipment' }) };
  const alerts = createAlerts({
    ...{ config, clock, bus, journal, state, metrics, log: silentLog, random: seededRandom(1) },
    drivers: withAbsent({ ssh: driver, snmp_set: driver, mqtt: driver, local: driver }),
    reach: { tcp: () => Promise.resolve('open') },
    channels: watch.channels,
    signatureKey: 'bench',
    forcedMode: 'drill',
  });
  await alerts.start();
  const client = await connectAsync({
    ...{ host: '127.0.0.1', port: bus.port, reconnectPeriod: 0 },
    ...{ username: credential.user, password: credential.password.reveal() },
  });
  let payload = '';
  const say = (alarm: Alarm, value: Value): Promise<unknown> => {
    const at = clock.now();
    payload = JSON.stringify(batchOf(alarm, value, at));
    return publish(client, config, alarm.device, payload);
  };
  let onCleared = (): void => {};
  const cleared = (): Promise<void> =>
    new Promise((resolve) => {
      onCleared = resolve;
    });
  await bus.subscribe(topicFilter(config.site.id, 'alert/+'), ({ payload }) => {
    if (payload.length > 0 && (JSON.parse(decoder.decode(payload)) as AlertView).state === 'cleared') onCleared();
  });
  // Everybody is well before the first round.
  for (const alarm of ALARMS) await say(alarm, alarm.clears);
  return {
    async round(alarm) {
      const told = watch.next();
      const from = performance.now();
      await say(alarm, alarm.fires);
      const { handedAt, received } = await told;
      const receivedAt = await received;
      await watch.quiet();
      // Told or not: that an outage is over is the incident's message and not the alert's.
      const over = cleared();
      await say(alarm, alarm.clears);
      await over;
      await watch.quiet();
      await bus.drained();
      return { handed: handedAt - from, received: receivedAt - from };
    },
    lastPayload: () => payload,
    async stop() {
      await client.endAsync(true);
      await alerts.stop();
      await bus.close();
      journal.close();
      state.close();
    },
  };
}

function batchOf(alarm: Alarm, value: Value, at: number): ReadingBatch {
  const now = instant(at);
  const reading = (point: string, of: Value): Reading => ({
    ...{ device: alarm.device, point, value: of, quality: 'good', simulated: true },
    ...{ measuredAt: now, receivedAt: now, changedAt: now },
  });
  const others = alarm.device === 'ups-1' ? [reading('battery.charge', 95), reading('output.realpower', 2400)] : [];
  return { device: alarm.device, at: now, readings: [reading(alarm.point, value), ...others], cause: 'message' };
}

const publish = (client: MqttClient, { site }: Config, device: string, payload: string): Promise<unknown> =>
  client.publishAsync(topic(site.id, 'reading/+', device), payload, { qos: 1 });

interface Told {
  readonly handedAt: number;
  readonly received: Promise<number>;
}

/** The phone is the real webhook channel; a mail server takes its time, so it is the phone that is measured. */
function watchChannels(url: string) {
  const webhook = createWebhookChannel(
    'phone',
    { kind: 'webhook', url, method: 'POST', headers: {}, timeout: 5000 } as never,
    'bench',
    createSystemClock(),
  );
  const inFlight = new Set<Promise<unknown>>();
  let waiting: ((told: Told) => void) | null = null;
  const phone: Channel = {
    send(message) {
      const handedAt = performance.now();
      const sending = webhook.send(message);
      inFlight.add(sending);
      void sending.finally(() => inFlight.delete(sending)).catch(() => {});
      waiting?.({ handedAt, received: sending.then(() => performance.now()) });
      waiting = null;
      return sending;
    },
    close: () => webhook.close(),
  };
  const email: Channel = {
    send() {
      const sending = sleep(MAIL_TAKES_MS);
      inFlight.add(sending);
      void sending.finally(() => inFlight.delete(sending));
      return sending;
    },
    close: () => Promise.resolve(),
  };
  return {
    channels: { phone, email },
    next: (): Promise<Told> =>
      new Promise((resolve) => {
        waiting = resolve;
      }),
    /** Nothing is on its way, and what the last answer led to has been recorded. */
    async quiet(): Promise<void> {
      do {
        await Promise.allSettled(inFlight);
        await new Promise((resolve) => setImmediate(resolve));
      } while (inFlight.size > 0);
    },
  };
}

export function tellLatency(figures: LatencyFigures): void {
  const { handedMs, budgetMs, ratioToFloor } = figures;
  say(`A message on the bus → notification handed to its channel, ${figures.rounds} rounds, stores on disk`);
  say(`  handed over      ${inMs(handedMs)}`);
  say(`    smoke          ${inMs(figures.smokeMs)}`);
  say(`    on battery     ${inMs(figures.onBatteryMs)}`);
  say(`  received         ${inMs(figures.receivedMs)}   by the webhook's server`);
  say(`    smoke          ${inMs(figures.smokeReceivedMs)}`);
  say(`    on battery     ${inMs(figures.onBatteryReceivedMs)}`);
  say(`  floor            ${inMs(figures.floorMs)}   aedes → HTTP POST received, nothing durable`);
  say(`  floor            ${inMs(figures.commitMs)}   one SQLite commit (WAL, FULL), same folder`);
  say(`  received ÷ aedes → POST: p50 ×${ratioToFloor.p50.toFixed(2)}, p99 ×${ratioToFloor.p99.toFixed(2)}`);
  say(`  budget p99 ${budgetMs} ms: ${against(handedMs.p99, budgetMs)}`);
}
