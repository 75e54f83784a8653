import { z } from 'zod';

/**
 * What Alertmanager posts to a webhook (version 4; prometheus.io/docs/alerting/latest/configuration, webhook_config), and Grafana in
 * the same form. Fields that we do not use may be there or not. Words that are too long are cut, not refused: whoever sends would
 * drop the whole group at a 4xx.
 */

/** A body of 1 MB holds about as many. */
const MOST_ALERTS = 2000;
const MOST_WORDS = 64;
const cutTo =
  (most: number) =>
  (text: string): string =>
    text.slice(0, most);

const words = z
  .record(z.string(), z.string())
  .transform((all) =>
    Object.fromEntries(
      Object.entries(all)
        .slice(0, MOST_WORDS)
        .map(([name, value]) => [name.slice(0, 200), value.slice(0, 4000)]),
    ),
  )
  .default({});

export const alertmanagerSchema = z
  .looseObject({
    version: z.string().optional(),
    receiver: z.string().transform(cutTo(200)).default(''),
    alerts: z
      .array(
        z.looseObject({
          status: z.enum(['firing', 'resolved']),
          labels: words,
          annotations: words,
          startsAt: z.string().transform(cutTo(64)).default(''),
          /** 16 hex digits; older versions have none. */
          fingerprint: z
            .string()
            .regex(/^[0-9a-f]{8,64}$/)
            .optional(),
        }),
      )
      .transform((alerts) => alerts.slice(0, MOST_ALERTS)),
  })
  .meta({ id: 'AlertmanagerWebhook' });
export type AlertmanagerWebhook = z.output<typeof alertmanagerSchema>;
