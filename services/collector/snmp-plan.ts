import type { Profile, SnmpPoint } from '#core/config/profile.ts';
import type { Varbind } from '#core/ports.ts';
import { roundOff } from '#core/units.ts';
import { type Decoded, decode, fromVarbind, type Raw } from './decode.ts';
import { composeSet } from './set-point.ts';

/**
 * From a profile and what a device was found to have: which objects to GET, and what their values mean. Pure.
 *
 * Example: `outlet.{index}.status` over rows 1 and 2 becomes the objects `….1` and `….2` with the points
 * `outlet.1.status` and `outlet.2.status`.
 */
export const SYS_UP_TIME = '1.3.6.1.2.1.1.3.0';

export interface Row {
  /** The instance behind the column's OID: `1`, `1.4`. */
  readonly index: string;
  /** What stands for `{index}` in the point's name. */
  readonly name: string;
}

/** What a device was found to have, column by column; scalars that it answered with noSuchObject. */
export interface Layout {
  readonly rows: ReadonlyMap<string, readonly Row[]>;
  /** By `column=value`: the row that a selector found. */
  readonly selected: ReadonlyMap<string, string>;
  readonly dead: ReadonlySet<string>;
}

export const selectorKey = (row: { oid: string; is: string }): string => `${row.oid}=${row.is}`;

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
}

export interface SnmpPlan {
  /** Everything to GET, without repetition. */
  readonly oids: readonly string[];
  readonly entries: readonly Entry[];
  readonly groups: readonly { readonly spec: SnmpPoint; readonly entries: readonly Entry[] }[];
  readonly columns: ReadonlyMap<string, readonly string[]>;
  readonly profile: Profile;
}

export function compile(profile: Profile, layout: Layout): SnmpPlan {
  const entries: Entry[] = [];
  const groups: { spec: SnmpPoint; entries: Entry[] }[] = [];
  for (const spec of profile.snmp.points) {
    const own = entriesOf(spec, layout);
    if (spec.combine !== undefined && own.length > 0) groups.push({ spec, entries: own });
    else entries.push(...own);
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
    ...entries.map((entry) => entry.oid),
    ...groups.flatMap((group) => group.entries.map((entry) => entry.oid)),
  ]);
  return { oids: [...oids], entries, groups, columns, profile };
}

function entriesOf(spec: SnmpPoint, layout: Layout): Entry[] {
  if (spec.table) {
    const named = layout.rows.get(spec.oid) ?? [];
    return named
      .map((row) => ({ point: spec.point.replace('{index}', row.name), oid: `${spec.oid}.${row.index}`, spec }))
      .filter((entry) => !layout.dead.has(entry.oid));
  }
  const suffix = spec.row === undefined ? '' : layout.selected.get(selectorKey(spec.row));
  if (suffix === undefined) return [];
  const oid = suffix === '' ? spec.oid : `${spec.oid}.${suffix}`;
  return layout.dead.has(oid) ? [] : [{ point: spec.point, oid, spec }];
}

/** The plan's objects that the device does not serve; rows of tables are left to the next discovery. */
export function deadObjects(plan: SnmpPlan, answers: ReadonlyMap<string, Varbind>): string[] {
  const rows = new Set([...plan.columns.values()].flat());
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
    // The first source wins; a later one only when it is good and the first is not.
    if (known === undefined || (known.decoded.quality !== 'good' && value.decoded.quality === 'good')) {
      values.set(value.point, value);
    }
  };
  for (const entry of plan.entries) take(valueOfEntry(entry, answers));
  for (const group of plan.groups) {
    const own = group.entries.map((entry) => valueOfEntry(entry, answers));
    if (own.length > 1) own.forEach(take);
    take(combined(group.spec, own));
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
  readValue(entry, fromVarbind(answers.get(entry.oid)));

/** What one object's value means. */
export function readValue(entry: Entry, raw: Raw): PointValue {
  return { point: entry.point, decoded: decode(raw, entry.spec), oid: entry.oid, raw };
}

export const goodNumber = (value: PointValue | undefined): number | null =>
  value?.decoded.quality === 'good' && typeof value.decoded.value === 'number' ? value.decoded.value : null;

export function combined(spec: SnmpPoint, rows: readonly PointValue[]): PointValue {
  const { point, by } = spec.combine ?? { point: spec.point, by: 'max' };
  const [first] = rows;
  if (rows.length === 1 && first !== undefined) return { ...first, point };
  const bad = rows.find((row) => row.decoded.quality !== 'good');
  const numbers = rows.map(goodNumber).filter((value) => value !== null);
  // A sum over fewer phases would be a lie; the extreme of those known is not.
  if (numbers.length === 0 || (bad !== undefined && (by === 'sum' || by === 'mean'))) {
    return {
      point,
      decoded: bad?.decoded ?? { value: null, quality: 'missing', reason: 'no rows' },
      oid: spec.oid,
      raw: null,
    };
  }
  const sum = numbers.reduce((total, value) => total + value, 0);
  const value = { min: Math.min(...numbers), max: Math.max(...numbers), sum, mean: sum / numbers.length }[by];
  // Through the decoding once more, for the combined point's own range.
  return {
    point,
    decoded: decode(roundOff(value), { point, sentinels: {}, inverted: false }),
    oid: spec.oid,
    raw: null,
  };
}
