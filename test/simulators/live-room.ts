import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '#core/config/config.ts';
import type { Clock } from '#core/ports.ts';
import { seededRandom } from '#core/random.ts';
import { createEmbeddedBroker } from '#platform/bus/embedded-broker.ts';
import { createPacedClock } from '#platform/clock/paced-clock.ts';
import { ensureSimulatorSecrets, type SimulatorSecrets } from '#simulators/devices/secrets.ts';
import { startLiveFaces } from '#simulators/live.ts';
import { createRoom, type Room } from '#simulators/room.ts';
import { START, sampleConfig, sampleSpec, silentLog } from './sample-room.ts';

/** The sample room behind its live faces on free ports of the loopback, for real peers to talk to. */
export interface LiveRoom {
  readonly room: Room;
  readonly clock: Clock;
  readonly config: Pick<Config, 'site' | 'devices'>;
  readonly secrets: SimulatorSecrets;
  readonly directory: string;
  readonly brokerUrl: string;
  stop(): Promise<void>;
}

const udpPort = (): Promise<number> =>
  new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1', () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });

const tcpPort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

export async function startLiveRoom(
  speed: number,
  prepare: (directory: string) => Promise<void> = async () => {},
): Promise<LiveRoom> {
  const directory = mkdtempSync(join(tmpdir(), 'zhishou-room-'));
  await prepare(directory);
  const secrets = ensureSimulatorSecrets(directory);
  const variables: Record<string, string> = { SIM_SECRETS: directory };
  for (const name of ['SIM_UPS_1_PORT', 'SIM_AC_1_PORT', 'SIM_PDU_1_PORT', 'ZHISHOU_TRAP_PORT'])
    variables[name] = String(await udpPort());
  for (const name of [
    'SIM_SERVER_1_PORT',
    'SIM_SERVER_2_PORT',
    'SIM_SERVER_3_PORT',
    'SIM_ARRAY_1_PORT',
    'SIM_SWITCH_1_PORT',
    'SIM_BMC_1_PORT',
    'ZHISHOU_MQTT_PORT',
  ])
    variables[name] = String(await tcpPort());
  const config = sampleConfig(variables, (file) => readFileSync(file, 'utf8'));
  const clock = createPacedClock({ start: START, speed });
  const broker = await createEmbeddedBroker({
    host: '127.0.0.1',
    port: config.site.bus.listen.port,
    log: silentLog,
  } as Parameters<typeof createEmbeddedBroker>[0]);
  const room = createRoom({ config, simulation: sampleSpec(), clock, random: seededRandom(1), log: silentLog });
  const stopFaces = await startLiveFaces(room, { config, clock, log: silentLog, secrets });
  return {
    room,
    clock,
    config,
    secrets,
    directory,
    brokerUrl: `mqtt://127.0.0.1:${config.site.bus.listen.port}`,
    stop: async () => {
      await stopFaces();
      room.stop();
      await broker.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Runs a program of the system; its output whatever its exit code. */
export const run = (
  program: string,
  args: readonly string[],
  input?: string,
): Promise<{ code: number; out: string; err: string }> =>
  new Promise((resolve) => {
    const child = execFile(program, args, { timeout: 20_000, env: { ...process.env, MIBS: '' } }, (error, out, err) =>
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, out, err }),
    );
    child.stdin?.end(input ?? '');
  });

/** Waits, in turns of the event loop, until it is so; the test's own time limit ends it. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}
