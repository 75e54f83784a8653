import type { Account } from '#platform/accounts-schema.ts';
import type { Accounts } from '#platform/accounts-store.ts';

/** Somebody must be left who can let others in. */
export function isLastAdministrator(accounts: Accounts, account: Account): boolean {
  if (account.role !== 'administrator' || account.disabled) return false;
  return !accounts
    .users()
    .some((other) => other.user !== account.user && other.role === 'administrator' && !other.disabled);
}
