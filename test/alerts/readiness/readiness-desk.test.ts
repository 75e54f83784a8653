import { beforeEach, describe, expect, it } from 'vitest';
import { loadSite, SAMPLE_CONFIG } from '#commands/configuration.ts';
import type { Config } from '#core/config/config.ts';
import type { Action } from '#core/config/device.ts';
import type { DeliveryView, NotificationRequest } from '#core/notification.ts';
import type { ActionContext, ActionOutcome } from '#core/ports.ts';
import type { ReadinessView } from '#core/readiness.ts';
import { hours, type Instant, instant, milliseconds, minutes } from '#core/time.ts';
import { createVirtualClock, type VirtualClock } from '#platform/clock/virtual-clock.ts';
import { makeTemporaryFolder } from '#platform/environment.ts';
import { openJournal } from '#platform/journal.ts';
import { silentLog } from '#platform/log.ts';
import { openStateStore } from '#platform/state-store.ts';
import { createContactTests } from '#services/alerts/readiness/contact-tests.ts';
import { createReadinessDesk, nextDaily, type ReadinessDesk } from '#services/alerts/readiness/readiness-desk.ts';
import { targetsOf } from '#services/alerts/readiness/targets.ts';
import { createRota } from '#services/alerts/rota/rota.ts';
import { createUnitOfWork } from '#services/alerts/unit-of-work.ts';

const NOW = instant(Date.parse('2026-11-23T02:00:00Z')); // Monday 10:00 in Shanghai

function loadSample(): Config {
  const secrets = makeTemporaryFolder('zhishou-ready-');
  const { config } = loadSite(SAMPLE_CONFIG, { secretsDirectory: secrets.path });
  secrets.remove();
  if (config === null) throw new Error('the sample configuration does not load');
  return config;
}

const sample = loadSample();
const state = { store: openStateStore(':memory:') };
let clock: VirtualClock;
let tested: string[];
let told: NotificationRequest[];
let views: ReadinessView[];
let answer: (action: Action) => ActionOutcome;
let drills: Map<string, Instant>;
let battery: { charge: number | null; loadW: number | null };

function openDesk(config: Config = sample): ReadinessDesk {
  return createReadinessDesk({
    config,
    clock,
    journal: openJournal(':memory:'),
    state: state.store,
    log: silentLog,
    rota: createRota(config),
    actions: {
      run: () => Promise.reject(new Error('a readiness test never acts')),
      test: async (action: Action, context: ActionContext) => {
        tested.push(context.run);
        return answer(action);
      },
      describe: () => 'described',
    },
    armed: () => true,
    battery: () => battery,
    lastDrills: () => drills,
    contacts: createContactTests({
      ...{ config, clock, log: silentLog, rota: createRota(config), report: () => {} },
      work: createUnitOfWork(state.store, { onStoreError: () => {}, onCallError: () => {} }),
      tell: (request) => told.push(request),
    }),
    publishView: (view) => views.push(view),
    onView: () => {},
  });
}

const last = (): ReadinessView => {
  const view = views.at(-1);
  if (view === undefined) throw new Error('nothing was published');
  return view;
};
const item = (id: string) => last().items.find((one) => one.id.startsWith(id));
const sent = (person: string): DeliveryView =>
  ({ person, state: 'sent', sentAt: '2026-11-23T02:00:00.000Z' }) as unknown as DeliveryView;

beforeEach(() => {
  clock = createVirtualClock(NOW);
  state.store = openStateStore(':memory:');
  tested = [];
  told = [];
  views = [];
  answer = () => ({ result: 'ok', detail: 'reached, credentials good' });
  drills = new Map(sample.plans.map((plan) => [plan.id, instant(NOW - hours(24))]));
  battery = { charge: 100, loadW: 2400 };
});

