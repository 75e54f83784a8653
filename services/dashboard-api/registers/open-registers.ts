import type { Config } from '#core/config/config.ts';
import type { IncidentView } from '#core/incident.ts';
import type { Bus, Clock, Log } from '#core/ports.ts';
import type { Accounts } from '#platform/accounts-store.ts';
import { openRegisterStore, type RegisterStore } from '#platform/register-store.ts';
import type { Notices } from '../notices.ts';
import type { ReadModel } from '../read-model/model.ts';
import { createRegisterBook, type Registers } from './register-book.ts';
import { createRegisterDesk, type RegisterDesk } from './register-desk.ts';
import { createWhoIs, type WhoIs } from './register-who.ts';
import { createSelfEntries } from './self-entries.ts';

export interface RegisterParts {
  readonly registers: Registers;
  readonly whoIs: WhoIs;
  readonly desk: RegisterDesk;
  /** What an incident did that belongs in a register. */
  readonly takeIncident: (incident: IncidentView) => void;
}

/** The registers as a part of the paperwork. Without a store they are forgotten with the process. */
export function openRegisters(deps: {
  readonly config: Config;
  readonly clock: Clock;
  readonly bus: Bus;
  readonly log: Log;
  readonly notices: Notices;
  readonly model: ReadModel;
  readonly accounts: Accounts;
  readonly store: RegisterStore | undefined;
}): RegisterParts {
  const { config, clock, bus, log, model, accounts, notices } = deps;
  const store = deps.store ?? openRegisterStore(':memory:');
  const registers = createRegisterBook({ config, clock, log, store });
  return {
    registers,
    whoIs: createWhoIs({ config, accounts, model, now: clock.now }),
    desk: createRegisterDesk({ config, clock, bus, log, registers, store, notices }),
    takeIncident: createSelfEntries(registers),
  };
}
