import { join, resolve } from 'node:path';
import type { Config } from '#core/config/config.ts';
import { messageOf } from '#core/errors.ts';
import type { Clock, Log } from '#core/ports.ts';
import { seededRandom } from '#core/random.ts';
import { instant, latest } from '#core/time.ts';
import { createPacedClock, type PacedClock } from '#platform/clock/paced-clock.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { createProfileLibrary } from '#platform/config/profile-library.ts';
import { openRuleFiles } from '#platform/config/rule-files.ts';
import { lastDrills } from '#platform/drill-log.ts';
import { environmentVariables, makeFolder, printLine, setExitCode } from '#platform/environment.ts';
import { openJournal } from '#platform/journal.ts';
import { createLifecycle, stopOnSignals } from '#platform/lifecycle.ts';
import { createMetrics } from '#platform/metrics.ts';
import { createReachProbe } from '#platform/net.ts';
import { createTcpNutListener } from '#platform/nut/nut-listener.ts';
import { createLog } from '#platform/open-log.ts';
import { randomPassword } from '#platform/secrets.ts';
import { createSnmpTransport } from '#platform/snmp/snmp-transport.ts';
import { createTrapSource } from '#platform/snmp/trap-source.ts';
import { createDrivers } from '#services/alerts/actions/create-drivers.ts';
import { createChannels } from '#services/alerts/notify/channels/create-channels.ts';
import { openDeviceLinks } from '#services/collector/device-links.ts';
import { FIRST_ADMINISTRATOR } from '#services/dashboard-api/auth/first-administrator.ts';
import { ensureSimulatorSecrets } from '#simulators/devices/secrets.ts';
import type { SimulationSpec } from '#simulators/world/spec.ts';
import { resetAdministrator, setupLink } from './accounts.ts';
import { openBus } from './bus.ts';
import { configDirectory, describeProblem, findProblems, isSimulation, loadSite } from './configuration.ts';
import { type House, openHouse } from './house.ts';
import { buildPage, isPageBuilt, WEB_ROOT } from './page-build.ts';
import { openRoomMemory } from './room-memory.ts';
import { startSimulatedSite } from './simulated-site.ts';

export interface StartOptions {
  readonly config: string | null;
  readonly state: string;
  readonly port?: number;
  readonly speed?: number;
  readonly resetPassword?: boolean;
  readonly rehearse?: boolean;
}

/** `zhishou start`: everything in one process until it is told to stop. */
export async function start(options: StartOptions): Promise<void> {
  const directory = configDirectory(options.config);
  const stateDirectory = resolve(options.state);
  makeFolder(stateDirectory);
  const variables = options.port === undefined ? {} : { ZHISHOU_HTTP_PORT: String(options.port) };
  const { config, simulation, problems } = loadSite(directory, {
    secretsDirectory: secretsOf(stateDirectory),
    variables,
    // Every other is read when somebody looks for a device of a kind that the site does not have yet.
    profiles: 'named',
  });
  if (config === null) {
    // `check` tells all at once; what only this machine lacks, a secret, it does not see.
    const found = findProblems(directory).problems;
    for (const problem of found.length > 0 ? found : problems) await printLine(describeProblem(problem));
    setExitCode(1);
    return;
  }
  const wall = createSystemClock();
  const log = createLog({ level: isSimulation(directory) ? 'warn' : 'info' });
  const pageReady = isPageBuilt() ? Promise.resolve(true) : buildPage(wall, log);
  try {
    const house = await open(config, simulation, stateDirectory, options, wall, log);
    const reset = options.resetPassword === true ? await resetAdministrator(stateDirectory, wall) : null;
    if (!(await pageReady)) setExitCode(1);
    await greet(config, house, reset, stateDirectory);
  } catch (error) {
    await printLine(messageOf(error));
    if (/EADDRINUSE/.test(messageOf(error))) await printLine(PORT_TAKEN);
    process.exit(1);
  }
}

const PORT_TAKEN =
  '    → another program, perhaps another zhishou, listens there: stop it, or name other ports: --port for the page, ' +
  'and the variables such as ZHISHOU_MQTT_PORT in the configuration for the others';

const secretsOf = (stateDirectory: string): string => join(stateDirectory, 'simulator');

