import { messageOf } from '#core/errors.ts';
import type { Bus, Clock, Log, Metrics } from '#core/ports.ts';
import { RETAINED, type TopicPattern, type TopicPayloads, topic } from '#core/topics.ts';
import { limitLog } from '#platform/log.ts';

/** This service's side of the bus: typed publishing that never stops the decision path, and counted rejections. */
export interface BusEdge {
  /** Hands over and goes on; what the bus did not take is counted, and retained views are published again when it is back. */
  publish<P extends TopicPattern>(pattern: P, part: string, payload: TopicPayloads[P]): void;
  /** Clears a kept message. */
  retract(pattern: TopicPattern, part: string): void;
  reject(pattern: TopicPattern, reason: string, name: string): void;
}

export function createBusEdge(site: string, bus: Bus, clock: Clock, log: Log, metrics: Metrics): BusEdge {
  const limited = limitLog(log, clock);
  const failed = (pattern: string) => (error: unknown) => {
    metrics.count('zhishou_alerts_publish_failed_total', { topic: pattern });
    limited.warn(`publish ${pattern}`, { topic: pattern, error: messageOf(error) }, 'the bus did not take a message');
  };
  return {
    publish(pattern, part, payload) {
      const retain = RETAINED.has(pattern);
      if (bus.publishValue !== undefined) {
        try {
          bus.publishValue(topic(site, pattern, part), payload, { retain });
        } catch (error) {
          failed(pattern)(error);
        }
        return;
      }
      bus.publish(topic(site, pattern, part), JSON.stringify(payload), { retain, qos: 1 }).catch(failed(pattern));
    },
    retract(pattern, part) {
      bus.publish(topic(site, pattern, part), '', { retain: true, qos: 1 }).catch(failed(pattern));
    },
    reject(pattern, reason, name) {
      metrics.count('zhishou_alerts_rejected_total', { topic: pattern, reason });
      limited.warn(`reject ${pattern} ${reason}`, { topic: name.slice(0, 200), reason }, 'a message was rejected');
    },
  };
}
