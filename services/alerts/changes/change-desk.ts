import type { Config } from '#core/config/config.ts';
import type { Rule } from '#core/config/rule.ts';
import type { WatchedChanges } from '#core/config/watched-changes.ts';
import type { NotificationRequest } from '#core/notification.ts';
import {
  type Change,
  consentTo,
  createPointMatch,
  type KnownValue,
  nextKnown,
  peopleInRoom,
  sameValue,
} from '#core/paperwork/change-watch.ts';
import type { PaperworkFacts } from '#core/paperwork/facts.ts';
import type { Cancel, Clock, Log, Metrics } from '#core/ports.ts';
import type { Reading, Value } from '#core/reading.ts';
import type { RuleEffect } from '#core/rules/rule-step.ts';
import type { Text } from '#core/text.ts';
import { type Instant, toIso } from '#core/time.ts';
import type { AlertBook } from '../lifecycle/alert-book.ts';
import { createSiteClock } from '../lifecycle/site-clock.ts';
import type { Rota } from '../seams.ts';
import type { UnitOfWork } from '../unit-of-work.ts';
import { CHANGE_RULE, changeRule, changeRuleId, changesText } from './change-words.ts';

/**
 * O-CHG-1: a set point or an outlet that changes without an approved change request is an alert, which ends when the value is back or when
 * the change is approved afterwards. What our own plans ordered, what people work on (maintenance) and what an incident explains says
 * nothing. Only the watched points are looked at, and what they were last is kept, so a set point changed while this service was down is found too.
 */
export interface ChangeDesk {
  /** Before the alert book starts: it must know the rules of what fires. */
  restore(): void;
  stop(): void;
  onReadings(readings: readonly Reading[]): void;
  onFacts(facts: PaperworkFacts): void;
  /** The rule of such an alert, by the ids that the alert has. */
  ruleOf(rule: string, device: string): Rule | null;
}

export interface ChangeDeskDependencies {
  readonly config: Config;
  readonly clock: Clock;
  readonly work: UnitOfWork;
  readonly rota: Pick<Rota, 'dutyAt'>;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly book: () => Pick<AlertBook, 'apply' | 'follow'>;
  readonly tell: (request: NotificationRequest) => readonly string[];
  readonly facts: () => PaperworkFacts | null;
  /** Our own order, an incident or maintenance is the reason; null: none of them. */
  readonly reason: (change: Change) => string | null;
}

/** One alert: changes of a device that were made near to each other. */
interface Standing {
  readonly rule: Rule;
  readonly device: string;
  readonly changes: readonly Change[];
}

const VALUE = 'changes/value/';
const STANDING = 'changes/standing/';
/** Of one device at a time; what comes beyond is counted. */
const MOST_STANDING = 5;
const MOST_PENDING = 500;
const MOST_VALUES = 20_000;

