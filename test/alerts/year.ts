import type { Config } from '#core/config/config.ts';
import { peopleFileSchema } from '#core/config/people.ts';
import { calendarFileSchema, rotaFileSchema } from '#core/config/rota.ts';
import type { Rule } from '#core/config/rule.ts';
import type { NotificationRequest, OutgoingMessage } from '#core/notification.ts';
import type { Channel, Clock, StateStore } from '#core/ports.ts';
import { type Random, seededRandom } from '#core/random.ts';
import { createLayers, createRota } from '#core/rota/rota.ts';
import { hours, type Instant, instant, minutes, plus } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { createMemoryStateStore } from '#platform/memory-state-store.ts';
import { createAlertBook } from '#services/alerts/lifecycle/alert-book.ts';
import { createAlertTexts } from '#services/alerts/lifecycle/alert-texts.ts';
import { createOutbox } from '#services/alerts/notify/outbox.ts';
import { OWN_RULES } from '#services/alerts/self/own-rules.ts';
import { createRotaChecks } from '#services/alerts/self/rota-checks.ts';
import { steadyTime } from '#services/alerts/steady-time.ts';
import { createUnitOfWork } from '#services/alerts/unit-of-work.ts';
import { fakeMetrics, makeConfig, makeRule, unreachable } from './support.ts';

/**
 * A year of a room in hours' steps: alerts come and go, people acknowledge or do not, sleep, forget; turns of duty change, some
 * hours are nobody's; a channel fails for a while; the service is killed and the wall clock set. What was handed to the channels
 * is written down, and judged afterwards by `judge` (year-judge.ts), which knows nothing of how it was decided.
 */
export interface Attempt {
  readonly at: number;
  readonly message: OutgoingMessage;
  readonly ok: boolean;
}

/** Of one firing of one rule, as the room and the people know it. */
export interface Firing {
  readonly rule: Rule;
  readonly device: string;
  readonly firedAt: number;
  endedAt: number | null;
  readonly acknowledged: { readonly at: number; readonly by: string }[];
  readonly reopened: number[];
}

export interface Year {
  readonly attempts: readonly Attempt[];
  readonly firings: readonly Firing[];
  /** When the service was not there. */
  readonly dead: readonly (readonly [from: number, to: number])[];
  /** How far the wall clock was moved in all. */
  readonly steppedMs: number;
  /** Moments with nobody on duty and no alarm of it. */
  readonly unguarded: readonly number[];
  readonly restarts: number;
}

export interface YearMutant {
  readonly tell?: (request: NotificationRequest) => readonly NotificationRequest[];
  readonly clock?: (clock: Clock) => Clock;
  readonly forgets?: (key: string) => boolean;
  readonly noRotaAlarm?: boolean;
}

const START = instant(Date.parse('2026-01-05T00:00:00Z'));
const person = (id: string, functions: string[], routes = true) => ({
  ...{ id, name: id, functions },
  routes: routes
    ? [
        { channel: 'phone', to: id },
        { channel: 'email', to: `${id}@example.com` },
      ]
    : [],
});
const PEOPLE = peopleFileSchema.parse({
  people: [
    person('ann', ['equipment-administrator']),
    person('bo', ['deputy']),
    person('cai', ['director']),
    person('mute', ['network-administrator'], false),
  ],
  contacts: {},
});
export const CHAINS = [
  {
    severity: ['high'],
    when: 'working',
    steps: [{ tell: ['duty'] }, { tell: ['deputy'] }, { tell: ['director'], channels: ['phone'] }],
    repeat_every: '5m',
  },
  {
    severity: ['high'],
    when: 'always',
    steps: [
      { tell: ['duty'], wait: '3m' },
      { tell: ['network-administrator'], wait: '30m' },
      { people: ['bo'], wait: '4m' },
    ],
    repeat_every: '5m',
  },
  {
    severity: ['medium'],
    steps: [
      { tell: ['duty'], wait: '20m' },
      { tell: ['deputy'], wait: '20m' },
    ],
    repeat_every: '1h',
  },
];
/** The longest wait of any high chain. */
export const LONGEST_WAIT: number = minutes(5);
export const REOPEN_AFTER: number = minutes(10);

const rule = (id: string, device: string, more: object): Rule =>
  makeRule({
    id,
    title: `⟦${id}⟧`,
    on: { devices: [device] },
    when: { point: 'room.smoke', is: true },
    respond_within: '10m',
    ...more,
  });
export const RULES: readonly Rule[] = [
  rule('power', 'ups-1', {}),
  rule('heat', 'ac-1', { notify: ['duty', 'equipment-administrator'] }),
  rule('smoke', 'smoke-1', { safety: true, notify: ['duty', 'deputy'] }),
  rule('climate', 'th-1', { severity: 'medium' }),
  rule('dust', 'th-1', { severity: 'low' }),
];

