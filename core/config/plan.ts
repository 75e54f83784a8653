import { z } from 'zod';
import { LEVELS } from '../incident.ts';
import { durationSchema, idSchema, obligationsSchema, pointReferenceSchema, textSchema } from './common.ts';
import { DEVICE_KINDS, DRIVERS, type DriverName, OPERATIONS } from './device.ts';
import { FUNCTIONS, OUTSIDE_CONTACTS } from './people.ts';
import { SEVERITIES } from './rule.ts';

/**
 * plans/*.yaml: a written emergency plan. Steps form a graph: a step becomes ready when its stage has begun, all steps
 * named in `after` have ended and its `when` holds. Steps name functions and devices, never hosts or phone numbers.
 */

/** What texts may use as `{name}`, and what stands there. Filled in from the site's own data when a message is written. */
export const PLAN_TEXT_NAMES = {
  site: 'the site’s name',
  place: 'address and floor, as one says it on the telephone',
  address: 'the site’s address',
  floor: 'the floor',
  now: 'the time of day',
  elapsed: 'how long mains has been away, or since the incident began',
  outage_length: 'how long mains was away, as a sentence; or that the announced cut never came',
  outage_end: 'that mains is back, in few words; or that the announced cut did not come',
  incident: 'the incident’s id',
  alert: 'what opened the incident, in words',
  device_of_alert: 'the device whose alert opened it',
  device: 'the device of an act',
  duty: 'who is on duty, or who has taken the incident over',
  duty_phone: 'that person’s number',
  duty_told: 'that the person on duty has been told, with the number',
  lead: 'who leads the incident',
  lead_phone: 'that person’s number',
  director: 'the director’s name',
  contact: 'the department of the step’s `contact`',
  contact_phone: 'its number',
  charge: 'the battery’s charge',
  load: 'the load in watts',
  exhaustion: 'when the battery is empty',
  battery_left: 'how long the battery lasts, as a sentence',
  latest_start: 'the latest safe start of the shutdown',
  automatic_start: 'when the shutdown starts by itself, as a sentence',
  outlook: 'when mains is expected back',
  need: 'how long the steps still to do take',
  temperature: 'the hottest point of the room now',
  temperature_limit: 'the temperature at which equipment must be down',
} as const;

const pointConditionSchema = z.union([
  z.strictObject({ point: pointReferenceSchema, above: z.number() }),
  z.strictObject({ point: pointReferenceSchema, below: z.number() }),
  z.strictObject({ point: pointReferenceSchema, is: z.union([z.string(), z.boolean()]) }),
]);

/** All that are given must hold. */
const plainConditionSchema = z.strictObject({
  hours: z.enum(['working', 'off']).optional(),
  /** What is known of the return of mains, against the plan's limit. */
  outlook: z.enum(['unknown', 'within', 'over']).optional(),
  /** Since the incident's opening. */
  elapsed: durationSchema.optional(),
  /** This `ask` or `task` has no answer yet. */
  unanswered: idSchema.optional(),
  /** This `ask` has one of these answers: the branches of a decision step (O-FIR-3). */
  answered: z.strictObject({ step: idSchema, is: z.array(idSchema).min(1) }).optional(),
  mode: z.enum(['live', 'drill']).optional(),
  /** So many different devices have one of these alerts now: two of them are two independent detectors (O-FIR-2). */
  alerts: z.strictObject({ rules: z.array(idSchema).min(1), devices: z.number().int().min(1).default(1) }).optional(),
  /** A point's last good value. */
  point: pointConditionSchema.optional(),
  /** The incident's level is at least this. */
  level: z.enum(LEVELS).optional(),
  /** The outage was planned (O-PWR-1). */
  planned: z.boolean().optional(),
});
export type PlanCondition = z.infer<typeof plainConditionSchema> & {
  readonly any?: readonly PlanCondition[] | undefined;
  readonly all?: readonly PlanCondition[] | undefined;
  readonly not?: PlanCondition | undefined;
};
export const planConditionSchema: z.ZodType<PlanCondition> = z.lazy(() =>
  plainConditionSchema.extend({
    any: z.array(planConditionSchema).min(1).optional(),
    all: z.array(planConditionSchema).min(1).optional(),
    not: planConditionSchema.optional(),
  }),
);

const answerSchema = z.strictObject({
  id: idSchema,
  label: textSchema,
  takes: z.enum(['nothing', 'duration', 'time']).default('nothing'),
  /** What the answer says of mains: back within the limit, not within it, not known, or as given by the duration or time. */
  outlook: z.enum(['within', 'over', 'unknown', 'given']).optional(),
  /** So many different people must have given it before it counts: two for an emergency power off (O-FIR-2). */
  people: z.number().int().min(1).max(5).default(1),
});

