import { z } from 'zod';
import { durationSchema, idSchema, obligationsSchema, textSchema } from './common.ts';
import { FUNCTIONS } from './people.ts';
import { WEEKDAYS } from './rota.ts';
import { SEVERITIES } from './rule.ts';
import { selectorSchema } from './selector.ts';

/** duties.yaml: what people do in the room again and again, when, by whom, and what is looked at (OBLIGATIONS.md, "Running the room"). */

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day, e.g. 08:30');

/** Which day of a month: one by its number, by the office's working days, or by the weekday. */
const monthDayShape = {
  /** A month without that day: its last. */
  day: z.union([z.int().min(1).max(31), z.literal('last')]).optional(),
  working_day: z.union([z.int().min(1).max(20), z.literal('last')]).optional(),
  weekday: z.enum(WEEKDAYS).optional(),
  /** Of `weekday`: the second Friday, the last Friday. */
  nth: z.union([z.int().min(1).max(4), z.literal('last')]).optional(),
};
type MonthDayKeys = { day?: unknown; working_day?: unknown; weekday?: unknown; nth?: unknown };
const oneDay = ({ day, working_day, weekday, nth }: MonthDayKeys): boolean =>
  [day, working_day, weekday].filter((one) => one !== undefined).length === 1 &&
  (weekday === undefined) === (nth === undefined);
const ONE_DAY = 'one of day: 5, working_day: 1, and weekday: fri with nth: 2; last may stand for a number';
const monthDaySchema = z.strictObject(monthDayShape).refine(oneDay, ONE_DAY);
export type MonthDay = z.infer<typeof monthDaySchema>;

/** `month`: which one of the quarter, the half-year, the year. */
const monthOf = (months: number) =>
  z.strictObject({ month: z.int().min(1).max(months), ...monthDayShape }).refine(oneDay, ONE_DAY);

export const whenSchema = z.union([
  /** `working-days`: those of calendar.yaml, with 调休. */
  z.enum(['daily', 'weekdays', 'working-days']),
  z
    .strictObject({
      weekly: z.union([z.enum(WEEKDAYS).transform((day) => [day]), z.array(z.enum(WEEKDAYS)).min(1).max(7)]),
      /** Each second, third … week, counted from the week of `starts`. */
      every: z.int().min(1).max(52).default(1),
      starts: z.iso.date().optional(),
    })
    .refine(({ every, starts }) => every === 1 || starts !== undefined, 'every needs starts: a date in the first week'),
  z.strictObject({ monthly: monthDaySchema }),
  z.strictObject({ quarterly: monthOf(3) }),
  z.strictObject({ half_yearly: monthOf(6) }),
  z.strictObject({ yearly: monthOf(12) }),
  /** So many days after it was done last; the first time on `first`. */
  z.strictObject({ after_done: z.strictObject({ days: z.int().min(1).max(1830), first: z.iso.date() }) }),
  /** By a deadline of a register's entries, each time that it begins to run (registers/*.yaml, `duty: true`). */
  z.strictObject({ deadline: z.strictObject({ register: idSchema, deadline: idSchema }) }),
]);
export type When = z.infer<typeof whenSchema>;

const itemSchema = z
  .strictObject({
    id: idSchema,
    label: textSchema,
    group: textSchema.optional(),
    kind: z.enum(['tick', 'number', 'text']).default('tick'),
    /** Of `number`. */
    unit: z.string().max(20).optional(),
    /** Of `number`: what lies beyond is a finding. */
    min: z.number().optional(),
    max: z.number().optional(),
    /** One line for each of these devices; `{device}` in the label is its name. */
    each: selectorSchema.optional(),
    /** One line over all of these devices. */
    of: selectorSchema.optional(),
    /** What they say is shown beside it: names of points, `#` for one part: `outlet.#.status`. */
    points: z
      .array(z.string().regex(/^[A-Za-z0-9_#-]+(\.[A-Za-z0-9_#-]+)*$/, 'a point, e.g. ups.load or outlet.#.status'))
      .max(30)
      .default([]),
    /** Only in this season of calendar.yaml. */
    season: idSchema.optional(),
  })
  .refine(({ each, of }) => each === undefined || of === undefined, 'each or of, not both')
  .refine(({ points, each, of }) => points.length === 0 || (each ?? of) !== undefined, 'points need each or of')
  .refine(
    ({ kind, unit, min, max }) => kind === 'number' || (unit ?? min ?? max) === undefined,
    'unit, min and max go with kind: number',
  );
export type DutyItem = z.infer<typeof itemSchema>;

const stepSchema = z.strictObject({
  /** After it was due. */
  after: durationSchema,
  tell: z.array(z.enum(FUNCTIONS)).min(1).max(5),
  severity: z.enum(SEVERITIES).optional(),
});

export const dutySchema = z
  .strictObject({
    id: idSchema,
    title: textSchema,
    obligations: obligationsSchema,
    instructions: textSchema.optional(),
    /** Whose it is; `duty` is whoever the rota names then. */
    function: z.enum(FUNCTIONS),
    when: whenSchema,
    /** One for each of these devices. */
    for_each: selectorSchema.optional(),
    /** Only in this season of calendar.yaml. */
    season: idSchema.optional(),
    /** On days that are not worked: moved; `skip`: left out on public holidays. */
    holidays: z.enum(['as-they-are', 'skip', 'next-working-day', 'previous-working-day']).default('as-they-are'),
    /** May be done from then on, on its day or `opens` days earlier. */
    from: clockTime.default('08:30'),
    opens: z.int().min(0).max(366).default(0),
    /** On its day; earlier in the day than `from`: the next day. */
    due: clockTime.default('17:30'),
    /** So long after that it can still be done, late; then it is missed for good. */
    late_until: durationSchema.prefault('12h'),
    /** Whose it is is reminded so long before it is due. */
    remind: z.array(durationSchema).max(5).default([]),
    /** Who hears of it when it is not done. Without it: whose it is, when it is due. */
    escalate: z.array(stepSchema).max(6).default([]),
    severity: z.enum(SEVERITIES).default('low'),
    checklist: z.array(itemSchema).max(100).default([]),
    signature: z.enum(['password', 'drawn']).optional(),
    /** What is found becomes a task, to be mended by then, of somebody with this function (O-SAF-1). */
    findings: z
      .strictObject({ fix_within: durationSchema.prefault('3d'), owner: z.enum(FUNCTIONS).optional() })
      .prefault({}),
    /**
     * What is written into a register when it is done; filled in are {date}, {time}, {begun}, {at}, {person}, {by}, {title}, {summary}, {findings},
     * {note}, and {result}: `ok`, or `failed` when something was found. `move`: the step that the entry takes at once (signed out).
     */
    entry: z
      .strictObject({ register: idSchema, values: z.record(idSchema, z.string().max(2000)), move: idSchema.optional() })
      .optional(),
    /** Done by itself: when a guided test of the device ends well; when the register's entry goes on. */
    done_by: z.enum(['battery-test', 'register']).optional(),
    link: z
      .strictObject({ label: textSchema, path: z.string().regex(/^\/[\w/?=&.-]*$/, 'a path of the page') })
      .optional(),
  })
  .refine(
    ({ done_by, for_each }) => done_by !== 'battery-test' || for_each !== undefined,
    'a battery-test needs for_each',
  )
  .refine(
    ({ done_by, when }) => done_by !== 'register' || (typeof when === 'object' && 'deadline' in when),
    'done_by: register goes with when: { deadline: … }',
  );
export type Duty = z.infer<typeof dutySchema>;

export const dutiesFileSchema = z.strictObject({ duties: z.array(dutySchema).min(1).max(200) });
