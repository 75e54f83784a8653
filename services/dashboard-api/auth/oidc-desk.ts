import type { SessionView } from '#core/api.ts';
import type { Config } from '#core/config/config.ts';
import type { OidcSettings } from '#core/config/sign-in.ts';
import { messageOf, ZhishouError } from '#core/errors.ts';
import type { Clock, Log } from '#core/ports.ts';
import type { Text } from '#core/text.ts';
import { type Instant, minutes, plus } from '#core/time.ts';
import type { Accounts } from '#platform/accounts-store.ts';
import type { OidcProvider, PendingSignIn } from '#platform/oidc-provider.ts';
import { digest, randomSecret } from '#platform/passwords.ts';
import type { Authentication, Origin } from './authentication.ts';
import { accountOf, type OidcRefusal } from './oidc-account.ts';

/** Signing in at the provider of site.yaml: leave with something only this browser has, come back once. */
export interface OidcDesk {
  readonly name: Text;
  reachable(): boolean | null;
  /** `user`: whose account is to be linked, already signed in; null: a sign-in. UNREACHABLE when the provider is down. */
  leave(to: string, user: string | null): Promise<{ readonly location: string; readonly secret: string }>;
  comeBack(returned: URL, secret: string | undefined, origin: Origin): Promise<CameBack>;
  signOutLocation(): string | null;
}

export type CameBack =
  | { readonly kind: 'signed-in'; readonly secret: string; readonly view: SessionView; readonly to: string }
  | { readonly kind: 'linked'; readonly user: string; readonly to: string }
  | { readonly kind: 'refused'; readonly reason: OidcReason; readonly to: string };

/** `stale`: the attempt is not known, too old, used before or of another browser. */
export type OidcReason = OidcRefusal | 'stale' | 'down' | 'denied' | 'answer' | 'taken';

export const WAITS_FOR = minutes(10);
const MOST_PENDING = 500;

interface Left {
  readonly pending: PendingSignIn;
  readonly browser: string;
  readonly to: string;
  readonly user: string | null;
  readonly until: Instant;
}

export function createOidcDesk(deps: {
  provider: OidcProvider;
  settings: OidcSettings;
  config: Config;
  accounts: Accounts;
  authentication: Authentication;
  wall: Clock;
  log: Log;
  publicUrl: string;
}): OidcDesk {
  const { provider, settings, accounts, authentication, wall, log } = deps;
  const waiting = new Map<string, Left>();

  /** Each attempt is taken out before anything else is done with it. */
  const take = (returned: URL, secret: string | undefined): Left | null => {
    const state = returned.searchParams.get('state') ?? '';
    const left = waiting.get(state) ?? null;
    if (left === null || secret === undefined || left.browser !== digest(secret)) return null;
    waiting.delete(state);
    return wall.now() < left.until ? left : null;
  };

  return {
    name: settings.name,
    reachable: provider.reachable,
    async leave(to, user) {
      const { location, pending } = await provider.begin();
      const secret = randomSecret();
      const until = plus(wall.now(), WAITS_FOR);
      waiting.set(pending.state, { pending, browser: digest(secret), to: ownPath(to), user, until });
      for (const state of waiting.keys()) if (waiting.size > MOST_PENDING) waiting.delete(state);
      return { location, secret };
    },
    async comeBack(returned, secret, origin) {
      const left = take(returned, secret);
      if (left === null) return { kind: 'refused', reason: 'stale', to: '/' };
      try {
        const identity = await provider.finish(returned, left.pending);
        if (left.user !== null) return link(accounts, wall.now(), identity, left.user, left.to);
        const account = accountOf(deps, identity);
        if (typeof account === 'string') return { kind: 'refused', reason: account, to: left.to };
        return { kind: 'signed-in', ...authentication.begin(account, origin, 'oidc'), to: left.to };
      } catch (error) {
        log.warn({ error: messageOf(error) }, 'a sign-in at the provider failed');
        return { kind: 'refused', reason: reasonOf(error), to: left.to };
      }
    },
    signOutLocation: () => (settings.sign_out ? provider.signOutLocation(deps.publicUrl) : null),
  };
}

function link(
  accounts: Accounts,
  now: Instant,
  { issuer, subject }: { readonly issuer: string; readonly subject: string },
  user: string,
  to: string,
): CameBack {
  const owner = accounts.linkedUser(issuer, subject);
  const account = accounts.user(user);
  if (account === null || account.disabled || (owner !== null && owner !== user))
    return { kind: 'refused', reason: 'taken', to };
  accounts.link(issuer, subject, user, now);
  return { kind: 'linked', user, to };
}

/** A path of this page: never another site's address, in whatever way it is written. */
export const ownPath = (to: string): string => (/^\/(?![/\\])[^\p{Cc}\\]{0,500}$/u.test(to) ? to : '/');

function reasonOf(error: unknown): OidcReason {
  if (!(error instanceof ZhishouError)) throw error;
  return error.code === 'UNREACHABLE' ? 'down' : error.code === 'REFUSED' ? 'denied' : 'answer';
}
