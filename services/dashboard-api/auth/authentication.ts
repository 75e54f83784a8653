import type { SessionView, UserView } from '#core/api.ts';
import type { Role } from '#core/command.ts';
import { ZhishouError } from '#core/errors.ts';
import type { Clock } from '#core/ports.ts';
import { earliest, hours, type Instant, minutes, plus, toIso } from '#core/time.ts';
import type { Account, Session } from '#platform/accounts-schema.ts';
import type { Accounts } from '#platform/accounts-store.ts';
import { digest, type Passwords, randomSecret } from '#platform/passwords.ts';
import { ProblemError } from '../problem.ts';
import { lockLength, MOST_FAILURES_ANYWHERE } from './lock-out.ts';

/** Who is calling: sign-in, sessions, API tokens. All on real time, also in a demo that runs fast. */

/** `local`: somebody at this machine looking at a simulated room without signing in. */
export type Caller =
  | {
      readonly kind: 'session';
      readonly sessionId: string;
      readonly user: string;
      readonly name: string;
      readonly role: Role;
      readonly csrf: string;
      readonly passwordDue: boolean;
    }
  | { readonly kind: 'token'; readonly id: string; readonly user: string; readonly name: string; readonly role: Role }
  | { readonly kind: 'local'; readonly user: string; readonly name: string; readonly role: 'viewer' };

export const PASSWORD_AGE = hours(90 * 24);
export const SESSION_IDLE = hours(24);
export const SESSION_LONGEST = hours(7 * 24);
/** How exactly the last use is kept: each request would be a write to disk. */
const TOUCH_GAP = minutes(1);
/** All addresses together. */
const ANYWHERE = '*';

export interface Authentication {
  /** WRONG_CREDENTIALS, or TOO_MANY while locked out. */
  signIn(user: string, password: string, address: string): Promise<{ secret: string; view: SessionView }>;
  /** Is this the account's password? Throws as signIn does, and counts wrong ones for the lock-out. */
  confirm(user: string, password: string, address: string): Promise<Account>;
  /** The person behind a session's secret; null when there is none (any more). */
  bySession(secret: string): Caller | null;
  byToken(secret: string): Caller | null;
  /** Does the session or token still hold? Counts as use. */
  stillSignedIn(caller: Caller): boolean;
  view(caller: Caller & { kind: 'session' }): SessionView;
}

export function createAuthentication(deps: { accounts: Accounts; passwords: Passwords; wall: Clock }): Authentication {
  const { accounts, passwords, wall } = deps;

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
  const sessionView = (account: Account, session: Session, csrf: string): SessionView => ({
    user: toUserView(account),
    csrf,
    expiresAt: toIso(expiryOf(session)),
    passwordDue: isPasswordDue(account, wall.now()),
  });

  const confirm = async (name: string, password: string, address: string): Promise<Account> => {
    refuseWhileLocked(accounts, wall.now(), name, address);
    // Counted before the password is tried, so that guesses made side by side count too.
    countFailure(accounts, wall.now(), name, address);
    const account = accounts.user(name);
    const right = await passwords.verify(password, account?.passwordHash ?? null);
    if (!right || account === null || account.disabled) throw new ZhishouError('WRONG_CREDENTIALS', 'sign-in');
    accounts.setFailures(name, address, { count: 0, lockedUntil: null }, wall.now());
    return account;
  };

  return {
    confirm,
    async signIn(name, password, address) {
      const account = await confirm(name, password, address);
      const now = wall.now();
      const secret = randomSecret();
      const session = { id: digest(secret), user: name, createdAt: now, lastUsedAt: now };
      accounts.addSession(session);
      accounts.updateUser(name, { lastSignInAt: now });
      return { secret, view: sessionView({ ...account, lastSignInAt: now }, session, csrfOf(secret)) };
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
        passwordDue: isPasswordDue(account, wall.now()),
      };
    },
    byToken(secret) {
      const token = accounts.tokenBySecret(digest(secret));
      if (token === null || wall.now() >= token.expiresAt) return null;
      if (token.lastUsedAt === null || wall.now() - token.lastUsedAt >= TOUCH_GAP) {
        accounts.touchToken(token.id, wall.now());
      }
      return { kind: 'token', id: token.id, user: `token:${token.id}`, name: token.name, role: token.role };
    },
    stillSignedIn(caller) {
      if (caller.kind === 'session') return liveSession(caller.sessionId) !== null;
      if (caller.kind === 'local') return true;
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

const expiryOf = (session: Session): Instant =>
  earliest(plus(session.lastUsedAt, SESSION_IDLE), plus(session.createdAt, SESSION_LONGEST));

const isPasswordDue = (account: Account, now: Instant): boolean =>
  account.mustChangePassword || now >= plus(account.passwordChangedAt, PASSWORD_AGE);

export const toUserView = (account: Account): UserView => ({
  user: account.user,
  name: account.name,
  role: account.role,
  person: account.person,
  disabled: account.disabled,
  createdAt: toIso(account.createdAt),
  lastSignInAt: account.lastSignInAt === null ? null : toIso(account.lastSignInAt),
  passwordChangedAt: toIso(account.passwordChangedAt),
  passwordExpiresAt: toIso(plus(account.passwordChangedAt, PASSWORD_AGE)),
  mustChangePassword: account.mustChangePassword,
});

function refuseWhileLocked(accounts: Accounts, now: Instant, user: string, address: string): void {
  for (const place of [address, ANYWHERE]) {
    const { lockedUntil } = accounts.failures(user, place);
    if (lockedUntil === null || lockedUntil <= now) continue;
    const retryAfterS = Math.ceil((lockedUntil - now) / 1000);
    throw new ProblemError('TOO_MANY', 'sign-in', `too many wrong passwords; wait ${retryAfterS} s`, { retryAfterS });
  }
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
