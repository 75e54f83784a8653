import type { SetPoint } from '#core/config/profile.ts';
import type { Raw } from './decode.ts';
import { composeSet, isWithin, type SetInput } from './set-point.ts';
import {
  combined,
  type Entry,
  goodNumber,
  isSeveral,
  objectsOf,
  type PointValue,
  readValue,
  type SnmpPlan,
} from './snmp-plan.ts';

/**
 * The same poll again: only what the device says otherwise than the last time is decoded. Gives what `evaluate` would
 * give (a test compares them); values that did not change are the very same objects.
 */
export interface Repeater {
  /** Null: its tables or its agent are not what they were; the poll must be done in full. */
  take(raws: readonly (number | string | undefined)[]): readonly PointValue[] | null;
}

/** Several sources may tell one point: the first wins, a later one only when it is good and the first is not. */
interface Slot {
  readonly point: string;
  readonly candidates: number[];
}

/** Something that gives one value out of some objects. */
interface Unit {
  readonly point: string;
  readonly oids: readonly number[];
  /** Slots that it reads. */
  readonly reads: readonly string[];
  /** The very object that it made last, where what it is made of says the same. */
  readonly make: () => PointValue;
}

export function createRepeater(plan: SnmpPlan): Repeater {
  const place = new Map(plan.oids.map((oid, index) => [oid, index]));
  const placeOf = (oid: string): number => place.get(oid) ?? -1;
  const last: (number | string | undefined)[] = plan.oids.map(() => undefined);
  const rawAt = (index: number): Raw => last[index] ?? null;
  const { units, slots } = layOut(plan, placeOf, rawAt, (point) => goodNumber(values[slotOf.get(point) ?? -1]));
  const slotOf = new Map(slots.map((slot, index) => [slot.point, index]));
  const users = usersOf(units, plan.oids.length);
  const made: (PointValue | undefined)[] = units.map(() => undefined);
  const slotsOf = units.map((unit) => slotOf.get(unit.point) ?? -1);
  const readers = units.flatMap((unit, index) => (unit.reads.length > 0 ? [index] : []));
  const fixed = fixedPlaces(plan, placeOf);
  let values: PointValue[] = [];
  let first = true;

  const choose = ({ candidates }: Slot): PointValue | undefined => {
    const [one = -1] = candidates;
    const chosen = made[one];
    if (candidates.length === 1 || chosen?.decoded.quality === 'good') return chosen;
    const better = candidates.find((unit) => made[unit]?.decoded.quality === 'good');
    return better === undefined ? chosen : made[better];
  };
  /** Of several sources of a point each is made anew before one is chosen. */
  const refresh = (stale: readonly number[]): boolean => {
    const moved: number[] = [];
    for (const index of stale) {
      const before = made[index];
      made[index] = units[index]?.make();
      if (made[index] !== before) moved.push(index);
    }
    if (moved.length === 0) return false;
    const next = values.slice();
    for (const index of moved) {
      const place = slotsOf[index] ?? -1;
      const slot = slots[place];
      const chosen = slot === undefined ? undefined : choose(slot);
      if (chosen !== undefined) next[place] = chosen;
    }
    values = next;
    return true;
  };
  return {
    take(raws) {
      // The agent's own time is the first object: it goes back when the agent has restarted.
      if (!first && Number(raws[0]) < Number(last[0])) return null;
      const stale = first ? units.map((_, unit) => unit) : [];
      for (let index = 0; index < raws.length; index++) {
        const raw = raws[index];
        if (raw === last[index] && !first) continue;
        if (!first && (fixed.has(index) || (raw === undefined) !== (last[index] === undefined))) return null;
        last[index] = raw;
        if (!first) for (const unit of users[index] ?? []) if (!stale.includes(unit)) stale.push(unit);
      }
      first = false;
      if (stale.length === 0) return values;
      const plain = readers.length === 0 ? stale : stale.filter((unit) => !readers.includes(unit));
      const moved = refresh(plain);
      // Sets that look at a decoded number come after it.
      if (moved || plain.length < stale.length) refresh(readers);
      return values;
    },
  };
}

