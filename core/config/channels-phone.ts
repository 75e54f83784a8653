import { z } from 'zod';
import { durationSchema, hostSchema, portSchema, secretSchema } from './common.ts';
import { SEVERITIES } from './rule.ts';

/** Ways out over the telephone, which work when the internet does not: text messages by a GSM modem, calls by SIP. */

const path = z.string().regex(/^\/[^\0]{1,200}$/, 'an absolute path');

const number = z
  .strictObject({
    country: z
      .string()
      .regex(/^\d{1,3}$/)
      .default('86'),
    /** national 13800000000, e164 +8613800000000, plain 8613800000000, zeros 008613800000000. */
    form: z.enum(['national', 'e164', 'plain', 'zeros']).default('national'),
  })
  .prefault({});

/** gammu-smsd with `Service = files` runs beside us; these are its folders. Its smsdrc: README, "Text messages". */
export const gammu = z.strictObject({
  kind: z.literal('gammu'),
  inbox: path.default('/var/spool/gammu/inbox'),
  outbox: path.default('/var/spool/gammu/outbox'),
  sent: path.default('/var/spool/gammu/sent'),
  error: path.default('/var/spool/gammu/error'),
  /** With it `gammu-smsd-monitor` is asked whether the service and its modem are there; it must be readable for us. */
  smsdrc: path.optional(),
  number,
  /** Longer texts are cut; the code to answer with stays. */
  max_parts: z.number().int().min(1).max(10).default(3),
  /** Asks the network to report each arrival. */
  reports: z.boolean().default(true),
  /** Shown at once over whatever the telephone does, and kept by few telephones: off by default. */
  flash: z.array(z.enum(SEVERITIES)).default([]),
  /** What the service has not sent by then is taken back and goes another way. */
  stuck_after: durationSchema.prefault('3m'),
  /** How often the folders are looked at. */
  every: durationSchema.prefault('2s'),
  /** Our messages in `sent` and answers already taken are deleted after that. */
  keep: durationSchema.prefault('30d'),
});

/** A call by Debian's baresip, one process of ours a line. */
export const sipCall = z.strictObject({
  kind: z.literal('sip-call'),
  /** The exchange, gateway or provider. */
  server: hostSchema,
  port: portSchema.default(5060),
  transport: z.enum(['udp', 'tcp', 'tls']).default('udp'),
  user: z.string().regex(/^[A-Za-z0-9+._*#-]{1,64}$/, 'the account’s name or number'),
  /** Where it is not the user. */
  auth_user: z
    .string()
    .regex(/^[^\s;<>"]{1,64}$/)
    .optional(),
  password: secretSchema
    .refine((secret) => /^[^\s;<>"]{1,100}$/.test(secret.reveal()), 'a SIP password without spaces, quotes, ; < and >')
    .optional(),
  /** A trunk that knows us by our address needs none. */
  register: z.boolean().default(true),
  number,
  /** How the exchange wants it dialled: `9{number}` for an outside line. */
  dial: z
    .string()
    .regex(/^[0-9*+]{0,16}\{number\}[0-9*]{0,16}$/, 'digits and {number}, e.g. 9{number}')
    .default('{number}'),
  /** Nobody answers within it: not delivered. */
  ring: durationSchema.prefault('40s'),
  /** How often the message is said in one call. */
  repeats: z.number().int().min(1).max(5).default(3),
  /** Calls at once: as many as the account allows. */
  lines: z.number().int().min(1).max(8).default(1),
  /** Voices of espeak-ng. `cmn` reads Chinese as English letters on Debian 12; the pinyin voice reads it right. */
  voices: z.strictObject({ zh: z.string().default('cmn-latn-pinyin'), en: z.string().default('en-gb') }).prefault({}),
  /** Words a minute. */
  speed: z.number().int().min(80).max(300).default(150),
  /** Recorded instead of synthesised, the first that fits: WAV, 16 bit, mono. */
  clips: z
    .array(
      z.strictObject({
        language: z.enum(['zh', 'en']),
        /** What of the message is recorded: its text when the subject contains `words`, else the prompt or the thanks. */
        says: z.enum(['message', 'prompt', 'thanks']).default('message'),
        words: z.string().min(1).optional(),
        file: path,
      }),
    )
    .default([]),
  /** The network interface to the exchange, where the machine has several. */
  interface: z
    .string()
    .regex(/^[a-z0-9.:-]{1,40}$/)
    .optional(),
});
