import { createHash } from 'node:crypto';
import { messageOf } from '#core/errors.ts';
import type { Notice } from '#core/notice.ts';
import type { Bus, Log } from '#core/ports.ts';
import { topic } from '#core/topics.ts';

/**
 * The paperwork's way to people: handed to the alerts service, which has the outbox and every channel. Told once by its key, however often
 * it is said; so whoever has it to say says it again at the next look until `tell` was true.
 */
export interface Notices {
  /** True: the bus has it, and keeps it until the alerts service has taken it. Never throws. */
  tell(notice: Notice): Promise<boolean>;
}

export function createNotices({ site, bus, log }: { site: string; bus: Bus; log: Log }): Notices {
  return {
    async tell(notice) {
      const part = createHash('sha256').update(notice.key).digest('hex').slice(0, 32);
      try {
        await bus.publish(topic(site, 'notice/+', part), JSON.stringify(notice), { retain: true, qos: 1 });
        return true;
      } catch (error) {
        log.warn({ notice: notice.key, error: messageOf(error) }, 'the bus did not take a notice: it is said again');
        return false;
      }
    },
  };
}
