import type { Device } from '#core/config/device.ts';
import { modbusProblems } from '#core/config/profile-modbus.ts';
import { resolveProfile } from '#core/config/resolve-profile.ts';
import type { Located, Parts } from '../parts.ts';
import type { Teller } from './references.ts';

/** Modbus devices among themselves: those behind one address share its line, so they speak one framing; and each unit is one device. */
export function checkModbus(parts: Parts, tell: Teller): void {
  const { devices } = parts;
  const framings = new Map<string, { framing: string; id: string }>();
  const units = new Map<string, string>();
  for (const at of devices.items) {
    const { id, modbus } = at.value;
    if (modbus === undefined) continue;
    const { host, port, framing, unit } = modbus;
    const place = `${host}:${port}`;
    const other = framings.get(place) ?? { framing, id };
    framings.set(place, other);
    if (other.framing !== framing) {
      const message = `${place} speaks ${framing} for ${id} and ${other.framing} for ${other.id}; one port speaks one of them`;
      tell(
        at,
        ['modbus', 'framing'],
        message,
        'write tcp for a Modbus TCP gateway, rtu for a serial server in raw TCP mode',
      );
    }
    const key = `${place} unit ${unit}`;
    const first = units.get(key);
    if (first === undefined) units.set(key, id);
    else tell(at, ['modbus', 'unit'], `${key} is ${first} already`, 'give the unit number that is set on this device');
    checkMap(at, parts, tell);
  }
}

/** What is wrong within one file was told when it was read; here it is what it has become by `extends` and `includes`. */
function checkMap(at: Located<Device>, { profiles }: Parts, tell: Teller): void {
  const { profile } = at.value;
  const known =
    profile === undefined
      ? null
      : resolveProfile(
          profile,
          profiles.items.map((one) => one.value),
        );
  if (known === null) return;
  if (known.modbus.points.length === 0 && known.modbus.sets.length === 0) {
    const message = `the profile ${known.id} has no Modbus registers`;
    tell(at, ['profile'], message, 'name a profile with a register map (modbus:), or read the device in another way');
  }
  for (const problem of modbusProblems(known.modbus))
    tell(at, ['profile'], `${known.id} with what it builds on: ${problem}`, 'mend the profile, or one of its bases');
}
