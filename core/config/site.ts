import { z } from 'zod';
import { CLIMATE_STANDARDS, DEFAULT_STANDARD } from '../climate-standards.ts';
import { channelSchema } from './channels.ts';
import { durationSchema, hostSchema, idSchema, portSchema, secretSchema, textSchema } from './common.ts';
import { historySchema } from './history.ts';
import { meetingSchema } from './meeting.ts';
import { messageTextsSchema } from './message-texts.ts';
import { outsideSchema } from './outside.ts';
import { reportsSchema } from './reports.ts';
import { oidcSchema, totpSchema } from './sign-in.ts';
import { standbySchema } from './standby.ts';
import { wallSchema } from './wall.ts';
import { contactTestSchema, heartbeatSchema, watchdogSchema } from './watch.ts';
import { watchedChangesSchema } from './watched-changes.ts';

/** site.yaml: where the room is, what the service listens on, where messages go out. */

export const siteSchema = z.strictObject({
  id: idSchema,
  name: textSchema,
  address: textSchema,
  floor: textSchema,
  time_zone: z.string().refine(isTimeZone, 'an IANA time zone, e.g. Asia/Shanghai'),
  language: z.enum(['zh', 'en']).default('zh'),
  /** True for the sample room: `zhishou start` then starts the simulated devices too, and everything is marked as simulated. */
  simulation: z.boolean().default(false),
  /** Where simulated devices stand besides this machine's loopback: a drill reaches nothing else (I9). */
  simulated_hosts: z.array(hostSchema).default([]),
  http: z
    .strictObject({
      host: hostSchema.default('127.0.0.1'),
      port: portSchema.default(8080),
      /** Where telephones reach the page: links to acknowledge begin with it. Absent: messages carry no links. */
      public_url: z
        .string()
        .regex(/^https?:\/\/[^\s/?#]+(\/[^\s?#]*)?$/, 'an address without query, e.g. https://monitor.example.com')
        .max(200)
        .optional(),
      /** `token`: Prometheus needs an API token with the scope metrics. */
      metrics: z.enum(['open', 'token']).default('open'),
      totp: totpSchema.prefault({}),
      oidc: oidcSchema.optional(),
      /** Screens that show the wall (`/wall`) without a sign-in. None unless they are written here. */
      wall: wallSchema.prefault({}),
    })
    .refine(({ oidc, public_url }) => oidc === undefined || public_url !== undefined, {
      path: ['public_url'],
      message: 'oidc needs public_url: the provider sends people back to it',
    })
    .prefault({}),
  bus: z
    .strictObject({
      /** An outside broker: mqtt://host:1883; `inside` (or nothing) starts one here. */
      url: z
        .string()
        .regex(/^(inside|mqtts?:\/\/.+)$/, 'inside, or mqtt://host:1883')
        .transform((url) => (url === 'inside' ? undefined : url))
        .optional(),
      user: z.string().optional(),
      password: secretSchema.optional(),
      /** Whom an outside broker's certificate must come from, when it is no public authority: `{file: ca.pem}`. */
      ca: secretSchema
        .transform((file) => file.reveal())
        .pipe(z.string().regex(/-----BEGIN CERTIFICATE-----/, 'a certificate in PEM'))
        .optional(),
      /** Where the inside broker listens for sensors and other services. */
      listen: z.strictObject({ host: hostSchema.default('127.0.0.1'), port: portSchema.default(1883) }).prefault({}),
    })
    .prefault({}),
  traps: z
    .strictObject({
      host: hostSchema.default('127.0.0.1'),
      port: portSchema.default(1162),
      community: z.union([z.string(), secretSchema]).optional(),
    })
    .optional(),
  /** Serves our UPSes to NUT clients (upsmon, Synology, QNAP), so that a plan can shut them down (`nut_serve`). */
  nut_server: z
    .strictObject({
      host: hostSchema.default('127.0.0.1'),
      port: portSchema.default(3493),
      /** Without users anybody may read, as with upsd; a client that wants to log in must be one of these. */
      users: z.array(z.strictObject({ name: z.string().min(1), password: secretSchema })).default([]),
      /** What clients see: a device of kind ups, or a group of clients with a UPS of its own behind one of ours. */
      upses: z.array(z.strictObject({ id: idSchema, of: idSchema, description: textSchema.optional() })).default([]),
    })
    .optional(),
  /** Shows our devices to Home Assistant by its MQTT discovery, on the same broker. Off unless it is written. */
  home_assistant: z
    .strictObject({
      /** Home Assistant's discovery prefix. */
      prefix: z
        .string()
        .regex(/^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*$/, 'a topic without + or #')
        .default('homeassistant'),
    })
    .optional(),
  /** Each target's connection and credentials are tried once a day at this time, without side effects. */
  readiness: z
    .strictObject({
      at: z
        .string()
        .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
        .default('09:10'),
    })
    .prefault({}),
  /** The older way to write history.keep.raw. */
  keep: durationSchema.optional(),
  history: historySchema.prefault({}),
  /** By which standard `{standard: temperature.high}` in rules is read. */
  climate: z.strictObject({ standard: z.enum(CLIMATE_STANDARDS).default(DEFAULT_STANDARD) }).prefault({}),
  /** Equipment that waits to take another's place (O-THF-3). */
  standby: z.array(standbySchema).default([]),
  /** The weekly meeting (O-WK-1). */
  meeting: meetingSchema.optional(),
  /** What is not changed without consent (O-CHG-1). */
  watched_changes: watchedChangesSchema.optional(),
  channels: z.record(idSchema, channelSchema).default({}),
  texts: messageTextsSchema,
  reports: reportsSchema.optional(),
  contact_test: contactTestSchema.optional(),
  heartbeat: z.array(heartbeatSchema).max(10).default([]),
  watchdog: watchdogSchema.prefault({}),
  /** What other systems tell us over POST /api/v1/alertmanager. */
  outside: outsideSchema.prefault({}),
});
export type Site = z.infer<typeof siteSchema>;

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
