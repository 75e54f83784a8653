import { stringify } from 'csv-stringify/sync';
import { z } from 'zod';
import type { AuditResponse, AuditVerification } from '#core/accounts-view.ts';
import { instant, toIso } from '#core/time.ts';
import type { AuditRow } from '#platform/accounts-schema.ts';
import { auditSchema } from '../schemas/accounts.ts';
import { problemSchema } from '../schemas/answers.ts';
import { auditVerificationSchema } from '../schemas/sign-in.ts';
import { API, type Context, type Server } from './context.ts';

/** Who changed what, from where, and what came of it; does the record hold together. */

const ADMINISTRATOR = { access: { who: 'administrator', personOnly: true } } as const;
const MOST_CSV_ROWS = 50_000;
/** Some milliseconds of hashing a request. */
const STRETCH = 2000;

const filterSchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1000).default(200),
  before: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
  /** Empty: what strangers tried. */
  user: z.string().max(100).optional(),
  action: z.string().max(200).optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  format: z.enum(['json', 'csv']).default('json'),
});

export function auditRoutes(server: Server, { accounts: { audit } }: Context): void {
  server.get(
    `${API}/audit`,
    {
      config: ADMINISTRATOR,
      schema: {
        tags: ['accounts'],
        summary: 'Who changed what, newest first; format=csv: the same as a file, 50,000 rows at most',
        querystring: filterSchema,
        response: { 200: auditSchema, default: problemSchema },
      },
    },
    async ({ query: { limit, before, user, action, from, to, format } }, reply) => {
      const wanted = {
        ...(before === undefined ? {} : { before }),
        ...(user === undefined ? {} : { user }),
        ...(action === undefined ? {} : { action }),
        ...(from === undefined ? {} : { from: instant(Date.parse(from)) }),
        ...(to === undefined ? {} : { to: instant(Date.parse(to)) }),
      };
      if (format === 'csv') {
        return reply
          .type('text/csv; charset=utf-8')
          .header('content-disposition', 'attachment; filename="audit.csv"')
          .send(await csvOf(audit.slices({ ...wanted, limit: MOST_CSV_ROWS })));
      }
      // One more than is shown says whether there is another page.
      const rows = audit.read({ ...wanted, limit: limit + 1 });
      const shown = rows.slice(0, limit);
      return {
        entries: shown.map((row) => ({ ...row, at: toIso(row.at) })),
        next: rows.length > limit ? (shown.at(-1)?.seq ?? null) : null,
        ...(before === undefined ? audit.facets() : { users: [], actions: [] }),
      } satisfies AuditResponse;
    },
  );
  server.get(
    `${API}/audit/verification`,
    {
      config: ADMINISTRATOR,
      schema: {
        tags: ['accounts'],
        summary: `Does each entry's hash fit? ${STRETCH} entries a request, on from \`after\``,
        querystring: z.strictObject({
          after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
        }),
        response: { 200: auditVerificationSchema, default: problemSchema },
      },
    },
    async ({ query: { after } }): Promise<AuditVerification> => audit.verifyStretch(after, STRETCH),
  );
}

const COLUMNS = ['seq', 'at', 'user', 'address', 'action', 'status', 'detail', 'hash'];

/** A mark at the beginning tells spreadsheets that it is UTF-8. */
async function csvOf(slices: AsyncIterable<readonly AuditRow[]>): Promise<string> {
  const parts = [`\uFEFF${stringify([COLUMNS])}`];
  for await (const rows of slices) parts.push(stringify(rows.map(cellsOf)));
  return parts.join('');
}

const cellsOf = (row: AuditRow): readonly (string | number)[] => [
  row.seq,
  toIso(row.at),
  ...[row.user, row.address, row.action].map(harmless),
  row.status,
  harmless(row.detail),
  row.hash,
];

/** A spreadsheet takes a text that begins so for a formula. */
const harmless = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
