import { z } from 'zod';
import { durationSchema } from './common.ts';
import {
  decodeProblems,
  decodeShape,
  numberTokensShape,
  pointOf,
  profilePointSchema,
  setOf,
  tokensSchema,
} from './profile-decode.ts';
import { modbusIdentitySchema, modbusProblems, modbusSectionSchema } from './profile-modbus.ts';
import { nutSectionSchema } from './profile-nut.ts';
import {
  isPattern,
  labelSchema,
  matchSchema,
  oidSchema,
  scaleFromSchema,
  unitFromSchema,
  validFromSchema,
  whereSchema,
  withWholeOids,
} from './profile-snmp.ts';
import { ydtIdentitySchema, ydtProblems, ydtSectionSchema } from './profile-ydt.ts';

/**
 * profiles/*.yaml: a device type: how it is recognised, which points it has, what each source means.
 *
 * A profile is data: adding a device type needs no code. Points may be listed more than once: the first source that
 * gives a good value wins, the later ones are fall-backs (tenths of a degree before whole degrees, for example).
 */

/** Selects table rows by the value of another column: Liebert names its temperatures by an OID in `…Descr`. */
const rowSchema = z.strictObject({ oid: oidSchema, is: z.string() });

/**
 * Puts the rows of a column together: `ups.load` is the greatest of the phases, `room.leak` is true when `any` rope is wet. With one
 * row only this point is given.
 */
const combineSchema = z.strictObject({ point: profilePointSchema, by: z.enum(['min', 'max', 'sum', 'mean', 'any']) });

export const snmpPointSchema = z.strictObject({
  point: profilePointSchema,
  /** A scalar's whole instance, `….0`; a table's column without the row's index when `table` or `row` is given. */
  oid: z.union([oidSchema, z.string().regex(/^\d+(\.(\d+|\{index\}))+$/)]),
  /** A column of a conceptual table: instances are found at start and after a change. */
  table: z.boolean().default(false),
  /** Only the row whose other column has this value; its index is found like a table's. */
  row: rowSchema.optional(),
  combine: combineSchema.optional(),
  /** A column whose text is the row's name in `{index}` instead of its number. */
  index_name: oidSchema.optional(),
  /** Tables: only rows whose index is like this; `{index}` is what the stars stand for. */
  match: matchSchema.optional(),
  /** Tables: only rows of which all of these hold, looked at when tables are discovered. */
  where: z.array(whereSchema).default([]),
  /** The object with the name that people have given to it on the device; shown beside the point's. */
  label: labelSchema.optional(),
  unit_from: unitFromSchema.optional(),
  scale_from: scaleFromSchema.optional(),
  /** Where the device itself says whether the value is one: a sensor that was unplugged reads 0. */
  valid_from: validFromSchema.optional(),
  /** Scalars that come in numbers: each of these words stands for `{index}` in the point and in every OID of the entry. */
  each: z.array(z.string().regex(/^[A-Za-z0-9_-]+$/)).optional(),
  ...decodeShape,
  /** The MIB object: `UPS-MIB::upsBatteryStatus`. */
  source: z.string().min(1),
});
export type SnmpPoint = z.infer<typeof snmpPointSchema>;

/** One thing that contributes tokens to a set point. Tokens that begin with `~` are kept inside and only steer `rules`. */
const setSourceSchema = z.union([
  z.strictObject({
    oid: oidSchema,
    /** A column whose rows come and go (alarm tables): each row's value contributes. */
    table: z.boolean().default(false),
    /** Raw value (as text) → tokens; `"*"` for any other value. */
    map: z.record(z.string(), tokensSchema).optional(),
    /** Bit number → tokens. */
    bits: z.record(z.string().regex(/^\d+$/), tokensSchema).optional(),
    /** A text of noughts and ones: the place of a one, counted from 1 → tokens. */
    flags: z.record(z.string().regex(/^[1-9]\d*$/), tokensSchema).optional(),
    /** Without a value of this object the whole point is missing. */
    required: z.boolean().default(false),
    source: z.string().min(1),
  }),
  z.strictObject({
    ...numberTokensShape,
    source: z.string().min(1),
  }),
]);
export type SetSource = z.infer<typeof setSourceSchema>;

/** A set point made of several objects. */
export const setPointSchema = setOf(setSourceSchema);
export type SetPoint = z.infer<typeof setPointSchema>;

