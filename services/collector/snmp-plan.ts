import type { Profile, SnmpPoint } from '#core/config/profile.ts';
import type { Varbind } from '#core/ports.ts';
import { roundOff } from '#core/units.ts';
import { type Decoded, type Decoder, decoderOf, fromVarbind, type Raw } from './decode.ts';
import { composeSet } from './set-point.ts';
import { instanceOf, type Layout, type Row, selectorKey, tableKey } from './snmp-layout.ts';
import { type ToldDecoder, type ToldDecoding, toldDecoderOf, toldObjects } from './snmp-told.ts';

/**
 * From a profile and what a device was found to have: which objects to GET, and what their values mean. Pure.
 *
 * Example: `outlet.{index}.status` over rows 1 and 2 becomes the objects `….1` and `….2` with the points
 * `outlet.1.status` and `outlet.2.status`.
 */
export const SYS_UP_TIME = '1.3.6.1.2.1.1.3.0';

/** A value of one point at one time. */
export interface PointValue {
  readonly point: string;
  readonly decoded: Decoded;
  readonly oid: string | null;
  readonly raw: Raw;
}

export interface Entry {
  readonly point: string;
  readonly oid: string;
  readonly spec: SnmpPoint;
  /** Unit and scale that the device itself tells; null when the profile says them. */
  readonly told: ToldDecoding | null;
  /** What its raw value means. */
  readonly decode: ToldDecoder;
}

/** Rows that are put together into one point. */
export interface Group extends Combine {
  readonly entries: Entry[];
  /** Gives the combined number its own range. */
  readonly decode: Decoder;
}
type Combine = NonNullable<SnmpPoint['combine']>;

export interface SnmpPlan {
  /** Everything to GET, without repetition. */
  readonly oids: readonly string[];
  readonly entries: readonly Entry[];
  readonly groups: readonly Group[];
  readonly columns: ReadonlyMap<string, readonly string[]>;
  readonly profile: Profile;
}

export function compile(profile: Profile, layout: Layout): SnmpPlan {
  const entries: Entry[] = [];
  const groups: Group[] = [];
  for (const spec of profile.snmp.points) {
    const own = entriesOf(spec, layout);
    if (spec.combine === undefined) entries.push(...own);
    else if (own.length > 0) putTogether(groups, spec.combine, own);
  }
  const columns = new Map<string, readonly string[]>();
  const scalars: string[] = [];
  for (const source of profile.snmp.sets.flatMap((set) => set.from)) {
    if (!('oid' in source)) continue;
    if (source.table)
      columns.set(
        source.oid,
        (layout.rows.get(source.oid) ?? []).map((row) => `${source.oid}.${row.index}`),
      );
    else if (source.required || !layout.dead.has(source.oid)) scalars.push(source.oid);
  }
  const oids = new Set([
    SYS_UP_TIME,
    ...scalars,
    ...profile.snmp.watch.map((watch) => watch.oid).filter((oid) => !layout.dead.has(oid)),
    ...[...columns.values()].flat(),
    ...entries.flatMap(objectsOf),
    ...groups.flatMap((group) => group.entries.flatMap(objectsOf)),
  ]);
  return { oids: [...oids], entries, groups, columns, profile };
}

/**
 * The ropes of all tables are one leak, and phases that are scalars are one input. Another table of numbers is another way to the
 * same phases, often under other names: the fall-back, when the first has no good one.
 */
function putTogether(groups: Group[], { point, by }: Combine, entries: readonly Entry[]): void {
  const known = groups.find(
    (group) =>
      group.point === point && group.by === by && (by === 'any' || (areScalars(group.entries) && areScalars(entries))),
  );
  if (known !== undefined) known.entries.push(...entries);
  else groups.push({ point, by, entries: [...entries], decode: decoderOf({ point, sentinels: {}, inverted: false }) });
}

const areScalars = (entries: readonly Entry[]): boolean => entries.every(({ spec }) => !spec.table);

