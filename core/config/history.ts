import { z } from 'zod';
import { SERIES_CLASSES } from '../series.ts';
import { durationSchema, secretSchema } from './common.ts';

/** site.yaml, `history`: where readings are kept, for how long, and what happens while a store is away. */

export const HISTORY_STORES = ['embedded', 'influxdb'] as const;
export type HistoryStoreName = (typeof HISTORY_STORES)[number];

const UNIT_BYTES: Readonly<Record<string, number>> = { KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 };

/** `512MB`, `2GB`: a unit is required. */
export const sizeSchema = z.string().transform((text, context): number => {
  const [, amount, unit] = /^(\d+(?:\.\d+)?) ?([KMG]B)$/.exec(text.trim()) ?? [];
  if (amount !== undefined && unit !== undefined) return Math.round(Number(amount) * (UNIT_BYTES[unit] ?? 1));
  context.addIssue({ code: 'custom', message: `"${text}" is not a size; write it with a unit, e.g. 512MB, 2GB` });
  return z.NEVER;
});

/** Null: for ever. */
const keptFor = z.union([durationSchema, z.literal('forever').transform(() => null)]);
const keptByResolution = {
  /** Every reading. Default 30d; of states, which are kept as changes only, 400d. */
  raw: keptFor.optional(),
  /** Rollups of a minute, a quarter of an hour, an hour and a day. Defaults 180d, 730d, 3650d, forever. */
  minute: keptFor.optional(),
  quarter: keptFor.optional(),
  hour: keptFor.optional(),
  day: keptFor.optional(),
};
export const RESOLUTIONS = ['raw', 'minute', 'quarter', 'hour', 'day'] as const;
const keptSchema = z.strictObject(keptByResolution);

const influxdbSchema = z.strictObject({
  /** `http://127.0.0.1:8086`; InfluxDB 1.x, 2.x and 3 are told apart by themselves. User and password stand below, never in here. */
  url: z.url({ protocol: /^https?$/ }).refine((url) => {
    const { username, password } = new URL(url);
    return username === '' && password === '';
  }, 'a URL carries no user and no password; write user: and password:'),
  /** The database of 1.x and 3, the bucket of 2.x. */
  database: z.string().min(1).max(64).default('zhishou'),
  /** 2.x: the organization. */
  org: z.string().min(1).optional(),
  user: z.string().min(1).optional(),
  password: secretSchema.optional(),
  token: secretSchema.optional(),
  /** Whom the server's certificate must come from, when it is no public authority: `{file: ca.pem}`. */
  ca: secretSchema
    .transform((file) => file.reveal())
    .pipe(z.string().regex(/-----BEGIN CERTIFICATE-----/, 'a certificate in PEM'))
    .optional(),
  /** False: the database is somebody else's; no retention and no rollups are set in it. */
  manage: z.boolean().default(true),
});

export const historySchema = z.strictObject({
  /** Each of them gets every reading. */
  stores: z.array(z.enum(HISTORY_STORES)).min(1).default(['embedded']),
  /** Which one the page asks; another one when that does not answer. Default: the first. */
  read: z.enum(HISTORY_STORES).optional(),
  keep: keptSchema
    .extend({
      /** Other lengths for a class of points: `state: { raw: 400d }`. */
      classes: z.partialRecord(z.enum(SERIES_CLASSES), keptSchema).default({}),
    })
    .prefault({}),
  /** Readings wait here, on the disk, until every store has them. Five to seven bytes each: 512MB hold a day of 900 a second. */
  spool: z
    .strictObject({
      /** When it is full the oldest readings are thinned, to one a minute, then a quarter of an hour; dropped last. */
      limit: sizeSchema.prefault('512MB'),
      /** The spool shrinks too when the disk has less than this left. */
      keep_free: sizeSchema.prefault('256MB'),
      /** How often what was written is forced onto the disk: a power cut may lose this and one second more. */
      sync_every: durationSchema.prefault('1s'),
    })
    .prefault({}),
  /** Readings a second and store while it catches up on what it missed; what is new always goes first. */
  catch_up: z.number().int().min(100).max(1_000_000).default(20_000),
  influxdb: influxdbSchema.optional(),
});
export type HistoryConfig = z.infer<typeof historySchema>;
