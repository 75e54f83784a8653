import { z } from 'zod';
import type { JournalState } from '#core/journal-state.ts';
import { isoSchema } from './payloads.ts';

export const journalStateSchema = z
  .looseObject({
    at: isoSchema,
    records: z.number().int().min(0),
    broken: z.looseObject({ seq: z.number().int(), reason: z.string() }).nullable(),
  })
  .meta({ id: 'JournalState' }) satisfies z.ZodType<JournalState>;
