import type { Config } from '#core/config/config.ts';
import { type Rule, SEVERITIES, type Severity } from '#core/config/rule.ts';
import { type OutsideAlert, outsideAlertSchema } from '#core/outside-alert.ts';
import type { BusMessage, Cancel, Clock, Log, Metrics } from '#core/ports.ts';
import type { RuleEffect } from '#core/rules/rule-step.ts';
import { type Duration, fromIso, milliseconds, minus, minutes, toIso } from '#core/time.ts';
import { bySchema, decodeMessage } from '../decode-json.ts';
import type { AlertBook } from '../lifecycle/alert-book.ts';
import type { UnitOfWork } from '../unit-of-work.ts';
import { createSubjects, restRule, restRuleId, ruleFor, severityOf } from './outside-rule.ts';

/**
 * Alerts of other systems among ours. They fire, repeat and end by their fingerprint, however often each is said; they end by
 * `resolved` alone: when nothing more is heard an alert is doubtful, never over (L29). A flood from outside is bounded: `most` of
 * each severity are told one by one, the rest as one alert, and they are taken up a few at a time, so that the room's own
 * readings never wait behind them.
 */
export interface OutsideDesk {
  /** Before the alert book starts: it must know the rules of what fires. */
  restore(): void;
  start(): void;
  stop(): void;
  /** Null: taken; else why not. */
  onMessage(message: BusMessage): string | null;
  /** The rule of an alert from outside, by the ids that the alert has. */
  ruleOf(rule: string, subject: string): Rule | null;
}

export interface OutsideDeskDependencies {
  readonly config: Config;
  readonly clock: Clock;
  readonly work: UnitOfWork;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly book: () => Pick<AlertBook, 'apply'>;
  /** Takes it off the bus: it is over. */
  readonly retract: (fingerprint: string) => void;
}

interface Known {
  readonly fingerprint: string;
  readonly subject: string;
  readonly rule: Rule;
  /** Told one by one; else it is one of the rest. */
  readonly told: boolean;
  readonly doubtful: boolean;
  /** ISO 8601. */
  readonly heardAt: string;
}

const MAX_BYTES = 512 * 1024;
const MAX_KNOWN = 1000;
const MAX_WAITING = 2000;
/** Taken up in one turn; a reading of the room comes between. */
const AT_ONCE = 5;
const NEXT_TURN: Duration = milliseconds(5);
const LOOK_EVERY: Duration = minutes(5);
const PREFIX = 'outside/alert/';
const REST = 'outside';
const outsideAlert = bySchema(outsideAlertSchema);

