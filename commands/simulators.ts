import { join, resolve } from 'node:path';
import { seededRandom } from '#core/random.ts';
import { createPacedClock } from '#platform/clock/paced-clock.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { makeFolder, printLine, setExitCode } from '#platform/environment.ts';
import { createLifecycle, stopOnSignals } from '#platform/lifecycle.ts';
import { createMetrics } from '#platform/metrics.ts';
import { createLog } from '#platform/open-log.ts';
import { ensureSimulatorSecrets } from '#simulators/devices/secrets.ts';
import { openBus } from './bus.ts';
import { configDirectory, describeProblem, loadSite } from './configuration.ts';
import { openRoomMemory } from './room-memory.ts';
import { startSimulatedSite } from './simulated-site.ts';

/** `zhishou simulators`: the simulated room alone, beside services that run apart. Its time is real: theirs is too. */
export async function simulators(options: { config: string | null; state: string; listen: string }): Promise<void> {
  const secretsDirectory = join(resolve(options.state), 'simulator');
  makeFolder(secretsDirectory);
  const { config, simulation, problems } = loadSite(configDirectory(options.config), {
    secretsDirectory,
    profiles: 'named',
    // The devices listen where they are told to; the other services find them by the name in SIM_HOST.
    variables: { SIM_HOST: options.listen },
  });
  if (config === null || simulation === null) {
    for (const problem of problems) await printLine(describeProblem(problem));
    if (config !== null) await printLine('simulation is not true in site.yaml: there is no room to simulate');
    setExitCode(1);
    return;
  }
  const wall = createSystemClock();
  const log = createLog();
  const lifecycle = createLifecycle(log);
  stopOnSignals(lifecycle, log);
  const random = seededRandom(simulation.seed);
  const bus = await openBus(config, { clock: wall, random: random.fork('bus'), log, metrics: createMetrics() });
  lifecycle.onStop('bus', () => bus.close());
  const memory = openRoomMemory(join(secretsDirectory, 'room.json'), wall, log);
  const clock = createPacedClock({ start: wall.now(), speed: 1 });
  const site = await startSimulatedSite({
    config,
    simulation,
    clock,
    wall,
    random,
    log,
    bus,
    secrets: ensureSimulatorSecrets(secretsDirectory),
    memory: { snapshot: memory.snapshot, save: (room) => memory.save(room, clock) },
    catchOn: options.listen,
  });
  lifecycle.onStop('simulated room', site.stop);
  log.info({ listen: options.listen }, 'the simulated room is there');
}
