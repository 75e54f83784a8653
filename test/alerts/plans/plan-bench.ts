import type { CommandBody } from '#core/command.ts';
import type { Config } from '#core/config/config.ts';
import { planSchema } from '#core/config/plan.ts';
import type { IncidentView } from '#core/incident.ts';
import { type MiniOptions, MiniWorld } from './mini-world.ts';
import { sampleConfig } from './outage-rig.ts';

/** One plan of a test in the small world, opened by its button; the steps as a plan file would have them, with short texts. */

const RULES = ['smoke', 'heat', 'leak', 'panic-fire'];
export const ask = (id: string, answers: readonly (string | [string, number])[], more: object = {}) => ({
  id,
  title: id,
  stage: 'respond',
  ask: {
    function: 'duty',
    question: `${id}?`,
    answers: answers.map((one) =>
      typeof one === 'string' ? { id: one, label: one } : { id: one[0], label: one[0], people: one[1] },
    ),
    within: '10m',
    default: typeof answers.at(-1) === 'string' ? answers.at(-1) : answers[0],
    ...(more as { ask?: object }).ask,
  },
  ...Object.fromEntries(Object.entries(more).filter(([key]) => key !== 'ask')),
});
export const task = (id: string, more: object = {}, part: object = {}) => ({
  id,
  title: id,
  stage: 'respond',
  task: { function: 'duty', script: `do ${id}`, ...part },
  ...more,
});
export const tell = (id: string, more: object = {}, part: object = {}) => ({
  id,
  title: id,
  stage: 'respond',
  tell: { functions: ['duty'], severity: 'high', subject: id, body: id, ...part },
  ...more,
});
export const act = (id: string, operation: string, devices: readonly string[], more: object = {}) => ({
  id,
  title: id,
  stage: 'respond',
  act: { operation, on: { devices } },
  ...more,
});

export interface Bench {
  readonly world: MiniWorld;
  readonly id: string;
  readonly opened: ReturnType<MiniWorld['order']>;
  view(): IncidentView;
  states(...ids: string[]): string[];
  done(step: string, user?: string): ReturnType<MiniWorld['order']>;
  answer(step: string, answer: string, user?: string): ReturnType<MiniWorld['order']>;
  order(body: Record<string, unknown>, user?: string): ReturnType<MiniWorld['order']>;
  told(part: string): boolean;
  what(kind?: string): string[];
}

/** The plan alone, without the sample's own: its alerts open nothing else. */
export const configOf = (steps: readonly object[], plan: object = {}): Config => ({
  ...sampleConfig(),
  plans: [
    planSchema.parse({
      id: 'test-plan',
      version: '1',
      title: '应急',
      source: 'test',
      level: 'serious',
      triggers: { alerts: RULES, button: true },
      steps,
      ...plan,
    }),
  ],
});

export function openPlan(steps: readonly object[], plan: object = {}, options: MiniOptions = {}): Bench {
  const world = new MiniWorld({ ...options, config: configOf(steps, plan) });
  const opened = world.order({ kind: 'incident.open', plan: 'test-plan', reason: 'pressed' });
  return benchOf(world, opened);
}

export function benchOf(world: MiniWorld, opened: ReturnType<MiniWorld['order']>): Bench {
  const id = opened.created ?? world.view().id;
  const order = (body: Record<string, unknown>, user?: string) =>
    world.order({ incident: id, ...body } as unknown as CommandBody, user);
  return {
    world,
    id,
    opened,
    view: () => world.view(),
    states: (...ids) => ids.map((step) => world.step(step).state),
    done: (step, user) => order({ kind: 'incident.task-done', step }, user),
    answer: (step, answer, user) => order({ kind: 'incident.answer', step, answer }, user),
    order,
    told: (part) => [...world.told.keys()].some((key) => key.includes(part)),
    what: (kind) =>
      world
        .view()
        .timeline.filter((entry) => kind === undefined || entry.kind === kind)
        .map((entry) => entry.what.en),
  };
}
