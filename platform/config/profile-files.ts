import type { Device } from '#core/config/device.ts';
import { type Profile, profileSchema } from '#core/config/profile.ts';
import { NUT_PROFILE } from '#core/config/profile-nut.ts';
import type { LoadedYaml } from './load-yaml.ts';
import type { Load } from './parts.ts';
import { valueAt } from './schema-keys.ts';

/**
 * Which profiles a site needs: hundreds of kinds of devices are known, and a room has a dozen. Reading all of them took two
 * seconds of every start, in which nothing watches the room.
 */

/** `all`: every one of the folder. `named`: those that devices name, and what these build on. */
export type WantedProfiles = 'all' | 'named';

export interface ProfileFiles {
  readonly files: readonly LoadedYaml<Profile>[];
  /** Of files that were not read: a file has its profile's id for a name. */
  readonly unread: readonly string[];
}

/** `names`: `profiles/apc-ups.yaml`, … A device that must be recognised takes all of them. */
export function readProfileFiles(
  load: Load,
  names: readonly string[],
  wanted: WantedProfiles,
  devices: readonly Device[],
): ProfileFiles {
  const read = new Map<string, LoadedYaml<Profile>>();
  const readOnce = (name: string): LoadedYaml<Profile> => {
    const file = read.get(name) ?? load(name, profileSchema);
    read.set(name, file);
    return file;
  };
  const all = (): ProfileFiles => ({ files: names.map(readOnce), unread: [] });
  const byId = new Map(names.map((name) => [idOf(name), name]));
  const waiting = wanted === 'all' ? null : profilesOf(devices);
  if (waiting === null) return all();
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const name = byId.get(id);
    // One that is not there is told with all that are; a file of another name than its profile's means that no name can be trusted.
    if (name === undefined) return all();
    if (read.has(name)) continue;
    const file = readOnce(name);
    if (valueAt(file.raw, ['id']) !== id) return all();
    waiting.push(...basesOf(file.value));
  }
  return { files: [...read.values()], unread: names.filter((name) => !read.has(name)).map(idOf) };
}

/** Null: a device does not say what it is, and any of them may fit. */
function profilesOf(devices: readonly Device[]): string[] | null {
  const ids = new Set<string>();
  for (const { profile, snmp, mqtt, modbus, ydt, nut } of devices) {
    if (profile !== undefined) ids.add(profile);
    else if ((snmp ?? mqtt ?? modbus ?? ydt) !== undefined) return null;
    else if (nut !== undefined) ids.add(NUT_PROFILE);
  }
  return [...ids];
}

const basesOf = (profile: Profile | null): readonly string[] =>
  profile === null ? [] : [...(profile.extends === undefined ? [] : [profile.extends]), ...profile.includes];

const idOf = (name: string): string => name.replace(/^.*\//, '').replace(/\.ya?ml$/, '');