/** Counts of watched tables: another number means other rows. */
const fixedPlaces = (plan: SnmpPlan, placeOf: (oid: string) => number): ReadonlySet<number> =>
  new Set(plan.profile.snmp.watch.map((watch) => placeOf(watch.oid)));

function usersOf(units: readonly Unit[], objects: number): readonly (readonly number[])[] {
  const users: number[][] = Array.from({ length: objects }, () => []);
  units.forEach((unit, index) => {
    for (const oid of unit.oids) users[oid]?.push(index);
  });
  return users;
}

/** In the order in which `evaluate` takes them. */
function layOut(
  plan: SnmpPlan,
  placeOf: (oid: string) => number,
  rawAt: (index: number) => Raw,
  number: (point: string) => number | null,
): { units: Unit[]; slots: Slot[] } {
  const units: Unit[] = [];
  const slots = new Map<string, Slot>();
  const add = (unit: Unit): void => {
    const slot = slots.get(unit.point) ?? { point: unit.point, candidates: [] };
    slots.set(unit.point, slot);
    slot.candidates.push(units.length);
    units.push(unit);
  };
  const single = (entry: Entry): Unit => {
    const [oid = -1, ...told] = objectsOf(entry).map(placeOf);
    const other = (name: string): Raw => rawAt(placeOf(name));
    const make = (): PointValue => readValue(entry, rawAt(oid), other);
    return { point: entry.point, oids: [oid, ...told], reads: [], make };
  };
  for (const entry of plan.entries) add(single(entry));
  for (const group of plan.groups) {
    const own = group.entries.map(single);
    if (isSeveral(group)) own.forEach(add);
    const make = (): PointValue =>
      combined(
        group,
        own.map((unit) => unit.make()),
      );
    add({ point: group.point, oids: own.flatMap((unit) => unit.oids), reads: [], make });
  }
  for (const set of plan.profile.snmp.sets) add(setUnit(set, plan, placeOf, rawAt, number));
  return { units, slots: [...slots.values()] };
}

function setUnit(
  set: SetPoint,
  plan: SnmpPlan,
  placeOf: (oid: string) => number,
  rawAt: (index: number) => Raw,
  number: (point: string) => number | null,
): Unit {
  const columns = new Map([...plan.columns].map(([oid, instances]) => [oid, instances.map(placeOf)]));
  const sources = set.from.flatMap((source) => ('oid' in source ? [source] : []));
  const oids = sources.flatMap((source) => (source.table ? (columns.get(source.oid) ?? []) : [placeOf(source.oid)]));
  const thresholds = set.from.flatMap((source) => ('point' in source ? [source] : []));
  const [first] = sources;
  const input: SetInput = {
    scalar: (oid) => rawAt(placeOf(oid)),
    column: (oid) => (columns.get(oid) ?? []).map(rawAt),
    number,
  };
  let known: PointValue | null = null;
  const basis: (Raw | boolean)[] = [];
  /** Of a number only its side of the threshold tells. */
  const isSame = (): boolean => {
    let same = known !== null;
    const take = (place: number, value: Raw | boolean): void => {
      if (basis[place] === value) return;
      basis[place] = value;
      same = false;
    };
    for (let place = 0; place < oids.length; place++) take(place, rawAt(oids[place] ?? -1));
    for (let place = 0; place < thresholds.length; place++) {
      const source = thresholds[place];
      if (source !== undefined) take(oids.length + place, isWithin(source, number(source.point)));
    }
    return same;
  };
  const make = (): PointValue => {
    if (isSame() && known !== null) return known;
    known = {
      point: set.point,
      decoded: composeSet(set, input),
      oid: first?.oid ?? null,
      raw: first === undefined ? null : rawAt(placeOf(first.oid)),
    };
    return known;
  };
  return { point: set.point, oids, reads: thresholds.map((source) => source.point), make };
}
