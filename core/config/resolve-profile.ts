import type { Profile, SnmpPoint } from './profile.ts';
import { type ModbusSection, withOwnRows } from './profile-modbus.ts';
import { extendYdt } from './profile-ydt.ts';

/** A profile with everything it takes over from others; null when it, or one it builds on, is not there or builds on itself. */
export function resolveProfile(id: string, profiles: readonly Profile[]): Profile | null {
  const resolved = known.get(profiles) ?? new Map<string, Profile>();
  known.set(profiles, resolved);
  const found = resolved.get(id);
  if (found !== undefined) return found;
  const made = resolveAnew(id, profiles);
  // No more than there are profiles: whatever else is asked for is not kept.
  if (made !== null) resolved.set(id, made);
  return made;
}

/** By the list of all profiles, which stays the same; each command to a device asks. */
const known = new WeakMap<readonly Profile[], Map<string, Profile>>();

function resolveAnew(id: string, profiles: readonly Profile[]): Profile | null {
  const resolved = resolve(id, new Map(profiles.map((profile) => [profile.id, profile])), []);
  if (resolved === null) return null;
  const { snmp, modbus } = resolved;
  return { ...resolved, snmp: { ...snmp, points: snmp.points.flatMap(oneByOne) }, modbus: withOwnRows(modbus) };
}

function resolve(id: string, known: ReadonlyMap<string, Profile>, within: readonly string[]): Profile | null {
  const own = known.get(id);
  if (own === undefined || within.includes(id)) return null;
  let whole = own;
  for (const base of [...(own.extends === undefined ? [] : [own.extends]), ...own.includes]) {
    const taken = resolve(base, known, [...within, id]);
    if (taken === null) return null;
    whole = extendProfile(taken, whole);
  }
  return whole;
}

function extendProfile(base: Profile, child: Profile): Profile {
  const own = new Set(child.snmp.sets.map((set) => set.point));
  // The same part may come by two ways.
  const has = new Set(child.snmp.points);
  return {
    ...child,
    snmp: {
      points: [...child.snmp.points, ...base.snmp.points.filter((point) => !has.has(point))],
      sets: [...child.snmp.sets, ...base.snmp.sets.filter((set) => !own.has(set.point))],
      watch: [...child.snmp.watch, ...base.snmp.watch],
    },
    mqtt: {
      ...base.mqtt,
      ...Object.fromEntries(Object.entries(child.mqtt).filter(([, value]) => value !== undefined)),
      points: [...child.mqtt.points, ...base.mqtt.points],
    },
    nut: {
      points: [...child.nut.points, ...base.nut.points],
      ignore: [...child.nut.ignore, ...base.nut.ignore],
    },
    modbus: extendModbus(base.modbus, child.modbus),
    ydt: extendYdt(base.ydt, child.ydt),
    traps: [...child.traps, ...base.traps],
    controls: { ...base.controls, ...child.controls },
  };
}

/** Each map keeps its own word order; of two limits the smaller one holds. */
function extendModbus(base: ModbusSection, child: ModbusSection): ModbusSection {
  const [taken, own] = [withOwnRows(base), withOwnRows(child)];
  const has = new Set(own.sets.map((set) => set.point));
  return {
    order: own.order,
    most: Math.min(own.most, taken.most),
    blocks: [...own.blocks, ...taken.blocks],
    points: [...own.points, ...taken.points],
    sets: [...own.sets, ...taken.sets.filter((set) => !has.has(set.point))],
  };
}

/** An entry that comes in numbers as so many entries. */
function oneByOne(entry: SnmpPoint): readonly SnmpPoint[] {
  const { each, ...rest } = entry;
  if (each === undefined) return [entry];
  return each.map((word) => {
    const filled = (text: string): string => text.replaceAll('{index}', word);
    return { ...rest, point: filled(rest.point), oid: filled(rest.oid) };
  });
}

/** What `check` tells about profiles among themselves: unknown `extends` and `includes`, circles, ids given twice. */
export function profileProblems(profiles: readonly Profile[]): { id: string; message: string; mend: string }[] {
  const problems: { id: string; message: string; mend: string }[] = [];
  const seen = new Set<string>();
  for (const profile of profiles) {
    if (seen.has(profile.id)) {
      problems.push({
        id: profile.id,
        message: `profile ${profile.id} is given twice`,
        mend: 'give one of them another id',
      });
    }
    seen.add(profile.id);
    if (resolveProfile(profile.id, profiles) !== null) continue;
    const bases = [...(profile.extends === undefined ? [] : [profile.extends]), ...profile.includes];
    problems.push({
      id: profile.id,
      message: `profile ${profile.id} builds on ${bases.join(', ')}: one of them is not there or builds on it in turn`,
      mend: `known profiles: ${profiles.map((known) => known.id).join(', ')}`,
    });
  }
  return problems;
}
