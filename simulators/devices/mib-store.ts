import { ZhishouError } from '#core/errors.ts';
import type { SnmpType, Varbind } from '#core/ports.ts';
import type { DeviceMib, MibColumn, MibScalar, MibTable, MibValue } from './mib.ts';

/** Answers GET, walk and SET from a device's information, without SNMP around it: the agents of the in-memory simulation. */
export interface MibStore {
  get(oid: string): Varbind;
  /**
   * What `get` would give of each, texts as texts; undefined for what is not there. One who repeats the question with the very
   * same list is given the very same answer, renewed.
   */
  read(oids: readonly string[]): readonly (number | string | undefined)[];
  /** Instances below `oid` in lexicographic order, at most `limit`. */
  walk(oid: string, limit: number): readonly Varbind[];
  /** All or none; throws REFUSED for what cannot be written. */
  set(varbinds: readonly { oid: string; value: MibValue }[]): void;
}

type Leaf =
  | { readonly kind: 'scalar'; readonly oid: string; readonly scalar: MibScalar }
  | { readonly kind: 'column'; readonly oid: string; readonly table: MibTable; readonly column: MibColumn };

/** A manager asks for the same few hundred instances again and again. */
const MOST_PARSED = 2000;

export function createMibStore(mib: DeviceMib): MibStore {
  const leaves: Leaf[] = [
    ...mib.scalars.map((scalar): Leaf => ({ kind: 'scalar', oid: scalar.oid, scalar })),
    ...mib.tables.flatMap((table) =>
      table.columns.map((column): Leaf => ({ kind: 'column', oid: `${table.entry}.${column.number}`, table, column })),
    ),
  ].sort((a, b) => compareOids(a.oid, b.oid));
  const byOid = new Map(leaves.map((leaf) => [leaf.oid, leaf]));
  const parsed = new Map<string, { leaf: Leaf; index: number } | null>();
  const parse = (oid: string): { leaf: Leaf; index: number } | null => {
    const known = parsed.get(oid);
    if (known !== undefined) return known;
    const dot = oid.lastIndexOf('.');
    const leaf = byOid.get(oid.slice(0, dot));
    const made = leaf === undefined ? null : { leaf, index: Number(oid.slice(dot + 1)) };
    if (parsed.size < MOST_PARSED) parsed.set(oid, made);
    return made;
  };
  /** A manager that repeats its question asks with the same list. */
  const prepared = new WeakMap<readonly string[], () => readonly (number | string | undefined)[]>();
  const find = (oid: string): { leaf: Leaf; index: number } | null => {
    const found = parse(oid);
    if (found === null) return null;
    const { leaf, index } = found;
    return (leaf.kind === 'scalar' ? index === 0 : leaf.table.rows().includes(index)) ? found : null;
  };
  return {
    get: (oid) => {
      const found = find(oid);
      return found === null ? absent(oid, byOid) : varbind(oid, found.leaf, found.index);
    },
    read: (oids) => {
      let read = prepared.get(oids);
      if (read === undefined) {
        read = preparedRead(oids.map(parse));
        prepared.set(oids, read);
      }
      return read();
    },
    walk: (oid, limit) => {
      const found: Varbind[] = [];
      for (const leaf of leaves) {
        const below = leaf.oid === oid || leaf.oid.startsWith(`${oid}.`);
        const instance = oid.startsWith(`${leaf.oid}.`);
        if (!below && !instance) continue;
        for (const index of leaf.kind === 'scalar' ? [0] : leaf.table.rows()) {
          if (found.length >= limit) return found;
          if (below) found.push(varbind(`${leaf.oid}.${index}`, leaf, index));
        }
      }
      return found;
    },
    set: (varbinds) => {
      for (const commit of [false, true]) {
        for (const { oid, value } of varbinds) write(oid, value, find(oid), commit);
      }
    },
  };
}

type Place = { readonly leaf: Leaf; readonly index: number } | null;

/** Reads these places again and again into one list: each time what may move, and tables' rows when those are others. */
function preparedRead(places: readonly Place[]): () => readonly (number | string | undefined)[] {
  const values: (number | string | undefined)[] = places.map(() => undefined);
  const tables = [...new Set(places.flatMap((place) => (place?.leaf.kind === 'column' ? [place.leaf.table] : [])))];
  const rows: (readonly number[] | null)[] = tables.map(() => null);
  let moving: Moving[] = [];
  let first = true;
  const look = (): void => {
    const before = moving;
    moving = [];
    for (const [at, place] of places.entries()) {
      if (place === null) continue;
      const { leaf, index } = place;
      const there = leaf.kind === 'scalar' ? index === 0 : leaf.table.rows().includes(index);
      const { read, constant } = leaf.kind === 'scalar' ? leaf.scalar : leaf.column;
      if (there && constant !== true) moving.push(before.find((one) => one.at === at) ?? { at, read, index });
      else values[at] = there ? read(index) : undefined;
    }
  };
  return () => {
    let others = first;
    first = false;
    for (let i = 0; i < tables.length; i++) {
      const now = tables[i]?.rows() ?? null;
      if (now === rows[i]) continue;
      rows[i] = now;
      others = true;
    }
    if (others) look();
    for (const { at, read, index } of moving) values[at] = read(index);
    return values;
  };
}

interface Moving {
  readonly at: number;
  readonly read: (index: number) => MibValue;
  readonly index: number;
}

/** RFC 3416 section 4.2.1: noSuchInstance below a known object, noSuchObject elsewhere. */
function absent(oid: string, known: ReadonlyMap<string, Leaf>): Varbind {
  const parent = oid.slice(0, oid.lastIndexOf('.'));
  return { oid, type: known.has(parent) ? 'NoSuchInstance' : 'NoSuchObject', value: null };
}

function varbind(oid: string, leaf: Leaf, index: number): Varbind {
  const value = leaf.kind === 'scalar' ? leaf.scalar.read() : leaf.column.read(index);
  const type = leaf.kind === 'scalar' ? leaf.scalar.type : leaf.column.type;
  return { oid, type, value: encode(type, value) };
}

const encoder = new TextEncoder();

/** As a manager decodes it: octet strings are bytes. */
export const encode = (type: SnmpType, value: MibValue): Varbind['value'] =>
  type === 'OctetString' && typeof value === 'string' ? encoder.encode(value) : value;

function write(oid: string, value: MibValue, found: { leaf: Leaf; index: number } | null, commit: boolean): void {
  if (found === null) throw new ZhishouError('REFUSED', oid, 'noCreation');
  const { leaf, index } = found;
  const writer = leaf.kind === 'scalar' ? leaf.scalar.write : leaf.column.write?.bind(null, index);
  if (writer === undefined) throw new ZhishouError('REFUSED', oid, 'notWritable');
  try {
    writer(value, commit);
  } catch (error) {
    throw new ZhishouError('REFUSED', oid, 'wrongValue', { cause: error });
  }
}

/** By number, part by part: 1.3.10 comes after 1.3.9. */
export function compareOids(a: string, b: string): number {
  const left = a.split('.');
  const right = b.split('.');
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = Number(left[i]) - Number(right[i]);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
