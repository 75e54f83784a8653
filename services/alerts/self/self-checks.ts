import type { Config } from '#core/config/config.ts';
import type { Device } from '#core/config/device.ts';
import type { FunctionName } from '#core/config/people.ts';
import type { Rule } from '#core/config/rule.ts';
import { type DeliveryView, wentOut } from '#core/notification.ts';
import type { Cancel, Clock } from '#core/ports.ts';
import type { ReadinessView } from '#core/readiness.ts';
import type { Value } from '#core/reading.ts';
import type { LatestReadings } from '#core/rules/latest-readings.ts';
import type { RuleEffect } from '#core/rules/rule-step.ts';
import { type Instant, minutes, plus } from '#core/time.ts';
import type { LiveRota } from '../rota/rota.ts';
import { OWN_RULES, type OwnRuleId } from './own-rules.ts';
import { createRotaChecks } from './rota-checks.ts';

/** Watches the service's own ability to see and to tell; each finding is an alert like any other. */
export interface SelfChecks {
  /** Takes over what was firing before a restart, checks at once and then each minute. */
  start(firing: readonly { rule: string; device: string }[]): void;
  stop(): void;
  onAttempt(delivery: DeliveryView): void;
  onChannel(channel: string, failing: boolean, error: string | null): void;
  /** A channel has tried itself. */
  onHealth(channel: string, works: boolean, detail: string | null): void;
  /** Whatever else of this service is found to be so or not any more. */
  report(id: OwnRuleId, subject: string, truth: boolean, detail?: string | null): void;
  /** What keeps it from seeing or telling now: rules and what they are about. */
  failing(): readonly string[];
  onStoreError(error: unknown): void;
  onReadiness(view: ReadinessView): void;
  /** Somebody else has a turn now, or will have: not only at the next minute. */
  onTurn(): void;
}

export interface SelfChecksDependencies {
  readonly config: Config;
  readonly clock: Clock;
  readonly steady: () => Instant;
  readonly rota: LiveRota;
  readonly latest: LatestReadings;
  /** The rules that run now. Default: the configuration's. */
  readonly rules?: () => readonly Rule[];
  readonly apply: (rule: Rule, subject: string, effects: readonly RuleEffect[]) => void;
}

const EVERY = minutes(1);
/** The collector itself says when a device is silent; this is for when the collector falls silent about it. */
const COLLECTOR_LATE = minutes(1);

