import { createHash } from 'node:crypto';
import { z } from 'zod';
import { messageOf, ZhishouError } from '#core/errors.ts';
import type { OutsideAlert } from '#core/outside-alert.ts';
import { toIso } from '#core/time.ts';
import { topic } from '#core/topics.ts';
import { type AlertmanagerWebhook, alertmanagerSchema } from '../schemas/alertmanager.ts';
import { problemSchema } from '../schemas/answers.ts';
import { API, type Context, type Server } from './context.ts';

/** Alerts of other systems come in here and go to the alerts service over the bus. */

const BODY_LIMIT = 1024 * 1024;

export function alertmanagerRoute(server: Server, context: Context): void {
  server.post(
    `${API}/alertmanager`,
    {
      config: { access: { who: 'duty', scopes: ['alertmanager'] } },
      bodyLimit: BODY_LIMIT,
      schema: {
        tags: ['alertmanager'],
        summary:
          'A webhook receiver for Prometheus Alertmanager: its alerts join ours. Asks for an API token of the role duty with the scope alertmanager',
        body: alertmanagerSchema,
        response: { 202: z.object({ taken: z.number().int() }), default: problemSchema },
      },
    },
    async (request, reply): Promise<{ taken: number }> => {
      const alerts = alertsOf(request.body, request.caller?.name ?? '', toIso(context.clock.now()));
      request.auditDetail = `${alerts.length} alerts of ${request.body.receiver}`;
      // 202 only when the bus has all of them: else the other side tries again (Alertmanager does so at 5xx).
      try {
        for (const alert of alerts) {
          const name = topic(context.config.site.id, 'outside-alert/+', alert.fingerprint);
          await context.bus.publish(name, JSON.stringify(alert), { retain: true, qos: 1 });
        }
      } catch (error) {
        if (error instanceof ZhishouError) throw error;
        throw new ZhishouError('BUS_DOWN', 'alertmanager', messageOf(error), { cause: error });
      }
      context.metrics.count('zhishou_outside_received_total', {}, alerts.length);
      reply.code(202);
      return { taken: alerts.length };
    },
  );
}

/** What is resolved and fires again in one group is told in that order; our own alerts that come back are left out. */
function alertsOf({ alerts, receiver }: AlertmanagerWebhook, user: string, receivedAt: string): OutsideAlert[] {
  return alerts
    .filter(({ labels }) => labels.alertname !== 'Zhishou')
    .map(({ status, labels, annotations, startsAt, fingerprint }) => ({
      fingerprint: fingerprint ?? fingerprintOf(labels),
      status,
      labels,
      annotations,
      startsAt,
      receivedAt,
      from: receiver === '' ? user : `${user} (${receiver})`.trim(),
    }));
}

const fingerprintOf = (labels: Readonly<Record<string, string>>): string =>
  createHash('sha256')
    .update(JSON.stringify(Object.entries(labels).sort()))
    .digest('hex')
    .slice(0, 16);
