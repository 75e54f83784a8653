import { createHmac } from 'node:crypto';
import type { ChannelConfigOf } from '#core/config/channels.ts';
import type { OutgoingMessage } from '#core/notification.ts';
import type { Channel } from '#core/ports.ts';
import { toIso } from '#core/time.ts';
import { postJson } from '#platform/net.ts';

type WebhookConfig = ChannelConfigOf<'webhook'>;

/**
 * A message as JSON to an address. `Idempotency-Key` is the delivery's id, the same however often it is sent; with a secret
 * `X-Zhishou-Signature: sha256=…` is the HMAC of exactly the bytes of the body.
 */
export function createWebhookChannel(config: WebhookConfig): Channel {
  const own = Object.entries(config.headers).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : value.reveal(),
  ]);
  return {
    async send(message) {
      const body = JSON.stringify(toBody(message));
      const headers: Record<string, string> = { ...Object.fromEntries(own), 'idempotency-key': message.id };
      if (config.secret !== undefined) {
        const mac = createHmac('sha256', config.secret.reveal()).update(body).digest('hex');
        headers['x-zhishou-signature'] = `sha256=${mac}`;
      }
      await postJson(config.url, body, headers, config.timeout);
    },
    close: () => Promise.resolve(),
  };
}

const toBody = (message: OutgoingMessage) => ({ ...message, at: toIso(message.at) });
