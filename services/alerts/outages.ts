import type { PersonCommand } from '#core/command.ts';
import type { Config } from '#core/config/config.ts';
import type { PlannedOutage } from '#core/outage.ts';
import type { Cancel, Clock, Journal, Log } from '#core/ports.ts';
import { fromIso, hours, type Instant, minutes, toIso } from '#core/time.ts';
import { carriedOut, type OrderAnswer, type Refusal, refusal, refused } from './order-answer.ts';
import type { UnitOfWork } from './unit-of-work.ts';

/**
 * Cuts that the power department has announced (O-PWR-1): entered and called off by people's orders, kept durably, published
 * whole, and handed to the incidents, which begin to prepare when their plan says so. A revised time is the old one called off
 * and a new one entered.
 */
export interface OutageDesk {
  start(): void;
  stop(): void;
  /** Handles `outage.*`; durable when it returns. */
  onCommand(command: PersonCommand): OrderAnswer;
  /** Announced and neither over nor called off. */
  coming(): readonly PlannedOutage[];
  publish(): void;
}

export interface OutageDeskDependencies {
  readonly config: Config;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly work: UnitOfWork;
  readonly log: Log;
  readonly publishAll: (outages: readonly PlannedOutage[]) => void;
  /** What is announced now, called-off ones of late included; the same list again changes nothing. */
  readonly hand: (outages: readonly PlannedOutage[]) => void;
}

const PREFIX = 'outages/';
const MOST = 100;
/** Longer than this nobody announces; it is a slip of the pen. */
const LONGEST = hours(14 * 24);
const FARTHEST = hours(400 * 24);
/** Over for so long it is forgotten. */
const KEPT = hours(30 * 24);

export function createOutageDesk(dependencies: OutageDeskDependencies): OutageDesk {
  const { config, clock, work, journal, log } = dependencies;
  const outages = new Map<string, PlannedOutage>();
  let cancel: Cancel | null = null;

  const all = (): readonly PlannedOutage[] => [...outages.values()].sort((a, b) => (a.from < b.from ? -1 : 1));
  const publish = (): void => dependencies.publishAll(all());

  /** Durable in journal and store before anything follows from it. */
  function keep(outage: PlannedOutage, kind: string): void {
    journal.append([{ at: clock.now(), stream: 'site', kind, body: outage }]);
    outages.set(outage.id, outage);
    work.run(() => work.store.set(PREFIX + outage.id, outage));
    log.warn({ outage: outage.id, from: outage.from, to: outage.to, by: outage.by }, kind);
    publish();
    turn();
  }

  function forgetOld(): void {
    for (const { id, to } of outages.values()) {
      if (at(to) + KEPT > clock.now()) continue;
      outages.delete(id);
      work.run(() => work.store.delete(PREFIX + id));
    }
  }

  /** Hands the list on, and again each minute while something is announced: an incident that could not take it may by then. */
  function turn(): void {
    cancel?.();
    cancel = null;
    dependencies.hand(all());
    if (all().some((outage) => isComing(outage, clock.now()))) cancel = clock.after(minutes(1), turn);
  }

  return {
    start() {
      for (const [, value] of work.store.entries(PREFIX))
        outages.set((value as PlannedOutage).id, value as PlannedOutage);
      forgetOld();
      publish();
      turn();
    },
    stop() {
      cancel?.();
      cancel = null;
    },
    publish,
    coming: () => all().filter((outage) => isComing(outage, clock.now())),
    onCommand(command) {
      const { body, by } = command;
      if (body.kind === 'outage.plan') {
        forgetOld();
        const wrong = refusalOf(body, all(), config, clock.now());
        if (wrong !== null) return refused(command, wrong);
        const [from, to] = [fromIso(body.from), fromIso(body.to)];
        if (from === null || to === null)
          return refused(command, refusal('BAD_REQUEST', '没有这样的时间', 'no such time'));
        const id = newId(from, outages);
        const { upses, reason } = body;
        const made = { id, from: toIso(from), to: toIso(to), upses, reason, by: by.user, at: toIso(clock.now()) };
        keep({ ...made, cancelled: null }, 'outage.planned');
        return carriedOut(command, id);
      }
      if (body.kind !== 'outage.cancel') return refused(command, NOT_FOR_OUTAGES);
      const outage = outages.get(body.outage);
      if (outage === undefined)
        return refused(
          command,
          refusal('NOT_FOUND', `没有计划停电“${body.outage}”`, `no planned outage "${body.outage}"`),
        );
      if (outage.cancelled !== null)
        return refused(command, refusal('CONFLICT', '该计划停电已经取消', 'it was called off already'));
      if (!isComing(outage, clock.now()))
        return refused(command, refusal('CONFLICT', '该计划停电的时间已过', 'its time is over'));
      const cancelled = { by: by.user, at: toIso(clock.now()), reason: body.reason };
      keep({ ...outage, cancelled }, 'outage.cancelled');
      return carriedOut(command, outage.id);
    },
  };
}

const at = (iso: string): number => Date.parse(iso);

const isComing = (outage: PlannedOutage, now: Instant): boolean => outage.cancelled === null && at(outage.to) > now;

const NOT_FOR_OUTAGES = refusal('BAD_REQUEST', '这不是针对计划停电的命令', 'this order is not for outages');

/** `cut-20261123-0100`, by its start in UTC. */
function newId(from: Instant, taken: ReadonlyMap<string, unknown>): string {
  const base = `cut-${toIso(from).slice(0, 16).replaceAll(/[-:]/g, '').replace('T', '-')}`;
  let id = base;
  for (let n = 2; taken.has(id); n++) id = `${base}-${n}`;
  return id;
}

function refusalOf(
  body: { readonly from: string; readonly to: string; readonly upses: readonly string[] },
  known: readonly PlannedOutage[],
  config: Config,
  now: Instant,
): Refusal | null {
  const [from, to] = [at(body.from), at(body.to)];
  if (to <= from) return refusal('BAD_REQUEST', '结束时间不晚于开始时间', 'it ends before it begins');
  if (to <= now) return refusal('BAD_REQUEST', '该时间已过', 'that time has passed');
  if (to - from > LONGEST) return refusal('BAD_REQUEST', '时长超过两周', 'longer than two weeks');
  if (from > now + FARTHEST) return refusal('BAD_REQUEST', '在一年多以后', 'more than a year ahead');
  const unknown = body.upses.find((id) => !config.devices.some((one) => one.id === id && one.kind === 'ups'));
  if (unknown !== undefined) return refusal('NOT_FOUND', `没有 UPS“${unknown}”`, `no UPS "${unknown}"`);
  const same = (other: PlannedOutage): boolean =>
    other.upses.length === 0 || body.upses.length === 0 || other.upses.some((id) => body.upses.includes(id));
  const other = known.find((one) => isComing(one, now) && same(one) && at(one.from) < to && from < at(one.to));
  if (other !== undefined) {
    return refusal(
      'CONFLICT',
      `与计划停电 ${other.id} 的时间重叠，请先取消那一次`,
      `it overlaps ${other.id}; call that one off first`,
    );
  }
  return known.length >= MOST ? refusal('TOO_MANY', '计划停电太多', 'too many planned outages') : null;
}