/** What must be read for an entry's value. */
export const objectsOf = ({ oid, told }: Entry): readonly string[] =>
  told === null ? [oid] : [oid, ...toldObjects(told)];

function entriesOf(spec: SnmpPoint, layout: Layout): Entry[] {
  if (spec.table) {
    const rows = layout.rows.get(tableKey(spec)) ?? [];
    return rows
      .map((row) => entryOf(spec, spec.point.replace('{index}', row.name), `${spec.oid}.${row.index}`, row))
      .filter((entry) => !layout.dead.has(entry.oid));
  }
  const suffix = spec.row === undefined ? '' : layout.selected.get(selectorKey(spec.row));
  if (suffix === undefined) return [];
  const oid = suffix === '' ? spec.oid : `${spec.oid}.${suffix}`;
  const row = suffix === '' ? null : { index: suffix, name: suffix, captured: suffix.split('.') };
  return layout.dead.has(oid) ? [] : [entryOf(spec, spec.point, oid, row)];
}

function entryOf(spec: SnmpPoint, point: string, oid: string, row: Row | null): Entry {
  const { unit_from, scale_from, valid_from } = spec;
  if (unit_from === undefined && scale_from === undefined && valid_from === undefined)
    return { point, oid, spec, told: null, decode: decoderOf(spec) };
  const unit = unit_from === undefined ? null : instanceOf(unit_from, row);
  const scale = scale_from === undefined ? null : instanceOf(scale_from, row);
  const valid = valid_from === undefined ? null : instanceOf(valid_from, row);
  const told = { unit, scale, valid };
  return { point, oid, spec, told, decode: toldDecoderOf(spec, told) };
}

/** The plan's objects that the device does not serve; rows of tables are left to the next discovery. */
export function deadObjects(plan: SnmpPlan, answers: ReadonlyMap<string, Varbind>): string[] {
  const told = [...plan.entries, ...plan.groups.flatMap((group) => group.entries)].flatMap((entry) =>
    objectsOf(entry).slice(1),
  );
  // A unit that the device does not tell says something about the value; it is asked again.
  const rows = new Set([...plan.columns.values(), told].flat());
  return plan.oids.filter((oid) => oid !== SYS_UP_TIME && !rows.has(oid) && isAbsent(answers.get(oid)));
}

/** Rows that were there at discovery and are not any more: the table has changed. */
export function vanishedRows(plan: SnmpPlan, answers: ReadonlyMap<string, Varbind>): boolean {
  const tables = [
    ...plan.entries.filter((entry) => entry.spec.table).map((entry) => entry.oid),
    ...plan.groups.flatMap((group) => group.entries.map((entry) => entry.oid)),
  ];
  return tables.some((oid) => isAbsent(answers.get(oid)));
}

export const isAbsent = (varbind: Varbind | undefined): boolean =>
  varbind === undefined || varbind.type.startsWith('NoSuch') || varbind.type === 'EndOfMibView';

/** All points of one poll. One malformed value never spoils the others (L36). */
export function evaluate(plan: SnmpPlan, answers: ReadonlyMap<string, Varbind>): PointValue[] {
  const values = new Map<string, PointValue>();
  const take = (value: PointValue): void => {
    const known = values.get(value.point);
    if (known === undefined || isBetter(value, known)) values.set(value.point, value);
  };
  for (const entry of plan.entries) take(valueOfEntry(entry, answers));
  for (const group of plan.groups) {
    const own = group.entries.map((entry) => valueOfEntry(entry, answers));
    if (isSeveral(group)) own.forEach(take);
    take(combined(group, own));
  }
  for (const set of plan.profile.snmp.sets) {
    const decoded = composeSet(set, {
      scalar: (oid) => fromVarbind(answers.get(oid)),
      column: (oid) => (plan.columns.get(oid) ?? []).map((instance) => fromVarbind(answers.get(instance))),
      number: (point) => goodNumber(values.get(point)),
    });
    const first = set.from.find((source) => 'oid' in source);
    const oid = first !== undefined && 'oid' in first ? first.oid : null;
    take({ point: set.point, decoded, oid, raw: oid === null ? null : fromVarbind(answers.get(oid)) });
  }
  return [...values.values()];
}

