import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Config } from '#core/config/config.ts';
import { messageOf, ZhishouError } from '#core/errors.ts';
import type { Bus, Clock, Log, Metrics } from '#core/ports.ts';
import { seededRandom } from '#core/random.ts';
import { openAccounts } from '#platform/accounts-store.ts';
import { createMqttBus } from '#platform/bus/mqtt-bus.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { loadConfig } from '#platform/config/load-config.ts';
import { environmentVariables, printLine, setExitCode } from '#platform/environment.ts';
import { createLifecycle, stopOnSignals } from '#platform/lifecycle.ts';
import { createLog } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import { randomSecret } from '#platform/passwords.ts';
import { ensureKeyFile } from '#platform/secrets.ts';
import { openSeriesStore } from '#platform/series-store.ts';
import { openStateStore } from '#platform/state-store.ts';
import { createDashboard } from './app.ts';

/**
 * The dashboard on its own, beside a broker and the other services:
 * `node services/dashboard-api/main.ts --config DIR --state DIR [--key FILE] [--web DIR]`.
 * The key file signs people's commands; the alerts service must have the same.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      config: { type: 'string', default: 'config' },
      state: { type: 'string', default: 'state' },
      key: { type: 'string' },
      web: { type: 'string', default: join(import.meta.dirname, 'web', 'dist') },
    },
  });
  const clock = createSystemClock();
  const log = createLog();
  const metrics = createMetrics();
  const config = await readConfig(resolve(values.config));
  const lifecycle = createLifecycle(log);
  stopOnSignals(lifecycle, log);
  try {
    const state = resolve(values.state);
    const bus = openBus(config, { clock, log, metrics });
    lifecycle.onStop('bus', () => bus.close());
    const series = openSeriesStore(join(state, 'series.sqlite'));
    lifecycle.onStop('series', () => series.close());
    const accounts = openAccounts(join(state, 'accounts.sqlite'));
    lifecycle.onStop('accounts', () => accounts.close());
    const store = openStateStore(join(state, 'dashboard.sqlite'));
    lifecycle.onStop('dashboard state', () => store.close());
    const dashboard = createDashboard({
      config,
      clock,
      bus,
      log,
      metrics,
      series,
      accounts,
      store,
      signatureKey: ensureKeyFile(values.key ?? join(state, 'command-key')),
      webRoot: resolve(values.web),
    });
    lifecycle.onStop('dashboard-api', () => dashboard.stop());
    const { url } = await dashboard.start();
    log.info({ url }, 'the page is ready');
    if (dashboard.firstPassword !== null) {
      await printLine(`first administrator: admin, password (shown once): ${dashboard.firstPassword}`);
    }
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

function openBus({ site }: Config, parts: { clock: Clock; log: Log; metrics: Metrics }): Bus {
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
    random: seededRandom(randomSecret()),
  });
}

await main().catch((error: unknown) => {
  createLog().error({ error: messageOf(error) }, 'dashboard-api could not start');
  setExitCode(1);
});
