import type { DatabaseSync } from 'node:sqlite';
import { addSum, emptySum, type Sum } from '#core/series-math.ts';
import { DamagedError, seal, unseal } from './bytes.ts';
import type { Cache } from './cache.ts';
import type { PackedBuckets } from './packed-buckets.ts';
import {
  COLUMNS,
  decodeColumns,
  encodeRollups,
  type RollupColumns,
  rollupColumns,
  rollupEntries,
  SUM_FIELDS,
  unpackRollups,
} from './rollup-codec.ts';
import { floorTo, rowMs, type Span, UNIT_MS, UNITS, UNITS_IN_ROW, type Unit } from './units.ts';

/** One bucket of a rollup. */
export type RollupEntry = readonly [from: number, sum: Sum];

export interface RollupTable {
  /** Adds each bucket that lies within [from, to) to the sum at its place among `edges`: numbers in the order of SUM_FIELDS, see emptySums. A row that is damaged is told and left out. */
  addTo(series: number, unit: Unit, from: number, to: number, edges: ArrayLike<number>, sums: Float64Array): void;
  /** The buckets within [from, to) as they are; false, and nothing was added, when a row is damaged (it is told). */
  pack(series: number, unit: Unit, from: number, to: number, into: PackedBuckets): boolean;
  /** Whether all rows that reach into the range can be read. */
  sound(series: number, unit: Unit, from: number, to: number): boolean;
  /** Where the rows begin that reach into the range, in order. */
  starts(series: number, unit: Unit, from: number, to: number): readonly number[];
  entries(series: number, unit: Unit, from: number, to: number): readonly RollupEntry[];
  /** What stood in [from, to) is replaced; both on whole units. Entries in order. */
  replace(series: number, unit: Unit, from: number, to: number, entries: readonly RollupEntry[]): void;
  /** Removes at most `limit` rows that end at or before, and says how many. */
  drop(series: number, unit: Unit, before: number, limit: number): number;
  /** When the first and last bucket begin. */
  ends(series: number): { first: number; last: number } | null;
}

const mostIn = (unit: number): number => UNITS_IN_ROW[UNITS[unit] as Unit];

type Tell = (place: string, reason: string) => void;

