import { createHmac } from 'node:crypto';
import {
  fillObject,
  fillPlaceholders,
  inJson,
  type MessageValues,
  type TemplateValue,
} from '#core/channel-template.ts';
import type { ChannelConfigOf } from '#core/config/channels.ts';
import { secretsOf } from '#core/hide-secrets.ts';
import type { OutgoingMessage } from '#core/notification.ts';
import type { Channel, Clock } from '#core/ports.ts';
import { Secret } from '#core/secret.ts';
import { toIso } from '#core/time.ts';
import { exchange } from './guarded-exchange.ts';
import { secretsIn } from './message-words.ts';

type WebhookConfig = ChannelConfigOf<'webhook'>;

/**
 * A message to an address: as JSON, or filled into the site's own template. `Idempotency-Key` is the delivery's id, the same however
 * often it is sent. With a secret:
 * - `X-Zhishou-Timestamp`: seconds since 1970, of this sending;
 * - `X-Zhishou-Signature-V2: sha256=…`: HMAC of `<timestamp>.<body>`. Who checks it, and that the timestamp is of the last
 *   minutes, cannot be sent an old message again;
 * - `X-Zhishou-Signature: sha256=…`: HMAC of exactly the bytes of the body, as it always was.
 */
export function createWebhookChannel(name: string, config: WebhookConfig, site: string, wall: Clock): Channel {
  const url = typeof config.url === 'string' ? config.url : config.url.reveal();
  const own = revealed(config.headers);
  const secrets = secretsOf(config);
  return {
    async send(message) {
      const body = bodyOf(config, message, site);
      await exchange(
        name,
        {
          url,
          method: config.method,
          headers: {
            'content-type': contentTypeOf(config),
            ...own,
            'idempotency-key': message.id,
            ...signatures(config.secret, body, wall),
          },
          body,
          timeoutMs: config.timeout,
        },
        [...secrets, ...secretsIn(message)],
      );
    },
    close: () => Promise.resolve(),
  };
}

export function revealed(headers: Readonly<Record<string, string | Secret>>): Record<string, string> {
  const pairs = Object.entries(headers).map(([key, value]) => [
    key.toLowerCase(),
    value instanceof Secret ? value.reveal() : value,
  ]);
  return Object.fromEntries(pairs) as Record<string, string>;
}

function contentTypeOf({ content_type, template }: WebhookConfig): string {
  return content_type ?? (typeof template === 'string' ? 'text/plain; charset=utf-8' : 'application/json');
}

function bodyOf(config: WebhookConfig, message: OutgoingMessage, site: string): string {
  if (config.template === undefined) return JSON.stringify({ ...message, at: toIso(message.at) });
  const values = valuesOf(message, site);
  if (typeof config.template !== 'string') return JSON.stringify(fillObject(config.template as TemplateValue, values));
  return fillPlaceholders(config.template, values, escapeFor(contentTypeOf(config)));
}

/** By what the text is said to be. */
export function escapeFor(contentType: string): (value: string) => string {
  if (/\bjson\b/i.test(contentType)) return inJson;
  if (/x-www-form-urlencoded/i.test(contentType)) return encodeURIComponent;
  if (/\b(xml|html)\b/i.test(contentType)) return inXml;
  return (value) => value;
}

const XML: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;', "'": '&#39;' };
export const inXml = (value: string): string => value.replaceAll(/[<>&"']/g, (sign) => XML[sign] ?? sign);

/** What `{placeholders}` stand for in this message. */
export function valuesOf(message: OutgoingMessage, site: string): MessageValues {
  const { act } = message;
  return {
    id: message.id,
    to: message.to,
    person: message.person,
    language: message.language,
    subject: message.subject,
    body: message.body,
    text: `${message.subject}\n${message.body}`,
    severity: message.severity,
    phase: message.phase,
    conversation: message.conversation,
    incident: message.incident ?? '',
    alert: message.alert ?? '',
    link: act?.link ?? '',
    code: act?.code ?? '',
    at: toIso(message.at),
    site,
    drill: String(message.drill),
    simulated: String(message.simulated),
  };
}

function signatures(secret: Secret | undefined, body: string, wall: Clock): Record<string, string> {
  if (secret === undefined) return {};
  const timestamp = String(Math.floor(wall.now() / 1000));
  const mac = (text: string): string => `sha256=${createHmac('sha256', secret.reveal()).update(text).digest('hex')}`;
  return {
    'x-zhishou-timestamp': timestamp,
    'x-zhishou-signature': mac(body),
    'x-zhishou-signature-v2': mac(`${timestamp}.${body}`),
  };
}
