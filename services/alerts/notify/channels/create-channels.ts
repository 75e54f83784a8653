import type { Site } from '#core/config/site.ts';
import type { Channel } from '#core/ports.ts';
import { createSmtpChannel } from './smtp-channel.ts';
import { createWebhookChannel } from './webhook-channel.ts';

/** The channels of site.yaml, by their ids. */
export function createChannels(site: Pick<Site, 'channels'>): Readonly<Record<string, Channel>> {
  return Object.fromEntries(
    Object.entries(site.channels).map(([name, config]) => [
      name,
      config.kind === 'smtp' ? createSmtpChannel(name, config) : createWebhookChannel(config),
    ]),
  );
}