export function createRollupTable(database: DatabaseSync, cache: Cache, tell: Tell): RollupTable {
  const select =
    'SELECT unit, series, start, body, bytes FROM rollup JOIN rollup_body ON id = body WHERE unit = ? AND series = ? AND start';
  const range = database.prepare(`${select} BETWEEN ? AND ? ORDER BY start`);
  const first = database.prepare(`${select} >= ? ORDER BY start LIMIT 1`);
  const last = database.prepare(`${select} >= ? ORDER BY start DESC LIMIT 1`);
  const beginnings = database.prepare(
    'SELECT start FROM rollup WHERE unit = ? AND series = ? AND start BETWEEN ? AND ? ORDER BY start',
  );
  const bodyOf = database.prepare('SELECT body FROM rollup WHERE unit = ? AND series = ? AND start = ?');
  const old = database.prepare(
    'SELECT start, body FROM rollup WHERE unit = ? AND series = ? AND start <= ? ORDER BY start LIMIT ?',
  );
  const place = database.prepare('INSERT OR REPLACE INTO rollup (unit, series, start, body) VALUES (?, ?, ?, ?)');
  const displace = database.prepare('DELETE FROM rollup WHERE unit = ? AND series = ? AND start = ?');
  const insertBody = database.prepare('INSERT INTO rollup_body (bytes) VALUES (?)');
  const eraseBody = database.prepare('DELETE FROM rollup_body WHERE id = ?');

  const insideOf = ({ unit, series, start, body, bytes }: RollupRow): Uint8Array => {
    const known = cache.get<Uint8Array>(`i${body}`);
    if (known !== undefined) return known;
    const inside = unpackRollups(unseal(bytes, unit, series, start), mostIn(unit));
    cache.set(`i${body}`, inside, inside.length + 200);
    return inside;
  };
  const orTold = ({ unit, series, start }: RollupRow, read: () => RollupColumns): RollupColumns | null => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof DamagedError)) throw error;
      tell(rollupName(UNITS[unit] as Unit, series, start), error.message);
      return null;
    }
  };
  const decode = (row: RollupRow): RollupColumns | null => {
    const known = cache.get<RollupColumns>(`r${row.body}`);
    if (known !== undefined) return known;
    const columns = orTold(row, () => decodeColumns(insideOf(row), mostIn(row.unit)));
    if (columns !== null) cache.set(`r${row.body}`, columns, columns.places.byteLength * COLUMNS + 300);
    return columns;
  };
  /** Always the same memory, for what is used at once: fresh one costs more than all else that is done with it. */
  let scratch: Float64Array | null = null;
  const decodeHere = (row: RollupRow, needed: ReadonlySet<keyof Sum>): RollupColumns | null => {
    const known = cache.get<RollupColumns>(`r${row.body}`);
    if (known !== undefined) return known;
    scratch ??= new Float64Array(COLUMNS * Math.max(...Object.values(UNITS_IN_ROW)));
    const into = scratch;
    return orTold(row, () => decodeColumns(insideOf(row), mostIn(row.unit), into, needed));
  };
  const forget = (body: number): void => {
    cache.delete(`i${body}`);
    cache.delete(`r${body}`);
  };
  const remove = (unit: number, series: number, start: number, body: number): void => {
    displace.run(unit, series, start);
    eraseBody.run(body);
    forget(body);
  };
  const rowsOf = (series: number, unit: Unit, from: number, to: number): RollupRow[] =>
    from < to
      ? (range.all(UNITS.indexOf(unit), series, floorTo(from, rowMs(unit)), to - 1) as unknown as RollupRow[])
      : [];
  function* rows(
    series: number,
    unit: Unit,
    from: number,
    to: number,
  ): Generator<{ start: number; columns: RollupColumns }> {
    for (const row of rowsOf(series, unit, from, to)) {
      const columns = decode(row);
      if (columns !== null) yield { start: row.start, columns };
    }
  }
  const entries = (series: number, unit: Unit, from: number, to: number): RollupEntry[] => {
    const size = UNIT_MS[unit];
    return [...rows(series, unit, from, to)].flatMap(({ start, columns }) =>
      rollupEntries(columns)
        .map(([place, sum]) => [start + place * size, sum] as const)
        .filter(([at]) => at >= from && at < to),
    );
  };
  return {
    addTo(series, unit, from, to, edges, sums) {
      let place = 0;
      for (const { start, columns } of rows(series, unit, from, to))
        place = addRow(columns, start, UNIT_MS[unit], { from, to }, edges, sums, place);
    },
    pack(series, unit, from, to, into) {
      const before = into.length;
      for (const row of rowsOf(series, unit, from, to)) {
        const columns = decodeHere(row, into.needed);
        if (columns === null) {
          into.rewind(before);
          return false;
        }
        into.addRow(columns, row.start, UNIT_MS[unit], { from, to });
      }
      return true;
    },
    sound: (series, unit, from, to) => rowsOf(series, unit, from, to).every((row) => decode(row) !== null),
    starts: (series, unit, from, to) =>
      beginnings
        .all(UNITS.indexOf(unit), series, floorTo(from, rowMs(unit)), to - 1)
        .map(({ start }) => start as number),
    entries,
    replace(series, unit, from, to, fresh) {
      const [length, size, index] = [rowMs(unit), UNIT_MS[unit], UNITS.indexOf(unit)];
      let next = 0;
      for (let start = floorTo(from, length); start < to; start += length) {
        const end = start + length;
        const mine: RollupEntry[] = entries(series, unit, start, Math.max(start, from));
        for (; next < fresh.length && (fresh[next] as RollupEntry)[0] < end; next++)
          mine.push(fresh[next] as RollupEntry);
        mine.push(...entries(series, unit, Math.min(end, to), end));
        const before = bodyOf.get(index, series, start)?.body;
        if (before !== undefined) remove(index, series, start, Number(before));
        if (mine.length === 0) continue;
        const columns = rollupColumns(mine.map(([at, sum]) => [(at - start) / size, sum]));
        // A row that ends before what is new is over.
        const sealed = seal(encodeRollups(columns, end < to ? 'thorough' : 'quick'), index, series, start);
        const body = Number(insertBody.run(sealed).lastInsertRowid);
        forget(body);
        place.run(index, series, start, body);
      }
    },
    drop(series, unit, before, limit) {
      const index = UNITS.indexOf(unit);
      const gone = old.all(index, series, before - rowMs(unit), limit);
      for (const { start, body } of gone) remove(index, series, start as number, body as number);
      return gone.length;
    },
    ends(series) {
      const found = UNITS.flatMap((unit, index) => [
        ...first.all(index, series, 0).map((row) => edge(row as unknown as RollupRow, decode, UNIT_MS[unit], 0)),
        ...last.all(index, series, 0).map((row) => edge(row as unknown as RollupRow, decode, UNIT_MS[unit], -1)),
      ]).filter((at) => at !== null);
      return found.length === 0 ? null : { first: Math.min(...found), last: Math.max(...found) };
    },
  };
}

