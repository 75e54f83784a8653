import { z } from 'zod';
import { durationSchema } from './common.ts';
import { FUNCTIONS } from './people.ts';

/** `escalation` of rota.yaml: who is told next while nobody acknowledges; the end of the list keeps ringing. */
export const escalationSchema = z.strictObject({ order: z.array(z.enum(FUNCTIONS)).min(1), every: durationSchema });
export type Escalation = z.infer<typeof escalationSchema>;
