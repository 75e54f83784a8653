import type { ChannelConfigOf } from '#core/config/channels.ts';
import type { Severity } from '#core/config/rule.ts';
import type { OutgoingMessage } from '#core/notification.ts';
import type { Channel } from '#core/ports.ts';
import { exchange } from './guarded-exchange.ts';
import { acknowledgeLabel, codeLine, cutToBytes, secretsIn } from './message-words.ts';

/**
 * ntfy, by docs.ntfy.sh/publish (“Publish as JSON”, “Limitations”, “Updating + deleting notifications”): JSON to the server's root, so
 * that a Chinese title needs no encoding; a message of 4,096 bytes at most (longer ones become attachments), a title of 1 KB.
 *
 * `sequence_id` is the delivery, so that one sent twice is one notice. A recovery takes that of the last notice of its
 * conversation and so takes its place; a reminder never does, because a notice that is renewed may not ring again. Servers
 * before 2.16 show each by itself.
 *
 * `to` of a route is the topic: letters, digits, - and _, hard to guess unless the server asks for a token.
 */
export function createNtfyChannel(name: string, config: ChannelConfigOf<'ntfy'>): Channel {
  const token = config.token?.reveal();
  const auth: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const lastOf = new Map<string, string>();

  const request = (path: string, method: 'GET' | 'POST', body?: string) => ({
    url: new URL(path, config.url).href,
    method,
    headers: { ...auth, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body }),
    timeoutMs: config.timeout,
  });
  const secrets = token === undefined ? [] : [token];

  return {
    async send(message) {
      const conversation = `${message.to} ${message.conversation}`;
      const last = message.phase === 'recovered' ? lastOf.get(conversation) : undefined;
      const sequence = last ?? sequenceOf(message.id);
      const body = JSON.stringify({ ...toBody(message), sequence_id: sequence });
      await exchange(name, request('/', 'POST', body), [...secrets, ...secretsIn(message)]);
      lastOf.delete(conversation);
      if (message.phase !== 'recovered') lastOf.set(conversation, sequence);
      for (const oldest of lastOf.keys()) {
        if (lastOf.size <= MOST_CONVERSATIONS) break;
        lastOf.delete(oldest);
      }
    },
    /** `/v1/health` tells whether the server is well; it sends nothing. */
    async test() {
      await exchange(name, request('/v1/health', 'GET'), secrets);
    },
    close: () => Promise.resolve(),
  };
}

const MOST_CONVERSATIONS = 500;
const MOST_MESSAGE = 4096;
const MOST_TITLE = 1000;
/** 5 rings long and stays on the screen, 4 rings long, 3 as any message does. */
const PRIORITY: Readonly<Record<Severity, number>> = { high: 5, medium: 4, low: 3 };

const sequenceOf = (id: string): string => id.replaceAll(/[^\w-]/g, '-').slice(0, 64);

function toBody(message: OutgoingMessage) {
  const link = message.act?.link ?? null;
  const code = codeLine(message);
  const room = MOST_MESSAGE - Buffer.byteLength(code) - 1;
  const body = cutToBytes(message.body, room, message.language);
  return {
    topic: message.to,
    title: cutToBytes(message.subject, MOST_TITLE, message.language),
    message: code === '' ? body : `${body}\n${code}`,
    priority: message.phase === 'recovered' ? PRIORITY.low : PRIORITY[message.severity],
    tags: ['zhishou', message.severity, message.phase],
    ...(link === null
      ? {}
      : { click: link, actions: [{ action: 'view', label: acknowledgeLabel(message), url: link, clear: true }] }),
  };
}
