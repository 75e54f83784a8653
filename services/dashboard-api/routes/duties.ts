import { stringify } from 'csv-stringify/sync';
import { z } from 'zod';
import { ZhishouError } from '#core/errors.ts';
import {
  DUTY_STATES,
  type DutiesResponse,
  type DutyFigures,
  type DutySummary,
  type DutyView,
} from '#core/paperwork/duty-view.ts';
import type { Who } from '#core/paperwork/register-rights.ts';
import type { Language } from '#core/text.ts';
import { hours, type Instant, instant, minus, plus } from '#core/time.ts';
import { type Order, pageQuery, toPage } from '../paging.ts';
import { proveSignature } from '../registers/prove-signature.ts';
import { problemSchema } from '../schemas/answers.ts';
import { dutiesSchema, dutyDoneSchema, dutyFiguresSchema, dutyViewSchema } from '../schemas/duty.ts';
import { callerOf } from './caller.ts';
import { API, type Context, type Server } from './context.ts';

/** Duties: what is to be done in the room, by whom and until when; what became of it. */

const READER = { access: { who: 'reader' } } as const;
const when = z.iso.datetime({ offset: true });
const range = { from: when.optional(), to: when.optional() };
const params = z.strictObject({ occurrence: z.string().min(1).max(200) });
const LONGEST_DAYS = 400;
const DAY = hours(24);

const BY_DUE_TIME: Order<DutySummary> = { by: [({ dueAt }) => dueAt, ({ id }) => id], newest: false };

export function dutyRoutes(server: Server, context: Context): void {
  listRoutes(server, context);
  figureRoutes(server, context);
  oneRoutes(server, context);
}

function listRoutes(server: Server, context: Context): void {
  const { duties, whoIs } = context.paperwork;
  server.get(
    `${API}/duties`,
    {
      config: READER,
      schema: {
        tags: ['duties'],
        summary: 'Duties by their due time; default: what is open or overdue now and the next 7 days. At most 400 days',
        querystring: z.strictObject({
          ...range,
          /** One or several, by commas. */
          state: z.string().max(100).optional(),
          mine: z.enum(['true', 'false']).default('false'),
          ...pageQuery,
        }),
        response: { 200: dutiesSchema, default: problemSchema },
      },
    },
    async ({ query: { from, to, state, mine, ...wanted }, caller }): Promise<DutiesResponse> => {
      const states = statesOf(state);
      const found =
        from === undefined && to === undefined ? soon(context) : duties.occurrences(...rangeOf(context, from, to));
      const who = caller === null ? null : whoIs(caller);
      const shown = found.filter(
        (one) => (states === null || states.includes(one.state)) && (mine === 'false' || isMine(one, who)),
      );
      const { page, next } = toPage(shown, BY_DUE_TIME, wanted);
      return { duties: page, next };
    },
  );
}

function soon({ paperwork, clock }: Context): readonly DutySummary[] {
  const now = clock.now();
  const open = paperwork.duties.open();
  const ids = new Set(open.map(({ id }) => id));
  const next = paperwork.duties.occurrences(now, plus(now, hours(7 * 24)));
  return [...open, ...next.filter(({ id }) => !ids.has(id))];
}

function statesOf(state: string | undefined): readonly string[] | null {
  if (state === undefined) return null;
  const asked = state.split(',').filter((one) => one !== '');
  const wrong = asked.find((one) => !(DUTY_STATES as readonly string[]).includes(one));
  if (wrong !== undefined) throw new ZhishouError('BAD_REQUEST', 'state', `one of ${DUTY_STATES.join(', ')}`);
  return asked;
}

/** By name; else by the function that the person has. */
const isMine = ({ person, function: name }: DutySummary, who: Who | null): boolean =>
  who !== null && (person === null ? who.functions.includes(name) : person.id === who.person);

function rangeOf({ clock }: Context, from?: string, to?: string): readonly [Instant, Instant] {
  const begin =
    from === undefined ? minus(to === undefined ? clock.now() : readInstant(to), hours(7 * 24)) : readInstant(from);
  const end = to === undefined ? plus(begin, hours(14 * 24)) : readInstant(to);
  if (end <= begin) throw new ZhishouError('BAD_REQUEST', 'to', 'is not after from');
  if (end - begin > LONGEST_DAYS * DAY) throw new ZhishouError('BAD_REQUEST', 'to', `more than ${LONGEST_DAYS} days`);
  return [begin, end];
}

