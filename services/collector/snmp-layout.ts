import type { SnmpPoint } from '#core/config/profile.ts';
import type { OtherObject } from '#core/config/profile-snmp.ts';

/** What a device was found to have, entry by entry of its profile. Pure. */
export interface Row {
  /** The instance behind the column's OID: `1`, `1.4`. */
  readonly index: string;
  /** What stands for `{index}` in the point's name. */
  readonly name: string;
  /** The numbers that the stars of `match` stand for; without one the whole index. */
  readonly captured: readonly string[];
}

export interface Layout {
  /** By `tableKey`. */
  readonly rows: ReadonlyMap<string, readonly Row[]>;
  /** By `column=value`: the row that a selector found. */
  readonly selected: ReadonlyMap<string, string>;
  /** Scalars that it answered with noSuchObject. */
  readonly dead: ReadonlySet<string>;
  /** What people have named things on the device: by the OID of the value. */
  readonly labels: ReadonlyMap<string, string>;
}

export const selectorKey = (row: { oid: string; is: string }): string => `${row.oid}=${row.is}`;

/** The rows of an entry: the same column may be read several times, with other rows each. A watched column has its bare OID. */
export function tableKey({ oid, match, where, index_name }: TableSpec): string {
  if (match === undefined && where.length === 0 && index_name === undefined) return oid;
  return JSON.stringify([oid, match, where, index_name]);
}
export type TableSpec = Pick<SnmpPoint, 'oid' | 'match' | 'where' | 'index_name'>;

/** The instance of another object that belongs to a row; null for a scalar entry and a column. */
export function instanceOf({ oid, parts, at }: OtherObject, row: Row | null): string | null {
  if (oid.endsWith('.0')) return oid;
  if (row === null) return null;
  if (at !== undefined) return `${oid}.${at.replaceAll(/\{(\d)\}/g, (_, n) => row.captured[Number(n) - 1] ?? '')}`;
  const index = parts === undefined ? row.index : row.index.split('.').slice(0, parts).join('.');
  return `${oid}.${index}`;
}

export const asOther = (label: string | OtherObject): OtherObject =>
  typeof label === 'string' ? { oid: label } : label;