async function open(
  config: Config,
  simulation: SimulationSpec | null,
  stateDirectory: string,
  options: StartOptions,
  wall: Clock,
  log: Log,
): Promise<House> {
  const lifecycle = createLifecycle(log);
  stopOnSignals(lifecycle, log);
  try {
    const memory =
      simulation === null ? null : openRoomMemory(join(stateDirectory, 'simulator', 'room.json'), wall, log);
    const paced = memory === null ? null : pacedClock(memory, options.speed, stateDirectory);
    const clock = paced ?? wall;
    const random = seededRandom(randomPassword());
    const metrics = createMetrics();
    const bus = await openBus(config, { clock: wall, random: random.fork('bus'), log, metrics });
    lifecycle.onStop('bus', () => bus.close());
    if (simulation !== null && paced !== null && memory !== null) {
      const site = await startSimulatedSite({
        config,
        simulation,
        clock,
        wall,
        random: seededRandom(simulation.seed),
        log,
        bus,
        secrets: ensureSimulatorSecrets(secretsOf(stateDirectory)),
        memory: { snapshot: memory.snapshot, save: (room) => memory.save(room, paced) },
        onSpeed: (factor) => paced.setSpeed(factor),
      });
      lifecycle.onStop('simulated room', site.stop);
    }
    const snmp = createSnmpTransport();
    const { traps } = config.site;
    const connections = config.devices.flatMap((device) => device.snmp ?? []);
    const house = await openHouse({
      config,
      stateDirectory,
      clock,
      wall,
      log,
      metrics,
      random,
      bus,
      snmp,
      reach: createReachProbe(),
      traps: traps === undefined ? null : createTrapSource({ ...traps, connections, log, metrics }),
      links: openDeviceLinks(),
      profiles: createProfileLibrary(configDirectory(options.config), wall),
      nut: createTcpNutListener(),
      ruleFiles: openRuleFiles(configDirectory(options.config), environmentVariables(), wall),
      lastDrills: () => lastDrills(stateDirectory, config.site.id),
      drivers: createDrivers({ config, clock, bus, snmp }),
      channels: (memory, key) => createChannels(config.site, { clock, bus, log, memory, key }),
      forcedMode: options.rehearse === true ? 'rehearsal' : simulation === null ? null : 'drill',
      page: { webRoot: WEB_ROOT, speed: () => paced?.speed ?? 1 },
    });
    lifecycle.onStop('services', house.stop);
    return house;
  } catch (error) {
    await lifecycle.stop();
    throw error;
  }
}

/** The room's time: never before what the journal already holds, or a killed run would go on in its own past. */
function pacedClock(
  memory: ReturnType<typeof openRoomMemory>,
  speed: number | undefined,
  stateDirectory: string,
): PacedClock {
  const journal = openJournal(join(stateDirectory, 'journal.sqlite'));
  const lastAt = Math.max(0, ...journal.streams().map((stream) => stream.lastAt));
  journal.close();
  return createPacedClock({ start: latest(memory.start, instant(lastAt)), speed: speed ?? memory.speed ?? 1 });
}

async function greet(
  config: Config,
  house: House,
  reset: { readonly user: string; readonly password: string } | null,
  stateDirectory: string,
): Promise<void> {
  const { name, simulation, http } = config.site;
  const { setupCode, firstPassword } = house;
  const account = reset ?? (firstPassword === null ? null : { user: FIRST_ADMINISTRATOR, password: firstPassword });
  const setup = setupCode === null ? null : setupLink(http.public_url ?? house.url ?? '', setupCode);
  const lines = [
    '',
    `  值守 Zhishou · ${name.zh} ${name.en}${simulation ? ' · 模拟机房 simulated room' : ''}`,
    '',
    `  页面 page      ${house.url}`,
    ...(account === null ? [] : [`  登录 sign in   ${account.user}  ${account.password}   （只显示一次 shown once）`]),
    ...(setup === null
      ? []
      : [
          `  首次设置 setup ${setup}`,
          '                 建立第一个管理员，只能用一次 makes the first administrator, once',
        ]),
    `  数据 state     ${stateDirectory}`,
    ...(simulation ? [] : ['  未启用执行时只建议、不动设备 unarmed until an administrator arms it on the page']),
    '  Ctrl-C 停止 stops',
    '',
  ];
  for (const line of lines) await printLine(line);
}
