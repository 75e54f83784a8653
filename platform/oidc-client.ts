import * as oidc from 'openid-client';
import type { OidcSettings } from '#core/config/sign-in.ts';
import { messageOf, ZhishouError } from '#core/errors.ts';
import type { Clock } from '#core/ports.ts';
import { hours, type Instant, plus, seconds } from '#core/time.ts';
import type { OidcProvider } from './oidc-provider.ts';

const TIMEOUT_S = 5;
const KEPT = hours(1);
const TRY_AGAIN = seconds(30);

interface Known {
  configuration: oidc.Configuration | null;
  at: Instant;
}

/** `OidcProvider` by openid-client. */
export function createOidcProvider(settings: OidcSettings, redirectUri: string, wall: Clock): OidcProvider {
  let known: Known | null = null;
  let asking: Promise<oidc.Configuration> | null = null;
  let failed = false;

  const ask = (): Promise<oidc.Configuration> => {
    asking ??= discover(settings)
      .then((configuration) => {
        known = { configuration, at: wall.now() };
        return configuration;
      })
      .catch((error: unknown) => {
        // What was known an hour ago still serves to try.
        known = { configuration: known?.configuration ?? null, at: wall.now() };
        failed = true;
        throw new ZhishouError('UNREACHABLE', settings.issuer, messageOf(error), { cause: error });
      })
      .finally(() => {
        asking = null;
      });
    failed = false;
    return asking;
  };
  const isFresh = (length = KEPT): boolean => known !== null && wall.now() < plus(known.at, length);
  const present = async (): Promise<oidc.Configuration> => {
    const kept = known?.configuration ?? null;
    return kept !== null && isFresh() && !failed ? kept : ask();
  };

  return {
    reachable() {
      if (asking === null && !isFresh(failed ? TRY_AGAIN : KEPT)) ask().catch(() => {});
      return known === null ? null : !failed && known.configuration !== null;
    },
    async begin() {
      const configuration = await present();
      const pending = {
        state: oidc.randomState(),
        nonce: oidc.randomNonce(),
        verifier: oidc.randomPKCECodeVerifier(),
      };
      const location = oidc.buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: ['openid', ...settings.scopes.filter((scope) => scope !== 'openid')].join(' '),
        state: pending.state,
        nonce: pending.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(pending.verifier),
        code_challenge_method: 'S256',
      });
      return { location: location.href, pending };
    },
    async finish(returned, pending) {
      const configuration = await present();
      try {
        const tokens = await oidc.authorizationCodeGrant(configuration, returned, {
          expectedState: pending.state,
          expectedNonce: pending.nonce,
          pkceCodeVerifier: pending.verifier,
          idTokenExpected: true,
        });
        const claims = tokens.claims();
        if (claims === undefined) throw new ZhishouError('BAD_ANSWER', settings.issuer, 'no ID token');
        return { issuer: claims.iss, subject: claims.sub, claims };
      } catch (error) {
        throw problemOf(settings.issuer, error);
      }
    },
    signOutLocation(returnTo) {
      const configuration = known?.configuration ?? null;
      if (configuration?.serverMetadata().end_session_endpoint === undefined) return null;
      return oidc.buildEndSessionUrl(configuration, { post_logout_redirect_uri: returnTo }).href;
    },
  };
}

async function discover(settings: OidcSettings): Promise<oidc.Configuration> {
  const insecure = settings.issuer.startsWith('http:');
  const options = { timeout: TIMEOUT_S, ...(insecure ? { execute: [oidc.allowInsecureRequests] } : {}) };
  const found = await oidc.discovery(new URL(settings.issuer), settings.client_id, undefined, oidc.None(), options);
  const server = found.serverMetadata();
  const configuration = new oidc.Configuration(
    server,
    settings.client_id,
    { [oidc.clockTolerance]: settings.clock_skew / 1000 },
    authenticationOf(settings, server),
  );
  configuration.timeout = TIMEOUT_S;
  if (insecure) oidc.allowInsecureRequests(configuration);
  // The signature too, although the token came straight from the provider.
  oidc.enableNonRepudiationChecks(configuration);
  return configuration;
}

/** What the provider says it takes; a provider that says nothing takes Basic (OpenID Connect Discovery 1.0, section 3). */
function authenticationOf({ client_secret: secret }: OidcSettings, server: oidc.ServerMetadata): oidc.ClientAuth {
  if (secret === undefined) return oidc.None();
  const takes = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  return takes.includes('client_secret_basic')
    ? oidc.ClientSecretBasic(secret.reveal())
    : oidc.ClientSecretPost(secret.reveal());
}

function problemOf(issuer: string, error: unknown): ZhishouError {
  if (error instanceof ZhishouError) return error;
  if (error instanceof oidc.AuthorizationResponseError) return new ZhishouError('REFUSED', issuer, error.error);
  const unheard = error instanceof TypeError || (error instanceof Error && /timeout|abort/i.test(error.name));
  return new ZhishouError(unheard ? 'UNREACHABLE' : 'BAD_ANSWER', issuer, reasonOf(error), { cause: error });
}

/** The library says the least in the outermost message. */
function reasonOf(error: unknown): string {
  if (error instanceof oidc.ResponseBodyError) return `${messageOf(error)}: ${error.error}`;
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? `${messageOf(error)}: ${cause.message}` : messageOf(error);
}
