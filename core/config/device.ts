import { z } from 'zod';
import { Secret } from '../secret.ts';
import { type Duration, milliseconds } from '../time.ts';
import { batteryTestSchema } from './battery-test.ts';
import { checksSchema } from './checks.ts';
import {
  durationSchema,
  hostSchema,
  idSchema,
  pointReferenceSchema,
  pointSchema,
  portSchema,
  secretSchema,
  textSchema,
} from './common.ts';
import {
  httpRequestSchema,
  ipmiConnectionSchema,
  ipmiReadConnectionSchema,
  modbusConnectionSchema,
  mqttConnectionSchema,
  nutConnectionSchema,
  nutReadConnectionSchema,
  REDFISH_RESETS,
  redfishConnectionSchema,
  redfishReadConnectionSchema,
  snmpConnectionSchema,
  urlSchema,
  ydtConnectionSchema,
} from './connections.ts';
import { DEVICE_KINDS } from './device-kinds.ts';
import { selectorSchema, TAKES } from './selector.ts';

/** devices.yaml: what stands in the room, how it is read, how it is powered, backed up, shut down, proven off and started. */

export { DEVICE_KINDS, type DeviceKind } from './device-kinds.ts';

/** The ways in which something can be done; each has its driver and its number of places side by side. */
export const DRIVERS = [
  'ssh',
  'snmp_set',
  'mqtt',
  'local',
  'ipmi',
  'redfish',
  'nut',
  'nut_serve',
  'wake',
  'http',
] as const;
export type DriverName = (typeof DRIVERS)[number];

/** One way to do something. `{device}`, `{incident}`, `{run}`, `{started}` (ISO) and `{started_epoch}` are filled in. */
export const actionSchema = z.union([
  z.strictObject({
    ssh: z.strictObject({
      host: hostSchema,
      port: portSchema.default(22),
      user: z.string().min(1),
      key: secretSchema.optional(),
      password: secretSchema.optional(),
      /** `SHA256:…` of the server's key, as `ssh-keygen -l` prints it, or a file that holds it. Any other key is refused. */
      host_key: z
        .union([z.string(), secretSchema])
        .transform((key) => (key instanceof Secret ? key.reveal().trim() : key))
        .pipe(z.string().regex(/^SHA256:[A-Za-z0-9+/=]{43,44}$/, 'SHA256:… as ssh-keygen -l prints it')),
      command: z.string().min(1).max(4000),
    }),
  }),
  z.strictObject({
    snmp_set: z.strictObject({
      device: idSchema,
      /** A control of the device's profile: `outlet.off`. */
      control: z.string(),
      index: z.union([z.number().int(), z.string()]).optional(),
      /** For controls that take one: a delay in seconds. */
      value: z.number().int().optional(),
    }),
  }),
  z.strictObject({
    mqtt: z.strictObject({
      topic: z.string().min(1),
      payload: z.string().max(10_000),
      retain: z.boolean().default(false),
    }),
  }),
  z.strictObject({
    local: z.strictObject({ command: z.string().min(1), arguments: z.array(z.string()).default([]) }),
  }),
  z.strictObject({ ipmi: ipmiConnectionSchema.extend({ power: z.enum(['soft', 'off', 'on', 'cycle', 'reset']) }) }),
  z.strictObject({ redfish: redfishConnectionSchema.extend({ reset: z.enum(REDFISH_RESETS) }) }),
  z.strictObject({
    /** An instant command of a UPS behind another NUT server (RFC 9271 section 4.2.7): `shutdown.return`, `load.off`. */
    nut: nutConnectionSchema.extend({ command: z.string().regex(/^[a-z0-9.-]+$/), value: z.string().optional() }),
  }),
  z.strictObject({
    /** Tells the NUT clients that follow this UPS of our own server to shut down (FSD), or takes it back. */
    nut_serve: z.strictObject({ ups: idSchema, say: z.enum(['shutdown', 'normal']) }),
  }),
  z.strictObject({
    /** Wake-on-LAN: a magic packet. */
    wake: z.strictObject({
      mac: z.string().regex(/^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$/, 'a MAC address, e.g. 00:11:22:33:44:55'),
      broadcast: hostSchema.default('255.255.255.255'),
      port: portSchema.default(9),
    }),
  }),
  z.strictObject({
    http: httpRequestSchema.extend({
      method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).default('POST'),
      body: z.string().max(10_000).optional(),
      /** A request without side effects that proves address and credentials; without it only the connection is tested. */
      test: z.strictObject({ url: urlSchema }).optional(),
    }),
  }),
]);
export type Action = z.infer<typeof actionSchema>;

