import type { Config } from '#core/config/config.ts';
import type { Clock, Log } from '#core/ports.ts';
import type { Accounts } from '#platform/accounts-store.ts';
import { openRegisterStore, type RegisterStore } from '#platform/register-store.ts';
import type { ReadModel } from '../read-model/model.ts';
import { createRegisterBook, type Registers } from './register-book.ts';
import { createWhoIs, type WhoIs } from './register-who.ts';

/** The registers as a part of the paperwork. Without a store they are forgotten with the process. */
export function openRegisters(deps: {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly model: ReadModel;
  readonly accounts: Accounts;
  readonly store: RegisterStore | undefined;
}): { readonly registers: Registers; readonly whoIs: WhoIs } {
  const { config, clock, log, model, accounts } = deps;
  const store = deps.store ?? openRegisterStore(':memory:');
  return {
    registers: createRegisterBook({ config, clock, log, store }),
    whoIs: createWhoIs({ config, accounts, model, now: clock.now }),
  };
}
