import type { Clock } from '#core/ports.ts';
import type { Account } from '#platform/accounts-schema.ts';
import type { Accounts } from '#platform/accounts-store.ts';
import type { Passwords } from '#platform/passwords.ts';
import { randomPassword, sameSecret } from '#platform/secrets.ts';

/**
 * The very first start of a real site: whoever started the service is shown a setup code, once, and makes the first administrator with
 * it on the page. Nothing opens this without the code, not even a request from this machine: behind a proxy every request is one.
 * The code lives in memory: a restart makes another, and the account that is made ends it.
 */
export interface FirstRun {
  isOpen(): boolean;
  /** To be shown to whoever started the service; null: there are accounts. */
  readonly code: string | null;
  isRight(code: string): boolean;
  /** Null: somebody was first, or the code is wrong. Of several at once one succeeds. */
  make(code: string, first: FirstAccount): Promise<Account | null>;
}

export interface FirstAccount {
  readonly user: string;
  readonly name: string;
  readonly password: string;
  readonly person: string | null;
}

/** About 116 bits: nobody guesses it, and nobody needs to be slowed down. */
const CODE_LENGTH = 20;

export function createFirstRun(deps: {
  accounts: Accounts;
  passwords: Passwords;
  wall: Clock;
  /** False: the first administrator comes with a password on the console instead. */
  offered: boolean;
}): FirstRun {
  const { accounts, passwords, wall } = deps;
  let code = deps.offered && accounts.users().length === 0 ? randomPassword(CODE_LENGTH) : null;
  const isOpen = (): boolean => {
    if (code !== null && accounts.users().length > 0) code = null;
    return code !== null;
  };
  const isRight = (given: string): boolean => isOpen() && code !== null && sameSecret(given.trim(), code);
  return {
    isOpen,
    get code() {
      return isOpen() ? code : null;
    },
    isRight,
    async make(given, { user, name, password, person }) {
      if (!isRight(given)) return null;
      const passwordHash = await passwords.hash(password);
      const now = wall.now();
      const account: Account = {
        ...{ user, name, person, role: 'administrator', disabled: false, createdAt: now, lastSignInAt: null },
        ...{ passwordHash, passwordChangedAt: now, mustChangePassword: false },
      };
      return accounts.addFirstUser(account) ? account : null;
    },
  };
}
