import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { AlertView } from '#core/alert.ts';
import type { Config } from '#core/config/config.ts';
import type { Rule } from '#core/config/rule.ts';
import type { Channel } from '#core/ports.ts';
import { seededRandom } from '#core/random.ts';
import type { Reading, ReadingBatch, Value } from '#core/reading.ts';
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
import { makeConfig, makeDevice, makeRule } from '../alerts/support.ts';
import { against, inMs, type Measure, say, summary } from './figures.ts';

/**
 * Ten thousand rules over five thousand points (500 devices of 10), stores on disk: a loss of mains on the bus → its notification
 * handed to the channel, in the midst of the others' readings; CPU a reading; memory. Beside it the same with a hundred rules.
 */
export interface RulesFigures {
  readonly many: OfRules;
  readonly few: OfRules;
  readonly latencyRatio: { readonly p50: number; readonly p99: number };
  readonly budgetMs: number;
  readonly verdict: 'within' | 'over';
}

interface OfRules {
  readonly rules: number;
  readonly handedMs: Measure;
  /** Bytes decoded, rules stepped, nothing told. */
  readonly cpuUsPerReading: number;
  /** What service and rules hold after all devices have spoken, without the empty process. */
  readonly heapMb: number;
  readonly startMs: number;
}

const decoder = new TextDecoder();
const MANY = 10_000;
const FEW = 100;
const DEVICES = 500;
const POINTS = 10;
const WARM_UP = 100;
const BUDGET_MS = 10;
/** Of the other devices between two losses of mains. */
const BETWEEN = 25;

export async function measureRules({ rounds }: { readonly rounds: number }): Promise<RulesFigures> {
  const few = await measure(FEW, rounds);
  const many = await measure(MANY, rounds);
  return {
    ...{ many, few },
    latencyRatio: { p50: many.handedMs.p50 / few.handedMs.p50, p99: many.handedMs.p99 / few.handedMs.p99 },
    budgetMs: BUDGET_MS,
    verdict: many.handedMs.p99 <= BUDGET_MS ? 'within' : 'over',
  };
}

const pointOf = (n: number): string => `ambient.${n + 1}.temperature`;
const deviceOf = (n: number): string => `rack-${n + 1}`;

function configOf(count: number): Config {
  const racks = Array.from({ length: DEVICES }, (_, n) =>
    makeDevice({ id: deviceOf(n), mqtt: { topic: `z/${deviceOf(n)}` }, interval: '10s' }),
  );
  const ups = makeDevice({ id: 'ups-1', kind: 'ups', mqtt: { topic: 'z/ups-1' } });
  // Each point has two rules when there are ten thousand: too warm, too cold.
  const rules = Array.from({ length: count - 1 }, (_, n): Rule => {
    const place = Math.floor((n * DEVICES * POINTS * 2) / count);
    const side = place % 2 === 0 ? { above: 27, clear: 26 } : { below: 15, clear: 16 };
    const [device, point] = [deviceOf(Math.floor(place / 2 / POINTS)), pointOf(Math.floor(place / 2) % POINTS)];
    return makeRule({
      id: `rule-${n}`,
      on: { devices: [device] },
      when: { point, ...side },
      for: '5m',
      severity: 'low',
    });
  });
  // One that is told each time it comes; others are told to chatter after a while.
  const when = { point: 'ups.status', is: 'OB' };
  const mains = makeRule({ id: 'mains-lost', on: { kinds: ['ups'] }, when, safety: true });
  return makeConfig({ devices: [ups, ...racks], rules: [mains, ...rules] });
}

