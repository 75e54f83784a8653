import { z } from 'zod';
import { durationSchema } from './common.ts';
import { FUNCTIONS } from './people.ts';
import { SEVERITIES } from './rule.ts';

/** How alerts of other systems become ours, `outside` of site.yaml: POST /api/v1/alertmanager. */
export const outsideSchema = z.strictObject({
  /** Value of the label `severity` → ours. */
  severities: z
    .record(z.string(), z.enum(SEVERITIES))
    .default({ critical: 'high', error: 'high', warning: 'medium', info: 'low', none: 'low' }),
  /** Where the label is missing or not listed. */
  otherwise: z.enum(SEVERITIES).default('medium'),
  /** Functions that are told. */
  notify: z.array(z.enum(FUNCTIONS)).min(1).default(['duty']),
  /** Alerts told one by one; what is more is told as one. */
  most: z.number().int().min(1).max(200).default(20),
  /**
   * Without a word of a firing alert for so long it is doubtful, never over (L29). Above the other side's repeat_interval
   * (4h by default).
   */
  doubtful_after: durationSchema.prefault('9h'),
});
export type OutsideConfig = z.infer<typeof outsideSchema>;
