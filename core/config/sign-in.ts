import { z } from 'zod';
import { ROLES } from '../command.ts';
import { durationSchema, secretSchema, textSchema } from './common.ts';

/** site.yaml, `http`: second factors and sign-in at a provider. Local accounts always work, for the internet may be gone. */

/** Who must have one-time codes; the others may. An emergency is answered without, too. */
export const totpSchema = z.strictObject({ required: z.array(z.enum(ROLES)).default([]) });

const LOOPBACK = /^http:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?(\/|$)/;

/** A provider that speaks OpenID Connect: Keycloak, Entra ID, Authentik, a company's own. */
export const oidcSchema = z.strictObject({
  /** What the button says. */
  name: textSchema.prefault({ zh: '统一身份认证', en: 'single sign-on' }),
  /** As the provider writes it in its discovery document; https, or http on this machine. */
  issuer: z
    .string()
    .max(300)
    .refine(
      (text) => (URL.canParse(text) && /^https:\/\/[^/?#]/.test(text) && !/[?#]/.test(text)) || LOOPBACK.test(text),
      'an https address without query, e.g. https://sso.example.com/realms/works',
    ),
  client_id: z.string().min(1).max(300),
  /** Absent: a public client, with PKCE alone. */
  client_secret: secretSchema.optional(),
  scopes: z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/)).default(['profile', 'email']),
  /** `create`: whoever the provider lets in gets an account; `linked`: only accounts that were linked. */
  accounts: z.enum(['create', 'linked']).default('create'),
  /**
   * By what an account that is there already is linked at the first sign-in. `nothing`: only by its owner, signed in. `username`: the claim
   * preferred_username is the account's name. `email`: a verified address is one of the account's person in people.yaml.
   */
  link_by: z.enum(['nothing', 'username', 'email']).default('nothing'),
  /** Absent: new accounts are viewers and an administrator says more. Present: each sign-in sets the role. */
  roles: z
    .strictObject({
      /** A claim of the ID token; dots lead inward: realm_access.roles. */
      claim: z.string().min(1).max(200).default('groups'),
      /** The highest that fits counts. */
      map: z.record(z.string().min(1).max(200), z.enum(ROLES)),
      otherwise: z.enum(['viewer', 'refuse']).default('viewer'),
    })
    .optional(),
  /** By how much both clocks may differ. */
  clock_skew: durationSchema.prefault('30s'),
  /** Signing out here also signs out there. */
  sign_out: z.boolean().default(false),
});
export type OidcSettings = z.infer<typeof oidcSchema>;
