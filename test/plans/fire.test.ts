import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minutes, plus, seconds } from '#core/time.ts';
import { decide } from '#services/alerts/plans/decide.ts';
import type { EventBody } from '#services/alerts/plans/events.ts';
import type { IncidentState } from '#services/alerts/plans/state.ts';
import { begunS, drilled, opened, planOf, WEDNESDAY } from './support.ts';

/** Fire: people first, the whole team, the words for the call, and the power only on two detectors or two people. */

const smoke = (device: string, key = `a-${device}@1`): EventBody => ({
  type: 'alert',
  id: `smoke/${device}`,
  title: { zh: '烟雾', en: 'Smoke' },
  firing: { rule: 'smoke', device, deviceName: { zh: device, en: device }, key },
});
const says = (by: string, answer: string, step = 'confirm-cut'): EventBody => ({
  type: 'answer',
  step,
  answer,
  by,
  minutes: null,
  until: null,
});

function told(events: readonly EventBody[]): IncidentState {
  let state = opened('fire');
  for (const [i, event] of events.entries())
    state = decide(state, { ...event, at: plus(WEDNESDAY, seconds((i + 1) * 20)) }).state;
  return state;
}

const wasCut = (state: IncidentState): boolean =>
  Object.entries(state.steps).some(([id, step]) => id.startsWith('emergency-off:') && step.state !== 'pending');