describe('readiness: could the contract be honoured now?', () => {
  it('tests every target once soon after its first start, then daily at the set time, and never acts', async () => {
    const desk = openDesk();
    desk.start();
    expect(last()).toMatchObject({ state: 'unknown', testing: false, lastTestAt: null });
    await clock.advanceByAsync(minutes(2));
    expect(new Set(tested).size).toBe(targetsOf(sample).length);
    expect(tested.length).toBe(targetsOf(sample).length);
    await clock.advanceByAsync(hours(24));
    expect(tested.length).toBe(2 * targetsOf(sample).length);
    expect(last().nextTestAt).toBe('2026-11-25T01:10:00.000Z');
    desk.stop();
  });

  it('is well when targets, battery, people, drills and journal are', async () => {
    const desk = openDesk();
    for (const person of sample.people.people) desk.onAttempt(sent(person.id));
    desk.start();
    for (const person of sample.people.people) desk.onAttempt(sent(person.id));
    await clock.advanceByAsync(minutes(12));
    expect(last().items.filter((one) => one.state !== 'ok')).toEqual([]);
    expect(last()).toMatchObject({ state: 'ok', ok: last().of });
    desk.stop();
  });

  it('what a test proved is said in both languages', async () => {
    const desk = openDesk();
    desk.start();
    await clock.advanceByAsync(minutes(2));
    const proven = last().items.filter((one) => one.kind === 'target');
    expect(proven.length).toBeGreaterThan(5);
    for (const { detail, title } of proven) {
      expect(detail.zh).toMatch(/^[\p{Script=Han}A-Z].*。$/u);
      expect(detail.en).not.toMatch(/\p{Script=Han}/u);
      expect(title.en).not.toMatch(/\p{Script=Han}/u);
    }
    desk.stop();
  });

  it('fails with the one target whose credentials are refused, and says which', async () => {
    answer = (action) =>
      'ssh' in action && String(action.ssh.port) === '20222'
        ? { result: 'failed', detail: 'login refused' }
        : { result: 'ok', detail: 'fine' };
    const desk = openDesk();
    desk.start();
    await clock.advanceByAsync(minutes(2));
    expect(last().state).toBe('fail');
    const failing = last().items.filter((one) => one.state === 'fail');
    expect(failing.map((one) => one.device)).toEqual(['server-2']);
    expect(failing[0]?.detail.en).toContain('login refused');
    expect(last().items[0]?.id).toBe(failing[0]?.id);
    desk.stop();
  });

  it('a target that only an `otherwise` uses warns, because another way is left', async () => {
    const config: Config = {
      ...sample,
      devices: sample.devices.map((device) =>
        device.id === 'server-1' && device.shutdown !== undefined
          ? {
              ...device,
              shutdown: {
                ...device.shutdown,
                otherwise: [{ wake: { mac: '00:11:22:33:44:55', broadcast: '127.0.0.1', port: 9 } }],
              },
            }
          : device,
      ),
    };
    answer = (action) => ('wake' in action ? { result: 'failed', detail: 'no' } : { result: 'ok', detail: 'fine' });
    const desk = openDesk(config);
    desk.start();
    await clock.advanceByAsync(minutes(2));
    expect(item('target/server-1/wake')).toMatchObject({ state: 'warn' });
    desk.stop();
  });

  it.each([
    { charge: 100, loadW: 2400, state: 'ok', why: 'full, at the load of its test' },
    { charge: 15, loadW: 2400, state: 'warn', why: 'charging: backups no longer fit' },
    { charge: 100, loadW: 12_000, state: 'warn', why: 'the load has grown: backups no longer fit' },
    { charge: 8, loadW: 2400, state: 'fail', why: 'nearly empty: not even a bare shutdown fits' },
    { charge: null, loadW: 2400, state: 'unknown', why: 'no reading' },
  ])("judges today's charge and load: $why", ({ charge, loadW, state: expected }) => {
    battery = { charge, loadW };
    const desk = openDesk();
    desk.start();
    expect(item('time/power-outage/now')?.state).toBe(expected);
    desk.stop();
  });

  it('remembers tests and proven routes over a restart, and does not test twice a day', async () => {
    const first = openDesk();
    first.start();
    first.onAttempt(sent('zhou-min'));
    await clock.advanceByAsync(minutes(2));
    first.stop();
    const before = tested.length;
    const second = openDesk();
    second.start();
    await clock.advanceByAsync(minutes(5));
    expect(tested.length).toBe(before);
    expect(item('people/zhou-min')?.state).toBe('ok');
    expect(item('target/server-1/ssh')?.state).toBe('ok');
    second.stop();
  });

  it('O-DRL-1: a plan not practised for a month warns, with the command', () => {
    drills = new Map([['power-outage', instant(NOW - 40 * 86_400_000)]]);
    const desk = openDesk();
    desk.start();
    expect(item('drill/power-outage')).toMatchObject({ state: 'warn' });
    expect(item('drill/power-outage')?.detail.en).toContain('npm run zhishou -- drill power-outage');
    desk.stop();
  });

  it('tests on request, once at a time', async () => {
    const desk = openDesk();
    desk.start();
    expect(desk.testNow('admin')).toBe(true);
    expect(desk.testNow('admin')).toBe(false);
    await clock.advanceByAsync(milliseconds(10));
    expect(desk.testNow('admin')).toBe(true);
    desk.stop();
  });

  it('O-ORG-1: a contact test tells everybody whom a plan names, once, quietly; without it nobody is rung', async () => {
    const desk = openDesk();
    desk.start();
    desk.testNow('admin');
    expect(told).toEqual([]);
    await clock.advanceByAsync(milliseconds(10));
    desk.testNow('admin', true);
    expect(told.flatMap(({ people }) => people).sort()).toEqual(sample.people.people.map(({ id }) => id).sort());
    expect(new Set(told.map(({ severity }) => severity))).toEqual(new Set(['low']));
    expect(told[0]?.body.en).toContain('admin');
    desk.stop();
  });

  it('finds the next time of day in the zone of the site', () => {
    expect(new Date(nextDaily(sample, NOW)).toISOString()).toBe('2026-11-24T01:10:00.000Z');
    expect(new Date(nextDaily(sample, instant(NOW - hours(2)))).toISOString()).toBe('2026-11-23T01:10:00.000Z');
  });
});