const stepBase = {
  id: idSchema,
  title: textSchema,
  /**
   * prepare: ahead of a planned outage · respond: at once · hold: outlook within the limit, or protecting · protect: the shutdown
   * sequence · recover: after power returned past the point of no return · stand-down: mains back before it.
   * In a plan with neither `power` nor `heat` (fire, shock, theft, leak): respond at once; hold and protect by a person's order, or
   * when the `when` of a protect step comes true; recover once a person has said that the danger is over; stand-down after that.
   */
  stage: z.enum(['prepare', 'respond', 'hold', 'protect', 'recover', 'stand-down']),
  after: z.array(idSchema).default([]),
  when: planConditionSchema.optional(),
  obligations: obligationsSchema,
};

/** What each kind of step has besides its base. */
const kinds = {
  tell: {
    tell: z.strictObject({
      functions: z.array(z.enum(FUNCTIONS)).min(1),
      severity: z.enum(SEVERITIES),
      subject: textSchema,
      body: textSchema,
    }),
  },
  ask: {
    ask: z.strictObject({
      function: z.enum(FUNCTIONS),
      contact: z.enum(OUTSIDE_CONTACTS).optional(),
      question: textSchema,
      /** The message's first line: what is so and until when, before the question, the number and the script. */
      brief: textSchema.optional(),
      script: textSchema.optional(),
      answers: z.array(answerSchema).min(2),
      within: durationSchema,
      /** The answer taken when time runs out; never one that two people must give. */
      default: idSchema,
      /** What the page names to whoever does not know; of mains it is worked out. Not the default unasked: silence is safe, but no advice. */
      if_unsure: idSchema.optional(),
      remind_every: durationSchema.optional(),
    }),
  },
  task: {
    task: z.strictObject({
      function: z.enum(FUNCTIONS),
      contact: z.enum(OUTSIDE_CONTACTS).optional(),
      script: textSchema,
      /** One task for each thing on the site's standby list that stands in for one of these (O-THF-3); who does it and until when stands there. */
      for_each: z.strictObject({ standby: z.array(z.enum(DEVICE_KINDS)).min(1) }).optional(),
      within: durationSchema.optional(),
      remind_every: durationSchema.optional(),
    }),
  },
  act: {
    act: z.strictObject({
      operation: z.enum(OPERATIONS),
      /** One step instance for each matching device that declares the operation. Order among them follows depends_on. */
      on: z.strictObject({ kinds: z.array(z.enum(DEVICE_KINDS)).optional(), devices: z.array(idSchema).optional() }),
      /** Say what would be done and do nothing: the monitor's own step in the demo. */
      rehearse_only: z.boolean().default(false),
    }),
  },
  wait: {
    wait: z.union([
      z.strictObject({ for: durationSchema }),
      z.strictObject({
        until: pointConditionSchema,
        /** After this a person is told and the plan goes on. */
        at_most: durationSchema.optional(),
      }),
    ]),
  },
} as const;

const singleStepSchema = z.union([
  z.strictObject({ ...stepBase, ...kinds.tell }),
  z.strictObject({ ...stepBase, ...kinds.ask }),
  z.strictObject({ ...stepBase, ...kinds.task }),
  z.strictObject({ ...stepBase, ...kinds.act }),
  z.strictObject({ ...stepBase, ...kinds.wait }),
]);
/** A step that is one of the product's or people's doings; `choose` and `together` are made of these when a plan is compiled. */
export type PlanStep = z.infer<typeof singleStepSchema>;

/** Inside choose and together the stage is that of the whole and need not be said again. */
const innerBase = { ...stepBase, stage: stepBase.stage.optional() };
const innerStepSchema = z.union([
  z.strictObject({ ...innerBase, ...kinds.tell }),
  z.strictObject({ ...innerBase, ...kinds.ask }),
  z.strictObject({ ...innerBase, ...kinds.task }),
  z.strictObject({ ...innerBase, ...kinds.act }),
  z.strictObject({ ...innerBase, ...kinds.wait }),
]);

export const planStepSchema = z.union([
  ...singleStepSchema.options,
  /** The first branch whose `when` holds, when the step is reached; the others are skipped. A branch without `when` is the rest. */
  z.strictObject({
    ...stepBase,
    choose: z
      .array(z.strictObject({ when: planConditionSchema.optional(), steps: z.array(innerStepSchema).min(1) }))
      .min(2),
  }),
  /** Side by side; the step has ended when all have. */
  z.strictObject({ ...stepBase, together: z.array(innerStepSchema).min(2) }),
]);
export type PlanEntry = z.infer<typeof planStepSchema>;

