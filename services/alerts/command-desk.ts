import {
  COMMAND_ROLES,
  type CommandResult,
  type PersonCommand,
  personCommandSchema,
  roleAtLeast,
} from '#core/command.ts';
import { type ErrorCode, messageOf, ZhishouError } from '#core/errors.ts';
import type { BusMessage, Clock, Log, Metrics } from '#core/ports.ts';
import { minutes } from '#core/time.ts';
import { bySchema, decodeJson } from './decode-json.ts';
import type { AlertBook } from './lifecycle/alert-book.ts';
import type { OutageDesk } from './outages.ts';
import type { Incidents } from './seams.ts';
import type { SiteDesk } from './site-status.ts';
import type { UnitOfWork } from './unit-of-work.ts';

/**
 * People's orders from the bus: well formed, signed, fresh, of a sufficient role, then carried out once. A repeated id is
 * answered with the first result and not done twice.
 */
export interface CommandDesk {
  start(): void;
  /** Null: answered; else why it is no order at all. */
  onMessage(message: BusMessage): string | null;
}

export interface CommandDeskDependencies {
  readonly clock: Clock;
  readonly work: UnitOfWork;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly book: AlertBook;
  readonly incidents: Incidents;
  readonly site: SiteDesk;
  readonly outages: Pick<OutageDesk, 'onCommand'>;
  /** Tries every target now; false while it does so already, null where readiness is not judged. */
  readonly testReadiness: (by: string, contacts: boolean) => boolean | null;
  readonly verify: (command: PersonCommand) => boolean;
  readonly reply: (result: CommandResult) => void;
}

const MAX_BYTES = 64 * 1024;
const personCommand = bySchema(personCommandSchema);
const MAX_AGE = minutes(5);
const MAX_REMEMBERED = 2000;
const PREFIX = 'alerts/command/';

export function createCommandDesk(dependencies: CommandDeskDependencies): CommandDesk {
  const { clock, work, log, metrics, book, incidents, site, outages } = dependencies;
  const done = new Map<string, { result: CommandResult; at: number }>();

  function remember(result: CommandResult): void {
    const at = clock.now();
    done.set(result.id, { result, at });
    work.store.set(PREFIX + result.id, { result, at });
    for (const oldest of done.keys()) {
      if (done.size <= MAX_REMEMBERED) break;
      done.delete(oldest);
      work.store.delete(PREFIX + oldest);
    }
  }

  function refuse(command: PersonCommand, error: ErrorCode, detail: string): void {
    metrics.count('zhishou_commands_refused_total', { error });
    log.warn({ command: command.id, kind: command.body.kind, user: command.by.user, error, detail }, 'order refused');
    dependencies.reply({ id: command.id, ok: false, error, detail, created: null });
  }

  function carryOut(command: PersonCommand): CommandResult {
    const { id, body, by } = command;
    const of = (error: ErrorCode | null): CommandResult => ({
      id,
      ok: error === null,
      error,
      detail: null,
      created: null,
    });
    switch (body.kind) {
      case 'alert.acknowledge':
        return of(book.acknowledge(body.alert, by.user));
      case 'alert.silence':
        return of(book.silence(body.alert, by.user, body.minutes, body.reason));
      case 'site.arm':
      case 'site.disarm':
        site.arm(body.kind === 'site.arm', by.user, body.reason);
        return of(null);
      case 'outage.plan':
      case 'outage.cancel':
        return outages.onCommand(command);
      case 'readiness.test': {
        const begun = dependencies.testReadiness(by.user, body.contacts);
        if (begun === null) return { ...of('CONFLICT'), detail: 'readiness is not judged here' };
        return begun ? of(null) : { ...of('CONFLICT'), detail: 'a test is under way' };
      }
      default:
        return incidents.onCommand(command);
    }
  }

  function refusalOf(command: PersonCommand): { error: ErrorCode; detail: string } | null {
    if (Math.abs(clock.now() - command.at) > MAX_AGE) return { error: 'CONFLICT', detail: 'the order is too old' };
    const needed = COMMAND_ROLES[command.body.kind];
    return roleAtLeast(command.by.role, needed) ? null : { error: 'FORBIDDEN', detail: `needs the role ${needed}` };
  }

  function handle(command: PersonCommand): void {
    if (!dependencies.verify(command)) {
      refuse(command, 'FORBIDDEN', 'the signature does not fit');
      return;
    }
    const before = done.get(command.id);
    if (before !== undefined) {
      dependencies.reply(before.result);
      return;
    }
    const refusal = refusalOf(command);
    if (refusal !== null) {
      refuse(command, refusal.error, refusal.detail);
      return;
    }
    const result = attempt(() => carryOut(command), command, log);
    remember(result);
    metrics.count('zhishou_commands_total', { kind: command.body.kind, ok: String(result.ok) });
    log.info({ command: command.id, kind: command.body.kind, user: command.by.user, ok: result.ok }, 'order handled');
    dependencies.reply(result);
  }

  return {
    start() {
      const stored = [...work.store.entries(PREFIX)].map(([, value]) => value as { result: CommandResult; at: number });
      stored.sort((a, b) => a.at - b.at);
      for (const entry of stored) done.set(entry.result.id, entry);
    },
    onMessage({ payload }) {
      const decoded = decodeJson(payload, personCommand, MAX_BYTES);
      if (!decoded.ok) return decoded.reason;
      handle(decoded.value);
      return null;
    },
  };
}

/** An order that fails inside is answered, too; nobody waits for a reply that never comes. */
function attempt(carryOut: () => CommandResult, command: PersonCommand, log: Log): CommandResult {
  try {
    return carryOut();
  } catch (error) {
    log.error({ command: command.id, kind: command.body.kind, error: messageOf(error) }, 'order failed');
    const code: ErrorCode = error instanceof ZhishouError ? error.code : 'INVARIANT';
    return { id: command.id, ok: false, error: code, detail: messageOf(error), created: null };
  }
}
