import type { Text } from './text.ts';

/** What the API says of sign-ins, sessions, one-time codes, the first run and the audit record. Accounts and tokens themselves: core/api.ts. */

/** GET /sign-in: what the sign-in page offers. */
export interface SignInWays {
  /** There is no account yet: whoever has the setup code makes the first one. */
  readonly firstRun: boolean;
  /** The provider of site.yaml; `reachable` null: not tried yet. Local accounts always work. */
  readonly oidc: { readonly name: Text; readonly reachable: boolean | null } | null;
}

export interface SignedInSession {
  /** For ending it; not the secret and no help in guessing it. */
  readonly id: string;
  readonly user: string;
  readonly name: string;
  readonly since: string;
  /** To the minute. */
  readonly lastUsedAt: string;
  readonly expiresAt: string;
  /** Where it was signed in from; empty when it is older than this record. */
  readonly address: string;
  /** What the browser called itself, 200 characters at most; empty when it did not. */
  readonly agent: string;
  readonly via: 'password' | 'oidc';
  /** The one that asks. */
  readonly current: boolean;
}
export interface SessionsResponse {
  readonly sessions: readonly SignedInSession[];
  /** `cursor` of the next page; null: this was the last. One's own are few and come at once. */
  readonly next: string | null;
}
export interface SessionsEnded {
  readonly ended: number;
}

/** One-time codes of one's own account (RFC 6238). `begun`: shown, and not yet proven by a code. */
export interface OneTimeCodesView {
  readonly state: 'off' | 'begun' | 'on';
  readonly since: string | null;
  readonly recoveryLeft: number;
  /** site.yaml asks for them in this role. */
  readonly required: boolean;
}
/** Shown once. `uri`: what an authenticator app reads from the QR code; `secret` in base32 for typing. */
export interface OneTimeCodesBegun {
  readonly secret: string;
  readonly uri: string;
}
/** Shown once; each lets in once. */
export interface RecoveryCodes {
  readonly codes: readonly string[];
}

/** What whoever has the setup code is shown, to see that this is the right room. */
export interface FirstRunView {
  readonly site: { readonly name: Text; readonly address: Text; readonly floor: Text };
  readonly simulation: boolean;
  readonly people: readonly { readonly id: string; readonly name: Text }[];
}

/** Where the browser goes to be linked with its account at the provider. */
export interface ProviderLocation {
  readonly location: string;
}

export interface AuditVerification {
  /** The last entry up to which every hash fits. */
  readonly to: number;
  /** The newest entry there is; when `to` is smaller and nothing is broken, ask again with `after=to`. */
  readonly last: number;
  readonly broken: { readonly seq: number; readonly reason: string } | null;
}

export interface AuditEntry {
  readonly seq: number;
  readonly at: string;
  readonly user: string;
  readonly address: string;
  readonly action: string;
  readonly status: number;
  readonly detail: string;
  readonly hash: string;
}
export interface AuditResponse {
  readonly entries: readonly AuditEntry[];
  /** `before` of the next page; null: there is none. */
  readonly next: number | null;
  /** What there is to choose from, with the first page. */
  readonly users: readonly string[];
  readonly actions: readonly string[];
}
