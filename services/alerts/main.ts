import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Config } from '#core/config/config.ts';
import { messageOf, ZhishouError } from '#core/errors.ts';
import type { Bus, Clock, Log, Metrics } from '#core/ports.ts';
import { type Random, seededRandom } from '#core/random.ts';
import { createMqttBus } from '#platform/bus/mqtt-bus.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { loadConfig } from '#platform/config/load-config.ts';
import { environmentVariables, makeFolder, printLine, setExitCode } from '#platform/environment.ts';
import { openJournal } from '#platform/journal.ts';
import { createLease } from '#platform/lease.ts';
import { createLifecycle, stopOnSignals } from '#platform/lifecycle.ts';
import { createLog } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import { createReachProbe } from '#platform/net.ts';
import { ensureKeyFile, randomPassword } from '#platform/secrets.ts';
import { createSnmpTransport } from '#platform/snmp/snmp-transport.ts';
import { openStateStore } from '#platform/state-store.ts';
import { createDrivers } from './actions/create-drivers.ts';
import { createAlerts } from './app.ts';
import { createChannels } from './notify/channels/create-channels.ts';

/**
 * The alerts service on its own, beside a broker and the other services:
 * `node services/alerts/main.ts --config DIR --state DIR [--key FILE] [--rehearse]`.
 * The key file is the one that the page signs people's orders with.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      config: { type: 'string', default: 'config' },
      state: { type: 'string', default: 'state' },
      key: { type: 'string' },
      rehearse: { type: 'boolean', default: false },
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
    const folder = resolve(values.state);
    makeFolder(folder);
    const bus = openBus(config, { clock, log, metrics, random: random.fork('bus') });
    lifecycle.onStop('bus', () => bus.close());
    const journal = openJournal(join(folder, 'journal.sqlite'));
    lifecycle.onStop('journal', () => journal.close());
    // Before the lease is even asked for: a stand-by records nothing.
    const holder = journal.fence();
    const state = openStateStore(join(folder, 'state.sqlite'));
    lifecycle.onStop('state', () => state.close());
    const alerts = createAlerts({
      ...{ config, clock, bus, log, metrics, journal, state, random },
      drivers: createDrivers({ config, clock, bus, snmp: createSnmpTransport() }),
      reach: createReachProbe(),
      channels: createChannels(config.site),
      signatureKey: ensureKeyFile(values.key ?? join(folder, 'command-key')),
      forcedMode: values.rehearse ? 'rehearsal' : config.site.simulation ? 'drill' : null,
      lease: ({ onHeld, onLost }) => createLease({ table: journal.lease, clock, log, holder, onHeld, onLost }),
    });
    lifecycle.onStop('alerts', () => alerts.stop());
    await alerts.start();
    log.info({ acting: alerts.acting() }, 'the alerts service is ready');
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
    throw new ZhishouError(
      'BAD_CONFIGURATION',
      'site.yaml',
      'a service on its own needs bus.url, the broker it shares',
    );
  }
  return createMqttBus({
    ...parts,
    url,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
  });
}

await main().catch((error: unknown) => {
  createLog().error({ error: messageOf(error) }, 'the alerts service could not start');
  setExitCode(1);
});
