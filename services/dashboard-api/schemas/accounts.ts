import { z } from 'zod';
import type { AuditResponse } from '#core/accounts-view.ts';
import type { SessionView, TokenMadeResponse, TokensResponse, UserMadeResponse, UsersResponse } from '#core/api.ts';
import { ROLES } from '#core/command.ts';
import { TOKEN_SCOPES } from '#core/token-scope.ts';
import { nextSchema } from '../paging.ts';
import { isoSchema } from './payloads.ts';

/** Sign-in, accounts, tokens, audit: what is asked and what is answered. */

export const roleSchema = z.enum(ROLES);
export const userNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'small letters, digits, dot, underscore and hyphen, 63 at most');
/** O-PWD-1: at least eight characters. */
export const newPasswordSchema = z.string().min(8).max(200);

export const signInSchema = z.strictObject({
  /** As typed: unknown names fail like wrong passwords. */
  user: z
    .string()
    .min(1)
    .max(100)
    .transform((name) => name.trim().toLowerCase()),
  password: z.string().min(1).max(200),
  /** A one-time code or a recovery code, for accounts that have them; asked for by CODE_NEEDED. */
  code: z.string().max(40).optional(),
});
export const passwordChangeSchema = z.strictObject({
  current: z.string().min(1).max(200),
  next: newPasswordSchema,
});
export const userAddSchema = z.strictObject({
  user: userNameSchema,
  name: z.string().trim().min(1).max(100),
  role: roleSchema,
  person: z.string().max(63).nullable().default(null),
  password: newPasswordSchema.optional(),
});
export const userChangeSchema = z.strictObject({
  name: z.string().trim().min(1).max(100).optional(),
  role: roleSchema.optional(),
  person: z.string().max(63).nullable().optional(),
  disabled: z.boolean().optional(),
  resetPassword: z.literal(true).optional(),
  unlock: z.literal(true).optional(),
  /** The telephone with the app is gone. */
  removeTotp: z.literal(true).optional(),
  /** No longer the account of that subject at the provider. */
  unlink: z.literal(true).optional(),
});
export const tokenAddSchema = z.strictObject({
  name: z.string().trim().min(1).max(100),
  /** A token never administers: that needs a person. */
  role: z.enum(['viewer', 'duty', 'operator']).default('viewer'),
  scopes: z.array(z.enum(TOKEN_SCOPES)).min(1).max(TOKEN_SCOPES.length).default(['read']),
  days: z.number().int().min(1).max(400).default(90),
});

export const userSchema = z
  .object({
    user: z.string(),
    version: z.string(),
    name: z.string(),
    role: roleSchema,
    person: z.string().nullable(),
    disabled: z.boolean(),
    createdAt: isoSchema,
    lastSignInAt: isoSchema.nullable(),
    passwordChangedAt: isoSchema,
    passwordExpiresAt: isoSchema,
    mustChangePassword: z.boolean(),
    hasPassword: z.boolean(),
    totp: z.boolean(),
    linked: z.boolean(),
  })
  .meta({ id: 'User' });
export const sessionSchema = z
  .object({
    user: userSchema,
    csrf: z.string(),
    expiresAt: isoSchema,
    passwordDue: z.boolean(),
    codesDue: z.boolean(),
    via: z.enum(['password', 'oidc']),
  })
  .meta({ id: 'Session' }) satisfies z.ZodType<SessionView>;
export const usersSchema = z.object({
  users: z.array(userSchema),
  next: nextSchema,
}) satisfies z.ZodType<UsersResponse>;
export const userMadeSchema = z.object({
  user: userSchema,
  password: z.string().nullable(),
}) satisfies z.ZodType<UserMadeResponse>;

const tokenSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    role: roleSchema,
    scopes: z.array(z.enum(TOKEN_SCOPES)),
    createdAt: isoSchema,
    createdBy: z.string(),
    expiresAt: isoSchema,
    lastUsedAt: isoSchema.nullable(),
  })
  .meta({ id: 'Token' });
export const tokensSchema = z.object({ tokens: z.array(tokenSchema) }) satisfies z.ZodType<TokensResponse>;
export const tokenMadeSchema = z.object({
  token: tokenSchema,
  secret: z.string(),
}) satisfies z.ZodType<TokenMadeResponse>;

export const auditSchema = z.object({
  entries: z.array(
    z.object({
      seq: z.number(),
      at: isoSchema,
      user: z.string(),
      address: z.string(),
      action: z.string(),
      status: z.number(),
      detail: z.string(),
      hash: z.string(),
    }),
  ),
  next: z.number().nullable(),
  users: z.array(z.string()),
  actions: z.array(z.string()),
}) satisfies z.ZodType<AuditResponse>;
