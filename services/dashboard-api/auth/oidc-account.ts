import { ROLES, type Role } from '#core/command.ts';
import type { Config } from '#core/config/config.ts';
import type { OidcSettings } from '#core/config/sign-in.ts';
import type { Clock } from '#core/ports.ts';
import type { Account } from '#platform/accounts-schema.ts';
import type { Accounts } from '#platform/accounts-store.ts';
import type { Identity } from '#platform/oidc-provider.ts';
import { digest } from '#platform/passwords.ts';
import { isLastAdministrator } from './last-administrator.ts';

/** Which account somebody has whom the provider vouches for: by its subject there, never by a name or an address unless site.yaml says so. */

/** Words of the sign-in page: why nobody was let in. */
export type OidcRefusal = 'account' | 'disabled' | 'role' | 'first-run' | 'full';

const MOST_USERS = 500;

export function accountOf(
  deps: { accounts: Accounts; config: Config; settings: OidcSettings; wall: Clock },
  identity: Identity,
): Account | OidcRefusal {
  const { accounts, settings } = deps;
  // Else the first who signs in there would close the setup of the first administrator.
  if (accounts.users().length === 0) return 'first-run';
  const role = roleOf(settings, identity.claims);
  if (role === 'refuse') return 'role';
  const found = linkedAccount(deps, identity) ?? (settings.accounts === 'create' ? 'new' : 'account');
  if (found === 'account') return 'account';
  if (found === 'new') return addAccount(deps, identity, role ?? 'viewer');
  if (found.disabled) return 'disabled';
  if (role === null || role === found.role || isLastAdministrator(accounts, found)) return found;
  accounts.updateUser(found.user, { role });
  accounts.endSessionsOf(found.user);
  return { ...found, role };
}

/** Null: roles are set by our administrators. The highest that a value of the claim is mapped to. */
function roleOf({ roles }: OidcSettings, claims: Identity['claims']): Role | 'refuse' | null {
  if (roles === undefined) return null;
  const values = [claimAt(claims, roles.claim)].flat().filter((value) => typeof value === 'string');
  const given = values.flatMap((value) => (Object.hasOwn(roles.map, value) ? (roles.map[value] ?? []) : []));
  return given.length === 0 ? roles.otherwise : (ROLES.findLast((role) => given.includes(role)) ?? roles.otherwise);
}

/** The claim of that name, or the one that its dots lead to. */
function claimAt(claims: Identity['claims'], name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  return name
    .split('.')
    .reduce<unknown>(
      (inner, part) =>
        typeof inner === 'object' && inner !== null && Object.hasOwn(inner, part)
          ? Reflect.get(inner, part)
          : undefined,
      claims,
    );
}

function linkedAccount(
  { accounts, config, settings, wall }: { accounts: Accounts; config: Config; settings: OidcSettings; wall: Clock },
  { issuer, subject, claims }: Identity,
): Account | null {
  const linked = accounts.linkedUser(issuer, subject);
  if (linked !== null) return accounts.user(linked);
  const match =
    settings.link_by === 'username'
      ? accounts.user(String(claims.preferred_username ?? '').toLowerCase())
      : settings.link_by === 'email'
        ? byAddress(accounts, config, claims)
        : null;
  // Whoever is linked with somebody else there is not taken over.
  if (match === null || accounts.isLinked(match.user)) return null;
  accounts.link(issuer, subject, match.user, wall.now());
  return match;
}

/** A verified address that is one of exactly one person's in people.yaml, who has exactly one account. */
function byAddress(accounts: Accounts, { people, site }: Config, claims: Identity['claims']): Account | null {
  if (claims.email_verified !== true || typeof claims.email !== 'string') return null;
  const wanted = claims.email.toLowerCase();
  const persons = people.people.filter(({ routes }) =>
    routes.some(({ channel, to }) => site.channels[channel]?.kind === 'smtp' && to.toLowerCase() === wanted),
  );
  const [person] = persons;
  if (person === undefined || persons.length > 1) return null;
  const owned = accounts.users().filter((account) => account.person === person.id);
  return owned.length === 1 ? (owned[0] ?? null) : null;
}

function addAccount(
  { accounts, wall }: { accounts: Accounts; wall: Clock },
  { issuer, subject, claims }: Identity,
  role: Role,
): Account | OidcRefusal {
  if (accounts.users().length >= MOST_USERS) return 'full';
  const now = wall.now();
  const user = freeName(accounts, nameOf(claims), digest(`${issuer} ${subject}`));
  const shown = [claims.name, claims.preferred_username, claims.email, user].find(
    (text): text is string => typeof text === 'string' && text.trim() !== '',
  );
  const account: Account = {
    ...{ user, name: (shown ?? user).trim().slice(0, 100), role, person: null, disabled: false, createdAt: now },
    ...{ lastSignInAt: null, passwordHash: '', passwordChangedAt: now, mustChangePassword: false },
  };
  accounts.addUser(account);
  accounts.link(issuer, subject, user, now);
  return account;
}

const nameOf = (claims: Identity['claims']): string =>
  String(claims.preferred_username ?? claims.email ?? '')
    .replace(/@.*$/s, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 40);

/** A name that is taken belongs to somebody else: the new account gets one of its own. */
function freeName(accounts: Accounts, wanted: string, unique: string): string {
  if (wanted.length > 1 && accounts.user(wanted) === null) return wanted;
  return `${wanted === '' ? 'oidc' : wanted}-${unique
    .replaceAll(/[^A-Za-z0-9]/g, '')
    .toLowerCase()
    .slice(0, 10)}`;
}
