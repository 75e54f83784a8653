import { z } from 'zod';

/**
 * An alert of another system, as Alertmanager tells it (prometheus.io/docs/alerting/latest/configuration, webhook_config). Kept on
 * the bus until it is over, so that it is heard also by an alerts service that starts later.
 */
export interface OutsideAlert {
  /** What the alert is, whatever happens to it: hash of its labels. */
  readonly fingerprint: string;
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** ISO 8601, by the other system's clock. */
  readonly startsAt: string;
  /** When we were told, ISO 8601. */
  readonly receivedAt: string;
  /** Whose token it came with. */
  readonly from: string;
}

const words = z.record(z.string().max(200), z.string().max(4000));

export const outsideAlertSchema = z.object({
  fingerprint: z.string().regex(/^[0-9a-f]{8,64}$/),
  status: z.enum(['firing', 'resolved']),
  labels: words,
  annotations: words,
  startsAt: z.string().max(64),
  receivedAt: z.iso.datetime({ offset: true }),
  from: z.string().max(200),
}) satisfies z.ZodType<OutsideAlert>;
