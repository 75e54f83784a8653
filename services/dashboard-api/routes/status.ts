import { z } from 'zod';
import type { HealthResponse, ServiceState, SiteView } from '#core/api.ts';
import { type Duration, seconds, toIso } from '#core/time.ts';
import type { HistoryStatus } from '#platform/series/write-behind/history.ts';
import type { Access } from '../auth/access.ts';
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
      config: { access: metricsAccess(context) },
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

/** Prometheus scrapes without a word unless site.yaml asks for a token. */
const metricsAccess = ({ config }: Context): Access =>
  config.site.http.metrics === 'token' ? { who: 'viewer', scopes: ['metrics', 'read'] } : { who: 'everybody' };

/** Poll intervals are seconds; a collector that says nothing for so long is not collecting. */
const COLLECTOR_SILENT_AFTER = seconds(120);
/** It says four times a minute that it is there. */
const ALERTS_SILENT_AFTER = seconds(90);

function health(context: Context): HealthResponse {
  const { config, listening } = context;
  const collector = service(context, 'collector', COLLECTOR_SILENT_AFTER);
  const alerts = service(context, 'alerts', ALERTS_SILENT_AFTER);
  const { recorder, history } = keeping(context.history.status());
  const bus = context.busUp() ? 'up' : 'down';
  const heard = collector.state !== 'silent' && alerts.state !== 'silent';
  const well = bus === 'up' && heard && recorder.state === 'ok' && history.state === 'ok';
  return {
    status: well ? 'ok' : 'degraded',
    version: context.version,
    site: config.site.id,
    simulation: config.site.simulation,
    uptimeS: context.uptimeS(),
    bus,
    services: { collector, alerts },
    recorder,
    history,
    rejectedMessages: listening.rejected(),
    liveClients: context.hub.size(),
  };
}

/** Are readings kept? In two steps: onto the disk here, and from there into each store. */
function keeping({ spool, stores }: HistoryStatus): Pick<HealthResponse, 'recorder' | 'history'> {
  const { written, lost, error, givenUp } = spool;
  const worst = (['failing', 'behind'] as const).find((state) => stores.some((store) => store.state === state));
  return {
    recorder: { state: spool.state === 'ok' && givenUp !== 'lost' ? 'ok' : 'failing', written, lost, error },
    history: {
      state: worst ?? 'ok',
      thinning: givenUp === 'thinned',
      waitingBytes: spool.bytes,
      stores: stores.map(({ store, state, waitingBytes, since }) => ({
        store,
        state,
        waitingBytes,
        since: since === null ? null : toIso(since),
      })),
    },
  };
}

/** Never heard is `unknown` for as long as silence would be borne, then `silent`. */
function service(
  { clock, listening }: Context,
  name: 'collector' | 'alerts',
  silentAfter: Duration,
): { state: ServiceState; lastMessageAgeS: number | null } {
  const heard = listening.heard(name);
  const quiet = Math.max(0, clock.now() - (heard ?? listening.since()));
  if (heard === null) return { state: quiet > silentAfter ? 'silent' : 'unknown', lastMessageAgeS: null };
  return { state: quiet > silentAfter ? 'silent' : 'ok', lastMessageAgeS: Math.round(quiet) / 1000 };
}
