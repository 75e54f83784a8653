import { z } from 'zod';
import { idSchema } from './config/common.ts';
import { DEVICE_KINDS } from './config/device.ts';
import { FUNCTIONS } from './config/people.ts';
import { SEVERITIES } from './config/rule.ts';
import { LEVELS } from './incident.ts';
import { BATTERY_TEST_WORDS } from './paperwork/battery-test.ts';
import type { Text } from './text.ts';

/** What people may order, and of what role. The service that owns the state acts on it and answers with a CommandResult. */

/** Rights on the page: each includes those before it; `director` has operator's rights and approvals. */
export const ROLES = ['viewer', 'duty', 'operator', 'director', 'administrator'] as const;
export type Role = (typeof ROLES)[number];
export const roleAtLeast = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed);

const reference = z.string().min(1).max(200);
const reason = z.string().trim().min(1).max(1000);

const acknowledging = {
  /** The token of a signed link: it stands for the person it was made for (platform/link-token.ts). */
  grant: z.string().max(100).optional(),
  /** How, where it was not on the page; set by the service that acts, never taken from outside. */
  via: z.string().max(63).optional(),
};

/** core/rule-override.ts. */
export const overrideValuesSchema = z
  .strictObject({
    off: z.literal(true).optional(),
    severity: z.enum(SEVERITIES).optional(),
    forS: z.number().min(0).max(2_678_400).optional(),
    limits: z
      .array(
        z.strictObject({
          path: z.string().regex(/^0(\.\d{1,3}){0,20}$/),
          limit: z.number(),
          clear: z.number().nullable().default(null),
        }),
      )
      .max(50)
      .optional(),
  })
  .refine((values) => Object.values(values).some((value) => value !== undefined), 'nothing is changed');

export const commandBodySchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('incident.answer'),
    incident: reference,
    step: reference,
    answer: z.string().min(1).max(100),
    /** For answers that take a duration: minutes from now. */
    minutes: z.number().min(0).max(14_400).optional(),
    /** For answers that take a time: ISO 8601 with offset. */
    until: z.iso.datetime({ offset: true }).optional(),
  }),
  z.strictObject({
    kind: z.literal('incident.task-done'),
    incident: reference,
    step: reference,
    note: z.string().max(1000).optional(),
  }),
  z.strictObject({ kind: z.literal('incident.waive'), incident: reference, step: reference, reason }),
  z.strictObject({ kind: z.literal('incident.acknowledge'), incident: reference, ...acknowledging }),
  z.strictObject({ kind: z.literal('incident.start-sequence'), incident: reference, reason }),
  z.strictObject({ kind: z.literal('incident.stand-down'), incident: reference, reason }),
  z.strictObject({ kind: z.literal('incident.open'), plan: idSchema, reason }),
  z.strictObject({ kind: z.literal('incident.close'), incident: reference, reason }),
  /** O-ORG-2: another person takes the incident over, with a note of where things stand. */
  z.strictObject({
    kind: z.literal('incident.hand-over'),
    incident: reference,
    to: idSchema,
    note: z.string().max(1000),
  }),
  /** O-LVL-1: up only. */
  z.strictObject({ kind: z.literal('incident.raise-level'), incident: reference, level: z.enum(LEVELS), reason }),
  z.strictObject({ kind: z.literal('incident.note'), incident: reference, text: reason }),
  /** O-PWR-1: the power department has announced a cut. */
  z.strictObject({
    kind: z.literal('outage.plan'),
    from: z.iso.datetime({ offset: true }),
    to: z.iso.datetime({ offset: true }),
    /** UPSes that lose their mains; none named: all. */
    upses: z.array(idSchema).max(50).default([]),
    reason,
  }),
  z.strictObject({ kind: z.literal('outage.cancel'), outage: reference, reason }),
  /** Tries each target's connection and credentials now, without side effects; `contacts`: also sends each person of the plans a test message (O-ORG-1). */
  z.strictObject({ kind: z.literal('readiness.test'), contacts: z.boolean().default(false) }),
  z.strictObject({ kind: z.literal('alert.acknowledge'), alert: reference, ...acknowledging }),
  z.strictObject({
    kind: z.literal('alert.silence'),
    alert: reference,
    minutes: z.number().int().min(1).max(10_080),
    reason,
  }),
  /** The rule on the device is told again; at once, if it still fires. */
  z.strictObject({ kind: z.literal('alert.unshelve'), rule: idSchema, device: reference }),
  /** Equipment goes out of service for at most seven days; devices, kinds and a room together, or all alerts of a rule. */
  z.strictObject({
    kind: z.literal('maintenance.start'),
    devices: z.array(idSchema).max(200).default([]),
    kinds: z.array(z.enum(DEVICE_KINDS)).default([]),
    room: z.enum(['core', 'auxiliary']).nullable().default(null),
    rule: idSchema.nullable().default(null),
    /** Default: now. */
    from: z.iso.datetime({ offset: true }).optional(),
    to: z.iso.datetime({ offset: true }),
    reason,
  }),
  z.strictObject({ kind: z.literal('maintenance.end'), window: reference }),
  /** The rules' files are read again now, and taken over if they are whole. */
  z.strictObject({ kind: z.literal('rules.reload') }),
  /** Other numbers for a rule, or for it on one device; they hold over the files until they are removed. */
  z.strictObject({
    kind: z.literal('rule.override'),
    rule: idSchema,
    device: idSchema.nullable().default(null),
    values: overrideValuesSchema,
    reason,
  }),
  z.strictObject({
    kind: z.literal('rule.override-remove'),
    rule: idSchema,
    device: idSchema.nullable().default(null),
    reason,
  }),
  /** Sends a message again that was given up or waits; `over`: over this one of the person's channels. */
  z.strictObject({ kind: z.literal('delivery.retry'), delivery: reference, over: idSchema.optional() }),
  z.strictObject({ kind: z.literal('delivery.dismiss'), delivery: reference }),
  /** A marked test message over each of the person's ways, or over one of them; `created` is the test's id. */
  z.strictObject({ kind: z.literal('contact.test'), person: idSchema, channel: idSchema.optional() }),
  /** Two people exchange two turns of one rotation, by their ids: `duty@2026-11-23`. */
  z.strictObject({
    kind: z.literal('rota.swap'),
    a: reference,
    b: reference,
    reason: z.string().trim().max(1000).default(''),
  }),
  /** Somebody stands in for a time that is a part of one turn or of several. */
  z.strictObject({
    kind: z.literal('rota.cover'),
    role: z.enum(FUNCTIONS),
    from: z.iso.datetime({ offset: true }),
    to: z.iso.datetime({ offset: true }),
    person: idSchema,
    reason: z.string().trim().max(1000).default(''),
  }),
  z.strictObject({ kind: z.literal('rota.cancel'), change: reference }),
  /** Told to whoever takes over when the turn ends; an empty one takes it away. */
  z.strictObject({ kind: z.literal('rota.note'), turn: reference, text: z.string().trim().max(2000) }),
  /** Whoever took over says so. */
  z.strictObject({ kind: z.literal('rota.accept'), role: z.enum(FUNCTIONS) }),
  /** O-BAT-1: a guided battery test is prepared; nothing is discharged before it is confirmed with `begin`. */
  z.strictObject({
    kind: z.literal('battery-test.start'),
    ups: idSchema,
    way: z.enum(['ups', 'by-hand']),
    /** The person says to be in the room. */
    onSite: z.boolean(),
  }),
  z.strictObject({ kind: z.literal('battery-test.confirm'), test: reference, word: z.enum(BATTERY_TEST_WORDS) }),
  z.strictObject({
    kind: z.literal('battery-test.stop'),
    test: reference,
    reason: z.string().trim().max(1000).optional(),
  }),
  z.strictObject({ kind: z.literal('site.arm'), reason }),
  z.strictObject({ kind: z.literal('site.disarm'), reason }),
]);
export type CommandBody = z.infer<typeof commandBodySchema>;
export type CommandKind = CommandBody['kind'];

