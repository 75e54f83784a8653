import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Config } from '#core/config/config.ts';
import { messageOf, ZhishouError } from '#core/errors.ts';
import type { Bus, Clock, Log, Metrics } from '#core/ports.ts';
import { type Random, seededRandom } from '#core/random.ts';
import { createMqttBus } from '#platform/bus/mqtt-bus.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { loadConfig } from '#platform/config/load-config.ts';
import { environmentVariables, printLine, setExitCode } from '#platform/environment.ts';
import { createLifecycle, stopOnSignals } from '#platform/lifecycle.ts';
import { createLog } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import { createReachProbe } from '#platform/net.ts';
import { randomPassword } from '#platform/secrets.ts';
import { createSnmpTransport } from '#platform/snmp/snmp-transport.ts';
import { createTrapSource } from '#platform/snmp/trap-source.ts';
import { createCollector } from './app.ts';

/**
 * The collector on its own, beside a broker and the other services:
 * `node services/collector/main.ts --config DIR [--state DIR]`. It keeps no state: `--state` is taken so that all
 * services are started alike.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      config: { type: 'string', default: 'config' },
      state: { type: 'string', default: 'state' },
    },
  });
  const clock = createSystemClock();
  const log = createLog();
  const metrics = createMetrics();
  const random = seededRandom(randomPassword());
  const config = await readConfig(resolve(values.config));
  const lifecycle = createLifecycle(log);
  stopOnSignals(lifecycle, log);
  try {
    const bus = openBus(config, { clock, log, metrics, random: random.fork('bus') });
    lifecycle.onStop('bus', () => bus.close());
    const { traps } = config.site;
    const connections = config.devices.flatMap((device) => device.snmp ?? []);
    const collector = createCollector({
      ...{ config, clock, bus, log, metrics, random },
      snmp: createSnmpTransport(),
      reach: createReachProbe(),
      traps: traps === undefined ? null : createTrapSource({ ...traps, connections, log, metrics }),
    });
    lifecycle.onStop('collector', () => collector.stop());
    await collector.start();
    log.info({ devices: config.devices.length }, 'the collector is ready');
  } catch (error) {
    await lifecycle.stop();
    throw error;
  }
}

async function readConfig(directory: string): Promise<Config> {
  const { config, problems } = loadConfig(directory, { variables: environmentVariables() });
  for (const { file, line, column, message, mend } of problems) {
    await printLine(`${file}:${line}:${column} ${message}; ${mend}`);
  }
  if (config === null) throw new ZhishouError('BAD_CONFIGURATION', directory, `${problems.length} problems`);
  return config;
}

function openBus({ site }: Config, parts: { clock: Clock; log: Log; metrics: Metrics; random: Random }): Bus {
  const { url, user, password } = site.bus;
  if (url === undefined) {
    const detail = 'a service on its own needs bus.url, the broker it shares';
    throw new ZhishouError('BAD_CONFIGURATION', 'site.yaml', detail);
  }
  return createMqttBus({
    ...parts,
    url,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
  });
}

await main().catch((error: unknown) => {
  createLog().error({ error: messageOf(error) }, 'the collector could not start');
  setExitCode(1);
});
