import { describe, expect, it } from 'vitest';
import type { AlertView } from '#core/alert.ts';
import type { Config } from '#core/config/config.ts';
import type { Rule } from '#core/config/rule.ts';
import type { NotificationRequest } from '#core/notification.ts';
import type { StateStore } from '#core/ports.ts';
import type { RuleEffect } from '#core/rules/rule-step.ts';
import { minutes, seconds } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { openStateStore } from '#platform/state-store.ts';
import { createAlertBook } from '#services/alerts/lifecycle/alert-book.ts';
import { MAX_CLEARED } from '#services/alerts/lifecycle/alert-store.ts';
import { createAlertTexts } from '#services/alerts/lifecycle/alert-texts.ts';
import { INHIBITION_GRACE } from '#services/alerts/lifecycle/tell-decision.ts';
import { createRota } from '#services/alerts/rota/rota.ts';
import { steadyTime } from '#services/alerts/steady-time.ts';
import { createUnitOfWork } from '#services/alerts/unit-of-work.ts';
import { fakeMetrics, makeConfig, makeRule, T0 } from '../support.ts';

const mains = makeRule({ id: 'mains-lost', when: { point: 'ups.status', is: 'OB' }, notify: ['duty', 'director'] });
const cooling = makeRule({
  id: 'cooling-stopped',
  on: { devices: ['ac-1'] },
  when: { point: 'cooling.status', is: 'off' },
  severity: 'medium',
  inhibited_by: [{ rule: 'mains-lost', scope: 'site' }],
});
const smoke = makeRule({
  id: 'smoke',
  on: { devices: ['smoke-1'] },
  when: { point: 'room.smoke', is: true },
  safety: true,
  inhibited_by: [{ rule: 'mains-lost', scope: 'site' }],
  notify: ['duty'],
});

interface World {
  readonly down?: ReadonlySet<string>;
  readonly answered?: ReadonlySet<string>;
  readonly later?: ReadonlySet<string>;
  readonly incident?: string;
}

function setUp(
  state: StateStore = openStateStore(':memory:'),
  world: World = {},
  config: Config = makeConfig({ rules: [mains, cooling, smoke] }),
  now = T0,
) {
  const clock = createVirtualClock(now);
  const told: NotificationRequest[] = [];
  const published: AlertView[] = [];
  const retracted: string[] = [];
  const handed: AlertView[] = [];
  const work = createUnitOfWork(state, {
    onStoreError: (error) => {
      throw error;
    },
    onCallError: (error) => {
      throw error;
    },
  });
  const book = createAlertBook({
    config,
    ownRules: [],
    clock,
    steady: steadyTime(clock),
    rota: createRota(config),
    work,
    texts: createAlertTexts({ config, now: () => clock.now(), good: () => null }),
    log: silentLog,
    metrics: fakeMetrics(),
    tell: (request) => {
      told.push(request);
      return [...request.people, ...request.functions.map((name) => `${name}-person`)];
    },
    publish: (view) => published.push(view),
    retract: (id) => retracted.push(id),
    hand: (view) => handed.push(view),
    takenDownBy: (device) => (world.down?.has(device) === true ? 'incident-1' : null),
    opensIncident: (rule) => rule === 'mains-lost',
    answeredFor: (rule) => world.answered?.has(rule) === true,
    toldOfTheEnd: () => world.later ?? new Set(),
    incidentOf: () => world.incident ?? null,
    opensAnyway: (rule) => rule === 'mains-lost',
  });
  const apply = (rule: Rule, kind: RuleEffect['kind'], value: RuleEffect['value'] = 'OB'): void =>
    book.apply(rule, rule.on.devices?.[0] ?? '', [{ kind, point: 'ups.status', value, simulated: false }]);
  const keys = (): string[] => told.map(({ key }) => key.replace(/alert\/([a-z-]+)\.[^/]*/, '$1'));
  return { book, clock, told, published, retracted, handed, apply, keys, state };
}

