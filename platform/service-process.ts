import { resolve } from 'node:path';
import type { Config } from '#core/config/config.ts';
import { messageOf, ZhishouError } from '#core/errors.ts';
import type { Bus, Clock, Log, Metrics } from '#core/ports.ts';
import { type Random, seededRandom } from '#core/random.ts';
import { createMqttBus } from './bus/mqtt-bus.ts';
import { createSystemClock } from './clock/system-clock.ts';
import { loadConfig } from './config/load-config.ts';
import { environmentVariables, makeFolder, printLine, setExitCode } from './environment.ts';
import { createLifecycle, type Lifecycle, stopOnSignals } from './lifecycle.ts';
import { createMetrics } from './metrics.ts';
import { createLog } from './open-log.ts';
import { randomPassword } from './secrets.ts';

/** What a service that runs on its own, beside a broker and the others, is made of before it is itself. */
export interface ServiceParts {
  readonly config: Config;
  /** Made if it was not there. */
  readonly stateDirectory: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly random: Random;
  readonly bus: Bus;
  readonly lifecycle: Lifecycle;
}

/** Reads the configuration, opens the bus, runs `start`, and stops all of it in order at a signal; a failing start ends with exit code 1. */
export async function runService(
  name: string,
  directories: { readonly config: string; readonly state: string },
  start: (parts: ServiceParts) => Promise<void>,
): Promise<void> {
  const log = createLog();
  const lifecycle = createLifecycle(log);
  try {
    const config = await readConfig(resolve(directories.config));
    stopOnSignals(lifecycle, log);
    const stateDirectory = resolve(directories.state);
    makeFolder(stateDirectory);
    const clock = createSystemClock();
    const metrics = createMetrics();
    const random = seededRandom(randomPassword());
    const bus = openOuterBus(config, { clock, log, metrics, random: random.fork('bus') });
    lifecycle.onStop('bus', () => bus.close());
    await start({ config, stateDirectory, clock, log, metrics, random, bus, lifecycle });
  } catch (error) {
    await lifecycle.stop();
    log.error({ error: messageOf(error) }, `${name} could not start`);
    setExitCode(1);
  }
}

async function readConfig(directory: string): Promise<Config> {
  const { config, problems } = loadConfig(directory, { variables: environmentVariables(), profiles: 'named' });
  for (const { file, line, column, message, mend } of problems) {
    await printLine(`${file}:${line}:${column} ${message}; ${mend}`);
  }
  if (config === null) throw new ZhishouError('BAD_CONFIGURATION', directory, `${problems.length} problems`);
  return config;
}

/** The broker outside that the site names. BAD_CONFIGURATION when it names none. */
export function openOuterBus(
  { site }: Pick<Config, 'site'>,
  parts: { readonly clock: Clock; readonly log: Log; readonly metrics: Metrics; readonly random: Random },
): Bus {
  const { url, user, password, ca } = site.bus;
  if (url === undefined) {
    const detail = 'a service on its own needs bus.url, the broker it shares with the others';
    throw new ZhishouError('BAD_CONFIGURATION', 'site.yaml', detail);
  }
  return createMqttBus({
    ...parts,
    url,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { ca }),
  });
}
