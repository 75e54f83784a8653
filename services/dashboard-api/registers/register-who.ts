import type { Config } from '#core/config/config.ts';
import { FUNCTIONS, type FunctionName } from '#core/config/people.ts';
import type { Who } from '#core/paperwork/register-rights.ts';
import { createRota } from '#core/rota/rota.ts';
import type { Instant } from '#core/time.ts';
import type { Accounts } from '#platform/accounts-store.ts';
import type { Caller } from '../auth/authentication.ts';
import type { ReadModel } from '../read-model/model.ts';

/** Who writes in a register: the account, the person behind it, and what that person is now. */
export type WhoIs = (caller: Caller) => Who;

export function createWhoIs(deps: {
  readonly config: Config;
  readonly accounts: Accounts;
  readonly model: ReadModel;
  readonly now: () => Instant;
}): WhoIs {
  const rota = createRota(deps.config);
  return ({ kind, user, name, role }) => {
    const person = kind === 'session' ? (deps.accounts.user(user)?.person ?? null) : null;
    const own = deps.config.people.people.find(({ id }) => id === person)?.functions ?? [];
    // The alerts service knows of swaps; without its word the rota of the configuration holds.
    const onDuty = deps.model.site().duty?.person ?? rota.dutyAt(deps.now())?.person.id ?? null;
    const functions: FunctionName[] = person !== null && person === onDuty ? [...own, 'duty'] : [...own];
    return { user, name, role, person, functions };
  };
}

/** What enters itself, and what other parts of the product write. */
export const ZHISHOU: Who = {
  user: 'zhishou',
  name: '值守 Zhishou',
  role: 'administrator',
  person: null,
  functions: [...FUNCTIONS],
};
