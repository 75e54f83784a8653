import { z } from 'zod';
import { pointSchema } from './common.ts';

/** profiles/*.yaml: a device type: how it is recognised, which points it has, what each source means. */

const oidSchema = z.string().regex(/^\d+(\.\d+)+$/, 'a dotted OID without a leading dot');

/** How a raw value becomes the point's value, in this order: sentinel, enumeration/bits, scale, unit conversion. */
const decodeSchema = {
  scale: z.number().optional(),
  offset: z.number().optional(),
  unit: z
    .enum([
      '°C',
      '°F',
      'K',
      '%',
      'V',
      'mV',
      'A',
      'mA',
      'W',
      'kW',
      'VA',
      'kVA',
      'Hz',
      's',
      'min',
      'h',
      'ms',
      'centiseconds',
      'Pa',
      'hPa',
      'kPa',
      'Wh',
      'kWh',
      'lx',
      'dBm',
      '',
    ])
    .optional(),
  /** Raw value (as text) → word, truth or set of words. */
  map: z.record(z.string(), z.union([z.string(), z.boolean(), z.number()])).optional(),
  /** Raw values (as text) that mean *no value*, each with its reason. */
  sentinels: z.record(z.string(), z.string()).default({}),
};

export const snmpPointSchema = z.strictObject({
  point: pointSchema,
  /** A scalar's instance, `….0`; a column has `table` instead and its point a `{index}` between dots. */
  oid: oidSchema,
  /** A column of a conceptual table: instances are found at start and after a change. */
  table: z.boolean().default(false),
  ...decodeSchema,
  /** The MIB object: `UPS-MIB::upsBatteryStatus`. */
  source: z.string().min(1),
});

/** A control that can be set: `outlet.off`. `{index}` in the OID is filled in. */
export const controlSchema = z.strictObject({
  oid: z.string().regex(/^\d+(\.(\d+|\{index\}))+$/),
  type: z.enum(['Integer', 'OctetString', 'Gauge', 'OID']),
  value: z.union([z.number(), z.string()]),
  source: z.string().min(1),
});
export type Control = z.infer<typeof controlSchema>;

/** A whole profile. The collector's owner extends this (recognition, MQTT sources, traps). */
export const profileSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  controls: z.record(z.string(), controlSchema).default({}),
});
export type Profile = z.infer<typeof profileSchema>;
