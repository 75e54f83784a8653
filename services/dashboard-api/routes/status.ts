import { z } from 'zod';
import type { HealthResponse, ServiceState, SiteView } from '#core/api.ts';
import { seconds } from '#core/time.ts';
import { healthSchema, problemSchema, siteSchema } from '../schemas/answers.ts';
import { API, type Context, type Server } from './context.ts';

/** Is the service well; what is this site; the figures for Prometheus. */
export function statusRoutes(server: Server, context: Context): void {
  server.get(
    `${API}/health`,
    {
      config: { access: { who: 'everybody' } },
      schema: { tags: ['status'], summary: 'Is the service well', response: { 200: healthSchema } },
    },
    async (): Promise<HealthResponse> => health(context),
  );
  server.get(
    `${API}/site`,
    {
      config: { access: { who: 'reader' } },
      schema: {
        tags: ['status'],
        summary: 'The site: name, duty, armed, its clock',
        response: { 200: siteSchema, default: problemSchema },
      },
    },
    async (): Promise<SiteView> => context.model.site(),
  );
  server.get(
    '/metrics',
    {
      config: { access: { who: 'everybody' } },
      schema: { tags: ['status'], summary: 'Prometheus text format', response: { 200: z.string() } },
    },
    async (_request, reply) => {
      const { metrics } = context;
      metrics.gauge('zhishou_live_clients', context.hub.size());
      metrics.gauge('zhishou_bus_up', context.busUp() ? 1 : 0);
      metrics.gauge('zhishou_uptime_seconds', context.uptimeS());
      return reply.type('text/plain; version=0.0.4; charset=utf-8').send(metrics.render());
    },
  );
}

/** Poll intervals are seconds; a collector that says nothing for so long is not collecting. */
const COLLECTOR_SILENT_AFTER = seconds(120);

function health(context: Context): HealthResponse {
  const { config, listening, recorder } = context;
  const collector = service(context, 'collector', COLLECTOR_SILENT_AFTER);
  // When all is well the alerts service has nothing to say: its silence tells nothing.
  const alerts = service(context, 'alerts', null);
  const record = recorder.status();
  const bus = context.busUp() ? 'up' : 'down';
  const well = bus === 'up' && collector.state !== 'silent' && record.state === 'ok';
  return {
    status: well ? 'ok' : 'degraded',
    version: context.version,
    site: config.site.id,
    simulation: config.site.simulation,
    uptimeS: context.uptimeS(),
    bus,
    services: { collector, alerts },
    recorder: record,
    rejectedMessages: listening.rejected(),
    liveClients: context.hub.size(),
  };
}

function service(
  { clock, listening }: Context,
  name: 'collector' | 'alerts',
  silentAfter: number | null,
): { state: ServiceState; lastMessageAgeS: number | null } {
  const heard = listening.heard(name);
  if (heard === null) return { state: 'unknown', lastMessageAgeS: null };
  const ageMs = Math.max(0, clock.now() - heard);
  return {
    state: silentAfter !== null && ageMs > silentAfter ? 'silent' : 'ok',
    lastMessageAgeS: Math.round(ageMs) / 1000,
  };
}
