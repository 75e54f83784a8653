import { z } from 'zod';
import type { BusMessage, Stop } from '#core/ports.ts';
import { milliseconds } from '#core/time.ts';
import { topicFilter } from '#core/topics.ts';
import type { CollectorDependencies, DeviceJobs } from './seams.ts';

/** `poll/<device>`: another part of the service wants a device read now, or at another rate. */
const requestSchema = z.strictObject({
  device: z.string().max(63),
  /** Between half a second and an hour. */
  everyMs: z.number().min(500).max(3_600_000).nullable(),
  now: z.boolean(),
});

const MOST_BYTES = 1000;

export async function startPollRequests(deps: CollectorDependencies, all: readonly DeviceJobs[]): Promise<Stop> {
  const { bus, config, log, metrics } = deps;
  const byId = new Map(all.map((one) => [one.device.id, one]));
  const onRequest = (message: BusMessage): void => {
    const request = parse(message);
    const target = request === null ? undefined : byId.get(request.device);
    if (request === null || target === undefined) {
      metrics.count('zhishou_collector_rejected_messages_total', { reason: 'poll request' });
      return;
    }
    log.debug({ ...request }, 'poll request');
    for (const job of target.jobs) {
      job.every(request.everyMs === null ? null : milliseconds(request.everyMs));
      if (request.now) job.soon('command');
    }
  };
  return bus.subscribe(topicFilter(config.site.id, 'poll/+'), onRequest);
}

function parse(message: BusMessage): z.infer<typeof requestSchema> | null {
  if (message.retained) return null;
  if (message.value !== undefined) return message.value as z.infer<typeof requestSchema>;
  if (message.payload.length > MOST_BYTES) return null;
  try {
    return requestSchema.parse(JSON.parse(new TextDecoder().decode(message.payload)));
  } catch {
    return null;
  }
}
