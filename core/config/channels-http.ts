import { z } from 'zod';
import { templateObject, templateText } from '../channel-template.ts';
import { durationSchema, hostSchema, pointReferenceSchema, portSchema, secretSchema } from './common.ts';
import { SEVERITIES } from './rule.ts';

/** Ways out over HTTP, mail and MQTT, one schema a kind. What each does stands in services/alerts/notify/channels/. */

/** Overrides what `CHANNEL_LIMITS` knows of the other side. */
export const rateSchema = z
  .strictObject({
    per_minute: z.number().positive().max(60_000).optional(),
    per_second: z.number().positive().max(1000).optional(),
  })
  .optional();

const timeout = durationSchema.prefault('10s');

export const smtp = z.strictObject({
  kind: z.literal('smtp'),
  host: hostSchema,
  port: portSchema,
  secure: z.boolean().default(false),
  from: z.string().min(3),
  user: z.string().optional(),
  password: secretSchema.optional(),
  timeout: durationSchema.prefault('15s'),
  rate: rateSchema,
});

const headers = z.record(z.string().regex(/^[A-Za-z0-9-]+$/), z.union([z.string(), secretSchema])).default({});

export const webhook = z.strictObject({
  kind: z.literal('webhook'),
  /** A secret where the address itself carries a key: `{env: NAME}`. */
  url: z.union([z.url(), secretSchema]),
  method: z.enum(['POST', 'PUT']).default('POST'),
  /** Of the body. Default: application/json, with a text template text/plain; charset=utf-8. */
  content_type: z.string().min(3).optional(),
  /** The body: an object (JSON) or a text, with placeholders of core/channel-template.ts. Without it: the OutgoingMessage of core/notification.ts as JSON, `at` in ISO 8601. */
  template: z.union([templateText(), templateObject()]).optional(),
  headers,
  /** With a secret, `X-Zhishou-Signature: sha256=…` is the HMAC of the body, `X-Zhishou-Signature-V2` that of `<timestamp>.<body>`. */
  secret: secretSchema.optional(),
  timeout,
  rate: rateSchema,
});

/** A group robot's address is its key: it comes from the environment or a file. */
const robotUrl = secretSchema.refine((url) => URL.canParse(url.reveal()), 'the robot’s address, https://…');

export const wecom = z.strictObject({ kind: z.literal('wecom'), url: robotUrl, timeout, rate: rateSchema });

export const dingtalk = z.strictObject({
  kind: z.literal('dingtalk'),
  url: robotUrl,
  /** 加签: the key that begins with SEC. */
  secret: secretSchema.optional(),
  timeout,
  rate: rateSchema,
});

export const feishu = z.strictObject({
  kind: z.literal('feishu'),
  url: robotUrl,
  /** 签名校验. */
  secret: secretSchema.optional(),
  timeout,
  rate: rateSchema,
});

export const ntfy = z.strictObject({
  kind: z.literal('ntfy'),
  /** The server; a route's `to` is the topic. */
  url: z.url().default('https://ntfy.sh'),
  token: secretSchema.optional(),
  timeout,
  rate: rateSchema,
});

export const alertmanager = z.strictObject({
  kind: z.literal('alertmanager'),
  url: z.url(),
  user: z.string().optional(),
  password: secretSchema.optional(),
  token: secretSchema.optional(),
  /** Well below the other side's resolve_timeout (5m by default). */
  repeat: durationSchema.prefault('1m'),
  /** Beside alertname, site, matter and severity. */
  labels: z.record(z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/), z.string()).default({}),
  timeout,
  rate: rateSchema,
});

/** What a message is on the wire of MQTT: a text as it is, anything else as JSON. */
const signalPayload = z.union([z.string(), z.record(z.string(), z.unknown())]);

