import { describe, expect, it } from 'vitest';
import type { PersonCommand } from '#core/command.ts';
import type { IncidentView } from '#core/incident.ts';
import type { PaperworkFacts } from '#core/paperwork/facts.ts';
import { hours, minus, minutes, seconds, toIso } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { openStateStore } from '#platform/state-store.ts';
import { createAlertLog } from '#services/alerts/lifecycle/alert-log.ts';
import { createEvidenceDesk } from '#services/alerts/paperwork/evidence-desk.ts';
import { planOf } from '../../plans/support.ts';
import { makeConfig, makeDevice, makeReading, T0 } from '../support.ts';

const facts: PaperworkFacts = {
  at: toIso(T0),
  inRooms: [
    {
      ...{ room: 'core', person: null, name: { zh: '外来李工', en: 'Mr Li' } },
      ...{ since: toIso(minus(T0, hours(1))), entry: 'core-room/2026-0001' },
    },
  ],
  changes: [],
};

function open(plan: string) {
  const clock = createVirtualClock(T0);
  const state = openStateStore(':memory:');
  const orders: PersonCommand[] = [];
  const view = { id: 'inc-1', plan: { id: plan }, phase: 'watching', openedAt: toIso(T0), timeline: [] };
  let now = view as unknown as IncidentView;
  const config = makeConfig({
    plans: [planOf('theft'), planOf('fire')],
    devices: [makeDevice({ id: 'door-1', name: { zh: '机房门', en: 'Room door' }, mqtt: { topic: 'z/door-1' } })],
  });
  const desk = createEvidenceDesk({
    ...{ config, clock, state, facts: () => facts, titleOf: () => ({ zh: '门被打开', en: 'Door opened' }) },
    incidents: () => ({
      views: () => [now],
      onCommand: (order) => {
        orders.push(order);
        const text = order.body.kind === 'incident.note' ? order.body.text : '';
        const what = { zh: `记录：${text}`, en: `Note: ${text}` };
        now = { ...now, timeline: [...now.timeline, { who: 'zhishou', what, why: null }] } as unknown as IncidentView;
        return { id: order.id, ok: true, error: null, detail: null, created: null };
      },
    }),
  });
  const texts = () => orders.map(({ body }) => (body.kind === 'incident.note' ? body.text : ''));
  return {
    clock,
    state,
    desk,
    texts,
    current: () => now,
    set: (next: Partial<IncidentView>) => (now = { ...now, ...next }),
  };
}

describe('O-THF-2: evidence', () => {
  it('names who was signed in, what door and motion did, which alerts fired; half an hour later what came since', () => {
    const { clock, state, desk, texts, current } = open('theft');
    desk.onReadings('door-1', [makeReading('door-1', 'room.door', true, T0)]);
    createAlertLog(state, () => clock.now()).append({
      ...{ at: toIso(T0), alert: 'a', rule: 'door-off-hours', device: 'door-1' },
      ...{ severity: 'high', what: 'fired', by: null },
    });
    desk.onIncident(current());
    clock.advanceBy(seconds(1));
    expect(texts()).toHaveLength(1);
    expect(texts()[0]).toMatch(/外来李工（?.*核心机房/);
    expect(texts()[0]).toContain('机房门 门开');
    expect(texts()[0]).toContain('门被打开 (机房门)');
    desk.onIncident(current());
    clock.advanceBy(minutes(31));
    expect(texts()).toHaveLength(2);
    desk.onIncident(current());
    clock.advanceBy(hours(2));
    expect(texts()).toHaveLength(2);
  });

  it('is written once, by the record itself: another life that finds it there repeats none', () => {
    const first = open('theft');
    first.desk.onIncident(first.current());
    first.clock.advanceBy(seconds(1));
    const second = open('theft');
    second.set({ timeline: first.current().timeline });
    second.desk.onIncident(second.current());
    second.clock.advanceBy(minutes(29));
    expect(second.texts()).toEqual([]);
  });

  it('a plan that asks for none gets none, nor an incident that is over', () => {
    const fire = open('fire');
    fire.desk.onIncident(fire.current());
    const over = open('theft');
    over.desk.onIncident(over.current());
    over.set({ phase: 'closed' });
    over.desk.onIncident(over.current());
    for (const one of [fire, over]) {
      one.clock.advanceBy(hours(1));
      expect(one.texts()).toEqual([]);
    }
  });
});