describe('an alert', () => {
  it('is told once when it fires and its recovery once, to those who were told (L31)', () => {
    const { book, apply, told, keys } = setUp();
    book.start();
    apply(mains, 'fired');
    apply(mains, 'fired');
    apply(mains, 'cleared', 'OL');
    apply(mains, 'cleared', 'OL');
    expect(keys()).toEqual(['mains-lost/fired', 'mains-lost/cleared']);
    expect(told[1]).toMatchObject({ functions: [], people: ['duty-person', 'director-person'] });
  });

  it('leaves its recovery to the incident for those whom that will tell, and tells the others', () => {
    const { book, apply, told } = setUp(undefined, { later: new Set(['director-person']) });
    book.start();
    apply(mains, 'fired');
    apply(mains, 'cleared', 'OL');
    expect(told.map(({ people }) => people)).toEqual([[], ['duty-person']]);
  });

  it('goes pending → firing → acknowledged → cleared, and each change is published', () => {
    const { book, apply, published } = setUp();
    book.start();
    apply(mains, 'pending');
    apply(mains, 'fired');
    expect(book.acknowledge(published.at(-1)!.id, 'ann')).toBeNull();
    apply(mains, 'cleared', 'OL');
    const steps = published.map(({ state }) => state);
    expect([...new Set(steps)]).toEqual(['pending', 'firing', 'acknowledged', 'cleared']);
    expect(published.at(-1)).toMatchObject({ acknowledged: { by: 'ann' }, value: 'OL' });
  });

  it('that never fired is told to nobody and leaves no trace', () => {
    const { book, apply, published, retracted, keys, state } = setUp();
    book.start();
    apply(mains, 'pending');
    apply(mains, 'dismissed', 'OL');
    expect(keys()).toEqual([]);
    expect(retracted).toEqual([published[0]!.id]);
    expect([...state.entries('alerts/')]).toEqual([]);
  });

  it('is marked doubtful and certain again without being told (L29)', () => {
    const { book, apply, published, keys } = setUp();
    book.start();
    apply(mains, 'fired');
    apply(mains, 'doubtful', null);
    expect(published.at(-1)).toMatchObject({ state: 'firing', doubtful: true });
    apply(mains, 'certain');
    expect(published.at(-1)).toMatchObject({ doubtful: false });
    expect(keys()).toEqual(['mains-lost/fired']);
  });

  it('says what, where, what follows and what to do, in both languages', () => {
    const { book, apply, told } = setUp();
    book.start();
    apply(mains, 'fired');
    expect(told[0]!.subject).toEqual({ zh: '紧急：Rule（UPS 一号）', en: 'HIGH: Rule (UPS 1)' });
    expect(told[0]!.body.en).toBe(
      'Test room, third floor: UPS 1\nUPS on battery, since 10:00:00\nAt stake: c\nDo within 5 min: r',
    );
    expect(told[0]!.body.zh).toBe('测试机房 三层：UPS 一号\nUPS 电池供电，10:00:00 起\n后果：c\n处置（5 分钟内）：r');
  });
});

describe('what holds an alert back', () => {
  it('is a rule it depends on: it is told only if it is still there a while after that has ended', () => {
    const { book, apply, clock, keys, published } = setUp();
    book.start();
    apply(mains, 'fired');
    apply(cooling, 'fired', 'off');
    expect(published.at(-1)).toMatchObject({ rule: 'cooling-stopped', inhibitedBy: published[0]!.id });
    apply(mains, 'cleared', 'OL');
    expect(keys()).toEqual(['mains-lost/fired', 'mains-lost/cleared']);
    clock.advanceBy(INHIBITION_GRACE);
    expect(keys().at(-1)).toBe('cooling-stopped/fired');
  });

  it('and if it went meanwhile, nobody hears of it or of its end (L31)', () => {
    const { book, apply, clock, keys } = setUp();
    book.start();
    apply(mains, 'fired');
    apply(cooling, 'fired', 'off');
    apply(mains, 'cleared', 'OL');
    apply(cooling, 'cleared', 'on');
    clock.advanceBy(minutes(60));
    expect(keys()).toEqual(['mains-lost/fired', 'mains-lost/cleared']);
  });

  it('is also a plan that took the device down, until it says otherwise', () => {
    const down = new Set(['ac-1']);
    const { book, apply, clock, keys } = setUp(undefined, { down });
    book.start();
    apply(cooling, 'fired', 'off');
    clock.advanceBy(minutes(10));
    expect(keys()).toEqual([]);
    down.clear();
    book.review();
    clock.advanceBy(INHIBITION_GRACE);
    expect(keys()).toEqual(['cooling-stopped/fired']);
  });

  it('never holds back a safety alert (L34)', () => {
    const { book, apply, keys, published } = setUp(undefined, { down: new Set(['smoke-1']) });
    book.start();
    apply(mains, 'fired');
    apply(smoke, 'fired', true);
    expect(keys()).toEqual(['mains-lost/fired', 'smoke/fired']);
    expect(published.at(-1)).toMatchObject({ inhibitedBy: null });
  });
});

describe('a silence', () => {
  it('holds for rule and device until its end, clears nothing, and what is still there is then told', () => {
    const { book, apply, clock, keys, published } = setUp();
    book.start();
    apply(cooling, 'fired', 'off');
    expect(book.silence(published.at(-1)!.id, 'ann', 30, 'repair')).toBeNull();
    expect(published.at(-1)).toMatchObject({ state: 'firing', silenced: { by: 'ann', reason: 'repair' } });
    apply(cooling, 'cleared', 'on');
    clock.advanceBy(minutes(10));
    apply(cooling, 'fired', 'off');
    expect(published.at(-1)).toMatchObject({ silenced: { by: 'ann' } });
    expect(keys()).toEqual(['cooling-stopped/fired', 'cooling-stopped/cleared']);
    clock.advanceBy(minutes(20));
    expect(keys()).toEqual(['cooling-stopped/fired', 'cooling-stopped/cleared', 'cooling-stopped/fired']);
    expect(published.at(-1)).toMatchObject({ silenced: null });
  });

  it('is refused for safety (L34) and for what is not there', () => {
    const { book, apply, published } = setUp();
    book.start();
    apply(smoke, 'fired', true);
    expect(book.silence(published.at(-1)!.id, 'ann', 30, 'noise')).toBe('FORBIDDEN');
    expect(book.silence('nothing', 'ann', 30, 'noise')).toBe('NOT_FOUND');
    expect(book.acknowledge('nothing', 'ann')).toBe('NOT_FOUND');
  });
});