export const mqttSignal = z.strictObject({
  kind: z.literal('mqtt-signal'),
  topic: z.string().regex(/^[^+#\s]+$/, 'a topic without + or #'),
  /** By severity; one that is not named gives no signal. */
  on: z.partialRecord(z.enum(SEVERITIES), signalPayload).refine((on) => Object.keys(on).length > 0, 'name a severity'),
  off: signalPayload,
  retain: z.boolean().default(false),
  /** At a stretch; a reminder that finds it silent sounds it again. */
  longest: durationSchema.prefault('10m'),
  /** Where the device tells its own state; with it a self-test proves something. */
  state: z
    .union([
      z.strictObject({ point: pointReferenceSchema }),
      z.strictObject({
        topic: z.string().regex(/^[^+#\s]+$/, 'a topic without + or #'),
        /** A key of a JSON payload, `a.b`; without it the whole payload is compared. */
        path: z.string().min(1).optional(),
        on: z.union([z.string(), z.boolean(), z.number()]),
        off: z.union([z.string(), z.boolean(), z.number()]).optional(),
      }),
    ])
    .optional(),
  /** A blip now and then, so that a dead siren is known before the night it is needed. */
  self_test: z
    .strictObject({
      every: durationSchema.prefault('7d'),
      blip: durationSchema.prefault('1s'),
      within: durationSchema.prefault('15s'),
    })
    .optional(),
  rate: rateSchema,
});

/** Notices of people's own browsers and telephones (RFC 8030); needs the internet, and the page over HTTPS. */
export const webPush = z.strictObject({
  kind: z.literal('web-push'),
  /** Whom the push services write to when something is wrong (RFC 8292): `mailto:…` or `https://…`. */
  contact: z.string().regex(/^(mailto:\S+@\S+|https:\/\/\S+)$/, 'mailto:… or https://…'),
  /** Hosts of push services beside those of the well-known browsers: `push.example.com`, `*.push.example.com`. */
  services: z
    .array(z.string().regex(/^(\*\.)?[a-z0-9.-]+(:\d+)?$/))
    .max(20)
    .default([]),
  timeout,
  rate: rateSchema,
});

const judged = z
  .strictObject({
    /** A key of a JSON answer: `code`, `result.status`, `data[0].code`. */
    json: z.string().min(1).optional(),
    equals: z
      .array(z.union([z.string(), z.number(), z.boolean()]))
      .min(1)
      .optional(),
    matches: z.string().refine(isPattern, 'a regular expression').optional(),
  })
  .refine(
    ({ json, equals, matches }) =>
      (json !== undefined && equals !== undefined) || (json === undefined && matches !== undefined),
    'json with equals, or matches',
  );

export const smsHttp = z.strictObject({
  kind: z.literal('sms-http'),
  url: z.union([templateText(['number', 'sms']), secretSchema]),
  method: z.enum(['GET', 'POST']).default('POST'),
  headers,
  /** With `form`, none. */
  body: z.union([templateText(['number', 'sms']), templateObject(['number', 'sms'])]).optional(),
  /** application/x-www-form-urlencoded, each value filled and escaped; secrets allowed. */
  form: z.record(z.string(), z.union([templateText(['number', 'sms']), secretSchema])).optional(),
  content_type: z.string().min(3).optional(),
  charset: z.enum(['utf-8', 'gbk']).default('utf-8'),
  number: z
    .strictObject({
      country: z
        .string()
        .regex(/^\d{1,3}$/)
        .default('86'),
      /** national 13800000000, e164 +8613800000000, plain 8613800000000, zeros 008613800000000. */
      form: z.enum(['national', 'e164', 'plain', 'zeros']).default('national'),
    })
    .prefault({}),
  /** 【机房】: many gateways demand one, registered with them. */
  signature: z.string().max(30).default(''),
  /** Longer texts are cut; the code stays. */
  segments: z.number().int().min(1).max(10).default(4),
  success: judged.optional(),
  /** Answers that repeating will not better: a wrong number, no money left. */
  refused: judged.optional(),
  timeout,
  rate: rateSchema,
});

function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'u');
    return true;
  } catch {
    return false;
  }
}