export function createOutsideDesk(dependencies: OutsideDeskDependencies): OutsideDesk {
  const { config, clock, work, log, metrics, book } = dependencies;
  const settings = config.site.outside;
  const subjectOf = createSubjects(config);
  const known = new Map<string, Known>();
  const waiting = new Map<string, OutsideAlert>();
  /** Severities of which the rest is told as one. */
  const rest = new Set<Severity>();
  let cancelTurn: Cancel | null = null;
  let cancelLook: Cancel | null = null;
  let stopped = false;

  function apply(rule: Rule, subject: string, kind: RuleEffect['kind'], value: number | null = null): void {
    book().apply(rule, subject, [{ kind, point: '', value, simulated: config.site.simulation }]);
  }

  function put(alert: Known): void {
    known.set(alert.fingerprint, alert);
    work.store.set(PREFIX + alert.fingerprint, alert);
  }

  function forget(fingerprint: string): void {
    known.delete(fingerprint);
    work.store.delete(PREFIX + fingerprint);
  }

  function take(alert: OutsideAlert): void {
    const before = known.get(alert.fingerprint);
    if (alert.status === 'resolved') {
      if (before !== undefined) end(before);
      work.afterCommit(() => dependencies.retract(alert.fingerprint));
      return;
    }
    if (before === undefined) begin(alert);
    else goOn(before, alert);
    reviewRest();
  }

  function begin(alert: OutsideAlert): void {
    if (known.size >= MAX_KNOWN) {
      metrics.count('zhishou_outside_dropped_total');
      dependencies.retract(alert.fingerprint);
      return;
    }
    const severity = severityOf(alert, settings);
    const rule = ruleFor(alert, severity, settings);
    const told = countOf(severity, true) < settings.most;
    const subject = freeSubject(rule.id, alert);
    put({ fingerprint: alert.fingerprint, subject, rule, told, doubtful: false, heardAt: alert.receivedAt });
    metrics.count('zhishou_outside_fired_total', { severity });
    log.info({ rule: rule.id, subject, told, from: alert.from }, 'an alert from outside fires');
    if (told) apply(rule, subject, 'fired');
  }

  /** Said again: it holds. Other words are taken over with its next life. */
  function goOn(before: Known, alert: OutsideAlert): void {
    const newer = alert.receivedAt > before.heardAt ? alert.receivedAt : before.heardAt;
    put({ ...before, heardAt: newer, doubtful: false });
    if (before.doubtful && before.told) apply(before.rule, before.subject, 'certain');
  }

  function end(before: Known): void {
    log.info({ rule: before.rule.id, subject: before.subject }, 'an alert from outside is over');
    if (before.told) apply(before.rule, before.subject, 'cleared');
    forget(before.fingerprint);
    reviewRest();
  }

  /** Two alerts of one name at one device are two alerts. */
  function freeSubject(rule: string, alert: OutsideAlert): string {
    const subject = subjectOf(alert);
    const taken = [...known.values()].some((one) => one.rule.id === rule && one.subject === subject);
    return taken ? `${subject}-${alert.fingerprint.slice(0, 8)}` : subject;
  }

  const countOf = (severity: Severity, told: boolean): number =>
    [...known.values()].filter((one) => one.told === told && one.rule.severity === severity).length;

  /** One alert for all of a severity that are not told one by one; it is over when the last of them is. */
  function reviewRest(): void {
    for (const severity of SEVERITIES) {
      const count = countOf(severity, false);
      if (count > 0 === rest.has(severity)) continue;
      if (count > 0) rest.add(severity);
      apply(restRule(severity, settings), REST, count > 0 ? 'fired' : 'cleared', count);
      if (count === 0) rest.delete(severity);
    }
  }

  function turn(): void {
    cancelTurn = null;
    const batch = [...waiting.values()].slice(0, AT_ONCE);
    for (const alert of batch) {
      waiting.delete(alert.fingerprint);
      work.run(() => take(alert));
    }
    if (waiting.size > 0 && !stopped) cancelTurn = clock.after(NEXT_TURN, turn);
    if (known.size > 0 && cancelLook === null && !stopped) cancelLook = clock.after(LOOK_EVERY, look);
  }

  /** L29: what is not heard of is doubtful. */
  function look(): void {
    cancelLook = null;
    const oldest = toIso(minus(clock.now(), settings.doubtful_after));
    for (const alert of known.values()) {
      if (alert.doubtful || alert.heardAt >= oldest) continue;
      work.run(() => {
        put({ ...alert, doubtful: true });
        if (alert.told) apply(alert.rule, alert.subject, 'doubtful');
      });
    }
    if (known.size > 0 && !stopped) cancelLook = clock.after(LOOK_EVERY, look);
  }

  return {
    restore() {
      for (const [, value] of work.store.entries(PREFIX)) known.set((value as Known).fingerprint, value as Known);
      for (const severity of SEVERITIES) if (countOf(severity, false) > 0) rest.add(severity);
    },
    start() {
      if (known.size > 0) cancelLook = clock.after(LOOK_EVERY, look);
    },
    stop() {
      stopped = true;
      cancelTurn?.();
      cancelLook?.();
    },
    onMessage(message) {
      // What is over was taken off the bus.
      if (message.payload.length === 0 && message.value === undefined) return null;
      const decoded = decodeMessage(message, outsideAlert, MAX_BYTES);
      if (!decoded.ok) return decoded.reason;
      const alert = decoded.value;
      if (fromIso(alert.receivedAt) === null) return 'wrong shape';
      if (waiting.size >= MAX_WAITING && !waiting.has(alert.fingerprint)) return 'too many';
      // The newest word on an alert counts, in the order in which they came.
      waiting.delete(alert.fingerprint);
      waiting.set(alert.fingerprint, alert);
      cancelTurn ??= clock.after(milliseconds(0), turn);
      return null;
    },
    ruleOf(id, subject) {
      if (!id.startsWith('outside-')) return null;
      const ofRest = SEVERITIES.find((severity) => id === restRuleId(severity));
      if (ofRest !== undefined) return restRule(ofRest, settings);
      return [...known.values()].find(({ rule, subject: own }) => rule.id === id && own === subject)?.rule ?? null;
    },
  };
}