/** A proof that something is so, independent of the command that should have caused it. */
export const evidenceSchema = z.union([
  z.strictObject({ tcp: z.strictObject({ host: hostSchema, port: portSchema }), is: z.enum(['open', 'closed']) }),
  z.strictObject({ point: pointReferenceSchema, is: z.union([z.string(), z.boolean()]) }),
  z.strictObject({ point: pointReferenceSchema, below: z.number() }),
  z.strictObject({ point: pointReferenceSchema, above: z.number() }),
  /** Chassis power as the management controller measures it. */
  z.strictObject({ ipmi: ipmiConnectionSchema, is: z.enum(['on', 'off']) }),
  z.strictObject({ redfish: redfishConnectionSchema, is: z.enum(['on', 'off']) }),
  z.strictObject({ http: httpRequestSchema, is: z.enum(['up', 'down']) }),
  /** A command that exits 0 when it is so, e.g. the backup's file is there and fresh. */
  z.strictObject({ command: actionSchema }),
]);
export type Evidence = z.infer<typeof evidenceSchema>;

/** How one thing is done to a device: the ways in order, how long it takes, and how its effect is proven. */
export const operationSchema = z.strictObject({
  by: actionSchema,
  /** Other ways, tried in order when one has verifiably failed. */
  otherwise: z.array(actionSchema).default([]),
  /** The declared p95 until there are records. */
  estimate: durationSchema,
  /** After this long without proof the attempt has failed. Default: three times the estimate. */
  give_up_after: durationSchema.optional(),
  /** Repeating it after an unknown outcome does no harm. */
  repeatable: z.boolean().default(true),
  attempts: z.number().int().min(1).max(5).default(2),
  /** All must hold. */
  verify: z.array(evidenceSchema).min(1),
});
export type Operation = z.infer<typeof operationSchema>;

