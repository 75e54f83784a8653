import type { Clock } from '#core/ports.ts';
import type { Accounts } from '#platform/accounts-store.ts';
import type { Passwords } from '#platform/passwords.ts';
import { ProblemError } from '../problem.ts';
import type { Authentication, Caller } from './authentication.ts';

/** O-PWD-1: at least eight characters (the schema's), at most 90 days old, and not one of the last ones. */
const NOT_OF_THE_LAST = 5;

export interface PasswordDependencies {
  readonly accounts: Accounts;
  readonly passwords: Passwords;
  readonly authentication: Authentication;
  readonly wall: Clock;
}

/** WRONG_CREDENTIALS (counts for the lock-out), BAD_REQUEST when the new one will not do. Other sessions of the account end. */
export async function changeOwnPassword(
  { accounts, passwords, authentication, wall }: PasswordDependencies,
  caller: Caller & { kind: 'session' },
  { current, next }: { current: string; next: string },
  address: string,
): Promise<void> {
  await authentication.confirm(caller.user, current, address);
  refuseWeak('next', next, caller.user);
  for (const old of accounts.recentPasswords(caller.user, NOT_OF_THE_LAST)) {
    if (await passwords.verify(next, old)) refuse('next', 'must not be one of your last five passwords');
  }
  accounts.setPassword(caller.user, await passwords.hash(next), wall.now(), false);
  accounts.endSessionsOf(caller.user, caller.sessionId);
}

/** BAD_REQUEST on this field of the request when the password will not do. */
export function refuseWeak(path: string, password: string, user: string): void {
  const reason = weakness(password, user);
  if (reason !== null) refuse(path, reason);
}

/** Null when it will do. Length counts; a few that everybody tries first do not. */
export function weakness(password: string, user: string): string | null {
  const plain = password.toLowerCase();
  if (new Set(plain).size < 4) return 'must have at least four different characters';
  if (user.length > 2 && plain.includes(user)) return 'must not contain the user name';
  if (COMMON.some((word) => plain === word)) return 'is one of the first that are tried';
  return null;
}

const COMMON = [
  '12345678',
  '123456789',
  '1234567890',
  'password',
  'password1',
  'qwertyui',
  'qwerty123',
  'admin123',
  'admin1234',
  'administrator',
  'zhishou123',
  '88888888',
  '11111111',
  '1qaz2wsx',
  'abcd1234',
  'a1234567',
  'a12345678',
];

function refuse(path: string, message: string): never {
  throw new ProblemError('BAD_REQUEST', path, message, { issues: [{ path, message }] });
}
