import type { AlertEvent } from '#core/alert-event.ts';
import type { PersonCommand } from '#core/command.ts';
import type { Config } from '#core/config/config.ts';
import type { Rule } from '#core/config/rule.ts';
import type { NotificationRequest } from '#core/notification.ts';
import type { StateStore } from '#core/ports.ts';
import type { RuleEffect } from '#core/rules/rule-step.ts';
import { hours, plus, toIso } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { openStateStore } from '#platform/state-store.ts';
import { createAlertBook } from '#services/alerts/lifecycle/alert-book.ts';
import { readAlertLog } from '#services/alerts/lifecycle/alert-log.ts';
import { createAlertTexts } from '#services/alerts/lifecycle/alert-texts.ts';
import { createMaintenanceDesk } from '#services/alerts/lifecycle/maintenance.ts';
import { createRota } from '#services/alerts/rota/rota.ts';
import { steadyTime } from '#services/alerts/steady-time.ts';
import { createUnitOfWork } from '#services/alerts/unit-of-work.ts';
import { fakeMetrics, makeConfig, makeRule, T0 } from '../support.ts';

/** The book and the maintenance desk over one state that outlives the process, which may end at any write. */

const rule = (id: string, device: string, more: Record<string, unknown> = {}): Rule =>
  makeRule({ id, title: id, on: { devices: [device] }, when: { point: 'ups.status', is: 'OB' }, ...more });
export const mains = rule('mains-lost', 'ups-1');
export const cooling = rule('cooling-stopped', 'ac-1', { inhibited_by: [{ rule: 'mains-lost', scope: 'site' }] });
export const warm = rule('warm', 'th-1', { severity: 'medium' });
export const humid = rule('humid', 'th-1', { severity: 'low' });
export const smoke = rule('smoke', 'smoke-1', { safety: true });
export const RULES = [mains, cooling, warm, humid, smoke];
const config: Config = makeConfig({ rules: RULES });
export const deviceOf = (one: Rule): string => one.on.devices?.[0] ?? '';

export interface Told {
  readonly key: string;
  readonly phase: string;
  readonly subject: string;
  readonly body: string;
  readonly conversation: string | null;
  readonly at: number;
}

/** The world outlives the process: its state, its clock, and which incident is open. */
export type World = ReturnType<typeof makeWorld>;
export function makeWorld() {
  const kept = openStateStore(':memory:');
  const clock = createVirtualClock(T0);
  let failing = false;
  let crashed = false;
  let number = 0;
  const world = { incident: null as string | null };
  const alive = <T>(write: () => T): T => {
    if (failing) throw new Error('the process ends here');
    return write();
  };
  const state: StateStore = {
    ...kept,
    set: (key, value) => alive(() => kept.set(key, value)),
    delete: (key) => alive(() => kept.delete(key)),
    transaction: (work) => alive(() => kept.transaction(work)),
  };

  function begin() {
    const work = createUnitOfWork(state, {
      onStoreError: () => {
        crashed = true;
      },
      onCallError: (error) => {
        throw error;
      },
    });
    // As the outbox: kept with the change that asks for it, and the same key is told once.
    const tell = (request: NotificationRequest): readonly string[] => {
      const key = `outbox/${request.key}`;
      const before = work.store.get(key) as { people: string[] } | undefined;
      if (before !== undefined) return before.people;
      const people = [...new Set([...request.people, ...request.functions])];
      const { phase = 'information', conversation = null, subject, body } = request;
      const told: Told = {
        ...{ key: request.key, phase, conversation, at: clock.now() },
        ...{ subject: subject.en, body: body.en },
      };
      work.store.set(key, { people, told, number: number++ });
      return people;
    };
    const desk = createMaintenanceDesk({
      ...{ config, clock, work, log: silentLog },
      shelved: () => book.shelved(),
      publishAll: () => {},
      onChange: () => book.review(),
    });
    const events: AlertEvent[] = [];
    const book = createAlertBook({
      ...{ config, ownRules: [], clock, steady: steadyTime(clock), rota: createRota(config), work, tell },
      texts: createAlertTexts({ config, now: () => clock.now(), good: () => null }),
      log: silentLog,
      metrics: fakeMetrics(),
      publish: () => {},
      retract: () => {},
      hand: () => {},
      takenDownBy: () => null,
      opensIncident: (id) => id === 'mains-lost',
      answeredFor: () => false,
      toldOfTheEnd: () => new Set(),
      incidentOf: (_rule, device) => (device === 'ups-1' ? null : world.incident),
      opensAnyway: (id) => id === 'mains-lost',
      windowFor: desk.windowFor,
      nextChange: desk.nextChange,
      onChange: (event) => events.push(event),
    });
    desk.start();
    book.start();
    return { book, desk, events };
  }
  let life = begin();

  /** Carries it out; when the process ends in it, a new one begins and the same is asked again. */
  function act(what: () => void): void {
    crashed = false;
    what();
    if (crashed) {
      restart();
      what();
    }
  }
  function restart(): void {
    failing = false;
    life.book.stop();
    life = begin();
  }
  const apply = (one: Rule, kind: RuleEffect['kind']): void =>
    act(() => life.book.apply(one, deviceOf(one), [{ kind, point: 'ups.status', value: 'OB', simulated: false }]));
  const order = (body: object): void =>
    act(() => {
      const by = { user: 'ann', name: 'Ann', role: 'operator' };
      life.desk.onCommand({ id: 'c', at: clock.now(), by, body, signature: '' } as unknown as PersonCommand);
    });
  return {
    clock,
    world,
    apply,
    order,
    act,
    restart,
    book: () => life.book,
    events: () => life.events,
    failNext: () => {
      failing = true;
    },
    log: () => [...readAlertLog(kept)],
    record: (one: Rule) =>
      [...kept.entries('alerts/active/')]
        .map(
          ([, value]) => value as { view: { rule: string; state: string; inhibitedBy: string | null }; told: unknown },
        )
        .find(({ view }) => view.rule === one.id),
    told: (): Told[] =>
      [...kept.entries('outbox/')]
        .map(([, value]) => value as { told: Told; number: number })
        .sort((a, b) => a.number - b.number)
        .map(({ told }) => told),
    keys(): string[] {
      return this.told().map(({ key }) => key.replace(/^alert\/([a-z-]+)\.[^/]*/, '$1'));
    },
    window: (more: object = {}) => ({
      kind: 'maintenance.start',
      ...{ devices: ['ac-1'], kinds: [], room: null, rule: null, reason: 'new compressor' },
      to: toIso(plus(clock.now(), hours(2))),
      ...more,
    }),
    end: () => life.book.stop(),
  };
}
