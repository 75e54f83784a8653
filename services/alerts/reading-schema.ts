import { z } from 'zod';
import type { ReadingBatch } from '#core/reading.ts';
import type { Instant } from '#core/time.ts';

/** The shape of a reading batch on the bus. Unknown keys are let through: the collector may be newer. */
const instantSchema = z
  .number()
  .int()
  .min(0)
  .max(8.64e15)
  .transform((epochMs) => epochMs as Instant);
const valueSchema = z.union([z.number(), z.boolean(), z.string().max(4000)]).nullable();
const qualitySchema = z.enum(['good', 'stale', 'frozen', 'implausible', 'missing']);

const readingSchema = z
  .object({
    device: z.string().min(1).max(63),
    point: z.string().min(1).max(100),
    value: valueSchema,
    quality: qualitySchema,
    reason: z.string().max(1000).optional(),
    measuredAt: instantSchema,
    receivedAt: instantSchema,
    changedAt: instantSchema,
    simulated: z.boolean(),
  })
  .refine(({ value, quality }) => value !== null || quality !== 'good', 'a good reading has a value');

export const readingBatchSchema = z
  .object({
    device: z.string().min(1).max(63),
    at: instantSchema,
    readings: z.array(readingSchema).max(5000),
    cause: z.enum(['schedule', 'trap', 'message', 'watch', 'command']),
  })
  .refine(({ device, readings }) => readings.every((reading) => reading.device === device), 'readings of one device')
  .transform((batch) => batch as ReadingBatch);
