import type { SessionView, UserView } from '#core/api.ts';
import type { Role } from '#core/command.ts';
import { ZhishouError } from '#core/errors.ts';
import type { Clock } from '#core/ports.ts';
import { earliest, hours, type Instant, minutes, plus, toIso } from '#core/time.ts';
import type { TokenScope } from '#core/token-scope.ts';
import type { Account, Session } from '#platform/accounts-schema.ts';
import type { Accounts } from '#platform/accounts-store.ts';
import { digest, type Passwords, randomSecret } from '#platform/passwords.ts';
import { userVersion } from '../conditional/version-of.ts';
import { ProblemError } from '../problem.ts';
import { lockLength, MOST_FAILURES_ANYWHERE } from './lock-out.ts';
import type { OneTimeCodes } from './one-time-codes.ts';

/** Who is calling: sign-in, sessions, API tokens. All on real time, also in a demo that runs fast. */

/** `local`: somebody at this machine looking at a simulated room without signing in. `wall`: a screen on the wall, by its address. */
export type Caller =
  | {
      readonly kind: 'session';
      readonly sessionId: string;
      readonly user: string;
      readonly name: string;
      readonly role: Role;
      readonly csrf: string;
      readonly passwordDue: boolean;
      readonly codesDue: boolean;
      readonly via: Session['via'];
    }
  | {
      readonly kind: 'token';
      readonly id: string;
      readonly user: string;
      readonly name: string;
      readonly role: Role;
      readonly scopes: readonly TokenScope[];
    }
  | { readonly kind: 'local' | 'wall'; readonly user: string; readonly name: string; readonly role: 'viewer' };

export const PASSWORD_AGE = hours(90 * 24);
export const SESSION_IDLE = hours(24);
export const SESSION_LONGEST = hours(7 * 24);
/** How exactly the last use is kept: each request would be a write to disk. */
const TOUCH_GAP = minutes(1);
/** All addresses together. */
const ANYWHERE = '*';

/** Where a sign-in comes from. */
export interface Origin {
  readonly address: string;
  /** The browser's own word of itself. */
  readonly agent: string;
}

export interface Credentials {
  readonly user: string;
  readonly password: string;
  /** Of the app or a recovery code; null: none was typed. */
  readonly code: string | null;
}

export interface Authentication {
  /**
   * WRONG_CREDENTIALS, or TOO_MANY while locked out. CODE_NEEDED: the password is right, the account has one-time codes and none was
   * given; with one that is wrong the answer is that of a wrong password, and counts as one.
   */
  signIn(credentials: Credentials, origin: Origin): Promise<{ secret: string; view: SessionView }>;
  /** A session for somebody whom the provider vouches for. */
  begin(account: Account, origin: Origin, via: Session['via']): { secret: string; view: SessionView };
  /** Password and, where the account has them, one-time code: throws as signIn does. */
  prove(credentials: Credentials, address: string): Promise<Account>;
  /** Is this the account's password? Throws as signIn does, and counts wrong ones for the lock-out. */
  confirm(user: string, password: string, address: string): Promise<Account>;
  /** The person behind a session's secret; null when there is none (any more). */
  bySession(secret: string): Caller | null;
  byToken(secret: string): Caller | null;
  /** Does the session or token still hold? Counts as use. */
  stillSignedIn(caller: Caller): boolean;
  view(caller: Caller & { kind: 'session' }): SessionView;
}