describe('escalation of what nobody acknowledges', () => {
  it('goes down the list without empty steps (L26) and keeps ringing at its end (L27)', () => {
    const { book, apply, clock, told } = setUp();
    book.start();
    apply(mains, 'fired');
    clock.advanceBy(minutes(15));
    expect(told.slice(1).map(({ functions }) => functions)).toEqual([
      ['deputy'],
      ['duty', 'deputy', 'director'],
      ['duty', 'deputy', 'director'],
    ]);
    expect(new Set(told.map(({ key }) => key)).size).toBe(told.length);
  });

  it('stops when somebody acknowledges; those it rang are told of the recovery, too', () => {
    const { book, apply, clock, told, published } = setUp();
    book.start();
    apply(mains, 'fired');
    clock.advanceBy(minutes(5));
    book.acknowledge(published.at(-1)!.id, 'ann');
    clock.advanceBy(minutes(4));
    apply(mains, 'cleared', 'OL');
    expect(told).toHaveLength(3);
    expect(told[2]!.people).toEqual(['duty-person', 'director-person', 'deputy-person']);
  });

  it('is left to the incident that answers for the rule, and not done for lower severities', () => {
    const { book, apply, clock, told } = setUp(undefined, { answered: new Set(['mains-lost']) });
    book.start();
    apply(mains, 'fired');
    apply({ ...cooling, inhibited_by: [] }, 'fired', 'off');
    clock.advanceBy(minutes(60));
    expect(told.filter(({ key }) => key.includes('/ring/'))).toEqual([]);
  });
});

describe('a restart', () => {
  it('publishes everything again, hands on only what was not, and tells nothing twice (L31)', () => {
    const first = setUp();
    first.book.start();
    first.apply(mains, 'fired');
    first.clock.advanceBy(seconds(10));
    first.apply(cooling, 'fired', 'off');
    first.apply(mains, 'cleared', 'OL');
    const second = setUp(first.state);
    second.book.start();
    expect(second.told).toEqual([]);
    expect(second.handed).toEqual([]);
    expect(second.published.map(({ rule, state }) => `${rule} ${state}`).sort()).toEqual([
      'cooling-stopped firing',
      'mains-lost cleared',
    ]);
    second.apply(cooling, 'cleared', 'on');
    expect(second.keys()).toEqual([]);
  });

  it('rings on where the escalation was', () => {
    const first = setUp();
    first.book.start();
    first.apply(mains, 'fired');
    first.clock.advanceBy(minutes(5));
    const second = setUp(first.state, {}, undefined, first.clock.now());
    second.book.start();
    second.clock.advanceBy(minutes(10));
    expect(second.keys()).toEqual(['mains-lost/ring/2', 'mains-lost/ring/3']);
  });

  it('hands an alert to the incidents again when the process ended before they had it', () => {
    const state = openStateStore(':memory:');
    const first = setUp(state);
    first.book.start();
    first.apply(mains, 'fired');
    const [[key, record] = ['', {}]] = [...state.entries('alerts/active/')];
    state.set(key, { ...(record as object), handed: false });
    const second = setUp(state);
    second.book.start();
    expect(second.handed.map(({ rule }) => rule)).toEqual(['mains-lost']);
  });

  it('closes the alert of a rule that is gone, says so to those who were told, and tells no incident (L8)', () => {
    const first = setUp();
    first.book.start();
    first.apply(mains, 'fired');
    const second = setUp(first.state, {}, makeConfig({ rules: [cooling] }));
    second.book.start();
    second.book.retire([{ rule: 'mains-lost', device: 'ups-1' }]);
    expect(second.keys()).toEqual(['mains-lost/cleared']);
    expect(second.handed).toEqual([]);
  });
});

it('keeps the last 500 cleared alerts for the page and takes older ones back', () => {
  const { book, apply, clock, retracted, state } = setUp();
  book.start();
  for (let i = 0; i < MAX_CLEARED + 3; i++) {
    apply(mains, 'fired');
    clock.advanceBy(seconds(1));
    apply(mains, 'cleared', 'OL');
  }
  expect([...state.entries('alerts/cleared/')]).toHaveLength(MAX_CLEARED);
  expect(retracted).toHaveLength(3);
});
