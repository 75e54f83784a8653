import { z } from 'zod';
import type { EntryRecord } from '#core/paperwork/register-entry.ts';
import type { Who } from '#core/paperwork/register-rights.ts';
import type { EntriesResponse, EntryView, RegistersResponse, SignatureGiven } from '#core/paperwork/register-view.ts';
import { instant, toIso } from '#core/time.ts';
import type { Caller } from '../auth/authentication.ts';
import { type Order, pageQuery, toPage } from '../paging.ts';
import { proveSignature } from '../registers/prove-signature.ts';
import type { Signed } from '../registers/register-book.ts';
import { problemSchema } from '../schemas/answers.ts';
import {
  correctionSchema,
  entriesSchema,
  entryMoveSchema,
  entrySchema,
  newEntrySchema,
  registersSchema,
} from '../schemas/register.ts';
import { callerOf } from './caller.ts';
import { keySchema } from './commands.ts';
import { API, type Context, type Server } from './context.ts';

/** Registers: what there are, their entries, and everything that happens to one. What a register's form allows whom is judged by the book. */

const READER = { access: { who: 'viewer' } } as const;
/** The least that a register may ask for; a token needs the scope besides. */
const WRITER = { access: { who: 'viewer', scopes: ['paperwork:write'] } } as const;

export const registerParameter = z.string().min(1).max(63);
export const entryParameter = z.string().min(1).max(20);
export const ofRegister = z.strictObject({ register: registerParameter });
export const ofEntry = z.strictObject({ register: registerParameter, entry: entryParameter });

const LATEST = Date.UTC(9999, 11, 31);
/** Kept moments are in UTC: an instant in any zone is compared as one there. */
const when = z.iso
  .datetime({ offset: true })
  .refine((text) => Date.parse(text) <= LATEST, 'is later than the year 9999')
  .transform((text) => toIso(instant(Date.parse(text))));
export const entryFilterQuery = {
  search: z.string().max(200).optional(),
  /** A state, or `open`: all that are in no final one. */
  state: z.string().min(1).max(63).optional(),
  from: when.optional(),
  to: when.optional(),
};

/** Numbers of one year grow with time; the year tells the rest apart. */
export const NEWEST_FIRST: Order<EntryRecord> = {
  by: [({ createdAt }) => createdAt, ({ id }) => Number(id.slice(0, 4)), ({ id }) => Number(id.slice(5))],
  newest: true,
};

export function registerRoutes(server: Server, context: Context): void {
  listRoutes(server, context);
  addingRoute(server, context);
  changingRoutes(server, context);
}

function listRoutes(server: Server, { paperwork }: Context): void {
  const { registers, whoIs } = paperwork;
  server.get(
    `${API}/registers`,
    {
      config: READER,
      schema: {
        tags: ['registers'],
        summary:
          'The registers that the caller may read, as forms: fields, states, moves, and how many entries are open',
        response: { 200: registersSchema, default: problemSchema },
      },
    },
    async ({ caller }): Promise<RegistersResponse> => ({ registers: registers.views(whoIs(callerOf(caller))) }),
  );
  server.get(
    `${API}/registers/:register/entries`,
    {
      config: READER,
      schema: {
        tags: ['registers'],
        summary: 'Entries, newest first; search in values, names and numbers; from and to are when they were added',
        params: ofRegister,
        querystring: z.strictObject({ ...entryFilterQuery, ...pageQuery }),
        response: { 200: entriesSchema, default: problemSchema },
      },
    },
    async ({ params: { register }, query: { limit, cursor, ...filter }, caller }): Promise<EntriesResponse> => {
      const who = whoIs(callerOf(caller));
      const { page, next } = toPage(registers.list(register, filter, who), NEWEST_FIRST, { limit, cursor });
      return { entries: page.map((entry) => registers.summary(register, entry, who)), next };
    },
  );
  server.get(
    `${API}/registers/:register/entries/:entry`,
    {
      config: READER,
      schema: {
        tags: ['registers'],
        summary: 'One entry with everything that ever happened to it; its ETag is for changing it',
        params: ofEntry,
        response: { 200: entrySchema, default: problemSchema },
      },
    },
    async ({ params: { register, entry }, caller }): Promise<EntryView> =>
      registers.get(register, entry, whoIs(callerOf(caller))),
  );
}

