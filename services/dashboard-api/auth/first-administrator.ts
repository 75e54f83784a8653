import type { Instant } from '#core/time.ts';
import type { Accounts } from '#platform/accounts-store.ts';
import type { Passwords } from '#platform/passwords.ts';
import { randomPassword } from '#platform/secrets.ts';

export const FIRST_ADMINISTRATOR = 'admin';

/**
 * At the very first start there is nobody: makes `admin` with a random password and returns it, to be shown once to whoever
 * started the service. Null when there are accounts.
 */
export async function makeFirstAdministrator(
  accounts: Accounts,
  passwords: Passwords,
  now: Instant,
): Promise<string | null> {
  if (accounts.users().length > 0) return null;
  const password = randomPassword();
  accounts.addUser({
    user: FIRST_ADMINISTRATOR,
    name: FIRST_ADMINISTRATOR,
    role: 'administrator',
    person: null,
    disabled: false,
    createdAt: now,
    lastSignInAt: null,
    passwordHash: await passwords.hash(password),
    passwordChangedAt: now,
    mustChangePassword: false,
  });
  return password;
}
