import { z } from 'zod';
import { idSchema } from './common.ts';
import { escalationSchema } from './escalation.ts';

/** rota.yaml, calendar.yaml: who is on duty, when the office works. */

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day, e.g. 08:30');
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

export const rotaFileSchema = z.strictObject({
  rota: z.strictObject({
    /** Whole weeks are counted from the hand-over at or before this date. */
    starts: z.iso.date(),
    handover: z.strictObject({ day: z.enum(WEEKDAYS), at: clockTime }),
    order: z.array(idSchema).min(1),
    overrides: z
      .array(
        z.strictObject({
          from: z.iso.datetime({ offset: true }),
          to: z.iso.datetime({ offset: true }),
          person: idSchema,
          reason: z.string().optional(),
        }),
      )
      .default([]),
  }),
  escalation: escalationSchema.prefault({ order: ['duty', 'deputy', 'director'], every: '5m' }),
});
export type RotaFile = z.infer<typeof rotaFileSchema>;

export const calendarFileSchema = z.strictObject({
  working_hours: z.array(z.strictObject({ days: z.array(z.enum(WEEKDAYS)).min(1), from: clockTime, to: clockTime })),
  holidays: z.array(z.iso.date()).default([]),
  /** 调休: days worked although they fall on a weekend. */
  working_days: z.array(z.iso.date()).default([]),
});
export type CalendarFile = z.infer<typeof calendarFileSchema>;