export function createAuthentication(deps: {
  accounts: Accounts;
  passwords: Passwords;
  wall: Clock;
  codes: OneTimeCodes;
  /** Roles that must have one-time codes. */
  codesFor: readonly Role[];
}): Authentication {
  const { accounts, passwords, wall, codes } = deps;

  const liveSession = (id: string): { session: Session; account: Account } | null => {
    const session = accounts.session(id);
    const account = session === null ? null : accounts.user(session.user);
    if (session === null || account === null || account.disabled) return null;
    if (wall.now() >= expiryOf(session)) {
      accounts.endSession(id);
      return null;
    }
    if (wall.now() - session.lastUsedAt >= TOUCH_GAP) accounts.touchSession(id, wall.now());
    return { session, account };
  };
  // A provider that vouches for somebody has its own password rules and second factor.
  const dues = (account: Account, { via }: Session): { passwordDue: boolean; codesDue: boolean } => ({
    passwordDue: via === 'password' && isPasswordDue(account, wall.now()),
    codesDue: via === 'password' && deps.codesFor.includes(account.role) && !codes.isOn(account.user),
  });
  const sessionView = (account: Account, session: Session, csrf: string): SessionView => ({
    user: toUserView(accounts, account),
    csrf,
    expiresAt: toIso(expiryOf(session)),
    ...dues(account, session),
    via: session.via,
  });

  const confirm = async (
    { user: name, password }: Omit<Credentials, 'code'>,
    address: string,
    codeIsRight: (account: Account) => boolean = () => true,
  ): Promise<Account> => {
    refuseWhileLocked(accounts, wall.now(), name, address);
    // Counted before the password is tried, so that guesses made side by side count too.
    countFailure(accounts, wall.now(), name, address);
    const account = accounts.user(name);
    const right = await passwords.verify(password, account?.passwordHash ?? null);
    if (!right || account === null || account.disabled) throw new ZhishouError('WRONG_CREDENTIALS', 'sign-in');
    if (!codeIsRight(account)) throw new ZhishouError('WRONG_CREDENTIALS', 'sign-in');
    accounts.setFailures(name, address, { count: 0, lockedUntil: null }, wall.now());
    uncount(accounts, wall.now(), name, ANYWHERE);
    return account;
  };
  const prove: Authentication['prove'] = ({ user, password, code }, address) =>
    confirm({ user, password }, address, (found) => {
      if (!codes.isOn(found.user)) return true;
      if (code !== null) return codes.take(found.user, code);
      // No guess was made; those before it still count.
      for (const place of [address, ANYWHERE]) uncount(accounts, wall.now(), user, place);
      throw new ZhishouError('CODE_NEEDED', 'sign-in');
    });
  const begin: Authentication['begin'] = (account, { address, agent }, via) => {
    const now = wall.now();
    const secret = randomSecret();
    const session: Session = {
      ...{ id: digest(secret), user: account.user, createdAt: now, lastUsedAt: now },
      ...{ address: address.slice(0, 64), agent: wordOf(agent), via },
    };
    accounts.addSession(session);
    accounts.updateUser(account.user, { lastSignInAt: now });
    return { secret, view: sessionView({ ...account, lastSignInAt: now }, session, csrfOf(secret)) };
  };

  return {
    confirm: (user, password, address) => confirm({ user, password }, address),
    begin,
    prove,
    async signIn(credentials, origin) {
      return begin(await prove(credentials, origin.address), origin, 'password');
    },
    bySession(secret) {
      const found = liveSession(digest(secret));
      if (found === null) return null;
      const { account, session } = found;
      return {
        kind: 'session',
        sessionId: session.id,
        user: account.user,
        name: account.name,
        role: account.role,
        csrf: csrfOf(secret),
        ...dues(account, session),
        via: session.via,
      };
    },
    byToken(secret) {
      const token = accounts.tokenBySecret(digest(secret));
      if (token === null || wall.now() >= token.expiresAt) return null;
      if (token.lastUsedAt === null || wall.now() - token.lastUsedAt >= TOUCH_GAP) {
        accounts.touchToken(token.id, wall.now());
      }
      const { id, name, role, scopes } = token;
      return { kind: 'token', id, user: `token:${id}`, name, role, scopes };
    },
    stillSignedIn(caller) {
      if (caller.kind === 'session') return liveSession(caller.sessionId) !== null;
      if (caller.kind !== 'token') return true;
      return accounts.tokens().some(({ id, expiresAt }) => id === caller.id && wall.now() < expiresAt);
    },
    view(caller) {
      const found = liveSession(caller.sessionId);
      if (found === null) throw new ZhishouError('NOT_SIGNED_IN', 'session');
      return sessionView(found.account, found.session, caller.csrf);
    },
  };
}

const csrfOf = (secret: string): string => digest(`csrf ${secret}`);

/** Bounded, and without what would break a line. */
const wordOf = (agent: string): string => agent.replaceAll(/[\p{Cc}\p{Cf}]/gu, '').slice(0, 200);

/** A short name for ending a session by; its id is the digest of the cookie's secret and stays here. */
export const handleOf = ({ id }: Session): string => digest(`session ${id}`).slice(0, 16);

export const expiryOf = (session: Session): Instant =>
  earliest(plus(session.lastUsedAt, SESSION_IDLE), plus(session.createdAt, SESSION_LONGEST));

const isPasswordDue = (account: Account, now: Instant): boolean =>
  account.passwordHash !== '' && (account.mustChangePassword || now >= plus(account.passwordChangedAt, PASSWORD_AGE));

export const toUserView = (accounts: Accounts, account: Account): UserView => ({
  user: account.user,
  version: userVersion(account),
  name: account.name,
  role: account.role,
  person: account.person,
  disabled: account.disabled,
  createdAt: toIso(account.createdAt),
  lastSignInAt: account.lastSignInAt === null ? null : toIso(account.lastSignInAt),
  passwordChangedAt: toIso(account.passwordChangedAt),
  passwordExpiresAt: toIso(plus(account.passwordChangedAt, PASSWORD_AGE)),
  mustChangePassword: account.mustChangePassword,
  hasPassword: account.passwordHash !== '',
  totp: (accounts.codesOf(account.user)?.confirmedAt ?? null) !== null,
  linked: accounts.isLinked(account.user),
});

function refuseWhileLocked(accounts: Accounts, now: Instant, user: string, address: string): void {
  for (const place of [address, ANYWHERE]) {
    const { lockedUntil } = accounts.failures(user, place);
    if (lockedUntil === null || lockedUntil <= now) continue;
    const retryAfterS = Math.ceil((lockedUntil - now) / 1000);
    throw new ProblemError('TOO_MANY', 'sign-in', `too many wrong passwords; wait ${retryAfterS} s`, { retryAfterS });
  }
}

/** What turned out to be no guess. */
function uncount(accounts: Accounts, now: Instant, user: string, place: string): void {
  const { count } = accounts.failures(user, place);
  accounts.setFailures(user, place, { count: Math.max(0, count - 1), lockedUntil: null }, now);
}

function countFailure(accounts: Accounts, now: Instant, user: string, address: string): void {
  for (const [place, free] of [
    [address, undefined],
    [ANYWHERE, MOST_FAILURES_ANYWHERE],
  ] as const) {
    const count = accounts.failures(user, place).count + 1;
    const lock = lockLength(count, free);
    accounts.setFailures(user, place, { count, lockedUntil: lock > 0 ? plus(now, lock) : null }, now);
  }
}
