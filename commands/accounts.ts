import { join } from 'node:path';
import { ZhishouError } from '#core/errors.ts';
import type { Clock } from '#core/ports.ts';
import { openAccounts } from '#platform/accounts-store.ts';
import { createPasswords } from '#platform/passwords.ts';
import { randomPassword } from '#platform/secrets.ts';
import { FIRST_ADMINISTRATOR } from '#services/dashboard-api/auth/first-administrator.ts';

/**
 * Whoever may write the state directory may also sign in: a new password for `admin`, or for the oldest administrator where nobody is
 * called so; all its sessions are ended and its one-time codes taken off. Null: there are no accounts yet.
 */
export async function resetAdministrator(
  stateDirectory: string,
  clock: Clock,
): Promise<{ readonly user: string; readonly password: string } | null> {
  const accounts = openAccounts(join(stateDirectory, 'accounts.sqlite'));
  try {
    const everybody = accounts.users();
    if (everybody.length === 0) return null;
    const administrators = everybody
      .filter(({ role, disabled }) => role === 'administrator' && !disabled)
      .toSorted((one, other) => one.createdAt - other.createdAt);
    const chosen = administrators.find(({ user }) => user === FIRST_ADMINISTRATOR) ?? administrators[0];
    if (chosen === undefined) throw new ZhishouError('NOT_FOUND', 'accounts', 'there is no administrator');
    const { user } = chosen;
    const password = randomPassword();
    accounts.setPassword(user, await createPasswords().hash(password), clock.now(), false);
    accounts.clearFailures(user);
    accounts.removeCodes(user);
    accounts.endSessionsOf(user);
    return { user, password };
  } finally {
    accounts.close();
  }
}

/** The setup page with its code. Behind `#` it stays in the browser: no log and no proxy sees it. */
export const setupLink = (page: string, code: string): string => `${page.replace(/\/+$/, '')}/first-run#${code}`;