const valueOfEntry = (entry: Entry, answers: ReadonlyMap<string, Varbind>): PointValue =>
  readValue(entry, fromVarbind(answers.get(entry.oid)), (oid) => fromVarbind(answers.get(oid)));

/** What one object's value means; `other` gives the objects that tell its unit and scale. */
export const readValue = ({ point, oid, decode }: Entry, raw: Raw, other: (oid: string) => Raw): PointValue => ({
  point,
  decoded: decode(raw, other),
  oid,
  raw,
});

export const goodNumber = (value: PointValue | undefined): number | null =>
  value?.decoded.quality === 'good' && typeof value.decoded.value === 'number' ? value.decoded.value : null;

/** More than one thing is measured: each is told beside the combined point. */
export const isSeveral = ({ entries }: Group): boolean => entries.some(({ point }) => point !== entries[0]?.point);

/** Rows of the same name are the same thing told twice: the first that is good, else the first. */
function bestOfEach(values: readonly PointValue[]): readonly PointValue[] {
  const best = new Map<string, PointValue>();
  for (const value of values) {
    const known = best.get(value.point);
    if (known === undefined || isBetter(value, known)) best.set(value.point, value);
  }
  return best.size === values.length ? values : [...best.values()];
}

/** The first source wins; a later one only when it is good and the first is not. */
const isBetter = (later: PointValue, first: PointValue): boolean =>
  first.decoded.quality !== 'good' && later.decoded.quality === 'good';

export function combined({ point, by, entries, decode }: Group, own: readonly PointValue[]): PointValue {
  const rows = bestOfEach(own);
  const [first] = rows;
  if (rows.length === 1 && first !== undefined) {
    // The combined point's own range holds for one row too.
    const only = goodNumber(first);
    return { ...first, point, decoded: only === null ? first.decoded : decode(only) };
  }
  const oid = entries[0]?.spec.oid ?? null;
  const bad = rows.find((row) => row.decoded.quality !== 'good');
  if (by === 'any') return { point, decoded: anyOf(rows), oid, raw: null };
  const numbers = rows.map(goodNumber).filter((value) => value !== null);
  // A sum over fewer phases would be a lie; the extreme of those known is not.
  if (numbers.length === 0 || (bad !== undefined && (by === 'sum' || by === 'mean'))) {
    const decoded = bad?.decoded ?? ({ value: null, quality: 'missing', reason: 'no rows' } as const);
    return { point, decoded, oid, raw: null };
  }
  const sum = numbers.reduce((total, value) => total + value, 0);
  const value = { min: Math.min(...numbers), max: Math.max(...numbers), sum, mean: sum / numbers.length }[by];
  // Through the decoding once more, for the combined point's own range.
  return { point, decoded: decode(roundOff(value)), oid, raw: null };
}

/**
 * One wet rope is enough for a leak; that the room is dry is known only when every rope says so that the device has: where it says
 * itself that none is fitted, there is none to ask.
 */
function anyOf(rows: readonly PointValue[]): Decoded {
  const fitted = rows.filter(({ decoded, raw }) => decoded.quality !== 'missing' || raw === null);
  if (fitted.some(({ decoded }) => decoded.quality === 'good' && decoded.value === true))
    return { value: true, quality: 'good' };
  const [first] = rows;
  if (fitted.length === 0) return first?.decoded ?? { value: null, quality: 'missing', reason: 'no rows' };
  const bad = fitted.find(({ decoded }) => decoded.quality !== 'good');
  return bad?.decoded ?? { value: false, quality: 'good' };
}
