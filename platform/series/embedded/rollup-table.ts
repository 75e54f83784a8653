import type { DatabaseSync } from 'node:sqlite';
import { addSum, emptySum, type Sum } from '#core/series-math.ts';
import { DamagedError, seal, unseal } from './bytes.ts';
import type { Cache } from './cache.ts';
import { keyOf, startOf } from './keys.ts';
import {
  decodeRollups,
  encodeRollups,
  type RollupColumns,
  rollupColumns,
  rollupEntries,
  SUM_FIELDS,
} from './rollup-codec.ts';
import { floorTo, rowMs, UNIT_MS, UNITS, UNITS_IN_ROW, type Unit } from './units.ts';

/** One bucket of a rollup. */
export type RollupEntry = readonly [from: number, sum: Sum];

export interface RollupTable {
  /** Adds each bucket that lies within [from, to) to the sum at its place among `edges`. A row that is damaged is told and left out. */
  addTo(series: number, unit: Unit, from: number, to: number, edges: ArrayLike<number>, sums: readonly Sum[]): void;
  entries(series: number, unit: Unit, from: number, to: number): readonly RollupEntry[];
  /** What stood in [from, to) is replaced; both on whole units. Entries in order. */
  replace(series: number, unit: Unit, from: number, to: number, entries: readonly RollupEntry[]): void;
  /** Removes at most `limit` rows that end at or before, and says how many. */
  drop(series: number, unit: Unit, before: number, limit: number): number;
  /** When the first and last bucket begin. */
  ends(series: number): { first: number; last: number } | null;
}

type Tell = (place: string, reason: string) => void;

export function createRollupTable(database: DatabaseSync, cache: Cache, tell: Tell): RollupTable {
  const statements = Object.fromEntries(UNITS.map((unit) => [unit, prepare(database, unit)])) as Record<
    Unit,
    ReturnType<typeof prepare>
  >;

  const decode = (unit: Unit, key: number, body: Uint8Array): RollupColumns | null => {
    const known = cache.get<RollupColumns>(`${unit}${key}`);
    if (known !== undefined) return known;
    try {
      const columns = decodeRollups(unseal(body, key), UNITS_IN_ROW[unit]);
      cache.set(`${unit}${key}`, columns, columns.places.byteLength * (SUM_FIELDS.length + 1) + 300);
      return columns;
    } catch (error) {
      if (!(error instanceof DamagedError)) throw error;
      tell(`rollup_${unit} ${key}`, error.message);
      return null;
    }
  };
  function* rows(
    series: number,
    unit: Unit,
    from: number,
    to: number,
  ): Generator<{ start: number; columns: RollupColumns }> {
    if (from >= to) return;
    const found = statements[unit].range.all(keyOf(series, floorTo(from, rowMs(unit))), keyOf(series, to - 1));
    for (const { key, body } of found) {
      const columns = decode(unit, key as number, body as Uint8Array);
      if (columns !== null) yield { start: startOf(key as number), columns };
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
      const size = UNIT_MS[unit];
      let place = 0;
      for (const { start, columns } of rows(series, unit, from, to)) {
        const { places, fields } = columns;
        for (let i = 0; i < places.length; i++) {
          const at = start + (places[i] as number) * size;
          if (at < from) continue;
          if (at >= to) return;
          while (place < sums.length && (edges[place + 1] as number) <= at) place++;
          if (place < sums.length) addColumns(sums[place] as Sum, fields, i);
        }
      }
    },
    entries,
    replace(series, unit, from, to, fresh) {
      const length = rowMs(unit);
      const { write, erase } = statements[unit];
      let next = 0;
      for (let start = floorTo(from, length); start < to; start += length) {
        const end = start + length;
        const mine: RollupEntry[] = entries(series, unit, start, Math.max(start, from));
        for (; next < fresh.length && (fresh[next] as RollupEntry)[0] < end; next++)
          mine.push(fresh[next] as RollupEntry);
        mine.push(...entries(series, unit, Math.min(end, to), end));
        const key = keyOf(series, start);
        cache.delete(`${unit}${key}`);
        if (mine.length === 0) erase.run(key);
        else
          write.run(
            key,
            seal(
              encodeRollups(rollupColumns(mine.map(([at, sum]) => [(at - start) / UNIT_MS[unit], sum])), 'quick'),
              key,
            ),
          );
      }
    },
    drop(series, unit, before, limit) {
      const last = keyOf(series, before - rowMs(unit));
      if (before < rowMs(unit)) return 0;
      const gone = statements[unit].drop.all(keyOf(series, 0), last, limit);
      for (const { key } of gone) cache.delete(`${unit}${key}`);
      return gone.length;
    },
    ends(series) {
      const found = UNITS.flatMap((unit) => {
        const first = [...rowsAt(statements[unit].first, series)].map((row) => edge(decode, unit, row, 0));
        const last = [...rowsAt(statements[unit].last, series)].map((row) => edge(decode, unit, row, -1));
        return [...first, ...last];
      }).filter((at) => at !== null);
      return found.length === 0 ? null : { first: Math.min(...found), last: Math.max(...found) };
    },
  };
}

type Statement = ReturnType<DatabaseSync['prepare']>;
type Decode = (unit: Unit, key: number, body: Uint8Array) => RollupColumns | null;

const rowsAt = (statement: Statement, series: number): Record<string, unknown>[] =>
  statement.all(keyOf(series, 0), keyOf(series, Number.MAX_SAFE_INTEGER));

function edge(decode: Decode, unit: Unit, row: Record<string, unknown>, which: 0 | -1): number | null {
  const place = decode(unit, row.key as number, row.body as Uint8Array)?.places.at(which);
  return place === undefined ? null : startOf(row.key as number) + place * UNIT_MS[unit];
}

function prepare(database: DatabaseSync, unit: Unit) {
  const table = `rollup_${unit}`;
  const within = `FROM ${table} WHERE key BETWEEN ? AND ? ORDER BY key`;
  return {
    range: database.prepare(`SELECT key, body ${within}`),
    first: database.prepare(`SELECT key, body ${within} LIMIT 1`),
    last: database.prepare(`SELECT key, body ${within} DESC LIMIT 1`),
    write: database.prepare(`INSERT OR REPLACE INTO ${table} VALUES (?, ?)`),
    erase: database.prepare(`DELETE FROM ${table} WHERE key = ?`),
    drop: database.prepare(`DELETE FROM ${table} WHERE key IN (SELECT key ${within} LIMIT ?) RETURNING key`),
  };
}

function addColumns(sum: Sum, fields: RollupColumns['fields'], i: number): void {
  sum.count += fields.count[i] as number;
  sum.total += fields.total[i] as number;
  sum.min = Math.min(sum.min, fields.min[i] as number);
  sum.max = Math.max(sum.max, fields.max[i] as number);
  sum.coveredMs += fields.coveredMs[i] as number;
  sum.area += fields.area[i] as number;
  sum.belowMs += fields.belowMs[i] as number;
  sum.aboveMs += fields.aboveMs[i] as number;
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
