import { z } from 'zod';
import { durationSchema, idSchema } from './common.ts';
import { FUNCTIONS } from './people.ts';
import { SEVERITIES } from './rule.ts';

/** What people set on equipment and the equipment never sets by itself: temperatures, humidity, outlets, a UPS's limits of transfer. */
const SET_BY_PEOPLE = [
  'cooling.setpoint*',
  '*.setpoint',
  'outlet.*.status',
  'outlet.*.switch',
  'input.transfer.voltage.*',
];

/** `watched_changes` of site.yaml: what is not changed without the director's consent (O-CHG-1). Absent: nobody looks. */
export const watchedChangesSchema = z.strictObject({
  /** Point names; `*` stands for anything: `outlet.*.status`. */
  points: z
    .array(z.string().regex(/^[A-Za-z0-9_.*-]{1,100}$/, 'a point, or a pattern with *, e.g. outlet.*.status'))
    .min(1)
    .max(100)
    .default(SET_BY_PEOPLE),
  /** Devices that change by themselves. */
  except: z.array(idSchema).max(200).default([]),
  severity: z.enum(SEVERITIES).default('medium'),
  notify: z.array(z.enum(FUNCTIONS)).min(1).default(['duty', 'equipment-administrator', 'director']),
  /** Changes of one device so near to each other are told as one; one that is taken back within it, too. */
  settle: durationSchema.prefault('1m'),
});
export type WatchedChanges = z.infer<typeof watchedChangesSchema>;
