import type { Profile } from '#core/config/profile.ts';
import { isBitTable, type ModbusPlace, type ModbusPoint, type ModbusPresence } from '#core/config/profile-modbus.ts';
import { decodeRegisters } from '#core/registers.ts';
import { type Decoder, decoderOf, type Raw } from './decode.ts';
import { type Learned, planReads, type Read, type Registers, type Span, spanOf, spansOf } from './modbus-reads.ts';
import { composeSet } from './set-point.ts';
import { combined, goodNumber, type PointValue } from './snmp-plan.ts';

/** What the registers of a device mean, by its profile. Pure. */
export interface ModbusPlan {
  readonly profile: Profile;
  readonly spans: readonly Span[];
  readonly entries: readonly ModbusEntry[];
}

interface ModbusEntry {
  readonly spec: ModbusPoint;
  readonly decode: Decoder;
}

/** A resolved profile's: its rows stand one by one, each entry with its own word order. */
export function compileModbus(profile: Profile): ModbusPlan {
  const entries = profile.modbus.points.map((spec) => ({ spec, decode: decoderOf(spec) }));
  return { profile, spans: spansOf(profile.modbus), entries };
}

export const readsOf = ({ profile, spans }: ModbusPlan, learned: Learned): Read[] =>
  planReads(profile.modbus, spans, learned);

type Combine = NonNullable<ModbusPoint['combine']>;

function putTogether(of: Combine, rows: readonly PointValue[]): PointValue {
  const decode = decoderOf({ point: of.point, sentinels: {}, inverted: false });
  const whole = combined({ ...of, entries: [], decode }, rows);
  // A single row is judged by the combined point's own range, too.
  const { value, quality } = whole.decoded;
  const decoded = quality === 'good' && typeof value === 'number' ? decode(value) : whole.decoded;
  return { ...whole, decoded, oid: rows[0]?.oid ?? null };
}

/** `holding 1000`, as people find it in the manual's table less its offset. */
const nameOf = ({ table, at }: ModbusPlace): string => `${table} ${at}`;

/** All points of one poll. One malformed value never spoils the others (L36). */
export function evaluateModbus({ profile, entries }: ModbusPlan, registers: Registers): PointValue[] {
  const values = new Map<string, PointValue>();
  const groups = new Map<string, { of: Combine; rows: PointValue[] }>();
  const take = (value: PointValue): void => {
    const known = values.get(value.point);
    // The first source wins; a later one only when it is good and the first is not.
    if (known === undefined || (known.decoded.quality !== 'good' && value.decoded.quality === 'good'))
      values.set(value.point, value);
  };
  for (const { spec, decode } of entries) {
    if (!spec.where.every((presence) => isPresent(presence, registers))) continue;
    const value = readEntry(spec, decode, registers);
    if (value === null) continue;
    if (spec.combine === undefined) {
      take(value);
      continue;
    }
    const group = groups.get(spec.combine.point) ?? { of: spec.combine, rows: [] };
    group.rows.push(value);
    groups.set(spec.combine.point, group);
  }
  for (const { of, rows } of groups.values()) {
    if (new Set(rows.map((row) => row.point)).size > 1) for (const row of rows) take(row);
    take(putTogether(of, rows));
  }
  for (const set of profile.modbus.sets) {
    const from = set.from.map((source) =>
      'table' in source ? { ...source, table: false, oid: placeKey(source) } : source,
    );
    const places = new Map(
      set.from.flatMap((source) => ('table' in source ? [[placeKey(source), source] as const] : [])),
    );
    const scalar = (key: string): Raw => {
      const place = places.get(key);
      return place === undefined ? null : rawOf(place, registers);
    };
    const number = (point: string): number | null => goodNumber(values.get(point));
    const decoded = composeSet({ ...set, from }, { scalar, column: () => [], number });
    const [first] = places.values();
    take({
      point: set.point,
      decoded,
      oid: first === undefined ? null : nameOf(first),
      raw: first === undefined ? null : rawOf(first, registers),
    });
  }
  return [...values.values()];
}

const placeKey = ({ table, at, type, length, order }: ModbusPlace): string =>
  `${table} ${at} ${type} ${length ?? ''} ${order ?? ''}`;

/** What stands there, null when it was not read. */
function rawOf(place: ModbusPlace, registers: Registers): Raw {
  const words = registers.take(spanOf(place));
  if (words === null) return null;
  return isBitTable(place.table) ? (words[0] ?? null) : decodeRegisters(words, place.type, place.order ?? 'ABCD');
}

/** Null: the device does not serve it. */
function readEntry(spec: ModbusPoint, decode: Decoder, registers: Registers): PointValue | null {
  const { point } = spec;
  const raw = rawOf(spec, registers);
  if (raw !== null) return { point, decoded: decode(raw), oid: nameOf(spec), raw };
  const reason = registers.reason(spanOf(spec));
  if (reason === undefined) return null;
  return { point, decoded: { value: null, quality: 'missing', reason }, oid: nameOf(spec), raw };
}

/** What the device does not tell: left out by `is`, kept by `not`. */
function isPresent(presence: ModbusPresence, registers: Registers): boolean {
  const raw = rawOf(presence, registers);
  const text = raw === null ? null : presence.bit === undefined ? String(raw) : bitOf(raw, presence.bit);
  if (presence.is !== undefined && (text === null || !presence.is.includes(text))) return false;
  return presence.not === undefined || text === null || !presence.not.includes(text);
}

function bitOf(raw: Raw, bit: number): string | null {
  if (typeof raw !== 'number' && typeof raw !== 'bigint') return null;
  return String((BigInt(Math.trunc(Number(raw))) >> BigInt(bit)) & 1n);
}
