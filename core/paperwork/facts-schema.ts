import { z } from 'zod';
import type { PaperworkFacts } from './facts.ts';

/** Topic `paperwork` as it comes over the bus. */
const iso = z.iso.datetime({ offset: true });
const words = z.string().min(1).max(200);
const text = z.object({ zh: words, en: words });
const names = z.array(z.string().min(1).max(100)).max(200);

export const paperworkFactsSchema = z.object({
  at: iso,
  inRooms: z.array(z.object({ room: words, person: words.nullable(), name: text, since: iso, entry: words })).max(1000),
  changes: z
    .array(z.object({ entry: words, devices: names, points: names, from: iso, to: iso, by: words, approvedBy: words }))
    .max(1000),
}) satisfies z.ZodType<PaperworkFacts>;
