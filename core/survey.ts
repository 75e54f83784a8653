import { z } from 'zod';
import { hostSchema, idSchema, portSchema } from './config/common.ts';
import type { DeviceKind } from './config/device.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { Value } from './reading.ts';

/** Looking at what is not configured yet: `zhishou probe`, `zhishou discover` and the page's "add a device". */

/** One point of a device that was looked at. */
export interface ProbePoint {
  readonly name: string;
  /** What people have named it on the device. */
  readonly label?: string;
  readonly value: Value | null;
  readonly unit: string;
  readonly quality: string;
  readonly reason?: string;
  /** Where it is read: the object, the register, the variable. */
  readonly oid: string | null;
  readonly raw: string | number | boolean | null;
}

export interface ProbeResult {
  /** The profile that fits, null when none does. */
  readonly recognised: string | null;
  readonly points: readonly ProbePoint[];
  /** Where only a server was named: what is behind it, each with the address to look at it by. */
  readonly behind?: readonly { readonly address: string; readonly description: string }[];
}

/** A device that answered in a range of addresses. */
export interface SurveyFound {
  readonly host: string;
  readonly profile: string | null;
  /** Maker and type, as its profile has them. */
  readonly title: string | null;
  readonly kind: DeviceKind;
  readonly name: string | null;
  readonly description: string | null;
}

export const surveyAskSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('look'),
    /** As `zhishou probe` takes it, credentials included: `snmp://10.0.0.5?community=…`. */
    url: z.string().min(8).max(1000),
    profile: z.string().max(100).optional(),
  }),
  z.strictObject({
    kind: z.literal('diagnose'),
    /** One that is configured: its raw values and how its last polls went. */
    device: idSchema,
  }),
  z.strictObject({
    kind: z.literal('discover'),
    /** `10.1.2.0/28`, `10.1.2.5-20`. */
    range: hostSchema.or(z.string().regex(/^[0-9./-]{7,40}$/, 'e.g. 10.1.2.0/28')),
    communities: z.array(z.string().min(1).max(100)).min(1).max(5),
    port: portSchema.default(161),
    /** Old cards that know SNMPv1 alone are asked too; it takes longer. */
    v1: z.boolean().default(false),
  }),
]);
export type SurveyAsk = z.infer<typeof surveyAskSchema>;

/** What a person ordered, in the sealed part of a `survey-order`. */
export const surveyOrderSchema = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9_-]{8,64}$/),
  /** Milliseconds since 1970, real time: an old order is nobody's wish any more. */
  at: z.number(),
  ask: surveyAskSchema.nullable(),
});
/** `ask: null` ends it. */
export type SurveyOrder = z.infer<typeof surveyOrderSchema>;

/** How far it is. Without credentials: everybody on the bus may read it. */
export interface SurveyState {
  readonly id: string;
  readonly state: 'running' | 'done' | 'failed';
  /** Addresses looked at, of how many; readings taken of one device. */
  readonly done: number;
  readonly all: number;
  readonly probe: ProbeResult | null;
  /** Of a configured device that is looked at closely. */
  readonly diagnosis?: Diagnosis;
  readonly found: readonly SurveyFound[];
  /** Entries of devices.yaml, ready to paste. */
  readonly yaml: string;
  readonly error: { readonly code: string; readonly detail: string } | null;
}

/** A survey that nothing is known of yet. */
export const begunSurvey = (id: string): SurveyState => ({
  ...{ id, state: 'running', done: 0, all: 0, probe: null, found: [], yaml: '', error: null },
});

/** What orders are sealed for (platform/sealed-message.ts). */
export const SURVEY_PURPOSE = 'survey-order';

/** A device's page is no longer than this; a PDU of 48 outlets has about 400 points. */
export const MOST_SURVEY_POINTS = 2000;
