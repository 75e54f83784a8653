import { z } from 'zod';
import { durationSchema, secretSchema } from './common.ts';

/** Who watches the watcher, parts of site.yaml: tests of contacts, the beat outwards, the last resort when the service falls silent. */

const CONTACT_DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
const CONTACT_TIME = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([01]\d|2[0-3]):([0-5]\d)$/;

/** Everybody whom a plan names is asked once a week to confirm that messages reach them. Not written: never. */
export const contactTestSchema = z.strictObject({
  /** On a holiday it is the next working day. */
  at: z
    .string()
    .regex(CONTACT_TIME, 'a day and a time, e.g. Mon 10:00')
    .default('Mon 10:00')
    .transform((text) => {
      const [, day = 'Mon', hour = '10', minute = '00'] = CONTACT_TIME.exec(text) ?? [];
      return { weekday: CONTACT_DAYS.indexOf(day as 'Mon') + 1, hour: Number(hour), minute: Number(minute) };
    }),
  /** Who has not confirmed by then is a point of readiness and a low alert. */
  confirm_within: durationSchema.prefault('24h'),
  enabled: z.boolean().default(true),
});
export type ContactTestConfig = z.infer<typeof contactTestSchema>;

/** Such an address is a secret where whoever knows it can end the watch: `{env: NAME}`. */
const address = z.union([z.url(), secretSchema]);
export const addressOf = (url: z.infer<typeof address>): string => (typeof url === 'string' ? url : url.reveal());

/**
 * A service outside (healthchecks.io or one like it) that calls when it hears nothing: `url` says that this service decides and
 * tells, `fail_url` that it knows it cannot.
 */
export const heartbeatSchema = z.strictObject({
  url: address,
  every: durationSchema.prefault('1m'),
  method: z.enum(['GET', 'POST', 'HEAD']).default('GET'),
  /** With POST. */
  body: z.string().max(1000).optional(),
  /** Told instead of `url` while it knows that it fails. Default: nothing is told then, and the other side calls. */
  fail_url: address.optional(),
  /** Told once when this instance begins to act. */
  start_url: address.optional(),
  /** Told by an instance that stands by. */
  standby_url: address.optional(),
});
export type HeartbeatConfig = z.infer<typeof heartbeatSchema>;

/** The collector watches the alerts service; when that falls silent this is told, past everything else. */
export const watchdogSchema = z.strictObject({
  silent_after: durationSchema.prefault('1m'),
  /** Told again in this rhythm until it is back. */
  again_every: durationSchema.prefault('5m'),
  /** POST of `{site, state: "silent" | "back", since, text}`. */
  webhook: address.optional(),
  /** A siren on the bus. */
  mqtt: z
    .strictObject({
      topic: z.string().regex(/^[^+#\s]+$/, 'a topic without + or #'),
      silent: z.string().default('ON'),
      back: z.string().default('OFF'),
    })
    .optional(),
});
export type WatchdogConfig = z.infer<typeof watchdogSchema>;