/** A scalar whose change means that a table has other rows now. */
const watchSchema = z.strictObject({ oid: oidSchema, table: oidSchema, source: z.string().min(1) });

/** A notification that this device type sends. A trap is a hint: the device is read at once, the reading decides (L15). */
export const trapSchema = z.strictObject({
  /** snmpTrapOID, or the prefix of a whole family. v1's `enterprise.0.specific` matches `enterprise.specific` too. */
  oid: oidSchema,
  poll: z.boolean().default(true),
  /** Values that the notification itself carries. */
  points: z
    .array(z.strictObject({ point: profilePointSchema, oid: oidSchema, ...decodeShape, source: z.string().min(1) }))
    .default([]),
  source: z.string().min(1),
});
export type TrapDefinition = z.infer<typeof trapSchema>;

export const mqttPointSchema = z.strictObject({
  point: profilePointSchema,
  /** Where it is in the JSON payload: `temperature`, `sensors.0.value`; `.` is the whole payload. */
  path: z.string().min(1).max(200),
  /** Only in payloads that have this key / lack it: `voltage` is mV where there is a `battery` and V where there is none. */
  requires: z.string().optional(),
  excludes: z.string().optional(),
  /** What the device is there for: told as missing when it never comes or is null. */
  expected: z.boolean().default(false),
  /**
   * Truth points only: a press, not a state. The point is false again after so long, and in each message that leaves it out,
   * so that the next press is one more event.
   */
  momentary: durationSchema.optional(),
  ...decodeShape,
  source: z.string().min(1),
});
export type MqttPoint = z.infer<typeof mqttPointSchema>;

/** A topic that says whether someone is there. `{topic}` is the device's topic of devices.yaml. */
const availabilitySchema = z.strictObject({
  topic: z.string().min(1),
  /** Where in a JSON payload the word is; a bare text is taken as it is. */
  path: z.string().default('state'),
  online: z.string().default('online'),
  offline: z.string().default('offline'),
});
export type Availability = z.infer<typeof availabilitySchema>;

export const mqttSectionSchema = z.strictObject({
  availability: availabilitySchema.optional(),
  /** The gateway's own word: offline means that nothing behind it can be heard. `{base}` is the topic without its last part. */
  gateway: availabilitySchema.optional(),
  /** When the device measured: ISO 8601 text or milliseconds since 1970. */
  measured_at: z.string().optional(),
  points: z.array(mqttPointSchema).default([]),
});

/** Alternatives; within one, all that is written must hold. */
export const recogniseSchema = z.union([
  z.strictObject({
    /** A prefix of sysObjectID.0, whole numbers only. */
    sys_object_id: oidSchema.optional(),
    /** An object that must answer with a value. */
    probe: oidSchema.optional(),
    /** What the probe must answer, as text. */
    probe_is: z.string().optional(),
    /** A regular expression that sysDescr.0 must fit: for cards whose identity is that of their operating system. */
    sys_descr: z.string().max(200).refine(isPattern, 'not a regular expression').optional(),
    /** 0–100; the greatest wins. Standard MIBs are fall-backs with little. */
    weight: z.number().int().min(0).max(100).default(50),
    source: z.string().min(1).optional(),
  }),
  z.strictObject({
    /** MQTT filter with + and #. What the last wildcard covers is the device's name. */
    topic: z.string().min(1).max(200),
    /** One of these keys must be in the payload. */
    keys: z.array(z.string()).default([]),
    weight: z.number().int().min(0).max(100).default(50),
  }),
  z.strictObject({
    modbus: modbusIdentitySchema,
    weight: z.number().int().min(0).max(100).default(50),
    source: z.string().min(1),
  }),
  z.strictObject({
    ydt: ydtIdentitySchema,
    weight: z.number().int().min(0).max(100).default(50),
    source: z.string().min(1),
  }),
]);
export type Recognise = z.infer<typeof recogniseSchema>;

const controlObject = {
  oid: z.string().regex(/^\d+(\.(\d+|\{index\}))+$/),
  type: z.enum(['Integer', 'OctetString', 'Gauge', 'OID']),
  /** What is set. Without one the action says it: a delay in seconds. */
  value: z.union([z.number(), z.string()]).optional(),
};

