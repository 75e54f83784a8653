import type { ChannelConfig, ChannelConfigOf, ChannelKind } from '#core/config/channels.ts';
import type { Site } from '#core/config/site.ts';
import type { Bus, Channel, Clock, Log } from '#core/ports.ts';
import { createSmtpChannel } from './smtp-channel.ts';
import { createWebhookChannel } from './webhook-channel.ts';

/** What a channel may need beside its own configuration. */
export interface ChannelParts {
  readonly site: Pick<Site, 'id'>;
  /** The site's clock. */
  readonly clock: Clock;
  readonly bus: Bus;
  readonly log: Log;
}

type Make<Kind extends ChannelKind> = (name: string, config: ChannelConfigOf<Kind>, parts: ChannelParts) => Channel;

/** One line a kind of channel. */
const MAKERS: { readonly [Kind in ChannelKind]: Make<Kind> } = {
  smtp: createSmtpChannel,
  webhook: (_name, config) => createWebhookChannel(config),
};

/** The channels of site.yaml, by their ids. */
export function createChannels(
  site: Pick<Site, 'id' | 'channels'>,
  parts: Omit<ChannelParts, 'site'>,
): Readonly<Record<string, Channel>> {
  const make = <Kind extends ChannelKind>(name: string, config: ChannelConfigOf<Kind>): Channel =>
    (MAKERS[config.kind as Kind] as Make<Kind>)(name, config, { ...parts, site });
  return Object.fromEntries(
    Object.entries(site.channels).map(([name, config]: [string, ChannelConfig]) => [name, make(name, config)]),
  );
}
