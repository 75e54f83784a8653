import { COMMAND_ROLES, type PersonCommand, personCommandSchema, type Role, roleAtLeast } from '#core/command.ts';
import type { Config } from '#core/config/config.ts';
import { type ErrorCode, messageOf, ZhishouError } from '#core/errors.ts';
import type { BusMessage, Clock, Log, Metrics } from '#core/ports.ts';
import type { Text } from '#core/text.ts';
import { minutes } from '#core/time.ts';
import type { MatterName } from './answers/matters.ts';
import type { Answers } from './answers/open-answers.ts';
import type { BatteryDesk } from './battery-test/battery-desk.ts';
import { bySchema, decodeJson } from './decode-json.ts';
import type { AlertBook, AlertRefusal } from './lifecycle/alert-book.ts';
import type { MaintenanceDesk } from './lifecycle/maintenance.ts';
import { onDeliveryOrder } from './notify/delivery-orders.ts';
import type { Outbox } from './notify/outbox-port.ts';
import { carriedOut, type OrderAnswer, type Refusal, refusal, refused } from './order-answer.ts';
import type { OutageDesk } from './outages.ts';
import { type ContactTests, onContactOrder } from './readiness/contact-tests.ts';
import type { RotaDesk } from './rota/rota-desk.ts';
import type { RulesDesk } from './rules-reload/rules-desk.ts';
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
  readonly answers: Pick<Answers, 'acknowledge' | 'grants'>;
  readonly book: AlertBook;
  readonly incidents: Incidents;
  readonly site: SiteDesk;
  readonly outages: Pick<OutageDesk, 'onCommand'>;
  readonly rotaDesk: Pick<RotaDesk, 'onCommand'>;
  readonly maintenance: Pick<MaintenanceDesk, 'onCommand'>;
  readonly rules: Pick<RulesDesk, 'onCommand'>;
  readonly outbox: Pick<Outbox, 'retry' | 'dismiss'>;
  readonly contacts: Pick<ContactTests, 'begin'>;
  /** Null where no UPS may be tested. */
  readonly batteryTests?: Pick<BatteryDesk, 'onCommand'> | null;
  readonly config: Pick<Config, 'people'>;
  /** Tries every target now; false while it does so already, null where readiness is not judged. */
  readonly testReadiness: (by: string, contacts: boolean) => boolean | null;
  readonly verify: (command: PersonCommand) => boolean;
  readonly reply: (result: OrderAnswer) => void;
}

const TOO_OLD = refusal('CONFLICT', '命令已过时，请重试', 'the order is too old');
const WRONG_SIGNATURE = refusal('FORBIDDEN', '命令的签名不对', 'the signature does not fit');
const WRONG_LINK = refusal('FORBIDDEN', '链接无效或已过期', 'the link is not valid, or no more');
const NOT_JUDGED = refusal('CONFLICT', '本实例不检查就绪情况', 'readiness is not judged here');
const NOT_TESTED = refusal('CONFLICT', '没有可做电池测试的 UPS', 'no UPS of this site may be tested');
const UNDER_WAY = refusal('CONFLICT', '测试正在进行', 'a test is under way');
const ROLE_WORDS: Readonly<Record<Role, Text>> = {
  viewer: { zh: '查看者', en: 'viewer' },
  duty: { zh: '值班员', en: 'duty' },
  operator: { zh: '操作员', en: 'operator' },
  director: { zh: '主任', en: 'director' },
  administrator: { zh: '管理员', en: 'administrator' },
};
const ALERT_REFUSALS: Readonly<Record<AlertRefusal, Refusal>> = {
  NOT_FOUND: refusal('NOT_FOUND', '没有这条告警', 'no such alert'),
  CONFLICT: refusal('CONFLICT', '告警已经解除', 'the alert has cleared'),
  FORBIDDEN: refusal('FORBIDDEN', '安全告警不能静音', 'a safety alert cannot be silenced'),
};

const MAX_BYTES = 64 * 1024;
const personCommand = bySchema(personCommandSchema);
const MAX_AGE = minutes(5);
const MAX_REMEMBERED = 2000;
const PREFIX = 'alerts/command/';