describe('fire', () => {
  it('cuts on two independent detectors, or on two people, and on nothing less (O-FIR-2)', () => {
    expect(wasCut(told([smoke('smoke-1')]))).toBe(false);
    expect(wasCut(told([smoke('smoke-1'), smoke('smoke-1', 'again')]))).toBe(false);
    expect(wasCut(told([smoke('smoke-1'), smoke('smoke-2')]))).toBe(true);
    expect(wasCut(told([says('lin-hao', 'cut')]))).toBe(false);
    expect(wasCut(told([says('lin-hao', 'cut'), says('lin-hao', 'cut')]))).toBe(false);
    expect(wasCut(told([says('lin-hao', 'cut'), says('gao-jie', 'cut')]))).toBe(true);
    expect(wasCut(told([smoke('smoke-1'), says('lin-hao', 'cut')]))).toBe(false);
  });

  it('never cuts on one detector with one person, in whatever order and however often they speak (O-FIR-2)', () => {
    const event = fc.oneof(
      fc.integer({ min: 0, max: 5 }).map((n) => smoke('smoke-1', `a-${n}`)),
      fc.constantFrom('cut', 'not-yet').map((answer) => says('lin-hao', answer)),
      fc.constantFrom('fire', 'smell', 'nothing').map((answer) => says('gao-jie', answer, 'look')),
      fc.constantFrom<EventBody>({ type: 'timer' }, { type: 'acknowledge', by: 'sam-reed' }),
      fc.constant<EventBody>({ type: 'alert', id: 'smoke/smoke-1', title: { zh: '烟', en: 'smoke' }, firing: null }),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 25 }), (events) => {
        expect(wasCut(told(events))).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it('time alone never cuts: nobody’s silence is an answer of two people', () => {
    let state = opened('fire');
    for (let minute = 1; minute <= 240; minute++)
      state = decide(state, { type: 'timer', at: plus(WEDNESDAY, minutes(minute)) }).state;
    expect(wasCut(state)).toBe(false);
    expect(state.steps['confirm-cut']?.answer).toMatchObject({ id: 'not-yet', by: 'zhishou' });
  });

  it('first the siren, the order to leave and the whole team on all channels, within seconds (O-FIR-1)', async () => {
    const run = await drilled('fire');
    expect(begunS(run, 'sound:siren-1')).toBe(0);
    expect(begunS(run, 'evacuate')).toBe(0);
    const told = run.evidence.deliveries.filter((one) => one.key.includes('/tell-team/'));
    expect(new Set(told.map((one) => one.person)).size).toBe(4);
    expect(new Set(told.map((one) => one.channel)).size).toBe(2);
    for (const one of told) expect(Date.parse(one.queuedAt) - Date.parse(run.incident.openedAt)).toBeLessThan(2000);
    expect(
      planOf('fire')
        .steps.slice(0, 2)
        .map((step) => step.id),
    ).toEqual(['sound', 'evacuate']);
  }, 30_000);

  it('the first detector cuts nothing, the second one everything but lights and monitor; started in order after an inspection', async () => {
    const run = await drilled('fire');
    const cuts = run.evidence.truth.commands.filter((one) => one.command === 'outlet-off');
    expect(new Set(cuts.map((one) => one.detail))).toEqual(new Set(['1', '2', '3', '4', '5']));
    // Smoke reaches the second detector two minutes after the first.
    expect(Math.min(...cuts.map((one) => one.at)) - Date.parse(run.incident.openedAt)).toBeGreaterThanOrEqual(120_000);
    expect(run.incident.level).toBe('major');
    expect(run.incident.outcome).toBe('recovered');
    expect(begunS(run, 'start-servers:server-1')).toBeGreaterThan(begunS(run, 'inspect') ?? 0);
  }, 30_000);

  it('a false alarm of one detector: everybody is told, nothing is cut (O-FIR-2)', async () => {
    const run = await drilled('fire', { scenario: 'fire-one-detector', seed: 2 });
    expect(run.evidence.truth.commands.filter((one) => one.command === 'outlet-off')).toEqual([]);
    expect(run.incident.outcome).toBe('stood-down');
    expect(run.step('call-fire-brigade').state).toBe('skipped');
  }, 30_000);

  it('the panic button and two people: the second one’s word cuts (O-FIR-2)', async () => {
    const run = await drilled('fire', { scenario: 'fire-two-people', seed: 2 });
    const voices = (run.evidence.orders ?? []).filter(
      ({ body }) => body.kind === 'incident.answer' && body.answer === 'cut',
    );
    const first = run.evidence.truth.commands.find((one) => one.command === 'outlet-off');
    expect(new Set(voices.map((one) => one.by)).size).toBe(2);
    expect(first?.at).toBeGreaterThanOrEqual(Math.max(...voices.map((one) => one.at)));
  }, 30_000);

  it('119 is called when it is real, when it cannot be controlled, or when nobody has looked for four minutes (O-FIR-4)', () => {
    const call = (events: readonly EventBody[]) => told(events).steps['call-fire-brigade']?.state;
    expect(call([])).toBe('pending');
    expect(call([says('lin-hao', 'smell', 'look')])).toBe('pending');
    expect(call([says('lin-hao', 'fire', 'look')])).toBe('waiting');
    expect(call([smoke('smoke-1'), smoke('smoke-2')])).toBe('waiting');
    expect(call(Array.from({ length: 13 }, (): EventBody => ({ type: 'timer' })))).toBe('waiting');
  });

  it('fight and leave are both there, and whoever fights may change to leave at any time (O-FIR-3)', () => {
    const state = told([
      says('lin-hao', 'fire', 'look'),
      says('lin-hao', 'fight', 'fight-or-leave'),
      says('lin-hao', 'leave', 'fight-or-leave'),
    ]);
    expect([state.steps.fight?.state, state.steps.leave?.state]).toEqual(['waiting', 'waiting']);
    const silent = told([
      says('lin-hao', 'fire', 'look'),
      ...Array.from({ length: 5 }, (): EventBody => ({ type: 'timer' })),
    ]);
    expect(silent.steps['fight-or-leave']?.answer?.id).toBe('leave');
  });

  it('nobody closes it with open steps', async () => {
    const { refusalOf } = await import('#services/alerts/plans/refusals.ts');
    const refusal = refusalOf(told([]), { type: 'close', by: 'zhou-min', reason: 'over' });
    expect(refusal?.code).toBe('CONFLICT');
  });
});
