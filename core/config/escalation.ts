import { z } from 'zod';
import { minutes } from '../time.ts';
import { durationSchema, idSchema } from './common.ts';
import { FUNCTIONS } from './people.ts';
import { SEVERITIES } from './rule.ts';

/** `escalation` of rota.yaml: who is told next while nobody acknowledges; the end of the list keeps ringing (L27). */

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day, e.g. 22:00');
/** Longer than a shift is no wait but silence; shorter than this nobody can answer. */
const wait = durationSchema.refine((length) => length >= 30_000 && length <= 86_400_000, 'between 30s and 24h');

const stepSchema = z
  .strictObject({
    tell: z.array(z.enum(FUNCTIONS)).default([]),
    people: z.array(idSchema).default([]),
    /** Only over these channels, for whoever has one of them: a call instead of a mail. */
    channels: z.array(idSchema).min(1).optional(),
    /** So long before the next step. */
    wait: wait.prefault('5m'),
  })
  .refine((step) => step.tell.length + step.people.length > 0, 'name functions (tell) or people');

const chainSchema = z.strictObject({
  severity: z.array(z.enum(SEVERITIES)).min(1),
  /** `off-hours` is whatever is not working time; `{from: "22:00", to: "07:00"}` goes past midnight. The first chain that fits is taken. */
  when: z
    .union([z.enum(['always', 'working', 'off-hours']), z.strictObject({ from: clockTime, to: clockTime })])
    .default('always'),
  steps: z.array(stepSchema).min(1).max(20),
  /** At the end of the list all of it is told again, each time after so long. */
  repeat_every: wait.prefault('5m'),
});
export type Chain = z.infer<typeof chainSchema>;
export type ChainStep = Chain['steps'][number];

const written = z
  .strictObject({
    /** The short form: for high severity these one after the other, at equal steps. */
    order: z.array(z.enum(FUNCTIONS)).min(1).optional(),
    every: wait.optional(),
    chains: z.array(chainSchema).min(1).optional(),
    /** What was acknowledged and then left alone fires again (neither cleared, nor anything done about it). */
    reopen: z
      .strictObject({
        severity: z.array(z.enum(SEVERITIES)).default(['high']),
        /** Default: the rule's own respond_within; never sooner than 5 minutes. */
        after: durationSchema.optional(),
      })
      .optional(),
  })
  .refine(({ order, chains }) => (order ?? chains) !== undefined, 'write order and every, or chains');

/** `order` and `every` are always there: whoever stands in when nobody else can be told, and how often. */
export const escalationSchema = written.transform(({ order, every, ...rest }) => {
  const high = rest.chains?.find(({ severity }) => severity.includes('high')) ?? rest.chains?.[0];
  const functions = [...new Set(high?.steps.flatMap(({ tell }) => tell))];
  const stand = functions.length > 0 ? functions : (['duty', 'deputy', 'director'] as const);
  return { ...rest, order: order ?? [...stand], every: every ?? high?.repeat_every ?? minutes(5) };
});
export type Escalation = z.infer<typeof escalationSchema>;
