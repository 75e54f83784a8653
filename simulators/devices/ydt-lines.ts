import type { Config } from '#core/config/config.ts';
import type { Device } from '#core/config/device.ts';
import type { Clock, Stop } from '#core/ports.ts';
import type { Serve } from '#platform/modbus/byte-stream.ts';
import type { Room } from '../room.ts';
import { isDown } from '../world/links.ts';
import { ydtCoolingFace, ydtUpsFace } from './ydt-face.ts';
import { noFaults, startYdtLine, type YdtFace } from './ydt-line.ts';

/**
 * The lines of the room's UPSes and air conditioners that the configuration reads by YD/T 1363.3: those behind one serial server are on one
 * line. Rejects, with all of them stopped again, when an address is taken.
 */
export async function startYdtLines(
  room: Room,
  { config, clock, serve }: { config: Pick<Config, 'devices'>; clock: Clock; serve: Serve },
): Promise<Stop> {
  const lines = new Map<string, { host: string; port: number; faces: YdtFace[] }>();
  for (const device of config.devices) {
    const face = faceOf(room, device);
    if (face === null || device.ydt === undefined) continue;
    const { host, port } = device.ydt;
    const line = lines.get(`${host}:${port}`) ?? { host, port, faces: [] };
    lines.set(`${host}:${port}`, line);
    line.faces.push(face);
  }
  const stops: Stop[] = [];
  const stop = async (): Promise<void> => {
    for (const one of stops.splice(0)) await one();
  };
  try {
    for (const { faces, ...at } of lines.values())
      stops.push((await startYdtLine({ serve, at, faces, faults: noFaults(), clock })).stop);
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

function faceOf(room: Room, { id, kind, ydt }: Device): YdtFace | null {
  if (ydt === undefined) return null;
  const face =
    kind === 'ups'
      ? ydtUpsFace(room, id, ydt.address)
      : kind === 'cooling'
        ? ydtCoolingFace(room, id, ydt.address)
        : null;
  // What a network loses TCP sends again; a way that is cut lets nothing through.
  return face === null ? null : { ...face, alive: () => face.alive() && !isDown(room.look(), id) };
}
