import { z } from 'zod';
import { idSchema, textSchema } from './common.ts';

/** people.yaml: who is who, and how they are reached. */

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