/** Turns change with each configuration that is loaded at a restart; one of them is on duty without a telephone. */
function configs(): readonly Config[] {
  const rotas = [
    { every: '1w', order: ['ann', 'bo', 'cai'], off: [{ days: ['sun'], from: '12:00', to: '18:00' }] },
    { every: '1d', order: ['ann', 'bo'], off: [] },
    { every: '1w', order: ['ann', 'mute', 'bo'], off: [{ days: ['sat'], from: '00:00', to: '06:00' }] },
  ];
  return rotas.map((rota) =>
    makeConfig({
      people: PEOPLE,
      rules: [...RULES],
      rota: rotaFileSchema.parse({
        rota: { starts: '2026-01-05', handover: { day: 'mon', at: '08:30' }, ...rota },
        escalation: { chains: CHAINS, reopen: { severity: ['high'], after: '10m' } },
      }),
      calendar: calendarFileSchema.parse({
        working_hours: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:30', to: '17:30' }],
        national_holidays: 'china',
      }),
    }),
  );
}

export async function runYear(seed: number, days: number, mutant: YearMutant = {}): Promise<Year> {
  const random = seededRandom(`year ${seed}`);
  const base = createVirtualClock(START);
  const world = createWorld(base, random.fork('world'));
  const state = forgetful(createMemoryStateStore(), mutant);
  const variants = configs();
  let life = begin(variants[0] as Config, world, state, mutant);
  const dead: [number, number][] = [];
  const unguarded: number[] = [];
  let restarts = 0;
  for (let hour = 0; hour < days * 24; hour++) {
    const until = plus(START, hours(hour + 1));
    for (const act of world.actsUntil(until)) {
      if (act.at > base.now()) await base.advanceToAsync(act.at);
      act.run(life);
    }
    if (base.now() < until) await base.advanceToAsync(until);
    world.channels();
    if (random.chance(1 / 40)) {
      const from = base.now();
      await life.stop();
      world.step(random);
      await base.advanceByAsync(minutes(random.integer(0, 8)));
      life = begin(variants[random.integer(0, variants.length - 1)] as Config, world, state, mutant);
      dead.push([from, base.now()]);
      restarts += 1;
    }
    life.judgeDuty();
    if (!life.guarded()) unguarded.push(base.now());
  }
  await life.stop();
  return {
    attempts: world.attempts,
    firings: world.firings(base.now()),
    dead,
    steppedMs: world.steppedMs(),
    unguarded,
    restarts,
  };
}

type World = ReturnType<typeof createWorld>;
type Life = ReturnType<typeof begin>;

