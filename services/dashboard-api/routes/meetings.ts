import { z } from 'zod';
import { ZhishouError } from '#core/errors.ts';
import type { MeetingSummary, MeetingsResponse, MeetingView } from '#core/paperwork/meeting-view.ts';
import { instant, toIso } from '#core/time.ts';
import { type Order, pageQuery, toPage } from '../paging.ts';
import { problemSchema } from '../schemas/answers.ts';
import { meetingChangeSchema, meetingSchema, meetingsSchema, newDecisionSchema } from '../schemas/meeting.ts';
import { callerOf } from './caller.ts';
import { API, type Context, type Server } from './context.ts';

/** The weekly meeting: its agenda out of what is open, what was decided, the minutes as a paper (O-WK-1 to O-WK-3). */

const READER = { access: { who: 'reader' } } as const;
const WRITER = { access: { who: 'duty', scopes: ['paperwork:write'] } } as const;
const CHAIR = { access: { who: 'operator', scopes: ['paperwork:write'] } } as const;
const params = z.strictObject({ id: z.iso.date() });
const NEWEST: Order<MeetingSummary> = { by: [({ at }) => at, ({ id }) => id], newest: true };

const TYPES = {
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  pdf: 'application/pdf',
  csv: 'text/csv; charset=utf-8',
} as const;

export function meetingRoutes(server: Server, context: Context): void {
  lookingRoutes(server, context);
  writingRoutes(server, context);
  endingRoutes(server, context);
}

function lookingRoutes(server: Server, { config, paperwork: { meetings, whoIs } }: Context): void {
  server.get(
    `${API}/meetings`,
    {
      config: READER,
      schema: {
        tags: ['meetings'],
        summary: 'Meetings, the newest first; the next one is among them',
        querystring: z.strictObject(pageQuery),
        response: { 200: meetingsSchema, default: problemSchema },
      },
    },
    async ({ query }): Promise<MeetingsResponse> => {
      const { page, next } = toPage(meetings.list(), NEWEST, query);
      return { meetings: page, next };
    },
  );
  server.get(
    `${API}/meetings/:id`,
    {
      config: READER,
      schema: {
        tags: ['meetings'],
        summary:
          'One meeting by its day: agenda (as it would be now, until it opens), decisions and what became of them',
        params,
        response: { 200: meetingSchema, default: problemSchema },
      },
    },
    async ({ params: { id }, caller }): Promise<MeetingView> =>
      meetings.get(id, caller === null ? null : whoIs(caller)),
  );
  server.get(
    `${API}/meetings/:id/export`,
    {
      config: { access: { who: 'viewer' } },
      schema: {
        tags: ['meetings'],
        summary: 'The minutes as Word, PDF or CSV',
        params,
        querystring: z.strictObject({
          format: z.enum(['docx', 'pdf', 'csv']).default('docx'),
          language: z.enum(['zh', 'en']).optional(),
        }),
        response: { 200: z.string(), default: problemSchema },
      },
    },
    async ({ params: { id }, query: { format, language = config.site.language } }, reply) => {
      const view = meetings.get(id, null);
      // Loaded when somebody asks: the service starts without what draws papers.
      const { minutesFile } = await import('../meetings/meeting-paper.ts');
      return reply
        .type(TYPES[format])
        .header('content-disposition', `attachment; filename="meeting-${id}.${format}"`)
        .send(await minutesFile(view, { format, language, site: config.site }));
    },
  );
}

function writingRoutes(server: Server, { paperwork: { meetings, whoIs } }: Context): void {
  server.patch(
    `${API}/meetings/:id`,
    {
      config: WRITER,
      schema: {
        tags: ['meetings'],
        summary: 'Who is present, notes, own items, repairs that the meeting confirms; `open` begins it',
        params,
        body: meetingChangeSchema,
        response: { 200: meetingSchema, default: problemSchema },
      },
    },
    async ({ params: { id }, body, caller }): Promise<MeetingView> =>
      meetings.change(id, body, whoIs(callerOf(caller))),
  );
  server.post(
    `${API}/meetings/:id/decisions`,
    {
      config: WRITER,
      schema: {
        tags: ['meetings'],
        summary: 'A decision; with an owner or a time it becomes a task',
        params,
        body: newDecisionSchema,
        response: { 201: meetingSchema, default: problemSchema },
      },
    },
    async ({ params: { id }, body, caller }, reply): Promise<MeetingView> => {
      const dueAt = body.dueAt === null ? null : readInstant(body.dueAt);
      const view = meetings.decide(id, { ...body, dueAt }, whoIs(callerOf(caller)));
      reply.code(201);
      return view;
    },
  );
}

function endingRoutes(server: Server, { paperwork: { meetings, whoIs } }: Context): void {
  server.post(
    `${API}/meetings/:id/close`,
    {
      config: CHAIR,
      schema: {
        tags: ['meetings'],
        summary: 'Closes the minutes: nothing in them is changed after this',
        params,
        response: { 200: meetingSchema, default: problemSchema },
      },
    },
    async ({ params: { id }, caller }): Promise<MeetingView> => meetings.close(id, whoIs(callerOf(caller))),
  );
  server.post(
    `${API}/meetings/:id/addenda`,
    {
      config: CHAIR,
      schema: {
        tags: ['meetings'],
        summary: 'An addendum to closed minutes: they stay as they are, it stands below them',
        params,
        body: z.strictObject({ text: z.string().trim().min(1).max(2000) }),
        response: { 201: meetingSchema, default: problemSchema },
      },
    },
    async ({ params: { id }, body, caller }, reply): Promise<MeetingView> => {
      const view = meetings.add(id, body.text, whoIs(callerOf(caller)));
      reply.code(201);
      return view;
    },
  );
}

/** Calendars end somewhere. Kept in UTC, whatever zone it came in. */
const LATEST = Date.UTC(2200, 0, 1);
function readInstant(text: string): string {
  const at = Date.parse(text);
  if (!(at >= 0 && at <= LATEST)) throw new ZhishouError('BAD_REQUEST', 'dueAt', 'between 1970 and 2200');
  return toIso(instant(at));
}
