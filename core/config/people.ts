import { z } from 'zod';
import { durationSchema, idSchema, textSchema } from './common.ts';

/** people.yaml, rota.yaml, calendar.yaml: who is who, who is on duty, when the office works. */

/** What people do in the room (OBLIGATIONS.md, "Who is who"). `duty` is whoever the rota names now. */
export const FUNCTIONS = [
  'director',
  'deputy',
  'duty',
  'equipment-administrator',
  'network-administrator',
  'system-administrator',
  'emergency-team',
] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

/** Departments outside the office whose number a script gives. */
export const OUTSIDE_CONTACTS = [
  'power-department',
  'security-office',
  'fire-brigade',
  'ambulance',
  'police',
  'safety-department',
] as const;
export type OutsideContact = (typeof OUTSIDE_CONTACTS)[number];

export const personSchema = z.strictObject({
  id: idSchema,
  name: textSchema,
  functions: z.array(z.enum(FUNCTIONS)).default([]),
  language: z.enum(['zh', 'en']).default('zh'),
  phone: z
    .string()
    .regex(/^[+\d][\d -]{2,20}$/)
    .optional(),
  /** In the order they are tried; for alerts of high severity all at once. */
  routes: z.array(z.strictObject({ channel: idSchema, to: z.string().min(1).max(300) })).default([]),
});
export type Person = z.infer<typeof personSchema>;

export const peopleFileSchema = z.strictObject({
  people: z.array(personSchema).min(1),
  contacts: z.partialRecord(
    z.enum(OUTSIDE_CONTACTS),
    z.strictObject({ name: textSchema, phone: z.string().regex(/^[+\d][\d -]{1,20}$/) }),
  ),
});
export type PeopleFile = z.infer<typeof peopleFileSchema>;

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
  /** Who is told next while nobody acknowledges; the end of the list keeps ringing. */
  escalation: z
    .strictObject({ order: z.array(z.enum(FUNCTIONS)).min(1), every: durationSchema })
    .prefault({ order: ['duty', 'deputy', 'director'], every: '5m' }),
});
export type RotaFile = z.infer<typeof rotaFileSchema>;

export const calendarFileSchema = z.strictObject({
  working_hours: z.array(z.strictObject({ days: z.array(z.enum(WEEKDAYS)).min(1), from: clockTime, to: clockTime })),
  holidays: z.array(z.iso.date()).default([]),
  /** 调休: days worked although they fall on a weekend. */
  working_days: z.array(z.iso.date()).default([]),
});
export type CalendarFile = z.infer<typeof calendarFileSchema>;
