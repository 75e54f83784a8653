import { z } from 'zod';
import { idSchema, textSchema } from './common.ts';
import { escalationSchema } from './escalation.ts';
import { FUNCTIONS } from './people.ts';

/** rota.yaml, calendar.yaml: who is on duty, when the office works. */

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day, e.g. 08:30');
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** Who takes turns: a person's id, or one who comes or goes on a date: `{person: gao-jie, from: 2026-03-02, until: 2027-01-31}`. */
const memberSchema = z.union([
  idSchema,
  z.strictObject({
    person: idSchema,
    /** The first day. */
    from: z.iso.date().optional(),
    /** The last day; the night after it is still theirs, up to the hand-over. */
    until: z.iso.date().optional(),
  }),
]);
export type RotaMember = z.infer<typeof memberSchema>;

const overrideSchema = z.strictObject({
  from: z.iso.datetime({ offset: true }),
  to: z.iso.datetime({ offset: true }),
  person: idSchema,
  reason: z.string().optional(),
});

const rotationFields = {
  /** Whole turns are counted from the hand-over at or before this date. */
  starts: z.iso.date(),
  /** `day` is left out where turns are counted in days. */
  handover: z.strictObject({ day: z.enum(WEEKDAYS).optional(), at: clockTime }),
  /** How long a turn lasts: `1w`, `2w`, `1d`, `3d`. */
  every: z
    .string()
    .regex(/^[1-9]\d?[dw]$/, 'days or weeks, e.g. 1w, 2w, 1d')
    .default('1w'),
  order: z.array(memberSchema).min(1).max(100),
  overrides: z.array(overrideSchema).default([]),
  /** Hours that are nobody's by intention. They are still *nobody on duty*: told by `check`, and an alarm (L25). */
  off: z
    .array(z.strictObject({ days: z.array(z.enum(WEEKDAYS)).min(1), from: clockTime, to: clockTime }))
    .max(20)
    .default([]),
};
const needsDay = (rotation: { handover: { day?: string | undefined }; every: string }): boolean =>
  rotation.handover.day !== undefined || rotation.every.endsWith('d');
const DAY_MISSING = { message: 'a turn of weeks needs its day of hand-over, e.g. day: mon', path: ['handover', 'day'] };

export const rotaFileSchema = z.strictObject({
  /** Who is on duty. */
  rota: z.strictObject(rotationFields).refine(needsDay, DAY_MISSING),
  /** Functions with a rotation of their own: whoever has the turn is all that the function means then. */
  layers: z
    .array(
      z
        .strictObject({
          role: z.enum(FUNCTIONS).exclude(['duty']),
          name: textSchema.optional(),
          ...rotationFields,
        })
        .refine(needsDay, DAY_MISSING),
    )
    .max(20)
    .default([]),
  escalation: escalationSchema.prefault({ order: ['duty', 'deputy', 'director'], every: '5m' }),
});
export type RotaFile = z.infer<typeof rotaFileSchema>;
/** What `rota` and each of `layers` have in common. */
export type Rotation = RotaFile['rota'];

const monthDay = z.string().regex(/^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, 'month and day, e.g. 11-15');

export const calendarFileSchema = z.strictObject({
  working_hours: z.array(z.strictObject({ days: z.array(z.enum(WEEKDAYS)).min(1), from: clockTime, to: clockTime })),
  /** `china`: 法定节假日 and 调休 as the State Council has published them. The lines below win over them. */
  national_holidays: z.enum(['china', 'none']).default('none'),
  holidays: z.array(z.iso.date()).default([]),
  /** 调休: days worked although they fall on a weekend. */
  working_days: z.array(z.iso.date()).default([]),
  /** Years whose national days are all written above, because they were published after this version. */
  years_by_hand: z.array(z.int().min(2000).max(2200)).default([]),
  /** By month and day, first and last day included: `heating: {from: "11-15", to: "03-15"}`. Rules ask `calendar.season`. */
  seasons: z.record(idSchema, z.strictObject({ from: monthDay, to: monthDay })).default({}),
});
export type CalendarFile = z.infer<typeof calendarFileSchema>;