/** The room, the people and the channels. */
function createWorld(base: ReturnType<typeof createVirtualClock>, random: Random) {
  const attempts: Attempt[] = [];
  const all: Firing[] = [];
  const open = new Map<string, Firing>();
  const acts: { at: Instant; run: (life: Life) => void }[] = [];
  let failing: string | null = null;
  let offset = 0;
  let stepped = 0;
  let nextAlert: Instant = START;

  const clock: Clock = {
    now: () => instant(base.now() + offset),
    monotonic: () => base.monotonic(),
    after: (delay, run) => base.after(delay, run),
  };
  const channel = (name: string): Channel => ({
    send(message) {
      const ok = failing !== name;
      attempts.push({ at: base.now(), message, ok });
      if (!ok) unreachable();
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  });
  const add = (at: Instant, run: (life: Life) => void): void => void acts.push({ at, run });

  /** One firing: how long, and whether anybody takes it on. */
  function plan(at: Instant): void {
    const wanted = random.pick(RULES as [Rule, ...Rule[]]);
    const lasts = minutes(random.pick([2, 12, 40, 150, 300]));
    add(at, (life) => {
      if (!open.has(wanted.id)) life.fire(wanted);
    });
    if (random.chance(0.5))
      add(plus(at, minutes(random.integer(1, 30))), (life) =>
        life.acknowledge(wanted.id, random.pick(['ann', 'bo', 'cai'])),
      );
    if (random.chance(0.3))
      add(plus(at, minutes(random.integer(31, 90))), (life) => life.acknowledge(wanted.id, random.pick(['bo', 'cai'])));
    add(plus(at, lasts), (life) => life.clear(wanted));
  }

  return {
    clock,
    attempts,
    open,
    all,
    channelsOf: { phone: channel('phone'), email: channel('email') },
    now: () => base.now(),
    actsUntil(until: Instant) {
      while (nextAlert < until) {
        plan(nextAlert);
        nextAlert = plus(nextAlert, minutes(random.integer(3, 2400)));
      }
      acts.sort((a, b) => a.at - b.at);
      return acts.splice(0, acts.filter(({ at }) => at < until).length);
    },
    /** One channel at a time fails, for an hour or more; the outbox comes back to one within minutes, not in the same. */
    channels() {
      if (!random.chance(0.2)) return;
      failing = failing === null ? random.pick(['phone', 'email']) : null;
    },
    step(chance: Random) {
      if (!chance.chance(0.4)) return;
      const by = minutes(chance.integer(-3, 10));
      offset += by;
      stepped = Math.max(stepped, Math.abs(by));
    },
    steppedMs: () => stepped,
    firings: (end: number): readonly Firing[] => all.map((one) => ({ ...one, endedAt: one.endedAt ?? end })),
  };
}

/** One life of the service: alerts, outbox, the rota's own checks. */
function begin(config: Config, world: World, store: StateStore, mutant: YearMutant) {
  const clock = mutant.clock?.(world.clock) ?? world.clock;
  const steady = steadyTime(clock);
  const rota = createRota(config);
  const metrics = fakeMetrics();
  const work = createUnitOfWork(store, { onStoreError: fail, onCallError: fail });
  const outbox = createOutbox({
    ...{ config, clock, steady, work, rota, metrics, log: silentLog },
    channels: world.channelsOf,
    random: seededRandom(world.now()),
    publish: () => {},
    onAttempt: () => {},
  });
  const requests = mutant.tell ?? ((request: NotificationRequest) => [request]);
  const book = createAlertBook({
    ...{ config, clock, steady, work, rota, metrics, log: silentLog },
    ownRules: Object.values(OWN_RULES),
    texts: createAlertTexts({ config, now: () => clock.now(), good: () => null }),
    tell: (request) => [...new Set(requests(request).flatMap((one) => outbox.tell(one)))],
    publish: (view) => {
      const firing = world.open.get(view.rule);
      if (firing === undefined || view.state === 'cleared') return;
      if ((view.reopened?.times ?? 0) <= firing.reopened.length) return;
      firing.reopened.push(world.now());
    },
    retract: () => {},
    hand: () => {},
    takenDownBy: () => null,
    opensIncident: () => false,
    answeredFor: () => false,
    toldOfTheEnd: () => new Set(),
    incidentOf: () => null,
    opensAnyway: () => false,
  });
  const checks = createRotaChecks(config, () => createLayers(config));
  outbox.start();
  book.start();

  const effect = (rule: Rule, device: string, kind: 'fired' | 'cleared'): void => {
    book.apply(rule, device, [{ kind, point: 'room.smoke', value: kind === 'fired', simulated: false }]);
  };
  function fire(rule: Rule, device = rule.on.devices?.[0] ?? ''): void {
    const firing: Firing = { rule, device, firedAt: world.now(), endedAt: null, acknowledged: [], reopened: [] };
    world.all.push(firing);
    world.open.set(rule.id, firing);
    effect(rule, device, 'fired');
  }
  function clear(rule: Rule): void {
    const firing = world.open.get(rule.id);
    if (firing === undefined) return;
    firing.endedAt = world.now();
    world.open.delete(rule.id);
    effect(rule, firing.device, 'cleared');
  }
  return {
    fire,
    clear,
    acknowledge(rule: string, by: string): void {
      const firing = world.open.get(rule);
      const view = book.active().find((one) => one.rule === rule);
      if (firing === undefined || view === undefined) return;
      if (book.acknowledge(view.id, by) === null) firing.acknowledged.push({ at: world.now(), by });
    },
    /** What the service does each minute; here where somebody's turn can end. */
    judgeDuty(): void {
      if (mutant.noRotaAlarm === true) return;
      const firing = (id: string): boolean => world.open.has(id);
      for (const { id, subject, truth } of checks.judge(clock.now(), new Set(), firing)) {
        const own = OWN_RULES[id];
        if (truth && !firing(id)) fire(own, subject);
        if (!truth && firing(id)) clear(own);
      }
    },
    guarded: (): boolean =>
      rota.dutyAt(clock.now()) !== null ||
      book.active().some(({ rule, state }) => rule === 'zhishou-nobody-on-duty' && state !== 'pending'),
    async stop(): Promise<void> {
      book.stop();
      const stopping = outbox.stop();
      await stopping;
    },
  };
}

/** A store that loses what the mutant says. */
function forgetful(store: StateStore, { forgets }: YearMutant): StateStore {
  if (forgets === undefined) return store;
  return { ...store, set: (key, value) => void (forgets(key) ? undefined : store.set(key, value)) };
}

function fail(error: unknown): never {
  throw error;
}
