import { z } from 'zod';
import { roleAtLeast } from '#core/command.ts';
import type { Person } from '#core/config/people.ts';
import type { DrillsResponse, DrillView, PeopleResponse, PersonView } from '#core/people-view.ts';
import { instant, toIso } from '#core/time.ts';
import type { PastDrill } from '#platform/drill-log.ts';
import type { Caller } from '../auth/authentication.ts';
import { type Order, pageQuery, toPage } from '../paging.ts';
import { layersOf } from '../rota/rota-views.ts';
import { problemSchema } from '../schemas/answers.ts';
import { drillsSchema, peopleSchema } from '../schemas/people.ts';
import { API, type Context, type Server } from './context.ts';

/** The people of the room with their ways and turns, and the drills they have held. */

const VIEWER = { access: { who: 'viewer' } } as const;
/** Two drills of one minute are told apart by their plan. */
const NEWEST_FIRST: Order<PastDrill> = {
  by: [({ at }) => at, ({ plan }) => plan, ({ scenario }) => scenario, ({ mode }) => mode],
  newest: true,
};

export function peopleRoutes(server: Server, context: Context): void {
  server.get(
    `${API}/people`,
    {
      config: VIEWER,
      schema: {
        tags: ['people'],
        summary:
          'Who is who, how each is reached, who has which turn now, and the numbers outside; addresses from operator on',
        response: { 200: peopleSchema, default: problemSchema },
      },
    },
    async ({ caller }): Promise<PeopleResponse> => peopleFor(context, caller),
  );
  server.get(
    `${API}/drills`,
    {
      config: VIEWER,
      schema: {
        tags: ['people'],
        summary: 'Drills and rehearsals with their scores, newest first',
        querystring: z.strictObject({ ...pageQuery, plan: z.string().min(1).max(63).optional() }),
        response: { 200: drillsSchema, default: problemSchema },
      },
    },
    async ({ query: { plan, ...page } }): Promise<DrillsResponse> => {
      const all = context.drills().filter((drill) => plan === undefined || drill.plan === plan);
      const { page: drills, next } = toPage(all, NEWEST_FIRST, page);
      return { drills: drills.map(toDrillView), next };
    },
  );
}

function peopleFor({ config, model, clock, accounts }: Context, caller: Caller | null): PeopleResponse {
  const now = clock.now();
  const layers = layersOf(config, model.rota());
  const owned = Map.groupBy(accounts.users(), ({ person }) => person);
  const mayKnow = caller !== null && roleAtLeast(caller.role, 'operator');
  const view = ({ id, name, functions, language, phone, routes }: Person): PersonView => ({
    ...{ id, name, functions, language },
    phone: phone ?? null,
    ways: routes.map(({ channel, to }) => ({
      channel,
      kind: config.site.channels[channel]?.kind ?? null,
      to: mayKnow ? to : null,
    })),
    on: layers.filter((layer) => layer.spanAt(now).person === id).map(({ role }) => role),
    accounts: owned.get(id)?.length ?? 0,
  });
  return {
    people: config.people.people.map(view),
    contacts: model.site().contacts,
  };
}

const toDrillView = ({ site: _, at, ...drill }: PastDrill): DrillView => ({ ...drill, at: toIso(instant(at)) });