/** The least role for each command; checked at the page's edge and again by the service that acts. */
export const COMMAND_ROLES: Readonly<Record<CommandKind, Role>> = {
  'incident.answer': 'duty',
  'incident.task-done': 'duty',
  'incident.waive': 'operator',
  'incident.acknowledge': 'duty',
  'incident.start-sequence': 'duty',
  'incident.stand-down': 'operator',
  'incident.open': 'duty',
  'incident.close': 'operator',
  'incident.hand-over': 'duty',
  'incident.raise-level': 'duty',
  'incident.note': 'duty',
  'outage.plan': 'duty',
  'outage.cancel': 'operator',
  'readiness.test': 'operator',
  'alert.acknowledge': 'duty',
  'alert.silence': 'operator',
  // To be told again takes no more than to be told at all.
  'alert.unshelve': 'duty',
  'maintenance.start': 'operator',
  'maintenance.end': 'duty',
  'rules.reload': 'operator',
  'rule.override': 'operator',
  'rule.override-remove': 'operator',
  'delivery.retry': 'operator',
  'delivery.dismiss': 'operator',
  'contact.test': 'operator',
  // Duty people their own turns alone; the desk looks whose they are.
  'rota.swap': 'duty',
  'rota.cover': 'duty',
  'rota.cancel': 'duty',
  'rota.note': 'duty',
  'rota.accept': 'duty',
  'battery-test.start': 'operator',
  'battery-test.confirm': 'operator',
  // Whoever stands there may end it.
  'battery-test.stop': 'duty',
  'site.arm': 'administrator',
  'site.disarm': 'operator',
};

/** A person's order on the bus; `signature` is an HMAC-SHA256 over the rest (see platform/command-signature.ts). */
export const personCommandSchema = z.strictObject({
  id: z.string().min(1).max(64),
  /** Epoch milliseconds; older than five minutes is refused. */
  at: z.number().int(),
  by: z.strictObject({ user: z.string().min(1).max(100), name: z.string().max(200), role: z.enum(ROLES) }),
  body: commandBodySchema,
  signature: z.string().max(128),
});
export type PersonCommand = z.infer<typeof personCommandSchema>;

export interface CommandResult {
  readonly id: string;
  readonly ok: boolean;
  /** A code of core/errors.ts. */
  readonly error: string | null;
  readonly detail: string | null;
  /** The same for people, where it is known in their language. */
  readonly detailText?: Text;
  /** What was made: the incident's id for `incident.open`. */
  readonly created: string | null;
}