export function createChangeDesk(dependencies: ChangeDeskDependencies): ChangeDesk | null {
  const { config, clock, work, rota, log, metrics, book } = dependencies;
  if (config.site.watched_changes === undefined) return null;
  const watched: WatchedChanges = config.site.watched_changes;
  const isWatched = createWatched(watched, config);
  const devices = new Map(config.devices.map((device) => [device.id, device]));
  const known = new Map<string, KnownValue>();
  const standing = new Map<string, Standing>();
  /** By device and point: from what it changed first, until it has settled. */
  const pending = new Map<string, Change>();
  const siteClock = createSiteClock(config.site.time_zone);
  let cancel: Cancel | null = null;
  let stopped = false;

  function look(reading: Reading): void {
    const key = keyOf(reading);
    const before = known.get(key) ?? null;
    const { known: next, changedFrom } = nextKnown(before, reading);
    if (next === null || next === before || (before === null && known.size >= MOST_VALUES)) return;
    known.set(key, next);
    if (before?.value !== next.value) work.store.set(VALUE + key, next.value);
    if (changedFrom === null) return;
    const { device, point, simulated } = reading;
    if (isBack(device, point, next.value)) return;
    if (pending.size >= MOST_PENDING && !pending.has(key)) {
      metrics.count('zhishou_changes_total', { result: 'dropped' });
      return;
    }
    const first = pending.get(key);
    const from = first?.from ?? changedFrom;
    const by = first === undefined ? {} : { by: first.by ?? first.to };
    pending.set(key, { device, point, from, ...by, to: next.value, at: first?.at ?? clock.now(), simulated });
    if (!stopped) cancel ??= clock.after(watched.settle, settle);
  }

  /** A value that an alert stands for is as it was: all of them back, and the alert is over. */
  function isBack(device: string, point: string, value: Value): boolean {
    const one = standingOf(device, point);
    const mine = one?.changes.find((change) => change.point === point);
    if (one === undefined || mine === undefined || !sameValue(mine.from, value)) return false;
    pending.delete(keyOf(mine));
    const left = one.changes.filter((change) => change !== mine);
    if (left.length === 0) end(one, 'put back');
    else keep({ ...one, changes: left });
    return true;
  }

  const standingOf = (device: string, point: string): Standing | undefined =>
    [...standing.values()].find((one) => one.device === device && one.changes.some((each) => each.point === point));

  function settle(): void {
    cancel = null;
    const all = [...pending.values()];
    pending.clear();
    if (stopped) return;
    work.run(() => {
      for (const device of new Set(all.map((change) => change.device))) {
        const mine = all.filter((change) => change.device === device && !isExplained(change));
        const [further, fresh] = apart(mine, (change) => standingOf(device, change.point) !== undefined);
        const [returned, stay] = apart(fresh, (change) => sameValue(change.from, change.to));
        for (const change of further) goOn(change);
        if (stay.length > 0) raise(device, stay);
        if (returned.length > 0) sayReturned(device, returned);
      }
    });
  }

  function isExplained(change: Change): boolean {
    const consent = consentTo(change, dependencies.facts()?.changes ?? [], clock.now());
    const reason = consent === null ? dependencies.reason(change) : `approved: ${consent.entry}`;
    if (reason === null) return false;
    metrics.count('zhishou_changes_total', { result: 'explained' });
    log.info({ ...change, at: toIso(change.at), reason }, 'a watched point was changed, and why is known');
    return true;
  }

  const sayOf = (device: string, changes: readonly Change[]) => {
    const at = changes[0]?.at ?? clock.now();
    const inRoom = peopleInRoom(dependencies.facts(), devices.get(device)?.room ?? 'core', at);
    const who = { inRoom, onDuty: rota.dutyAt(at)?.person.name ?? null };
    return { who, time: siteClock.time(toIso(at), clock.now()) };
  };

  function raise(device: string, changes: readonly Change[]): void {
    const id = freeId(device);
    metrics.count('zhishou_changes_total', { result: id === null ? 'dropped' : 'without consent' });
    if (id === null) return;
    const one = { rule: changeRule(id, changes, sayOf(device, changes), watched), device, changes };
    keep(one);
    log.warn({ device, what: changesText(changes).en }, 'changed without consent');
    book().apply(one.rule, device, [effect('fired', changes)]);
  }

  function freeId(device: string): string | null {
    for (let number = 1; number <= MOST_STANDING; number++)
      if (!standing.has(standingKey(changeRuleId(number), device))) return changeRuleId(number);
    return null;
  }

  /** What an alert stands for has changed once more: the alert says so, and people hear of it. */
  function goOn(change: Change): void {
    const one = standingOf(change.device, change.point);
    if (one === undefined) return;
    const changes = one.changes.map((each) => (each.point === change.point ? { ...each, to: change.to } : each));
    const note: Text = { zh: '再次更改', en: 'changed again' };
    const rule = changeRule(one.rule.id, changes, { ...sayOf(one.device, changes), note }, watched);
    keep({ ...one, changes, rule });
    book().follow([]);
    say(rule, one.device, changes, change.at);
  }

  /** Recorded as an alert that is over at once, and told as one message. */
  function sayReturned(device: string, changes: readonly Change[]): void {
    const id = freeId(device);
    if (id === null) return;
    const note: Text = { zh: '已改回', en: 'put back since' };
    const rule = changeRule(id, changes, { ...sayOf(device, changes), note }, watched);
    book().apply(rule, device, [effect('fired', changes), effect('cleared', changes)]);
    say(rule, device, changes, changes[0]?.at ?? clock.now());
    metrics.count('zhishou_changes_total', { result: 'put back' });
  }

  function say({ id, title, response }: Rule, device: string, changes: readonly Change[], at: Instant): void {
    const name = devices.get(device)?.name ?? { zh: device, en: device };
    dependencies.tell({
      key: `${id}/${device}/${at}`,
      about: {},
      functions: watched.notify,
      people: [],
      severity: watched.severity,
      subject: { zh: `${name.zh}：${title.zh}`, en: `${name.en}: ${title.en}` },
      body: { zh: `${response.zh}。`, en: `${response.en}.` },
      drill: false,
      simulated: config.site.simulation || changes.some(({ simulated }) => simulated),
      phase: 'information',
    });
  }

  function end(one: Standing, why: string, rule: Rule = one.rule): void {
    log.info({ device: one.device, rule: rule.id, why }, 'a change without consent is over');
    book().apply(rule, one.device, [effect('cleared', one.changes)]);
    standing.delete(standingKey(rule.id, one.device));
    work.store.delete(STANDING + standingKey(rule.id, one.device));
  }

  function keep(one: Standing): void {
    standing.set(standingKey(one.rule.id, one.device), one);
    work.store.set(STANDING + standingKey(one.rule.id, one.device), one);
  }

  /** Approved afterwards: its record says by whom. */
  function approve(one: Standing, approvals: readonly { entry: string; approvedBy: string }[]): void {
    const by = [...new Set(approvals.map(({ approvedBy, entry }) => `${approvedBy}, ${entry}`))].join('; ');
    const note: Text = { zh: `事后批准：${by}`, en: `approved afterwards by ${by}` };
    const rule = changeRule(one.rule.id, one.changes, { ...sayOf(one.device, one.changes), note }, watched);
    keep({ ...one, rule });
    book().follow([]);
    end({ ...one, rule }, note.en, rule);
  }

  return {
    restore() {
      for (const [key, value] of work.store.entries(VALUE))
        known.set(key.slice(VALUE.length), { value: value as Value, gap: true });
      for (const [key, value] of work.store.entries(STANDING))
        standing.set(key.slice(STANDING.length), value as Standing);
    },
    stop() {
      stopped = true;
      cancel?.();
    },
    onReadings(readings) {
      let mine: Reading[] | null = null;
      for (const reading of readings) {
        if (!isWatched(reading.device, reading.point)) continue;
        mine ??= [];
        mine.push(reading);
      }
      if (mine === null) return;
      const all = mine;
      work.run(() => {
        for (const reading of all) look(reading);
      });
    },
    onFacts(facts) {
      for (const one of [...standing.values()]) {
        const approvals = one.changes.map((change) => consentTo(change, facts.changes, clock.now()));
        const given = approvals.flatMap((approval) => approval ?? []);
        if (given.length === one.changes.length) work.run(() => approve(one, given));
      }
    },
    ruleOf: (rule, device) =>
      rule.startsWith(CHANGE_RULE) ? (standing.get(standingKey(rule, device))?.rule ?? null) : null,
  };
}

/** Is the point one of those? Answered once for each. */
function createWatched({ points, except }: WatchedChanges, { devices }: Pick<Config, 'devices'>) {
  const matches = createPointMatch(points);
  const known = new Map<string, Map<string, boolean>>(
    devices.filter(({ id }) => !except.includes(id)).map(({ id }) => [id, new Map()]),
  );
  return (device: string, point: string): boolean => {
    const ofDevice = known.get(device);
    const before = ofDevice?.get(point);
    if (ofDevice === undefined || before !== undefined) return before ?? false;
    const found = matches(point);
    ofDevice.set(point, found);
    return found;
  };
}

const apart = <T>(all: readonly T[], test: (one: T) => boolean): readonly [yes: T[], no: T[]] => [
  all.filter(test),
  all.filter((one) => !test(one)),
];

const keyOf = ({ device, point }: Pick<Reading, 'device' | 'point'>): string => `${device}/${point}`;
const standingKey = (rule: string, device: string): string => `${rule}/${device}`;

const effect = (kind: RuleEffect['kind'], changes: readonly Change[]): RuleEffect => ({
  kind,
  point: '',
  value: null,
  simulated: changes.some(({ simulated }) => simulated),
});
