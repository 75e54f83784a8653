import type { Config } from '#core/config/config.ts';
import type { Bus, Clock, Log, Metrics } from '#core/ports.ts';
import type { Accounts } from '#platform/accounts-store.ts';
import type { RegisterStore } from '#platform/register-store.ts';
import type { History } from '#platform/series/write-behind/history.ts';
import { createNotices, type Notices } from './notices.ts';
import type { ReadModel } from './read-model/model.ts';
import { openRegisters } from './registers/open-registers.ts';
import type { Registers } from './registers/register-book.ts';
import type { WhoIs } from './registers/register-who.ts';
import type { TaskList } from './tasks/task-list.ts';

/** The room's paperwork: registers, duties, reports, meetings. Each part owns its own store; here they are joined. */
export interface Paperwork {
  readonly notices: Notices;
  readonly registers: Registers;
  /** The account that asks, the person behind it and what they are now. */
  readonly whoIs: WhoIs;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** What its parts are made of. */
export interface PaperworkBase {
  readonly config: Config;
  /** The site's clock. */
  readonly clock: Clock;
  readonly wall: Clock;
  readonly bus: Bus;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly history: History;
  readonly model: ReadModel;
  readonly tasks: TaskList;
  readonly accounts: Accounts;
  readonly registerStore: RegisterStore | undefined;
}

export function openPaperwork(base: PaperworkBase): Paperwork {
  const { config, bus, log } = base;
  const notices = createNotices({ site: config.site.id, bus, log });
  const { registers, whoIs } = openRegisters({ ...base, store: base.registerStore });
  return {
    notices,
    registers,
    whoIs,
    async start() {},
    async stop() {},
  };
}