/** A step of the plan as a line of its own, with where it stood. */
export interface PlanLine {
  readonly step: PlanStep | PlanGroup;
  /** The choose or together that it is part of. */
  readonly group: string | null;
  /** Which branch of the choose, from 0. */
  readonly branch: number | null;
  /** Where it stands below `steps`, for messages. */
  readonly path: readonly (string | number)[];
}
export type PlanGroup = Extract<PlanEntry, { choose: unknown } | { together: unknown }>;

/** All steps of a plan, those inside choose and together too, each after the whole that it is part of. */
export function planLines(plan: Pick<Plan, 'steps'>): readonly PlanLine[] {
  return plan.steps.flatMap((entry, i): PlanLine[] => {
    const line = (step: PlanLine['step'], branch: number | null, path: PlanLine['path'], group: string | null) => ({
      step,
      group,
      branch,
      path: [i, ...path],
    });
    const inner = (step: z.infer<typeof innerStepSchema>): PlanStep => ({ ...step, stage: step.stage ?? entry.stage });
    if ('choose' in entry) {
      const branches = entry.choose.flatMap(({ steps }, n) =>
        steps.map((step, at) => line(inner(step), n, ['choose', n, 'steps', at], entry.id)),
      );
      return [line(entry, null, [], null), ...branches];
    }
    if ('together' in entry) {
      const parts = entry.together.map((step, at) => line(inner(step), null, ['together', at], entry.id));
      return [line(entry, null, [], null), ...parts];
    }
    return [line(entry, null, [], null)];
  });
}

/** All single steps of a plan, whatever they stand in. */
export const planSteps = (plan: Pick<Plan, 'steps'>): readonly PlanStep[] =>
  planLines(plan).flatMap(({ step }) => ('choose' in step || 'together' in step ? [] : [step]));

const AT_ONCE: Readonly<Record<DriverName, number>> = {
  ssh: 4,
  snmp_set: 2,
  mqtt: 4,
  local: 1,
  ipmi: 4,
  redfish: 4,
  nut: 2,
  nut_serve: 4,
  wake: 4,
  http: 4,
};

export const planSchema = z
  .strictObject({
    id: idSchema,
    version: z.string().min(1),
    title: textSchema,
    /** The rules' own words this plan is written from. */
    source: z.string().min(1),
    level: z.enum(LEVELS),
    triggers: z.strictObject({ alerts: z.array(idSchema).default([]), button: z.boolean().default(true) }),
    /** When the level rises by itself; it never sinks (O-LVL-1). A person may raise it at any time. */
    rises: z.array(z.strictObject({ to: z.enum(LEVELS), when: planConditionSchema })).default([]),
    power: z
      .strictObject({
        /** The UPSes whose mains and battery the four clocks follow. */
        ups: z.array(idSchema).min(1),
        /** O-PWR-4: 90m. */
        limit: durationSchema,
        /** Mains must be stable for so long before anything is concluded. */
        settle: durationSchema,
        margin: z.strictObject({ share: z.number().min(0).max(0.9), at_least: durationSchema }),
        /** L1: what loss of contact means while on battery. */
        treat_silence_on_battery_as: z.enum(['exhausted', 'hold']),
        silence_after: durationSchema.prefault('1m'),
        poll_on_battery: durationSchema.prefault('5s'),
        /** O-PWR-1: preparations begin so long before a planned outage. */
        prepare_before: durationSchema.prefault('2h'),
        recovery: z.strictObject({
          charge_above: z.number().min(0).max(100),
          settle: durationSchema,
          temperature: z.strictObject({ point: pointReferenceSchema, below: z.number() }).optional(),
        }),
      })
      .optional(),
    /** O-CLG-1: cooling has failed; the room's temperature is the clock instead of the battery. */
    heat: z
      .strictObject({
        /** The hottest of these counts. */
        points: z.array(pointReferenceSchema).min(1),
        /** Equipment must be down before this, °C. */
        limit: z.number(),
        margin: z.strictObject({ share: z.number().min(0).max(0.9), at_least: durationSchema }),
        /** Averted, and recovery possible, when all points have stayed below this for so long. */
        safe: z.strictObject({ below: z.number(), for: durationSchema }),
      })
      .optional(),
    /** Operations of one driver that run side by side at most. */
    at_once: z
      .strictObject(
        Object.fromEntries(
          DRIVERS.map((driver) => [driver, z.number().int().min(1).default(AT_ONCE[driver])]),
        ) as Record<DriverName, z.ZodDefault<z.ZodNumber>>,
      )
      .prefault({}),
    steps: z.array(planStepSchema).min(1),
  })
  .refine(
    (plan) => plan.power === undefined || plan.heat === undefined,
    'a plan follows the battery or the heat, not both',
  );
export type Plan = z.infer<typeof planSchema>;