export const deviceSchema = z.strictObject({
  id: idSchema,
  name: textSchema,
  kind: z.enum(DEVICE_KINDS),
  room: z.enum(['core', 'auxiliary']).default('core'),
  /** Words by which rules select it: `cold-aisle`, `row-3`. */
  tags: z.array(idSchema).default([]),
  /** Place on the room's plan, in metres from the upper left. */
  place: z.strictObject({ x: z.number(), y: z.number() }).optional(),
  /** A profile's id; without one the device is recognised at start. */
  profile: z.string().optional(),
  snmp: snmpConnectionSchema.optional(),
  mqtt: mqttConnectionSchema.optional(),
  /** A unit over Modbus TCP, or behind a serial server or gateway. */
  modbus: modbusConnectionSchema.optional(),
  /** A UPS that a NUT server reads (RFC 9271). */
  nut: nutReadConnectionSchema.optional(),
  /** A device of YD/T 1363.3 (电总协议) behind a serial server. */
  ydt: ydtConnectionSchema.optional(),
  /** A TCP port whose answer is `host.reachable`. */
  reach: z.strictObject({ host: hostSchema, port: portSchema }).optional(),
  /** What it must do for people, looked at from outside. */
  checks: checksSchema.default([]),
  /**
   * No equipment but figures of a class of devices: `{of: {kinds: [sensor], room: core}, points: [ambient.temperature]}` gives
   * `ambient.max.temperature`, `ambient.mean.temperature`, … each interval, out of those that tell it (half of them at least).
   */
  derived: z
    .strictObject({
      of: selectorSchema,
      points: z.array(pointSchema).min(1),
      take: z.array(z.enum(TAKES)).min(1).default(['max', 'mean']),
    })
    .optional(),
  /** A server's sensors through its management controller: by ipmitool, or by its Redfish service (DSP0266). */
  ipmi: ipmiReadConnectionSchema.optional(),
  redfish: redfishReadConnectionSchema.optional(),
  interval: durationSchema.prefault('10s'),
  /** No message for so long makes an MQTT device's values stale. Default: three intervals. */
  stale_after: durationSchema.optional(),
  /** A number that does not change for so long is frozen, per point. */
  frozen_after: z.record(z.string(), durationSchema).default({}),
  /** What it needs to work; shut down before these, started after these. */
  depends_on: z.array(idSchema).default([]),
  power: z
    .strictObject({
      /** Where its supplies are plugged in: `pdu-1/3` (an outlet), or a UPS's or PDU's id. */
      feeds: z.array(z.string()).min(1),
      min_feeds: z.number().int().min(1).default(1),
    })
    .optional(),
  /** UPS only: what the battery model is calibrated with. */
  battery: z
    .strictObject({
      /** Measured by the last discharge test: minutes to empty at a load in watts. */
      runtime: durationSchema,
      at_load: z.number().positive(),
      tested: z.iso.date().optional(),
      /** What the maker promises of a new battery: health is told against it. */
      rated: z.strictObject({ runtime: durationSchema, at_load: z.number().positive() }).optional(),
    })
    .optional(),
  /** UPS only: how its battery may be tested. */
  battery_test: batteryTestSchema(actionSchema).optional(),
  rated_power: z.number().positive().optional(),
  backup: operationSchema.extend({ priority: z.number().int().min(1).max(100).default(50) }).optional(),
  shutdown: operationSchema.optional(),
  /** Cuts its supply after it is proven off, so that returning power starts nothing by itself. */
  power_off: operationSchema.optional(),
  start: operationSchema.optional(),
  /** Screens, lights: may be shed while waiting, and given back. */
  shed: operationSchema.optional(),
  restore: operationSchema.optional(),
  /** Fire, shock: the supply is cut at once, whatever runs behind it (O-FIR-2, O-SHK-1). */
  emergency_off: operationSchema.optional(),
  /** Sirens and lamps. */
  sound: operationSchema.optional(),
  hush: operationSchema.optional(),
  note: textSchema.optional(),
});
export type Device = z.infer<typeof deviceSchema>;

/** The ways of reading a device that are asked on a schedule; a device has one of them at most. */
export const POLLED = ['snmp', 'nut', 'modbus', 'ydt', 'ipmi', 'redfish'] as const;

/** It is never asked more often than this, whoever wants it: management controllers are slow. */
export const leastInterval = ({ ipmi, redfish }: Pick<Device, 'ipmi' | 'redfish'>): Duration =>
  milliseconds(Math.max(ipmi?.every ?? 0, redfish?.every ?? 0));

/** How often it is asked when nobody wants it sooner. */
export const intervalOf = (device: Device): Duration => milliseconds(Math.max(device.interval, leastInterval(device)));

/** How a device comes to be known. */
export const DEVICE_SOURCES = [...POLLED, 'mqtt', 'reach', 'checks', 'none'] as const;
export type DeviceSource = (typeof DEVICE_SOURCES)[number];

/** It is read in a conversation of its own; beside that its network reach may be looked at. */
export const isSpokenWith = (device: Device): boolean =>
  device.mqtt !== undefined || POLLED.some((way) => device[way] !== undefined);

export const devicesFileSchema = z.strictObject({ devices: z.array(deviceSchema).min(1) });

/** What can be done to a device, by the key in devices.yaml. */
export const OPERATIONS = [
  'backup',
  'shutdown',
  'power_off',
  'start',
  'shed',
  'restore',
  'emergency_off',
  'sound',
  'hush',
] as const;
export type OperationName = (typeof OPERATIONS)[number];
