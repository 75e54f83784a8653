import type { OidcSettings } from '#core/config/sign-in.ts';
import type { Clock } from '#core/ports.ts';

/**
 * Sign-in at a provider: OpenID Connect, authorization code with PKCE, state and nonce; the ID token's signature, issuer, audience
 * and times are checked by openid-client (oidc-client.ts). Nothing here waits longer than some seconds, and nothing but signing in waits for it.
 */
export interface OidcProvider {
  /** Null: not tried yet. Trying goes on in the background, at most twice a minute. */
  reachable(): boolean | null;
  /** Where the browser goes, and what must be known when it comes back. UNREACHABLE when the provider is down. */
  begin(): Promise<{ readonly location: string; readonly pending: PendingSignIn }>;
  /** Who came back with this address. UNREACHABLE, REFUSED (they said no there), BAD_ANSWER (nothing to be believed). */
  finish(returned: URL, pending: PendingSignIn): Promise<Identity>;
  /** Where signing out is completed; null: the provider has no such place, or is not known now. */
  signOutLocation(returnTo: string): string | null;
}

export interface PendingSignIn {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

export interface Identity {
  readonly issuer: string;
  readonly subject: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** The client is only read where a site has a provider, and then beside the start: it is large. */
export function openOidcProvider(settings: OidcSettings, redirectUri: string, wall: Clock): OidcProvider {
  let real: OidcProvider | null = null;
  const opening = import('./oidc-client.ts').then(({ createOidcProvider }) => {
    real = createOidcProvider(settings, redirectUri, wall);
    return real;
  });
  return {
    reachable: () => real?.reachable() ?? null,
    begin: async () => (await opening).begin(),
    finish: async (returned, pending) => (await opening).finish(returned, pending),
    signOutLocation: (returnTo) => real?.signOutLocation(returnTo) ?? null,
  };
}
