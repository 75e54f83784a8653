import { z } from 'zod';
import { durationSchema, textSchema } from './common.ts';
import type { Action } from './device.ts';

/** How a UPS's battery may be tested (O-BAT-1): by its own order, by a person at the breaker, and within which limits. */
export const batteryTestSchema = (actionSchema: z.ZodType<Action>) =>
  z
    .strictObject({
      /** Tells the UPS to discharge its battery with mains present, and to leave off. Both or neither. */
      start: actionSchema.optional(),
      stop: actionSchema.optional(),
      /** A person may open its mains breaker instead. */
      by_hand: z.boolean().default(true),
      /** Which breaker that is, for people. */
      breaker: textSchema.optional(),
      /** Never below these; what the room's own plan needs for its shutdown is added by itself. */
      floor: z
        .strictObject({
          charge: z.number().min(20).max(90).default(40),
          runtime: durationSchema.prefault('5m'),
        })
        .prefault({}),
      /** So long a person has to close the breaker. */
      restore_within: durationSchema.prefault('3m'),
      /** No cut announced for so long ahead; mains stable for; charged since the last discharge for. */
      clear_ahead: durationSchema.prefault('6h'),
      mains_stable: durationSchema.prefault('1h'),
      recharge: durationSchema.prefault('24h'),
      /** Per cent of the rated power. */
      load: z
        .strictObject({ least: z.number().min(0).max(100).default(10), most: z.number().min(0).max(100).default(85) })
        .prefault({}),
      /** °C of the battery. */
      temperature: z.strictObject({ least: z.number().default(10), most: z.number().default(35) }).prefault({}),
    })
    .refine(({ start, stop }) => (start === undefined) === (stop === undefined), 'start and stop: both or neither')
    .refine(({ start, by_hand }) => start !== undefined || by_hand, 'neither by order nor by hand: nobody can test it');
