import type { ICalCalendar } from 'ical-generator';
import { z } from 'zod';
import { ZhishouError } from '#core/errors.ts';
import { daysBetween, localDate } from '#core/rota/local-days.ts';
import type {
  CalendarResponse,
  RotaFeedMadeResponse,
  RotaFeedResponse,
  RotaResponse,
} from '#core/rota/rota-response.ts';
import { hours, type Instant, instant, minus, plus, toIso } from '#core/time.ts';
import type { FeedToken } from '#platform/accounts-feeds.ts';
import { digest, randomSecret } from '#platform/passwords.ts';
import { addDutyEvents, dutyEventRange } from '../duties/duty-events.ts';
import { rotaFeed } from '../rota/ical-feed.ts';
import { toCalendarResponse, toRotaResponse } from '../rota/rota-views.ts';
import { problemSchema } from '../schemas/answers.ts';
import { calendarSchema, rotaFeedMadeSchema, rotaFeedSchema, rotaSchema } from '../schemas/rota.ts';
import { userOf } from './caller.ts';
import { API, type Context, type Server } from './context.ts';

/** Who is on duty when, and why; the calendar; the same as a feed for people's own calendars. */

const READER = { access: { who: 'reader' } } as const;
const OWN = { access: { who: 'viewer', personOnly: true } } as const;
const when = z.iso.datetime({ offset: true });
const LONGEST_DAYS = 400;

export function rotaRoutes(server: Server, context: Context): void {
  const { config, clock, model } = context;
  server.get(
    `${API}/rota`,
    {
      config: READER,
      schema: {
        tags: ['rota'],
        summary: 'Each rotation: whose turn when and why, gaps, changes, hand-over notes; at most 400 days',
        querystring: z.strictObject({ from: when.optional(), to: when.optional() }),
        response: { 200: rotaSchema, default: problemSchema },
      },
    },
    async ({ query }): Promise<RotaResponse> => {
      const now = clock.now();
      const from = query.from === undefined ? now : instant(Date.parse(query.from));
      const to = query.to === undefined ? plus(from, hours(31 * 24)) : instant(Date.parse(query.to));
      checkRange((to - from) / 86_400_000);
      return toRotaResponse(config, model.rota(), { from, to, now });
    },
  );
  server.get(
    `${API}/calendar`,
    {
      config: READER,
      schema: {
        tags: ['rota'],
        summary: 'Working days, holidays and days worked instead; at most 400 days',
        querystring: z.strictObject({ from: z.iso.date().optional(), to: z.iso.date().optional() }),
        response: { 200: calendarSchema, default: problemSchema },
      },
    },
    async ({ query }): Promise<CalendarResponse> => {
      const from =
        query.from === undefined ? localDate(clock.now(), config.site.time_zone) : Temporal.PlainDate.from(query.from);
      const to = query.to === undefined ? from.add({ days: 30 }) : Temporal.PlainDate.from(query.to);
      checkRange(daysBetween(from, to) + 1);
      return toCalendarResponse(config, from, to);
    },
  );
  feedRoutes(server, context);
}

function checkRange(days: number): void {
  if (days <= 0) throw new ZhishouError('BAD_REQUEST', 'to', 'is not after from');
  if (days > LONGEST_DAYS) throw new ZhishouError('BAD_REQUEST', 'to', `more than ${LONGEST_DAYS} days`);
}

/** Calendars cannot sign in: the address carries a secret of its own, that reads the rota and nothing else. */
function feedRoutes(server: Server, context: Context): void {
  const { accounts, wall } = context;
  server.get(
    `${API}/rota-feed`,
    {
      config: OWN,
      schema: {
        tags: ['rota'],
        summary: 'Has one’s own calendar feed been made, and was it read',
        response: { 200: rotaFeedSchema, default: problemSchema },
      },
    },
    async ({ caller }): Promise<RotaFeedResponse> => {
      const feed = accounts.feedOf(userOf(caller));
      return { feed: feed === null ? null : toFeedView(feed) };
    },
  );
  server.post(
    `${API}/rota-feed`,
    {
      config: OWN,
      schema: {
        tags: ['rota'],
        summary: 'Make one’s own calendar feed anew; the one before ends. Its address is shown once',
        response: { 201: rotaFeedMadeSchema, default: problemSchema },
      },
    },
    async ({ caller }, reply) => {
      const secret = `zr_${randomSecret()}`;
      const feed: FeedToken = { user: userOf(caller), createdAt: wall.now(), lastUsedAt: null };
      accounts.setFeed(feed, digest(secret));
      const made: RotaFeedMadeResponse = { feed: toFeedView(feed), path: `${API}/rota.ics?token=${secret}` };
      return reply.code(201).send(made);
    },
  );
  server.delete(
    `${API}/rota-feed`,
    {
      config: OWN,
      schema: { tags: ['rota'], summary: 'End one’s own calendar feed', response: { default: problemSchema } },
    },
    async ({ caller }, reply) => {
      accounts.removeFeed(userOf(caller));
      return reply.code(204).send();
    },
  );
  server.get(
    `${API}/rota.ics`,
    {
      config: { access: { who: 'everybody' } },
      schema: {
        tags: ['rota'],
        summary:
          'Rota and duties as iCalendar, by the secret of one’s feed; who=all: everybody’s; duties=false: the rota alone',
        querystring: z.strictObject({
          token: z.string().min(1).max(200),
          who: z.enum(['me', 'all']).default('me'),
          duties: z.enum(['true', 'false']).default('true'),
        }),
        response: { 200: z.string(), default: problemSchema },
      },
    },
    async ({ query }, reply) =>
      reply
        .type('text/calendar; charset=utf-8')
        .header('content-disposition', 'inline; filename="rota.ics"')
        .send(feedFor(context, query)),
  );
}

const TOUCH_GAP = hours(1);

interface FeedQuery {
  readonly token: string;
  readonly who: 'me' | 'all';
  readonly duties: 'true' | 'false';
}

function feedFor(context: Context, { token, who, duties }: FeedQuery): string {
  const { accounts, config, clock, model, wall, paperwork } = context;
  const feed = accounts.feedBySecret(digest(token));
  const account = feed === null ? null : accounts.user(feed.user);
  if (feed === null || account === null || account.disabled)
    throw new ZhishouError('NOT_SIGNED_IN', 'calendar feed', 'unknown or withdrawn');
  const now: Instant = wall.now();
  if (feed.lastUsedAt === null || feed.lastUsedAt <= minus(now, TOUCH_GAP)) accounts.touchFeed(feed.user, now);
  const own = config.people.people.find(({ id }) => id === (account.person ?? account.user));
  const options = {
    // An account that is no person's has no turns of its own.
    person: who === 'me' && own !== undefined ? own.id : null,
    language: own?.language ?? config.site.language,
    now: clock.now(),
  };
  const more = (calendar: ICalCalendar): void =>
    addDutyEvents(calendar, paperwork.duties.planned(...dutyEventRange(options.now)), { config, ...options });
  return rotaFeed(config, model.rota(), duties === 'true' ? { ...options, more } : options);
}

const toFeedView = (feed: FeedToken): RotaFeedMadeResponse['feed'] => ({
  createdAt: toIso(feed.createdAt),
  lastUsedAt: feed.lastUsedAt === null ? null : toIso(feed.lastUsedAt),
});
