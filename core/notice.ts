import { z } from 'zod';
import { idSchema } from './config/common.ts';
import { FUNCTIONS, type FunctionName } from './config/people.ts';
import { SEVERITIES, type Severity } from './config/rule.ts';
import type { Text } from './text.ts';

/**
 * A word of the room's paperwork to people: a duty falls due, an entry waits for consent, the report is ready. Kept on the bus until the
 * alerts service, which owns every way to people, has taken it into its outbox.
 */
export interface Notice {
  /** Told once, whatever is repeated after a crash: `duty/patrol@2026-11-23/overdue-1`. */
  readonly key: string;
  readonly functions: readonly FunctionName[];
  readonly people: readonly string[];
  readonly severity: Severity;
  readonly subject: Text;
  readonly body: Text;
  readonly phase: 'raised' | 'reminder' | 'recovered' | 'information';
  /** What belongs together in a mailbox: `duty/patrol@2026-11-23`. */
  readonly conversation: string;
  /** The page where one acts on it: `/duties/patrol@2026-11-23`; null: nothing to do. */
  readonly path: string | null;
  /** ISO 8601. After this it is not worth telling any more. */
  readonly until: string;
}

const text = (longest: number) => z.object({ zh: z.string().min(1).max(longest), en: z.string().min(1).max(longest) });

export const noticeSchema = z.object({
  key: z.string().min(1).max(200),
  functions: z.array(z.enum(FUNCTIONS)).max(20),
  people: z.array(idSchema).max(200),
  severity: z.enum(SEVERITIES),
  subject: text(200),
  body: text(4000),
  phase: z.enum(['raised', 'reminder', 'recovered', 'information']),
  conversation: z.string().min(1).max(200),
  path: z
    .string()
    .regex(/^\/[^\s\\]*$/, 'a path of the page without blanks')
    .max(300)
    .nullable(),
  until: z.iso.datetime({ offset: true }),
}) satisfies z.ZodType<Notice>;
