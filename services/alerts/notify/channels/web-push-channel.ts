import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ChannelConfigOf } from '#core/config/channels.ts';
import { messageOf, ZhishouError } from '#core/errors.ts';
import type { OutgoingMessage } from '#core/notification.ts';
import type { BusMessage, Cancel, Channel, Stop } from '#core/ports.ts';
import { isPushService, PUSH_PURPOSE, PUSH_SERVICES, type PushNotice, type PushSubscriber } from '#core/push.ts';
import { topic, topicFilter } from '#core/topics.ts';
import { pushKeyOf } from '#platform/push-key.ts';
import { openSealed } from '#platform/sealed-message.ts';
import { valueOfMessage } from './bus-values.ts';
import type { KeptChannelParts } from './channel-parts.ts';
import { exchange } from './guarded-exchange.ts';
import { codeLine, cutToBytes } from './message-words.ts';

/**
 * Web Push: RFC 8030 (the request), RFC 8291 (encrypted for one browser alone), RFC 8292 (who sends). The dashboard keeps which
 * browser is whose and tells it here, sealed; what was told last is known after a restart. A message goes to every browser of the
 * person; it is handed over when one push service has taken it. 404 and 410 say that a browser is no more.
 *
 * `to` of a route: anything, `browsers` say; whom it reaches is decided by the person that the message is for.
 */
export function createWebPushChannel(
  name: string,
  config: ChannelConfigOf<'web-push'>,
  parts: KeptChannelParts,
): Channel {
  const services = [...PUSH_SERVICES, ...config.services];
  const browsers = createBrowsers(name, parts);
  const vapid = parts.key === undefined ? null : pushKeyOf(parts.key);

  async function sendTo(browser: PushSubscriber, message: OutgoingMessage): Promise<void> {
    const { id, endpoint, p256dh, auth } = browser;
    if (vapid === null || !isPushService(endpoint, services)) {
      throw new ZhishouError('REFUSED', name, 'the address is of no push service that site.yaml knows');
    }
    // Few sites have this channel: only theirs load it.
    const { buildPushPayload } = await import('@block65/webcrypto-web-push');
    const { headers, body } = await buildPushPayload(
      { data: { ...noticeOf(message) }, options: optionsOf(message) },
      { endpoint, expirationTime: null, keys: { p256dh, auth } },
      { ...vapid, subject: config.contact },
    );
    try {
      const request = { url: endpoint, method: 'POST' as const, headers, body };
      await exchange(name, { ...request, timeoutMs: config.timeout }, [endpoint, p256dh, auth]);
    } catch (error) {
      if (/^.*HTTP (404|410)\b/.test(messageOf(error))) browsers.gone(id);
      throw error;
    }
  }

  return {
    async send(message) {
      const theirs = browsers.of(message.person);
      if (theirs.length === 0) {
        throw new ZhishouError('REFUSED', name, 'no browser of this person has asked to be told');
      }
      const results = await Promise.allSettled(theirs.map((browser) => sendTo(browser, message)));
      if (results.some(({ status }) => status === 'fulfilled')) return;
      const failed = results.find((result) => result.status === 'rejected');
      throw failed?.reason ?? new ZhishouError('INVARIANT', name, 'no browser was tried');
    },
    listen: () => browsers.listen(),
    close: () => Promise.resolve(),
  };
}

const toldSchema = z.object({
  browsers: z
    .array(
      z.object({
        id: z.string().min(1).max(64),
        person: z.string().min(1).max(64),
        endpoint: z.url().max(2000),
        p256dh: z.string().max(200),
        auth: z.string().max(64),
      }),
    )
    .max(5000),
});

/** Who is told where: as the dashboard said it last. */
function createBrowsers(name: string, { bus, site, log, memory, key }: KeptChannelParts) {
  const kept = `channel/${name}/browsers`;
  let known = readKept();

  function readKept(): readonly PushSubscriber[] {
    const [entry] = [...(memory?.entries(kept) ?? [])];
    const parsed = toldSchema.safeParse({ browsers: entry?.[1] });
    return parsed.success ? parsed.data.browsers : [];
  }
  function keep(next: readonly PushSubscriber[]): void {
    known = next;
    try {
      memory?.set(kept, next);
    } catch {
      // The service's own watch over its store tells of it.
    }
  }
  function hear(message: BusMessage): void {
    const sealed = valueOfMessage<{ sealed?: unknown }>(message)?.sealed;
    if (typeof sealed !== 'string' || key === undefined) return;
    const parsed = toldSchema.safeParse(openSealed(sealed, PUSH_PURPOSE, key));
    if (parsed.success) keep(parsed.data.browsers);
    else log.warn({ channel: name }, 'a list of browsers that is not sealed by us, or not whole; dropped');
  }
  return {
    of: (person: string): readonly PushSubscriber[] => known.filter((browser) => browser.person === person),
    gone(id: string): void {
      keep(known.filter((browser) => browser.id !== id));
      bus
        .publish(topic(site.id, 'push-gone/+', id), JSON.stringify({ id }))
        .catch((error: unknown) => log.warn({ error: messageOf(error) }, 'a browser that is no more was not told'));
    },
    listen(): Cancel {
      const subscription: Promise<Stop> = bus.subscribe(topicFilter(site.id, 'push-browsers'), hear);
      subscription.catch((error: unknown) =>
        log.warn({ channel: name, error: messageOf(error) }, 'the browsers are not heard of'),
      );
      return () => void subscription.then((stop) => stop()).catch(() => {});
    },
  };
}

/** Push services take 4,096 bytes, of which encryption needs some. */
const MOST_BODY = 2500;
const MOST_TITLE = 300;

function noticeOf(message: OutgoingMessage): PushNotice {
  const code = codeLine(message);
  const body = cutToBytes(message.body, MOST_BODY, message.language);
  return {
    title: cutToBytes(message.subject, MOST_TITLE, message.language),
    body: code === '' ? body : `${body}\n${code}`,
    tag: message.conversation,
    path: message.incident === null ? '/alerts' : `/incidents/${encodeURIComponent(message.incident)}`,
    urgent: message.severity === 'high' && message.phase !== 'recovered',
    again: message.phase !== 'recovered',
  };
}

const HOUR_S = 3600;

/** A telephone that was off gets the newest of a conversation, and nothing that has long been over. */
const optionsOf = ({ conversation, severity, phase }: OutgoingMessage) => ({
  ttl: phase === 'recovered' ? HOUR_S : 4 * HOUR_S,
  urgency: severity === 'low' ? ('normal' as const) : ('high' as const),
  topic: createHash('sha256').update(conversation).digest('base64url').slice(0, 32),
});
