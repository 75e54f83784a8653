import type { Config } from '#core/config/config.ts';
import { ZhishouError } from '#core/errors.ts';
import type { Stop } from '#core/ports.ts';
import { createMemoryNutNet } from '#platform/nut/memory-nut.ts';
import { createTcpNutListener, type NutDoor } from '#platform/nut/nut-listener.ts';
import { createNutReader, type NutReader } from '#platform/nut/nut-reader.ts';
import type { Room } from '../room.ts';
import { nutDoor } from './nut-face.ts';

/** The NUT servers that the configuration names for UPSes of the room, by `host:port`. */
interface NutServerFace {
  readonly host: string;
  readonly port: number;
  readonly door: NutDoor;
}

function nutServers(room: Room, { devices }: Pick<Config, 'devices'>): ReadonlyMap<string, NutServerFace> {
  const { plan } = room.look();
  const servers = new Map<string, NutServerFace & { readonly upses: Map<string, string> }>();
  for (const { id, nut } of devices) {
    if (nut === undefined || !plan.upses.some((ups) => ups.id === id)) continue;
    const { host, port } = nut;
    const known = servers.get(`${host}:${port}`);
    const upses = known?.upses ?? new Map<string, string>();
    upses.set(nut.ups, id);
    if (known === undefined) servers.set(`${host}:${port}`, { host, port, upses, door: nutDoor({ room, upses }) });
  }
  return servers;
}

/** Without sockets: a reader that finds the room's servers and nobody else. */
export function inMemoryNut(room: Room, config: Pick<Config, 'devices'>, touched: Set<string>): NutReader {
  const nets = new Map([...nutServers(room, config)].map(([at, { door }]) => [at, netOf(door)]));
  return createNutReader({
    open: async (at, timeout) => {
      const where = `${at.host}:${at.port}`;
      touched.add(`tcp ${where}`);
      const net = nets.get(where);
      if (net === undefined) throw new ZhishouError('UNREACHABLE', `nut ${where}`, 'not in the simulated room');
      return await net.connector.open(at, timeout);
    },
  });
}

function netOf(door: NutDoor): ReturnType<typeof createMemoryNutNet> {
  const net = createMemoryNutNet();
  // In memory it listens at once, and its end is the room's.
  void net.listener.listen({ host: 'memory', port: 1 }, door);
  return net;
}

/** Real servers on the configured addresses. Rejects with UNREACHABLE when one cannot be had. */
export async function startNutFaces(room: Room, config: Pick<Config, 'devices'>): Promise<Stop> {
  const listener = createTcpNutListener();
  const stops: Stop[] = [];
  const stopAll = async (): Promise<void> => {
    for (const stop of stops.splice(0).reverse()) await stop();
  };
  try {
    for (const { door, ...at } of nutServers(room, config).values()) stops.push((await listener.listen(at, door)).stop);
  } catch (error) {
    await stopAll();
    throw error;
  }
  return stopAll;
}
