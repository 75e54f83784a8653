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
import { pageQuery, toPage } from '../paging.ts';
import { toIncidentSummary, toPlanView } from '../read-model/views.ts';
import { alertsSchema, incidentsSchema, plansSchema, problemSchema } from '../schemas/answers.ts';
import { incidentSchema } from '../schemas/incident.ts';
import { outagesResponseSchema, readinessResponseSchema } from '../schemas/readiness.ts';
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
        summary: 'Alerts, newest first; rule and device: how often one fired',
        querystring: z.strictObject({
          state: z.enum(['active', 'all']).default('active'),
          rule: idParameter.optional(),
          device: idParameter.optional(),
          ...pageQuery,
        }),
        response: { 200: alertsSchema, default: problemSchema },
      },
    },
    async ({ query: { state, rule, device, ...wanted } }): Promise<AlertsResponse> => {
      const all = model
        .alerts()
        .filter((alert) => state === 'all' || alert.state !== 'cleared')
        .filter((alert) => (rule ?? alert.rule) === alert.rule && (device ?? alert.device) === alert.device);
      const { page, next } = toPage(all, { by: [({ since }) => since, ({ id }) => id], newest: true }, wanted);
      return { alerts: page, next };
    },
  );
  server.get(
    `${API}/incidents`,
    {
      config: READER,
      schema: {
        tags: ['incidents'],
        summary: 'Incidents, newest first',
        querystring: z.strictObject({ state: z.enum(['open', 'all']).default('all'), ...pageQuery }),
        response: { 200: incidentsSchema, default: problemSchema },
      },
    },
    async ({ query: { state, ...wanted } }): Promise<IncidentsResponse> => {
      const all = model.incidents().filter((incident) => state === 'all' || incident.phase !== 'closed');
      const { page, next } = toPage(all, { by: [({ openedAt }) => openedAt, ({ id }) => id], newest: true }, wanted);
      return { incidents: page.map(toIncidentSummary), next };
    },
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
        summary: 'Planned outages (O-PWR-1), in the order of their beginnings',
        querystring: z.strictObject(pageQuery),
        response: { 200: outagesResponseSchema, default: problemSchema },
      },
    },
    async ({ query }): Promise<OutagesResponse> => {
      const { page, next } = toPage(
        model.outages(),
        { by: [({ from }) => from, ({ id }) => id], newest: false },
        query,
      );
      return { outages: page, next };
    },
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
