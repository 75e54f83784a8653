import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** Writes Sparkplug payloads as an edge node does; integers as their two's complement in unsigned fields. */
export interface MetricSpec {
  readonly name?: string;
  readonly alias?: number;
  readonly datatype?: number;
  readonly timestamp?: number;
  readonly isHistorical?: boolean;
  readonly isNull?: boolean;
  readonly properties?: Readonly<Record<string, string | number>>;
  readonly int?: number;
  readonly long?: number | bigint;
  readonly float?: number;
  readonly double?: number;
  readonly boolean?: boolean;
  readonly string?: string;
}

export function sparkplugBytes(payload: {
  readonly timestamp?: number;
  readonly seq?: number;
  readonly metrics: readonly MetricSpec[];
}): Uint8Array {
  const writer = new BinaryWriter();
  if (payload.timestamp !== undefined) writer.tag(1, WireType.Varint).uint64(payload.timestamp);
  for (const metric of payload.metrics) writer.tag(2, WireType.LengthDelimited).bytes(metricBytes(metric));
  if (payload.seq !== undefined) writer.tag(3, WireType.Varint).uint64(payload.seq);
  return writer.finish();
}

function metricBytes(metric: MetricSpec): Uint8Array {
  const writer = new BinaryWriter();
  if (metric.name !== undefined) writer.tag(1, WireType.LengthDelimited).string(metric.name);
  if (metric.alias !== undefined) writer.tag(2, WireType.Varint).uint64(metric.alias);
  if (metric.timestamp !== undefined) writer.tag(3, WireType.Varint).uint64(metric.timestamp);
  if (metric.datatype !== undefined) writer.tag(4, WireType.Varint).uint32(metric.datatype);
  if (metric.isHistorical !== undefined) writer.tag(5, WireType.Varint).bool(metric.isHistorical);
  if (metric.isNull !== undefined) writer.tag(7, WireType.Varint).bool(metric.isNull);
  if (metric.properties !== undefined) writer.tag(9, WireType.LengthDelimited).bytes(propertyBytes(metric.properties));
  if (metric.int !== undefined) writer.tag(10, WireType.Varint).uint32(metric.int >>> 0);
  if (metric.long !== undefined) writer.tag(11, WireType.Varint).uint64(BigInt.asUintN(64, BigInt(metric.long)));
  if (metric.float !== undefined) writer.tag(12, WireType.Bit32).float(metric.float);
  if (metric.double !== undefined) writer.tag(13, WireType.Bit64).double(metric.double);
  if (metric.boolean !== undefined) writer.tag(14, WireType.Varint).bool(metric.boolean);
  if (metric.string !== undefined) writer.tag(15, WireType.LengthDelimited).string(metric.string);
  return writer.finish();
}

function propertyBytes(properties: Readonly<Record<string, string | number>>): Uint8Array {
  const writer = new BinaryWriter();
  for (const key of Object.keys(properties)) writer.tag(1, WireType.LengthDelimited).string(key);
  for (const value of Object.values(properties)) {
    const one = new BinaryWriter();
    if (typeof value === 'string')
      one.tag(1, WireType.Varint).uint32(12).tag(8, WireType.LengthDelimited).string(value);
    else one.tag(1, WireType.Varint).uint32(3).tag(3, WireType.Varint).uint32(value);
    writer.tag(2, WireType.LengthDelimited).bytes(one.finish());
  }
  return writer.finish();
}
