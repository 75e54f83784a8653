import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMAND_ROLES, type CommandBody, type CommandResult, type PersonCommand, ROLES } from '#core/command.ts';
import type { Text } from '#core/text.ts';
import { hours, instant, minutes, seconds, toIso } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { openJournal } from '#platform/journal.ts';
import { silentLog } from '#platform/log.ts';
import { openStateStore } from '#platform/state-store.ts';
import { createCommandDesk } from '#services/alerts/command-desk.ts';
import type { AlertRefusal } from '#services/alerts/lifecycle/alert-book.ts';
import { carriedOut } from '#services/alerts/order-answer.ts';
import { createOutageDesk } from '#services/alerts/outages.ts';
import { createUnitOfWork } from '#services/alerts/unit-of-work.ts';
import { MiniWorld } from './plans/mini-world.ts';
import { MONDAY, sampleConfig } from './plans/outage-rig.ts';
import { ask, configOf, openPlan, task } from './plans/plan-bench.ts';
import { fakeMetrics } from './support.ts';

/** Whoever is refused at 03:00 reads why in their language: each refusal of each desk, as it is answered. */

const HAN = /\p{Script=Han}/u;

function expectBothLanguages(text: Text | undefined): void {
  expect(text?.zh).toMatch(HAN);
  expect(text?.en).toMatch(/[a-z]{2}/);
  expect(text?.en).not.toMatch(HAN);
}

function expectRefused(result: CommandResult | undefined, error: string): void {
  expect(result).toMatchObject({ ok: false, error });
  expect(result?.detail).not.toBe('');
  expectBothLanguages(result?.detailText);
}

const fail = (error: unknown): never => {
  throw error;
};
const at = (hour: number): string => toIso(instant(MONDAY + hours(hour)));
const cut = (from: number, to: number, upses: string[] = []): CommandBody => ({
  ...{ kind: 'outage.plan', from: at(from), to: at(to), upses, reason: 'a new transformer' },
});
const acknowledge: CommandBody = { kind: 'alert.acknowledge', alert: 'a-1' };
const test: CommandBody = { kind: 'readiness.test', contacts: false };

interface DeskOptions {
  readonly alert?: AlertRefusal | 'throws';
  readonly readiness?: boolean | null;
  readonly signed?: boolean;
}

/** The command desk over a real desk of outages and a small world; what it answers. */
function startDesk({ alert, readiness = true, signed = true }: DeskOptions = {}) {
  const clock = createVirtualClock(MONDAY);
  const work = createUnitOfWork(openStateStore(':memory:'), { onStoreError: fail, onCallError: fail });
  const answers: CommandResult[] = [];
  const refuse = (): AlertRefusal | null => {
    if (alert === 'throws') throw new Error('disk full');
    return alert ?? null;
  };
  const outages = createOutageDesk({
    ...{ config: sampleConfig(), clock, work, log: silentLog, journal: openJournal(':memory:') },
    ...{ publishAll: () => {}, hand: () => {} },
  });
  const desk = createCommandDesk({
    ...{ clock, work, log: silentLog, metrics: fakeMetrics(), outages },
    book: { acknowledge: refuse, silence: refuse, caredFor: () => {} } as unknown as Parameters<
      typeof createCommandDesk
    >[0]['book'],
    incidents: new MiniWorld().incidents,
    site: { arm: () => {} } as unknown as Parameters<typeof createCommandDesk>[0]['site'],
    rules: { onCommand: carriedOut },
    rotaDesk: { onCommand: carriedOut },
    answers: { acknowledge: () => true, grants: () => false },
    config: sampleConfig(),
    ...({ maintenance: {}, outbox: {}, contacts: {} } as unknown as Pick<
      Parameters<typeof createCommandDesk>[0],
      'maintenance' | 'outbox' | 'contacts'
    >),
    testReadiness: () => readiness,
    verify: () => signed,
    reply: (result) => answers.push(result),
  });
  let ids = 0;
  function order(body: CommandBody, more: Partial<PersonCommand> = {}): CommandResult | undefined {
    const by = { user: 'gao-jie', name: '高洁', role: 'administrator' } as const;
    const command: PersonCommand = { id: `c-${++ids}`, at: clock.now(), by, body, signature: 's', ...more };
    const payload = new TextEncoder().encode(JSON.stringify(command));
    expect(desk.onMessage({ topic: 't', payload, retained: false })).toBeNull();
    return answers.at(-1);
  }
  return { clock, order };
}