/** Who asks, and with which signature. */
function handsOf(context: Context) {
  const { whoIs } = context.paperwork;
  return {
    begin: (caller: Caller | null): { caller: Caller; who: Who } => {
      const known = callerOf(caller);
      return { caller: known, who: whoIs(known) };
    },
    sign: (
      caller: Caller,
      address: string,
      wanted: 'password' | 'drawn' | undefined,
      given: SignatureGiven | undefined,
    ): Promise<Signed | null> => proveSignature(context, { caller, address }, wanted ?? null, given),
  };
}

function addingRoute(server: Server, context: Context): void {
  const { registers } = context.paperwork;
  const { begin, sign } = handsOf(context);
  server.post(
    `${API}/registers/:register/entries`,
    {
      config: WRITER,
      schema: {
        tags: ['registers'],
        summary:
          'Add an entry: the fields that the form asks at the start; refused fields come as issues `values.<field>`',
        params: ofRegister,
        headers: z.looseObject({ 'idempotency-key': keySchema.optional() }),
        body: newEntrySchema,
        response: { 201: entrySchema, default: problemSchema },
      },
    },
    async (request, reply): Promise<EntryView> => {
      const { register } = request.params;
      const { caller, who } = begin(request.caller);
      const signed = await sign(caller, request.ip, registers.form(register).signature, request.body.signature);
      const key = request.headers['idempotency-key'];
      // Nobody's key is another one's.
      const once = key === undefined ? undefined : `${who.user}:${key}`;
      const entry = registers.add(register, { values: request.body.values, once, signed }, who);
      request.auditDetail = `${register}/${entry.id} added`;
      reply.code(201);
      return entry;
    },
  );
}

function changingRoutes(server: Server, context: Context): void {
  const { registers } = context.paperwork;
  const { begin, sign } = handsOf(context);
  server.patch(
    `${API}/registers/:register/entries/:entry`,
    {
      config: WRITER,
      schema: {
        tags: ['registers'],
        summary:
          'Correct an entry, with a reason: the fields that are otherwise; nothing is overwritten, the history has both',
        params: ofEntry,
        body: correctionSchema,
        response: { 200: entrySchema, default: problemSchema },
      },
    },
    async (request): Promise<EntryView> => {
      const { register, entry } = request.params;
      const corrected = registers.correct(register, entry, request.body, begin(request.caller).who);
      const fields = corrected.history.at(-1)?.changed.map(({ field }) => field) ?? [];
      request.auditDetail = `${register}/${entry} corrected: ${fields.join(', ')}`;
      return corrected;
    },
  );
  server.post(
    `${API}/registers/:register/entries/:entry/moves`,
    {
      config: WRITER,
      schema: {
        tags: ['registers'],
        summary: 'Move an entry on: sign out, approve, refuse, done, confirmed; with what the move asks for',
        params: ofEntry,
        body: entryMoveSchema,
        response: { 200: entrySchema, default: problemSchema },
      },
    },
    async (request): Promise<EntryView> => {
      const { register, entry } = request.params;
      const { move, values, reason, signature } = request.body;
      const { caller, who } = begin(request.caller);
      const wanted = registers.form(register).moves.find(({ id }) => id === move)?.signature;
      const signed = await sign(caller, request.ip, wanted, signature);
      const moved = registers.move(register, entry, { move, values, reason, signed }, who);
      request.auditDetail = `${register}/${entry}: ${move}${signed === null ? '' : `, signed (${signed.how})`}`;
      return moved;
    },
  );
}