/** A control that can be set: `outlet.off`. `{index}` in the OID is filled in. */
export const controlSchema = z.strictObject({
  ...controlObject,
  /** What the action may say, lowest and highest. */
  range: z.tuple([z.number(), z.number()]).optional(),
  /** Set in the same request, all or none: without a value of its own, what the action says and `plus` more. */
  with: z
    .array(z.strictObject({ ...controlObject, plus: z.number().default(0), source: z.string().min(1) }))
    .default([]),
  source: z.string().min(1),
});
export type Control = z.infer<typeof controlSchema>;

/** What is wrong with the value that an action gives to a control; null when it is right. */
export function valueProblem({ value, range }: Control, given: number | undefined): string | null {
  if (value !== undefined) return given === undefined ? null : 'takes no value';
  if (given === undefined) return 'needs a value';
  const outside = range !== undefined && (given < range[0] || given > range[1]);
  return outside ? `takes ${range.join(' to ')}, not ${given}` : null;
}

const wholeProfile = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9-]+$/),
    /** Maker and type, for people. */
    title: z.string().min(1).optional(),
    /** The documents it was written from. */
    documents: z.array(z.string()).default([]),
    /** What OIDs that begin with a dot are below: `.3.1.0` is `<root>.3.1.0`. */
    root: oidSchema.optional(),
    /** Takes over everything of another profile but how it is recognised; own entries for the same point come first. */
    extends: z.string().optional(),
    /** Takes over the readings of these too, after its own and those of `extends`: a card's inputs, the standard MIB beside the maker's. What the device lacks falls out when it is discovered. */
    includes: z.array(z.string()).default([]),
    recognise: z.array(recogniseSchema).default([]),
    snmp: z
      .strictObject({
        points: z.array(snmpPointSchema).default([]),
        sets: z.array(setPointSchema).default([]),
        watch: z.array(watchSchema).default([]),
      })
      .prefault({}),
    mqtt: mqttSectionSchema.prefault({}),
    nut: nutSectionSchema.prefault({}),
    modbus: modbusSectionSchema.prefault({}),
    ydt: ydtSectionSchema.prefault({}),
    traps: z.array(trapSchema).default([]),
    controls: z.record(z.string(), controlSchema).default({}),
  })
  .superRefine((profile, context) => {
    const values = [
      ...profile.snmp.points.map((entry, i) => ({ entry, path: ['snmp', 'points', i] })),
      ...profile.mqtt.points.map((entry, i) => ({ entry, path: ['mqtt', 'points', i] })),
      ...profile.nut.points.map((entry, i) => ({ entry, path: ['nut', 'points', i] })),
    ];
    for (const { entry, path } of values) {
      for (const message of decodeProblems(entry)) context.addIssue({ code: 'custom', message, path });
    }
    for (const message of modbusProblems(profile.modbus))
      context.addIssue({ code: 'custom', message, path: ['modbus'] });
    for (const message of ydtProblems(profile.ydt)) context.addIssue({ code: 'custom', message, path: ['ydt'] });
    for (const [i, entry] of profile.snmp.points.entries()) {
      for (const message of rowProblems(entry)) {
        context.addIssue({ code: 'custom', message, path: ['snmp', 'points', i, 'point'] });
      }
    }
  });
/** A whole profile: one file. */
export const profileSchema = z.preprocess(withWholeOids, wholeProfile);
export type Profile = z.infer<typeof profileSchema>;

function rowProblems({ point, oid, table, each, match, where, combine }: SnmpPoint): string[] {
  const problems: string[] = [];
  if (point.includes('{index}') !== (table || each !== undefined)) {
    problems.push('a point has {index} exactly when it is a column (table: true) or comes in numbers (each)');
  }
  if (oid.includes('{index}') !== (each !== undefined))
    problems.push('an oid has {index} exactly when there is `each`');
  if (table && each !== undefined) problems.push('a column has its rows, not `each`');
  if (!table && (match !== undefined || where.length > 0)) problems.push('`match` and `where` are for columns');
  if (each !== undefined && combine !== undefined) problems.push('`combine` is for columns');
  if (combine !== undefined && (combine.by === 'any') !== (pointOf(combine.point)?.kind === 'boolean'))
    problems.push('truths are combined by `any`, numbers by the others');
  return problems;
}