describe('every refusal of an order is said in Chinese and English', () => {
  it('of the command desk: signature, age, role', () => {
    expectRefused(startDesk({ signed: false }).order(acknowledge), 'FORBIDDEN');
    const { order, clock } = startDesk();
    expectRefused(order(acknowledge, { at: clock.now() - minutes(6) }), 'CONFLICT');
    for (const role of ROLES) {
      const result = order({ kind: 'site.arm', reason: 'ready' }, { by: { user: 'gao-jie', name: '高洁', role } });
      if (role === COMMAND_ROLES['site.arm']) expect(result).toMatchObject({ ok: true });
      else expectRefused(result, 'FORBIDDEN');
    }
    expectRefused(order(acknowledge, { by: { user: 'x', name: 'x', role: 'viewer' } }), 'FORBIDDEN');
  });

  it.each(['NOT_FOUND', 'CONFLICT', 'FORBIDDEN'] as const)('about an alert: %s', (alert) => {
    const { order } = startDesk({ alert });
    expectRefused(order(acknowledge), alert);
    expectRefused(order({ kind: 'alert.silence', alert: 'a-1', minutes: 5, reason: 'known' }), alert);
  });

  it('of a test of readiness, and of what failed inside', () => {
    expectRefused(startDesk({ readiness: null }).order(test), 'CONFLICT');
    expectRefused(startDesk({ readiness: false }).order(test), 'CONFLICT');
    expectRefused(startDesk({ alert: 'throws' }).order(acknowledge), 'INVARIANT');
  });

  const outages: [string, CommandBody, string][] = [
    ['ends before it begins', cut(5, 4), 'BAD_REQUEST'],
    ['is over', cut(-3, -1), 'BAD_REQUEST'],
    ['lasts a month', cut(5, 5 + 24 * 30), 'BAD_REQUEST'],
    ['is two years ahead', cut(24 * 700, 24 * 700 + 1), 'BAD_REQUEST'],
    ['names no UPS of ours', cut(5, 6, ['ups-99']), 'NOT_FOUND'],
    ['overlaps another', cut(20, 23), 'CONFLICT'],
    ['to be called off is not there', { kind: 'outage.cancel', outage: 'cut-x', reason: 'x' }, 'NOT_FOUND'],
    ['was called off', { kind: 'outage.cancel', outage: 'cut-20261123-1100', reason: 'x' }, 'CONFLICT'],
    ['to be called off is over', { kind: 'outage.cancel', outage: 'cut-20261123-0130', reason: 'x' }, 'CONFLICT'],
  ];
  it.each(outages)('of a planned outage that %s', async (_what, body, error) => {
    const { order, clock } = startDesk();
    expect(order(cut(0.5, 0.6))).toMatchObject({ ok: true, created: 'cut-20261123-0130' });
    expect(order(cut(10, 11))).toMatchObject({ ok: true, created: 'cut-20261123-1100' });
    order({ kind: 'outage.cancel', outage: 'cut-20261123-1100', reason: 'moved' });
    expect(order(cut(21, 22))).toMatchObject({ ok: true });
    await clock.advanceByAsync(hours(1));
    expectRefused(order(body), error);
  });

  it('of a planned outage too many', () => {
    const { order } = startDesk();
    for (let i = 0; i < 100; i++) expect(order(cut(2 + i, 2.5 + i))).toMatchObject({ ok: true });
    expectRefused(order(cut(300, 301)), 'TOO_MANY');
  });

  it('of an incident: no such plan, no such incident, no button, open already', async () => {
    const { order } = startDesk();
    expectRefused(order({ kind: 'incident.open', plan: 'nothing', reason: 'x' }), 'NOT_FOUND');
    expectRefused(order({ kind: 'incident.acknowledge', incident: 'i-nothing' }), 'NOT_FOUND');
    expect(order({ kind: 'incident.open', plan: 'fire', reason: 'smoke' })).toMatchObject({ ok: true });
    expectRefused(order({ kind: 'incident.open', plan: 'fire', reason: 'smoke' }), 'CONFLICT');
    const world = new MiniWorld({
      config: configOf([task('call')], { triggers: { alerts: ['smoke'], button: false } }),
    });
    expectRefused(world.order({ kind: 'incident.open', plan: 'test-plan', reason: 'x' }), 'CONFLICT');
    await world.incidents.stop();
    expectRefused(world.order({ kind: 'incident.open', plan: 'test-plan', reason: 'x' }), 'CONFLICT');
  });

  it('of a step, a level, a hand-over and a close', () => {
    const bench = openPlan([task('call'), ask('how', ['yes', 'no']), task('later', { after: ['call'] })]);
    const rows: [Record<string, unknown>, string][] = [
      [{ kind: 'incident.answer', step: 'nothing', answer: 'yes' }, 'NOT_FOUND'],
      [{ kind: 'incident.answer', step: 'call', answer: 'yes' }, 'CONFLICT'],
      [{ kind: 'incident.answer', step: 'how', answer: 'perhaps' }, 'BAD_REQUEST'],
      [{ kind: 'incident.task-done', step: 'nothing' }, 'NOT_FOUND'],
      [{ kind: 'incident.task-done', step: 'how' }, 'CONFLICT'],
      [{ kind: 'incident.task-done', step: 'later' }, 'CONFLICT'],
      [{ kind: 'incident.waive', step: 'nothing', reason: 'x' }, 'NOT_FOUND'],
      [{ kind: 'incident.start-sequence', reason: 'x' }, 'CONFLICT'],
      [{ kind: 'incident.hand-over', to: 'nobody', note: '' }, 'NOT_FOUND'],
      [{ kind: 'incident.raise-level', level: 'ordinary', reason: 'x' }, 'CONFLICT'],
      [{ kind: 'incident.close', reason: 'x' }, 'CONFLICT'],
    ];
    for (const [body, error] of rows) expectRefused(bench.order(body), error);
    expect(bench.order({ kind: 'incident.hand-over', to: 'gao-jie', note: '' })).toMatchObject({ ok: true });
    expectRefused(bench.order({ kind: 'incident.hand-over', to: 'gao-jie', note: '' }), 'CONFLICT');
    bench.done('call');
    expectRefused(bench.order({ kind: 'incident.waive', step: 'call', reason: 'x' }), 'CONFLICT');
  });

  it('of an outage: answers without their figure, nothing to stand down from, too late, not over, closed', async () => {
    const world = new MiniWorld();
    world.setMains(false);
    await world.run(seconds(60));
    const order = (body: Record<string, unknown>): CommandResult =>
      world.order({ incident: world.view().id, ...body } as unknown as CommandBody);
    const question = world.view().steps.find((step) => step.id === 'ask-outlook');
    expect(question?.state).toBe('waiting');
    const figures = (question?.answers ?? []).filter(({ takes }) => takes !== 'nothing');
    expect(figures.length).toBeGreaterThan(0);
    for (const { id } of figures) {
      expectRefused(order({ kind: 'incident.answer', step: 'ask-outlook', answer: id }), 'BAD_REQUEST');
      const past = { until: toIso(instant(world.clock.now() - hours(1))), minutes: 5 };
      expectRefused(order({ kind: 'incident.answer', step: 'ask-outlook', answer: id, ...past }), 'BAD_REQUEST');
    }
    expectRefused(order({ kind: 'incident.stand-down', reason: 'x' }), 'CONFLICT');
    expectRefused(order({ kind: 'incident.close', reason: 'x' }), 'CONFLICT');
    expect(order({ kind: 'incident.start-sequence', reason: 'x' })).toMatchObject({ ok: true });
    expectRefused(order({ kind: 'incident.start-sequence', reason: 'x' }), 'CONFLICT');
    expect(await world.until((view) => view.pointOfNoReturn !== null, hours(1))).toBe(true);
    expectRefused(order({ kind: 'incident.stand-down', reason: 'x' }), 'CONFLICT');
  });
});

/** What no situation above reaches is written in both languages all the same. */
describe('the words of refusals', () => {
  const folder = join(import.meta.dirname, '../../services/alerts');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const LITERAL = String.raw`(?:'(?:[^'\\]|\\.)*'|${'`(?:[^`\\\\]|\\\\.)*`'})`;
  const CALL = new RegExp(String.raw`\brefus(?:al|e)\(\s*'[A-Z_]+',\s*(${LITERAL}),\s*(${LITERAL})`, 'g');
  const found = files.flatMap((name) =>
    [...readFileSync(join(folder, name), 'utf8').matchAll(CALL)].map(([, zh = '', en = '']) => [name, zh, en] as const),
  );

  it('are found where they are written', () => expect(found.length).toBeGreaterThan(40));

  it.each(found)('%s: %s %s', (_name, zh, en) => {
    // A name may stand in it as it is written.
    const fixed = (text: string): string => text.replaceAll(/\$\{[^}]*\}/g, '');
    expect(fixed(zh)).toMatch(HAN);
    expect(fixed(en)).not.toMatch(HAN);
    expect(fixed(en)).toMatch(/[a-z]/);
  });
});
