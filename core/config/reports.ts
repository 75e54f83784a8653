import { z } from 'zod';
import { idSchema } from './common.ts';

/**
 * site.yaml, `reports`: which ones make themselves, when, and to whom they go. Not written: none; any can be asked for all the same.
 * Example: `reports: { weekly: { at: "Mon 07:00", mail: [director, duty] }, monthly: { at: "2 07:00" } }`.
 */
const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
const CLOCK = '([01]\\d|2[0-3]):([0-5]\\d)';
const WEEKLY = new RegExp(`^(${DAYS.join('|')}) ${CLOCK}$`);
const OTHER = new RegExp(`^([1-9]|1\\d|2[0-8]) ${CLOCK}$`);

/** So many days after the period's end, at a time of the clock. */
export interface ReportTime {
  readonly days: number;
  readonly hour: number;
  readonly minute: number;
}

const weeklyTime = z
  .string()
  .regex(WEEKLY, 'a day and a time, e.g. Mon 07:00')
  .transform((text): ReportTime => {
    const [, day = 'Mon', hour = '7', minute = '0'] = WEEKLY.exec(text) ?? [];
    return { days: DAYS.indexOf(day as 'Mon'), hour: Number(hour), minute: Number(minute) };
  });
const otherTime = z
  .string()
  .regex(OTHER, 'a day of the first month after it and a time, e.g. 1 07:00')
  .transform((text): ReportTime => {
    const [, day = '1', hour = '7', minute = '0'] = OTHER.exec(text) ?? [];
    return { days: Number(day) - 1, hour: Number(hour), minute: Number(minute) };
  });

/** People of people.yaml by their ids, or functions: whoever has them then. */
const mail = z.array(idSchema).max(50).default([]);
const other = z.strictObject({ at: otherTime.prefault('1 07:00'), mail }).optional();

export const reportsSchema = z.strictObject({
  weekly: z.strictObject({ at: weeklyTime.prefault('Mon 07:00'), mail }).optional(),
  monthly: other,
  quarterly: other,
  yearly: other,
  /** What is archived, and sent to each person in their own language. */
  formats: z
    .array(z.enum(['docx', 'pdf', 'xlsx', 'csv', 'md']))
    .min(1)
    .default(['docx', 'pdf', 'xlsx']),
  languages: z
    .array(z.enum(['zh', 'en']))
    .min(1)
    .default(['zh', 'en']),
  /** Of these, what goes with the mail. */
  attach: z
    .array(z.enum(['docx', 'pdf', 'xlsx', 'csv', 'md']))
    .max(5)
    .default(['docx', 'pdf']),
});
export type ReportsConfig = z.infer<typeof reportsSchema>;
