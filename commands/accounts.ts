import { join } from 'node:path';
import { ZhishouError } from '#core/errors.ts';
import type { Clock } from '#core/ports.ts';
import { openAccounts } from '#platform/accounts-store.ts';
import { createPasswords } from '#platform/passwords.ts';
import { randomPassword } from '#platform/secrets.ts';
import { FIRST_ADMINISTRATOR } from '#services/dashboard-api/auth/first-administrator.ts';

/** Whoever may write the state directory may also sign in: a new password for admin, all its sessions ended. */
export async function resetAdministrator(stateDirectory: string, clock: Clock): Promise<string> {
  const accounts = openAccounts(join(stateDirectory, 'accounts.sqlite'));
  try {
    if (accounts.user(FIRST_ADMINISTRATOR) === null)
      throw new ZhishouError('NOT_FOUND', FIRST_ADMINISTRATOR, 'there is no account of this name');
    const password = randomPassword();
    accounts.setPassword(FIRST_ADMINISTRATOR, await createPasswords().hash(password), clock.now(), false);
    accounts.clearFailures(FIRST_ADMINISTRATOR);
    accounts.endSessionsOf(FIRST_ADMINISTRATOR);
    return password;
  } finally {
    accounts.close();
  }
}
