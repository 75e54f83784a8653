import type { Config } from '#core/config/config.ts';
import type { SnmpConnection } from '#core/config/connections.ts';
import type { Clock } from '#core/ports.ts';
import type { Room } from '../room.ts';
import { apcRpdu2Face } from './apc-rpdu2-face.ts';
import { liebertFace } from './liebert-face.ts';
import type { SnmpFace } from './mib.ts';
import { upsFace } from './ups-face.ts';

/** The network cards of the room's UPSes, air conditioners and PDUs, each with the connection that the configuration names. */
export function snmpFaces(
  room: Room,
  config: Pick<Config, 'devices'>,
  clock: Clock,
): readonly { face: SnmpFace; connection: SnmpConnection }[] {
  const { plan } = room.look();
  const make = (device: string, connection: SnmpConnection): SnmpFace | null => {
    const over = `snmp ${connection.host}:${connection.port}`;
    if (plan.upses.some((ups) => ups.id === device)) return upsFace(room, device, clock, over);
    if (plan.cooling.some((cooling) => cooling.id === device)) return liebertFace(room, device);
    if (plan.pdus.some((pdu) => pdu.id === device)) return apcRpdu2Face(room, device, clock, over);
    return null;
  };
  return config.devices.flatMap((device) => {
    const face = device.snmp === undefined ? null : make(device.id, device.snmp);
    return face === null || device.snmp === undefined ? [] : [{ face, connection: device.snmp }];
  });
}