/** Calendars end somewhere. */
const EARLIEST = Date.UTC(1970, 0, 1);
const LATEST = Date.UTC(2200, 0, 1);
function readInstant(text: string): Instant {
  const at = Date.parse(text);
  if (!(at >= EARLIEST && at <= LATEST)) throw new ZhishouError('BAD_REQUEST', text, 'between 1970 and 2200');
  return instant(at);
}

function figureRoutes(server: Server, context: Context): void {
  const { duties } = context.paperwork;
  server.get(
    `${API}/duties/figures`,
    {
      config: READER,
      schema: {
        tags: ['duties'],
        summary: 'How well duties were done of those due in the time; at most 400 days',
        querystring: z.strictObject(range),
        response: { 200: dutyFiguresSchema, default: problemSchema },
      },
    },
    async ({ query: { from, to } }): Promise<DutyFigures> => duties.figures(...rangeOf(context, from, to)),
  );
  server.get(
    `${API}/duties/export.csv`,
    {
      config: { access: { who: 'viewer' } },
      schema: {
        tags: ['duties'],
        summary: 'Duties of a time as CSV for spreadsheets; at most 400 days',
        querystring: z.strictObject({ ...range, language: z.enum(['zh', 'en']).optional() }),
        response: { 200: z.string(), default: problemSchema },
      },
    },
    async ({ query: { from, to, language } }, reply) =>
      reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="duties.csv"')
        .send(csvOf(duties.occurrences(...rangeOf(context, from, to)), language ?? context.config.site.language)),
  );
}

const COLUMNS: Readonly<Record<Language, readonly string[]>> = {
  zh: ['编号', '工作', '依据', '状态', '开始', '截止', '职责', '负责人', '完成时间', '完成人', '检查项', '异常'],
  en: ['id', 'duty', 'rules', 'state', 'from', 'due', 'function', 'person', 'done at', 'done by', 'items', 'findings'],
};

/** A mark at the beginning tells spreadsheets that it is UTF-8; what begins like a formula is none. */
function csvOf(duties: readonly DutySummary[], language: Language): string {
  const rows = duties.map((one) => [
    ...[one.id, one.title[language], one.obligations.join(' '), one.state, one.from, one.dueAt, one.function].map(
      harmless,
    ),
    harmless(one.person?.name[language] ?? ''),
    one.doneAt ?? '',
    harmless(one.doneBy?.name ?? ''),
    one.items,
    one.findings,
  ]);
  return `\uFEFF${stringify([COLUMNS[language], ...rows])}`;
}
const harmless = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);

function oneRoutes(server: Server, context: Context): void {
  const { duties, whoIs } = context.paperwork;
  server.get(
    `${API}/duties/:occurrence`,
    {
      config: READER,
      schema: {
        tags: ['duties'],
        summary: 'One duty: its checklist filled in beforehand from what the devices say now, or as it was answered',
        params,
        response: { 200: dutyViewSchema, default: problemSchema },
      },
    },
    async ({ params: { occurrence }, caller }): Promise<DutyView> =>
      duties.get(occurrence, caller === null ? null : whoIs(caller)),
  );
  server.post(
    `${API}/duties/:occurrence/done`,
    {
      config: { access: { who: 'duty', scopes: ['paperwork:write'] } },
      schema: {
        tags: ['duties'],
        summary: 'Done, with an answer to every item; what is found becomes tasks. With If-Match of its version',
        params,
        body: dutyDoneSchema,
        response: { 200: dutyViewSchema, default: problemSchema },
      },
    },
    async ({ params: { occurrence }, body, caller, ip }): Promise<DutyView> => {
      const asker = callerOf(caller);
      const wanted = duties.get(occurrence, null).signature;
      const signed = await proveSignature(context, { caller: asker, address: ip }, wanted, body.signature);
      const given = { items: body.items, note: body.note === '' ? null : (body.note ?? null), signed };
      return duties.done(occurrence, given, whoIs(asker));
    },
  );
  server.post(
    `${API}/duties/:occurrence/waive`,
    {
      config: { access: { who: 'operator', scopes: ['paperwork:write'] } },
      schema: {
        tags: ['duties'],
        summary: 'Need not be done this time, with the reason',
        params,
        body: z.strictObject({ reason: z.string().trim().min(1).max(1000) }),
        response: { 200: dutyViewSchema, default: problemSchema },
      },
    },
    async ({ params: { occurrence }, body, caller }): Promise<DutyView> => {
      return duties.waive(occurrence, body.reason, whoIs(callerOf(caller)));
    },
  );
}
