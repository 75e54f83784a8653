import type { CommandBody, PersonCommand } from '#core/command.ts';
import type { Config } from '#core/config/config.ts';
import {
  covers,
  isOpenAt,
  type MaintenanceWindow,
  type OutOfService,
  type Shelved,
  windowEnd,
} from '#core/maintenance.ts';
import type { Clock, Log } from '#core/ports.ts';
import { fromIso, hours, type Instant, minutes, plus, toIso } from '#core/time.ts';
import { carriedOut, type OrderAnswer, type Refusal, refusal, refused } from '../order-answer.ts';
import type { UnitOfWork } from '../unit-of-work.ts';

/** Equipment out of service: windows entered and ended by people's orders, kept durably, published whole with what is shelved. */
export interface MaintenanceDesk {
  start(): void;
  /** Handles `maintenance.*`; durable when it returns. */
  onCommand(command: PersonCommand): OrderAnswer;
  /** The window that the rule's alert on this device is in; of several the one that ends last. */
  windowFor(rule: string, device: string, wall: Instant): MaintenanceWindow | null;
  /** When the next window begins or ends; null: none is to come. */
  nextChange(wall: Instant): Instant | null;
  publish(): void;
}

export interface MaintenanceDeps {
  readonly config: Pick<Config, 'devices' | 'rules'>;
  readonly clock: Clock;
  readonly work: UnitOfWork;
  readonly log: Log;
  readonly shelved: () => readonly Shelved[];
  readonly publishAll: (all: OutOfService) => void;
  /** What is held back is to be judged anew. */
  readonly onChange: () => void;
}

type StartBody = Extract<CommandBody, { kind: 'maintenance.start' }>;

const PREFIX = 'maintenance/';
const MOST = 200;
const LONGEST = hours(7 * 24);
const FARTHEST = hours(400 * 24);
/** Over for so long it is forgotten. */
const KEPT = hours(30 * 24);

export function createMaintenanceDesk(dependencies: MaintenanceDeps): MaintenanceDesk {
  const { config, clock, work, log } = dependencies;
  const devices = new Map(config.devices.map((device) => [device.id, device]));
  const windows = new Map<string, MaintenanceWindow>();

  const publish = (): void =>
    dependencies.publishAll({
      windows: [...windows.values()].sort((a, b) => (a.from < b.from ? -1 : 1)),
      shelved: dependencies.shelved(),
    });

  function keep(window: MaintenanceWindow, what: string): void {
    windows.set(window.id, window);
    work.run(() => {
      work.store.set(PREFIX + window.id, window);
      forgetOld();
      dependencies.onChange();
    });
    log.warn({ window: window.id, from: window.from, to: windowEnd(window), by: window.by }, what);
    publish();
  }

  function forgetOld(): void {
    for (const window of [...windows.values()]) {
      if ((fromIso(windowEnd(window)) ?? 0) + KEPT > clock.now()) continue;
      windows.delete(window.id);
      work.store.delete(PREFIX + window.id);
    }
  }

  function begin(command: PersonCommand, body: StartBody): OrderAnswer {
    const now = clock.now();
    const from = body.from === undefined ? now : fromIso(body.from);
    const to = fromIso(body.to);
    const wrong = refusalOf(body, from, to, now);
    if (from === null || to === null || wrong !== null) return refused(command, wrong ?? NO_TIME);
    const { kinds, room, rule, reason } = body;
    let id = `maintenance-${from.toString(36)}`;
    for (let n = 2; windows.has(id); n++) id = `maintenance-${from.toString(36)}-${n}`;
    const times = { from: toIso(from), to: toIso(to), at: toIso(now) };
    keep(
      { id, devices: body.devices, kinds, room, rule, ...times, reason, by: command.by.user, ended: null },
      'maintenance planned',
    );
    return carriedOut(command, id);
  }

  function refusalOf(body: StartBody, from: Instant | null, to: Instant | null, now: Instant): Refusal | null {
    if (from === null || to === null) return NO_TIME;
    if (to <= from || to <= now)
      return refusal('BAD_REQUEST', '结束时间要在开始之后、现在之后', 'it must end after its begin and after now');
    if (from < now - minutes(5)) return refusal('BAD_REQUEST', '开始时间已经过去', 'it cannot begin in the past');
    if (to - from > LONGEST) return refusal('BAD_REQUEST', '检修窗口最长七天', 'a window lasts seven days at most');
    if (from > plus(now, FARTHEST)) return refusal('BAD_REQUEST', '开始时间太远', 'it begins too far ahead');
    if (body.devices.length + body.kinds.length === 0 && body.room === null && body.rule === null)
      return refusal('BAD_REQUEST', '请写明设备、类别、房间或规则', 'name devices, kinds, a room or a rule');
    const strange = body.devices.find((id) => !devices.has(id));
    if (strange !== undefined) return refusal('NOT_FOUND', `没有设备“${strange}”`, `no device "${strange}"`);
    const rule = config.rules.find(({ id }) => id === body.rule);
    if (body.rule !== null && rule === undefined && !body.rule.startsWith('zhishou-'))
      return refusal('NOT_FOUND', `没有规则“${body.rule}”`, `no rule "${body.rule}"`);
    if (rule?.safety === true)
      return refusal('FORBIDDEN', '安全规则不能停用', 'a safety rule cannot be out of service');
    if (windows.size >= MOST) return refusal('CONFLICT', '检修窗口太多', 'there are too many windows');
    return null;
  }

  function end(command: PersonCommand, id: string): OrderAnswer {
    const window = windows.get(id);
    const now = toIso(clock.now());
    if (window === undefined) return refused(command, refusal('NOT_FOUND', '没有这个检修窗口', 'no such window'));
    if (windowEnd(window) <= now)
      return refused(command, refusal('CONFLICT', '检修窗口已经结束', 'the window is over'));
    keep({ ...window, ended: { by: command.by.user, at: now } }, 'maintenance ended');
    return carriedOut(command, id);
  }

  return {
    start() {
      for (const [, value] of work.store.entries(PREFIX)) {
        windows.set((value as MaintenanceWindow).id, value as MaintenanceWindow);
      }
      work.run(forgetOld);
    },
    publish,
    onCommand(command) {
      const { body } = command;
      if (body.kind === 'maintenance.start') return begin(command, body);
      if (body.kind === 'maintenance.end') return end(command, body.window);
      return refused(command, refusal('BAD_REQUEST', '不是检修的命令', 'not an order about maintenance'));
    },
    windowFor(rule, device, wall) {
      if (windows.size === 0) return null;
      const known = devices.get(device);
      const now = toIso(wall);
      const open = [...windows.values()].filter(
        (window) => known !== undefined && isOpenAt(window, now) && covers(window, rule, known),
      );
      return open.reduce<MaintenanceWindow | null>(
        (last, one) => (last === null || windowEnd(one) > windowEnd(last) ? one : last),
        null,
      );
    },
    nextChange(wall) {
      const now = toIso(wall);
      const edges = [...windows.values()]
        .flatMap((window) => [window.from, windowEnd(window)])
        .filter((at) => at > now);
      return fromIso(edges.sort()[0] ?? '');
    },
  };
}

const NO_TIME = refusal('BAD_REQUEST', '没有这样的时间', 'no such time');
