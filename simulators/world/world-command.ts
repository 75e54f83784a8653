import { z } from 'zod';
import { simulatorCommandSchema } from '#core/simulator.ts';

/** What can happen to the world from outside: the panel's commands, and what scenarios do beyond them. */
export const worldCommandSchema = z.union([
  simulatorCommandSchema,
  z.discriminatedUnion('kind', [
    /** Brown-out, overvoltage: 0 is an outage, nominal is well. */
    z.strictObject({ kind: z.literal('mains-voltage'), volts: z.number().min(0).max(500) }),
    z.strictObject({
      kind: z.literal('sensor'),
      device: z.string().max(63),
      fault: z.enum(['none', 'stuck', 'dropout', 'duplicate', 'flat-battery']),
    }),
    z.strictObject({ kind: z.literal('self-test'), device: z.string().max(63) }),
  ]),
]);
export type WorldCommand = z.infer<typeof worldCommandSchema>;