export interface RollupRow {
  /** Its place in UNITS. */
  readonly unit: number;
  readonly series: number;
  readonly start: number;
  readonly body: number;
  readonly bytes: Uint8Array;
}

/** For the log and the report. */
export const rollupName = (unit: Unit, series: number, start: number): string =>
  `rollup ${unit} ${series} ${new Date(start).toISOString()}`;

function edge(
  row: RollupRow,
  decode: (row: RollupRow) => RollupColumns | null,
  size: number,
  which: 0 | -1,
): number | null {
  const place = decode(row)?.places.at(which);
  return place === undefined ? null : row.start + place * size;
}

/** Gives the place of the last sum that was added to. */
function addRow(
  { places, fields }: RollupColumns,
  start: number,
  size: number,
  { from, to }: Span,
  edges: ArrayLike<number>,
  sums: Float64Array,
  first: number,
): number {
  const { count, total, min, max, coveredMs, area, belowMs, aboveMs } = fields;
  let place = first;
  for (let i = 0; i < places.length; i++) {
    const at = start + (places[i] as number) * size;
    if (at < from) continue;
    if (at >= to) break;
    while (place < edges.length - 2 && (edges[place + 1] as number) <= at) place++;
    const o = place * SUM_FIELDS.length;
    sums[o] = (sums[o] as number) + (count[i] as number);
    sums[o + 1] = (sums[o + 1] as number) + (total[i] as number);
    sums[o + 2] = Math.min(sums[o + 2] as number, min[i] as number);
    sums[o + 3] = Math.max(sums[o + 3] as number, max[i] as number);
    sums[o + 4] = (sums[o + 4] as number) + (coveredMs[i] as number);
    sums[o + 5] = (sums[o + 5] as number) + (area[i] as number);
    sums[o + 6] = (sums[o + 6] as number) + (belowMs[i] as number);
    sums[o + 7] = (sums[o + 7] as number) + (aboveMs[i] as number);
  }
  return place;
}

/** Hours out of quarters, days out of hours. */
export function coarser(entries: readonly RollupEntry[], size: number): readonly RollupEntry[] {
  const out: [number, Sum][] = [];
  for (const [at, sum] of entries) {
    const from = floorTo(at, size);
    const last = out.at(-1);
    if (last !== undefined && last[0] === from) addSum(last[1], sum);
    else {
      const own = emptySum();
      addSum(own, sum);
      out.push([from, own]);
    }
  }
  return out;
}
