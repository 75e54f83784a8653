import { z } from 'zod';
import type {
  AlertsResponse,
  IncidentsResponse,
  OutagesResponse,
  PlansResponse,
  ReadinessResponse,
} from '#core/api.ts';
import { ZhishouError } from '#core/errors.ts';
import type { IncidentView } from '#core/incident.ts';
import { toIncidentSummary, toPlanView } from '../read-model/views.ts';
import { alertsSchema, incidentsSchema, plansSchema, problemSchema } from '../schemas/answers.ts';
import { incidentSchema } from '../schemas/incident.ts';
import { outagesSchema, readinessResponseSchema } from '../schemas/readiness.ts';
import { API, type Context, type Server } from './context.ts';
import { idParameter } from './readings.ts';

/** What is wrong, what is being done about it, who was told, and the written report. */

const READER = { access: { who: 'reader' } } as const;
const VIEWER = { access: { who: 'viewer' } } as const;
const byId = z.strictObject({ id: idParameter });

export function incidentRoutes(server: Server, context: Context): void {
  const { model } = context;
  const find = (id: string): IncidentView => {
    const incident = model.incident(id);
    if (incident === null) throw new ZhishouError('NOT_FOUND', id, 'no such incident');
    return incident;
  };
  server.get(
    `${API}/alerts`,
    {
      config: READER,
      schema: {
        tags: ['incidents'],
        summary: 'Alerts, newest first',
        querystring: z.strictObject({ state: z.enum(['active', 'all']).default('active') }),
        response: { 200: alertsSchema, default: problemSchema },
      },
    },
    async ({ query: { state } }): Promise<AlertsResponse> => ({
      alerts: model.alerts().filter((alert) => state === 'all' || alert.state !== 'cleared'),
    }),
  );
  server.get(
    `${API}/incidents`,
    {
      config: READER,
      schema: {
        tags: ['incidents'],
        summary: 'Incidents, newest first',
        querystring: z.strictObject({ state: z.enum(['open', 'all']).default('all') }),
        response: { 200: incidentsSchema, default: problemSchema },
      },
    },
    async ({ query: { state } }): Promise<IncidentsResponse> => ({
      incidents: model
        .incidents()
        .filter((incident) => state === 'all' || incident.phase !== 'closed')
        .map(toIncidentSummary),
    }),
  );
  server.get(
    `${API}/incidents/:id`,
    {
      config: READER,
      schema: {
        tags: ['incidents'],
        summary: 'One incident with its clocks, steps and timeline',
        params: byId,
        response: { 200: incidentSchema, default: problemSchema },
      },
    },
    async ({ params: { id } }): Promise<IncidentView> => find(id),
  );
  peopleRoutes(server, context);
}

/** What is prepared, and what the plans say. */
function peopleRoutes(server: Server, { model, config }: Context): void {
  server.get(
    `${API}/readiness`,
    {
      config: READER,
      schema: {
        tags: ['incidents'],
        summary: 'Could the shutdown contract be honoured now?',
        response: { 200: readinessResponseSchema, default: problemSchema },
      },
    },
    async (): Promise<ReadinessResponse> => ({ readiness: model.readiness() }),
  );
  server.get(
    `${API}/outages`,
    {
      config: READER,
      schema: {
        tags: ['incidents'],
        summary: 'Planned outages (O-PWR-1)',
        response: { 200: outagesSchema, default: problemSchema },
      },
    },
    async (): Promise<OutagesResponse> => ({ outages: model.outages() }),
  );
  server.get(
    `${API}/plans`,
    {
      config: VIEWER,
      schema: {
        tags: ['incidents'],
        summary: 'The emergency plans',
        response: { 200: plansSchema, default: problemSchema },
      },
    },
    async (): Promise<PlansResponse> => ({ plans: config.plans.map(toPlanView) }),
  );
}
