import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { fromFloat32 } from './telling.ts';

/**
 * Sparkplug B's payload (org.eclipse.tahu.protobuf.Payload, Sparkplug 3.0 section 6.4.1), as far as readings need it. What is cut
 * off or does not fit is refused whole: throws `RangeError` or what the wire reader throws.
 */
export interface SparkplugPayload {
  /** Milliseconds since 1970. */
  readonly timestamp: number | null;
  readonly seq: number | null;
  readonly metrics: readonly SparkplugMetric[];
}

export interface SparkplugMetric {
  readonly name: string | null;
  readonly alias: string | null;
  readonly timestamp: number | null;
  readonly datatype: number | null;
  readonly isHistorical: boolean;
  readonly isNull: boolean;
  readonly properties: ReadonlyMap<string, string | number | boolean>;
  readonly value: RawMetricValue | null;
}

/** By the field that carried it: integers come unsigned, their datatype says how to read them. */
export type RawMetricValue =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'long'; readonly value: bigint }
  | { readonly kind: 'float' | 'double'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'other' };

const MOST_METRICS = 5000;

export function readSparkplug(bytes: Uint8Array): SparkplugPayload {
  const reader = new BinaryReader(bytes);
  const metrics: SparkplugMetric[] = [];
  let timestamp: number | null = null;
  let seq: number | null = null;
  while (reader.pos < bytes.length) {
    const [field, wire] = reader.tag();
    if (field === 1 && wire === WireType.Varint) timestamp = Number(reader.uint64());
    else if (field === 2 && wire === WireType.LengthDelimited) {
      if (metrics.length >= MOST_METRICS) throw new RangeError('too many metrics');
      metrics.push(readMetric(reader.bytes()));
    } else if (field === 3 && wire === WireType.Varint) seq = Number(reader.uint64());
    else reader.skip(wire, field);
  }
  return { timestamp, seq, metrics };
}

function readMetric(bytes: Uint8Array): SparkplugMetric {
  const reader = new BinaryReader(bytes);
  const metric = {
    name: null as string | null,
    alias: null as string | null,
    timestamp: null as number | null,
    datatype: null as number | null,
    isHistorical: false,
    isNull: false,
    properties: new Map<string, string | number | boolean>() as ReadonlyMap<string, string | number | boolean>,
    value: null as RawMetricValue | null,
  };
  while (reader.pos < bytes.length) {
    const [field, wire] = reader.tag();
    if (field === 1 && wire === WireType.LengthDelimited) metric.name = reader.string().slice(0, 500);
    else if (field === 2 && wire === WireType.Varint) metric.alias = String(reader.uint64());
    else if (field === 3 && wire === WireType.Varint) metric.timestamp = Number(reader.uint64());
    else if (field === 4 && wire === WireType.Varint) metric.datatype = reader.uint32();
    else if (field === 5 && wire === WireType.Varint) metric.isHistorical = reader.bool();
    else if (field === 7 && wire === WireType.Varint) metric.isNull = reader.bool();
    else if (field === 9 && wire === WireType.LengthDelimited) metric.properties = readProperties(reader.bytes());
    else if (field >= 10 && field <= 19) metric.value = readValue(reader, field, wire);
    else reader.skip(wire, field);
  }
  return metric;
}

/** Metric: fields 10 to 19; a property's value has the same from 3 on. */
function readValue(reader: BinaryReader, field: number, wire: WireType): RawMetricValue {
  if (field === 10 && wire === WireType.Varint) return { kind: 'int', value: reader.uint32() };
  if (field === 11 && wire === WireType.Varint) return { kind: 'long', value: BigInt(reader.uint64()) };
  if (field === 12 && wire === WireType.Bit32) return { kind: 'float', value: fromFloat32(reader.float()) };
  if (field === 13 && wire === WireType.Bit64) return { kind: 'double', value: reader.double() };
  if (field === 14 && wire === WireType.Varint) return { kind: 'boolean', value: reader.bool() };
  if (field === 15 && wire === WireType.LengthDelimited)
    return { kind: 'string', value: reader.string().slice(0, 500) };
  reader.skip(wire, field);
  return { kind: 'other' };
}

function readProperties(bytes: Uint8Array): Map<string, string | number | boolean> {
  const reader = new BinaryReader(bytes);
  const keys: string[] = [];
  const values: (string | number | boolean | null)[] = [];
  while (reader.pos < bytes.length) {
    const [field, wire] = reader.tag();
    if (field === 1 && wire === WireType.LengthDelimited && keys.length < 50) keys.push(reader.string().slice(0, 100));
    else if (field === 2 && wire === WireType.LengthDelimited && values.length < 50)
      values.push(readPropertyValue(reader.bytes()));
    else reader.skip(wire, field);
  }
  const properties = new Map<string, string | number | boolean>();
  for (const [index, key] of keys.entries()) {
    const value = values[index];
    if (value !== null && value !== undefined) properties.set(key, value);
  }
  return properties;
}

function readPropertyValue(bytes: Uint8Array): string | number | boolean | null {
  const reader = new BinaryReader(bytes);
  let found: string | number | boolean | null = null;
  while (reader.pos < bytes.length) {
    const [field, wire] = reader.tag();
    if (field < 3 || field > 8) {
      reader.skip(wire, field);
      continue;
    }
    const raw = readValue(reader, field + 7, wire);
    if (raw.kind === 'long') found = Number(raw.value);
    else if (raw.kind !== 'other') found = raw.value;
  }
  return found;
}

/** Sparkplug 3.0 section 6.4.16. Signed integers travel as unsigned ones in two's complement. */
export function metricValue(raw: RawMetricValue, datatype: number | null): number | boolean | string | null {
  if (raw.kind === 'other') return null;
  if (raw.kind === 'int') {
    if (datatype === 11) return raw.value !== 0;
    const bits = SIGNED[datatype ?? 0];
    return bits === undefined ? raw.value : Number(BigInt.asIntN(bits, BigInt(raw.value)));
  }
  if (raw.kind === 'long') {
    const bits = SIGNED[datatype ?? 0];
    return Number(bits === undefined ? raw.value : BigInt.asIntN(bits, raw.value));
  }
  return raw.value;
}

const SIGNED: Readonly<Record<number, number>> = { 1: 8, 2: 16, 3: 32, 4: 64 };