export function createCommandDesk(dependencies: CommandDeskDependencies): CommandDesk {
  const { clock, work, log, metrics, book, incidents, site, outages } = dependencies;
  const done = new Map<string, { result: OrderAnswer; at: number }>();

  function remember(result: OrderAnswer): void {
    const at = clock.now();
    done.set(result.id, { result, at });
    work.store.set(PREFIX + result.id, { result, at });
    for (const oldest of done.keys()) {
      if (done.size <= MAX_REMEMBERED) break;
      done.delete(oldest);
      work.store.delete(PREFIX + oldest);
    }
  }

  function refuse(command: PersonCommand, why: Refusal): void {
    const { code: error, detail } = why;
    metrics.count('zhishou_commands_refused_total', { error });
    log.warn({ command: command.id, kind: command.body.kind, user: command.by.user, error, detail }, 'order refused');
    dependencies.reply(refused(command, why));
  }

  function carryOut(command: PersonCommand): OrderAnswer {
    const { body, by } = command;
    const ofAlert = (error: AlertRefusal | null): OrderAnswer =>
      error === null ? carriedOut(command) : refused(command, ALERT_REFUSALS[error]);
    switch (body.kind) {
      case 'alert.acknowledge':
        // A test of contacts is confirmed by its link in the same way.
        if (body.grant !== undefined) return byLink(command, ['alert', 'test'], body.alert, body.grant);
        return ofAlert(book.acknowledge(body.alert, by.user));
      case 'incident.acknowledge': {
        if (body.grant !== undefined) return byLink(command, ['incident'], body.incident, body.grant);
        const { via: _, ...plain } = body;
        return incidents.onCommand({ ...command, body: plain });
      }
      case 'alert.silence':
        return ofAlert(book.silence(body.alert, by.user, body.minutes, body.reason));
      case 'alert.unshelve':
        return ofAlert(book.unshelve(body.rule, body.device, by.user));
      case 'maintenance.start':
      case 'maintenance.end':
        return dependencies.maintenance.onCommand(command);
      case 'site.arm':
      case 'site.disarm':
        site.arm(body.kind === 'site.arm', by.user, body.reason);
        return carriedOut(command);
      case 'rota.swap':
      case 'rota.cover':
      case 'rota.cancel':
      case 'rota.note':
      case 'rota.accept':
        return dependencies.rotaDesk.onCommand(command);
      case 'outage.plan':
      case 'outage.cancel':
        return outages.onCommand(command);
      case 'battery-test.start':
      case 'battery-test.confirm':
      case 'battery-test.stop':
        return dependencies.batteryTests?.onCommand(command) ?? refused(command, NOT_TESTED);
      case 'contact.test':
        return onContactOrder(dependencies.contacts, dependencies.config, command, body);
      case 'delivery.retry':
      case 'delivery.dismiss':
        return onDeliveryOrder(dependencies.outbox, command, body);
      case 'rules.reload':
      case 'rule.override':
      case 'rule.override-remove':
        return dependencies.rules.onCommand({ ...command, body });
      case 'readiness.test': {
        const begun = dependencies.testReadiness(by.user, body.contacts);
        if (begun === null) return refused(command, NOT_JUDGED);
        return begun ? carriedOut(command) : refused(command, UNDER_WAY);
      }
      default:
        return incidents.onCommand(command);
    }
  }

  /** A signed link stands for one person and one matter, whoever says otherwise. */
  function byLink(
    command: PersonCommand,
    kinds: readonly MatterName['kind'][],
    id: string,
    grant: string,
  ): OrderAnswer {
    const kind = kinds.find((one) => dependencies.answers.grants(grant, { kind: one, id }, command.by.user));
    if (kind === undefined) return refused(command, WRONG_LINK);
    const name = { kind, id };
    return dependencies.answers.acknowledge(name, command.by.user, 'link')
      ? carriedOut(command)
      : refused(command, ALERT_REFUSALS.CONFLICT);
  }

  function refusalOf(command: PersonCommand): Refusal | null {
    if (Math.abs(clock.now() - command.at) > MAX_AGE) return TOO_OLD;
    const needed = COMMAND_ROLES[command.body.kind];
    if (roleAtLeast(command.by.role, needed)) return null;
    const { zh, en } = ROLE_WORDS[needed];
    return refusal('FORBIDDEN', `需要“${zh}”或更高权限`, `needs the role ${en}`);
  }

  function handle(command: PersonCommand): void {
    if (!dependencies.verify(command)) {
      refuse(command, WRONG_SIGNATURE);
      return;
    }
    const before = done.get(command.id);
    if (before !== undefined) {
      dependencies.reply(before.result);
      return;
    }
    const wrong = refusalOf(command);
    if (wrong !== null) {
      refuse(command, wrong);
      return;
    }
    const result = attempt(() => carryOut(command), command, log);
    remember(result);
    // Whoever does something about an alert has not left it alone.
    const { body } = command;
    if (result.ok && 'alert' in body && body.kind !== 'alert.acknowledge') book.caredFor(body.alert);
    metrics.count('zhishou_commands_total', { kind: command.body.kind, ok: String(result.ok) });
    log.info({ command: command.id, kind: command.body.kind, user: command.by.user, ok: result.ok }, 'order handled');
    dependencies.reply(result);
  }

  return {
    start() {
      const stored = [...work.store.entries(PREFIX)].map(([, value]) => value as { result: OrderAnswer; at: number });
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
function attempt(carryOut: () => OrderAnswer, command: PersonCommand, log: Log): OrderAnswer {
  try {
    return carryOut();
  } catch (error) {
    log.error({ command: command.id, kind: command.body.kind, error: messageOf(error) }, 'order failed');
    const code: ErrorCode = error instanceof ZhishouError ? error.code : 'INVARIANT';
    const detail = messageOf(error);
    return refused(command, {
      code,
      detail,
      text: { zh: `系统内部出错：${detail}`, en: `It failed inside: ${detail}` },
    });
  }
}
