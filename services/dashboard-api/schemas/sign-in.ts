import { z } from 'zod';
import type {
  AuditVerification,
  FirstRunView,
  OneTimeCodesBegun,
  OneTimeCodesView,
  ProviderLocation,
  RecoveryCodes,
  SessionsEnded,
  SessionsResponse,
  SignInWays,
} from '#core/accounts-view.ts';
import { nextSchema } from '../paging.ts';
import { newPasswordSchema, userNameSchema } from './accounts.ts';
import { isoSchema } from './payloads.ts';

/** Sessions, one-time codes, the first run, sign-in at a provider: what is asked and what is answered. */

const textSchema = z.object({ zh: z.string(), en: z.string() });

export const signInWaysSchema = z.object({
  firstRun: z.boolean(),
  oidc: z.object({ name: textSchema, reachable: z.boolean().nullable() }).nullable(),
}) satisfies z.ZodType<SignInWays>;

export const sessionsSchema = z.object({
  sessions: z.array(
    z.object({
      id: z.string(),
      user: z.string(),
      name: z.string(),
      since: isoSchema,
      lastUsedAt: isoSchema,
      expiresAt: isoSchema,
      address: z.string(),
      agent: z.string(),
      via: z.enum(['password', 'oidc']),
      current: z.boolean(),
    }),
  ),
  next: nextSchema,
}) satisfies z.ZodType<SessionsResponse>;
export const sessionsEndedSchema = z.object({ ended: z.number().int() }) satisfies z.ZodType<SessionsEnded>;
export const sessionIdSchema = z.strictObject({ id: z.string().regex(/^[\w-]{1,40}$/) });

export const codesViewSchema = z.object({
  state: z.enum(['off', 'begun', 'on']),
  since: isoSchema.nullable(),
  recoveryLeft: z.number().int(),
  required: z.boolean(),
}) satisfies z.ZodType<OneTimeCodesView>;
export const codesBegunSchema = z.object({
  secret: z.string(),
  uri: z.string(),
}) satisfies z.ZodType<OneTimeCodesBegun>;
export const recoveryCodesSchema = z.object({ codes: z.array(z.string()) }) satisfies z.ZodType<RecoveryCodes>;

const presentPasswordSchema = z.string().min(1).max(200);
/** As typed, with blanks and hyphens; of the app or a recovery code. */
export const typedCodeSchema = z.string().min(1).max(40);
export const codesBeginSchema = z.strictObject({ password: presentPasswordSchema });
export const codesConfirmSchema = z.strictObject({ code: typedCodeSchema });
export const codesChangeSchema = z.strictObject({ password: presentPasswordSchema, code: typedCodeSchema });

const setupCodeSchema = z.string().min(1).max(100);
export const firstRunLookSchema = z.strictObject({ code: setupCodeSchema });
export const firstRunMakeSchema = z.strictObject({
  code: setupCodeSchema,
  user: userNameSchema,
  name: z.string().trim().min(1).max(100),
  password: newPasswordSchema,
  person: z.string().max(63).nullable().default(null),
});
export const firstRunViewSchema = z.object({
  site: z.object({ name: textSchema, address: textSchema, floor: textSchema }),
  simulation: z.boolean(),
  people: z.array(z.object({ id: z.string(), name: textSchema })),
}) satisfies z.ZodType<FirstRunView>;

export const providerLocationSchema = z.object({ location: z.string() }) satisfies z.ZodType<ProviderLocation>;

export const auditVerificationSchema = z.object({
  to: z.number().int(),
  last: z.number().int(),
  broken: z.object({ seq: z.number(), reason: z.string() }).nullable(),
}) satisfies z.ZodType<AuditVerification>;