export function createSelfChecks(dependencies: SelfChecksDependencies): SelfChecks {
  const { config, clock, steady, rota, latest, apply } = dependencies;
  const firing = new Set<string>();
  /** Found out of order by their own test: that messages are taken proves nothing of them. */
  const sick = new Set<string>();
  const watched = config.devices.filter(isRead);
  const silenceKeys = new Map(watched.map(({ id }) => [id, keyOf('zhishou-device-silent', id)]));
  const rules = dependencies.rules ?? (() => config.rules);
  let functions = functionsUsed(rules(), config);
  let functionsOf = rules();
  const turns = createRotaChecks(config, rota.layers);
  let cancel: Cancel | null = null;
  let startedAt: Instant | null = null;
  let countFrom = 0;
  let storeFailedAt: Instant | null = null;

  function set(id: OwnRuleId, subject: string, truth: boolean, value: Value | null = null): void {
    const key = keyOf(id, subject);
    if (firing.has(key) === truth) return;
    if (truth) firing.add(key);
    else firing.delete(key);
    const kind = truth ? 'fired' : 'cleared';
    apply(OWN_RULES[id], subject, [{ kind, point: '', value, simulated: config.site.simulation }]);
  }

  /** Other rules may ask for other people; what nobody is asked for any more is no trouble. */
  function functionsNow(): ReadonlySet<FunctionName> {
    if (functionsOf === rules()) return functions;
    const before = functions;
    functionsOf = rules();
    functions = functionsUsed(functionsOf, config);
    for (const name of before) if (!functions.has(name)) set('zhishou-nobody-to-tell', name, false);
    return functions;
  }

  function check(): void {
    const now = clock.now();
    checkRota(now);
    for (const name of functionsNow()) {
      const reachable = rota.peopleOf(name, now).some((person) => person.routes.length > 0);
      set('zhishou-nobody-to-tell', name, !reachable);
    }
    checkSilence(steady());
    if (storeFailedAt !== null && steady() > plus(storeFailedAt, EVERY)) {
      storeFailedAt = null;
      set('zhishou-store-failing', 'store', false);
    }
  }

  function checkRota(now: Instant): void {
    const wasSo = (id: OwnRuleId, subject: string): boolean => firing.has(keyOf(id, subject));
    for (const { id, subject, truth } of turns.judge(now, functionsNow(), wasSo)) set(id, subject, truth);
  }

  /** One alert for a dead collector, not one for each device behind it: nothing is heard where the quickest is long overdue. */
  function checkSilence(now: Instant): void {
    const heard = Math.max(startedAt ?? now, ...watched.map((device) => latest.heardAt(device.id) ?? 0));
    const quickest = Math.min(...watched.map((device) => latest.staleAfter(device.id)));
    const all = watched.length > 1 && now > heard + quickest + COLLECTOR_LATE;
    // A silence that was there before a restart ends with the first word, not with the restart (L29).
    const heardAnything = watched.some((device) => latest.heardAt(device.id) !== null);
    // Each device gets its time anew when the collector is back.
    if (all || firing.has('zhishou-collector-silent collector')) countFrom = now;
    if (all || heardAnything) set('zhishou-collector-silent', 'collector', all);
    if (all) return;
    for (const { id } of watched) {
      const silent = isSilent(id, now);
      // Nearly always it is as it was a minute ago.
      if (firing.has(silenceKeys.get(id) ?? '') === silent) continue;
      if (silent || latest.heardAt(id) !== null) set('zhishou-device-silent', id, silent);
    }
  }

  function isSilent(device: string, now: Instant): boolean {
    const heard = latest.heardAt(device);
    // What the collector reported as not good has been told by its own rules.
    if (heard !== null && !latest.wasGood(device)) return false;
    const from = Math.max(heard ?? 0, countFrom);
    return now > from + latest.staleAfter(device) + COLLECTOR_LATE;
  }

  function tick(): void {
    check();
    cancel = clock.after(EVERY, tick);
  }

  return {
    start(before) {
      for (const { rule, device } of before) if (rule in OWN_RULES) firing.add(keyOf(rule, device));
      startedAt = steady();
      countFrom = startedAt;
      tick();
    },
    stop() {
      cancel?.();
    },
    onAttempt({ channel, person, state, error }) {
      const route = `${channel}-${person}`;
      if (wentOut(state)) set('zhishou-delivery-failed', route, false);
      // Where the whole channel fails that has been said.
      else if (state === 'dead' && !firing.has(keyOf('zhishou-channel-failing', channel)))
        set('zhishou-delivery-failed', route, true, error);
    },
    onChannel(channel, failing, error) {
      set('zhishou-channel-failing', channel, failing || sick.has(channel), error);
    },
    onHealth(channel, works, detail) {
      if (works) sick.delete(channel);
      else sick.add(channel);
      set('zhishou-channel-failing', channel, !works, detail);
    },
    report: (id, subject, truth, detail = null) => set(id, subject, truth, detail),
    failing: () => [...firing].filter((key) => BLINDING.some((rule) => key.startsWith(`${rule} `))),
    onTurn() {
      if (startedAt !== null) checkRota(clock.now());
    },
    onReadiness({ state, items }) {
      const failing = items.filter((item) => item.state === 'fail');
      set('zhishou-not-ready', 'readiness', state === 'fail', failing[0]?.title.zh ?? null);
    },
    onStoreError(error) {
      storeFailedAt = steady();
      set('zhishou-store-failing', 'store', true, error instanceof Error ? error.message.slice(0, 200) : null);
    },
  };
}

/** While one of these fires the service cannot do what it is there for, and whoever watches it from outside is told so. */
const BLINDING: readonly OwnRuleId[] = ['zhishou-store-failing', 'zhishou-collector-silent', 'zhishou-channel-failing'];

const keyOf = (rule: string, subject: string): string => `${rule} ${subject}`;

/** Devices that the collector has something to read of. */
const isRead = (device: Device): boolean => (device.snmp ?? device.mqtt ?? device.reach) !== undefined;

function functionsUsed(rules: readonly Rule[], config: Config): ReadonlySet<FunctionName> {
  const used = [...rules.flatMap((rule) => rule.notify), ...config.rota.escalation.order];
  // Nobody on duty has an alert of its own.
  return new Set(used.filter((name) => name !== 'duty'));
}