async function measure(count: number, rounds: number): Promise<OfRules> {
  const folder = makeTemporaryFolder('zhishou-bench-rules-');
  const before = heapMb();
  const config = configOf(count);
  const house = await open(config, folder.path);
  try {
    const random = seededRandom('rules');
    const value = (): number => 20 + random.integer(0, 40) / 10;
    for (let n = 0; n < DEVICES; n++) await house.rack(n, value);
    const held = heapMb() - before;
    const handed: number[] = [];
    for (let round = -WARM_UP; round < rounds; round++) {
      for (let i = 0; i < BETWEEN; i++) await house.rack(random.integer(0, DEVICES - 1), value);
      await house.calm();
      // Fifty devices speak a second: at most one of them at the same moment.
      void house.rack(random.integer(0, DEVICES - 1), value);
      const took = await house.mainsLost();
      if (round >= 0) handed.push(took);
    }
    const passes = 20;
    const cpu = process.cpuUsage();
    for (let pass = 0; pass < passes; pass++) for (let n = 0; n < DEVICES; n++) await house.rack(n, value);
    const { user, system } = process.cpuUsage(cpu);
    return {
      rules: count,
      handedMs: summary(handed),
      cpuUsPerReading: (user + system) / (passes * DEVICES * POINTS),
      heapMb: held,
      startMs: house.startMs,
    };
  } finally {
    await house.stop();
    folder.remove();
  }
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heapMb(): number {
  collect();
  return process.memoryUsage().heapUsed / 1e6;
}

async function open(config: Config, folder: string) {
  const clock = createSystemClock();
  const metrics = createMetrics();
  const bus = await createEmbeddedBroker({ host: '127.0.0.1', port: 0, services: [], metrics });
  const state = openStateStore(join(folder, 'state.sqlite'));
  const journal = openJournal(join(folder, 'journal.sqlite'));
  let onSend = (): void => {};
  const phone: Channel = { send: async () => onSend(), close: async () => {} };
  const driver = { run: () => Promise.resolve({ result: 'failed' as const, detail: 'the bench has no equipment' }) };
  const from = performance.now();
  const alerts = createAlerts({
    ...{ config, clock, bus, journal, state, metrics, log: silentLog, random: seededRandom(1) },
    drivers: withAbsent({ ssh: driver, snmp_set: driver, mqtt: driver, local: driver }),
    reach: { tcp: () => Promise.resolve('open') },
    channels: { phone, email: phone },
    signatureKey: 'bench',
    forcedMode: 'drill',
  });
  await alerts.start();
  const startMs = performance.now() - from;
  const publish = (device: string, points: Readonly<Record<string, Value>>): Promise<void> =>
    bus.publish(topic(config.site.id, 'reading/+', device), JSON.stringify(batchOf(device, points, clock.now())));
  let onCleared = (): void => {};
  await bus.subscribe(topicFilter(config.site.id, 'alert/+'), ({ payload }) => {
    if (payload.length > 0 && (JSON.parse(decoder.decode(payload)) as AlertView).state === 'cleared') onCleared();
  });
  await publish('ups-1', { 'ups.status': 'OL' });
  return {
    startMs,
    rack(n: number, value: () => number): Promise<void> {
      const points = Object.fromEntries(Array.from({ length: POINTS }, (_, place) => [pointOf(place), value()]));
      return publish(deviceOf(n), points);
    },
    calm: () => bus.drained(),
    /** Told, acknowledged by nobody, over again. */
    async mainsLost(): Promise<number> {
      const told = new Promise<number>((resolve) => {
        onSend = () => resolve(performance.now());
      });
      const began = performance.now();
      void publish('ups-1', { 'ups.status': 'OB DISCHRG' });
      const took = (await told) - began;
      const over = new Promise<void>((resolve) => {
        onCleared = resolve;
      });
      await publish('ups-1', { 'ups.status': 'OL' });
      await over;
      await bus.drained();
      return took;
    },
    async stop(): Promise<void> {
      await alerts.stop();
      await bus.close();
      journal.close();
      state.close();
    },
  };
}

function batchOf(device: string, points: Readonly<Record<string, Value>>, at: number): ReadingBatch {
  const now = instant(at);
  const readings = Object.entries(points).map(
    ([point, value]): Reading => ({
      ...{ device, point, value, quality: 'good', simulated: true },
      ...{ measuredAt: now, receivedAt: now, changedAt: now },
    }),
  );
  return { device, at: now, readings, cause: 'schedule' };
}

export function tellRules({ many, few, latencyRatio, budgetMs }: RulesFigures): void {
  say(
    `Rules: ${DEVICES} devices × ${POINTS} points, a loss of mains among their readings → handed over, stores on disk`,
  );
  for (const one of [many, few]) {
    say(`  ${String(one.rules).padStart(6)} rules   ${inMs(one.handedMs)}`);
    say(
      `                 CPU a reading ${one.cpuUsPerReading.toFixed(1)} µs (JSON from the bus included), ` +
        `memory ${one.heapMb.toFixed(0)} MB, start ${one.startMs.toFixed(0)} ms`,
    );
  }
  say(`  many ÷ few: p50 ×${latencyRatio.p50.toFixed(2)}, p99 ×${latencyRatio.p99.toFixed(2)}`);
  say(`  budget p99 ${budgetMs} ms: ${against(many.handedMs.p99, budgetMs)}`);
}
