import { z } from 'zod';
import { textSchema } from './common.ts';
import { FUNCTIONS } from './people.ts';

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
const TIME = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([01]\d|2[0-3]):([0-5]\d)$/;

/** `meeting` of site.yaml: the weekly meeting (O-WK-1 to O-WK-3). Absent: the office holds none. */
export const meetingSchema = z.strictObject({
  /** On a holiday it is the next working day. */
  at: z
    .string()
    .regex(TIME, 'a day and a time, e.g. Mon 09:00')
    .default('Mon 09:00')
    .transform((text) => {
      const [, day = 'Mon', hour = '9', minute = '0'] = TIME.exec(text) ?? [];
      return { weekday: DAYS.indexOf(day as 'Mon') + 1, hour: Number(hour), minute: Number(minute) };
    }),
  /** Who leads it unless another is named. */
  chair: z.enum(FUNCTIONS).default('director'),
  title: textSchema.prefault({ zh: '机房周例会', en: 'Weekly meeting of the machine room' }),
  /** Who is told of the agenda. */
  takes_part: z
    .array(z.enum(FUNCTIONS))
    .min(1)
    .default([
      'director',
      'deputy',
      'equipment-administrator',
      'system-administrator',
      'network-administrator',
      'duty',
    ]),
});
export type MeetingConfig = z.infer<typeof meetingSchema>;
