import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { durationSchema, idSchema, textSchema } from '#core/config/common.ts';
import { messageOf, ZhishouError } from '#core/errors.ts';
import type { Cancel, Clock, Log } from '#core/ports.ts';
import { type Duration, minutes } from '#core/time.ts';
import { readText } from '#platform/files.ts';
import type { Room } from '../room.ts';
import { worldCommandSchema } from '../world/world-command.ts';

/** Orders by a scenario's own clock: `in` and `lasts` instead of instants. */
const orderSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('open'), plan: idSchema }),
  z.strictObject({ kind: z.literal('plan-outage'), in: durationSchema, lasts: durationSchema }),
  z.strictObject({ kind: z.literal('start-sequence') }),
]);
export type ScenarioOrder = z.infer<typeof orderSchema>;

/** simulators/scenarios/*.yaml: what happens to the room, and when, counted from the scenario's beginning. */
export const scenarioSchema = z.strictObject({
  id: idSchema,
  title: textSchema,
  /** What the run is to show. */
  expects: textSchema,
  /** The plan that it drills; without one: the plan of the same name. */
  plan: idSchema.optional(),
  /** The time of day it happens at, where that matters. */
  hours: z.enum(['working', 'off']).optional(),
  /** What people answer, by step; questions that are not named get the first plain answer. */
  choices: z.record(idSchema, idSchema).default({}),
  /** What people order, and when: the plan's button, a planned cut. */
  orders: z
    .array(z.strictObject({ at: durationSchema, do: orderSchema }))
    .max(50)
    .default([]),
  /** For drills: the answer of the power department unless the command line says otherwise. */
  answer: z.string().optional(),
  battery: durationSchema.optional(),
  /** Nothing more happens after this; the run is judged when the plan has come to rest. */
  lasts: durationSchema,
  events: z
    .array(z.strictObject({ at: durationSchema, do: worldCommandSchema }))
    .max(1000)
    .default([]),
});
export type Scenario = z.infer<typeof scenarioSchema>;

/** One of the named scenarios, or a file of the user's own. */
export function loadScenario(nameOrFile: string): Scenario {
  const file = /^[a-z0-9-]+$/.test(nameOrFile) ? join(import.meta.dirname, `${nameOrFile}.yaml`) : nameOrFile;
  const text = readText(file);
  if (text === null) throw new ZhishouError('NOT_FOUND', `scenario ${nameOrFile}`, `there is no ${file}`);
  try {
    return scenarioSchema.parse(parse(text));
  } catch (error) {
    throw new ZhishouError('BAD_CONFIGURATION', file, messageOf(error), { cause: error });
  }
}

/** A plan's own scenario, if there is one of its name. */
export function findScenario(plan: string): Scenario | null {
  return readText(join(import.meta.dirname, `${plan}.yaml`)) === null ? null : loadScenario(plan);
}

/** Nothing happens to the room; somebody opens the plan by its button. */
export const buttonScenario = (plan: string): Scenario =>
  scenarioSchema.parse({
    id: 'button',
    plan,
    title: { zh: '按钮启动', en: 'Started by its button' },
    expects: { zh: '由不变量判定', en: 'Judged by the invariants' },
    lasts: '15m',
    orders: [{ at: '1m', do: { kind: 'open', plan } }],
  });

/** Mains away for so long, starting a minute in. */
export function outageScenario(length: Duration): Scenario {
  const begins = minutes(1);
  return scenarioSchema.parse({
    id: 'outage',
    title: { zh: '停电', en: 'Power outage' },
    expects: { zh: '由不变量判定', en: 'Judged by the invariants' },
    lasts: `${(begins + length) / 1000}s`,
    events: [
      { at: `${begins / 1000}s`, do: { kind: 'mains', present: false } },
      { at: `${(begins + length) / 1000}s`, do: { kind: 'mains', present: true } },
    ],
  });
}

/** Lets it happen on the clock. A command that the room refuses is logged and the rest goes on. */
export function playScenario(room: Room, clock: Clock, scenario: Scenario, log: Log): Cancel {
  const cancels = scenario.events.map((event) =>
    clock.after(event.at, () => {
      try {
        room.apply(event.do);
      } catch (error) {
        log.error({ err: error, scenario: scenario.id, event }, 'the simulated room refused an event of the scenario');
      }
    }),
  );
  return () => {
    for (const cancel of cancels) cancel();
  };
}
