import { describe, expect, it } from 'vitest';
import { planSteps } from '#core/config/plan.ts';
import { expectSafeDefaults, expectWhole, sampleConfig } from './support.ts';

/** What holds of every plan of the room. */

const PLANS = [
  'cooling-failure',
  'electric-shock',
  'fire',
  'network-outage',
  'over-temperature',
  'power-outage',
  'power-return',
  'theft',
  'ups-fault',
  'water-leak',
];

/** The emergency rules of OBLIGATIONS.md. */
const OBLIGATIONS = [
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((n) => `O-PWR-${n}`),
  ...[1, 2, 3, 4].map((n) => `O-SHK-${n}`),
  ...[1, 2, 3, 4].map((n) => `O-FIR-${n}`),
  ...[1, 2, 3].map((n) => `O-THF-${n}`),
  'O-WTR-1',
  'O-CLG-1',
  'O-LVL-1',
];

describe('every plan', () => {
  it('is there, and no other', () => {
    expect(
      sampleConfig()
        .plans.map((plan) => plan.id)
        .toSorted(),
    ).toEqual(PLANS);
  });

  it.each(PLANS)('%s is whole in Chinese and English, every name filled in, every number in its script', (id) => {
    expectWhole(id);
  });

  it.each(PLANS)('%s takes no answer by silence that could cut the power (O-FIR-2)', (id) => {
    expectSafeDefaults(id);
  });

  it.each(OBLIGATIONS)('%s is kept by a step', (id) => {
    const keepers = sampleConfig().plans.flatMap((plan) =>
      planSteps(plan).flatMap((step) => (step.obligations.includes(id) ? [`${plan.id}/${step.id}`] : [])),
    );
    expect(keepers).not.toEqual([]);
  });

  it('levels rise by rule somewhere in each plan that is not major from the beginning (O-LVL-1)', () => {
    for (const plan of sampleConfig().plans) if (plan.level !== 'major') expect(plan.rises, plan.id).not.toEqual([]);
  });

  it('starts by a rule or by its button; fire and shock by a panic button too', () => {
    const rules = new Map(sampleConfig().rules.map((rule) => [rule.id, rule]));
    for (const plan of sampleConfig().plans) {
      expect(plan.triggers.button, plan.id).toBe(true);
      if (plan.id !== 'power-return')
        expect(plan.triggers.alerts.length + (plan.id === 'power-return' ? 1 : 0), plan.id).toBeGreaterThan(0);
    }
    for (const id of ['fire', 'electric-shock']) {
      const triggers = sampleConfig().plans.find((plan) => plan.id === id)?.triggers.alerts ?? [];
      expect(
        triggers.some((rule) => JSON.stringify(rules.get(rule)?.when).includes('room.panic')),
        id,
      ).toBe(true);
    }
  });

  it('alarms of fire, water, shock and theft are safety rules: never muted, grouped or inhibited (L34)', () => {
    for (const id of ['smoke', 'heat', 'panic-fire', 'panic-shock', 'intrusion', 'door-off-hours', 'leak'])
      expect(sampleConfig().rules.find((rule) => rule.id === id)?.safety, id).toBe(true);
  });

  it('people-facing times are realistic: no question or task without a time to do it in', () => {
    for (const plan of sampleConfig().plans)
      for (const step of planSteps(plan)) {
        if ('task' in step) expect(step.task.within, `${plan.id} ${step.id}`).toBeDefined();
        const asked = 'task' in step ? step.task : 'ask' in step ? step.ask : null;
        if (asked !== null) expect(asked.remind_every ?? 0, `${plan.id} ${step.id}`).toBeGreaterThan(0);
      }
  });
});
