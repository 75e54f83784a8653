import type { ChannelConfig, ChannelConfigOf, ChannelKind } from '#core/config/channels.ts';
import type { Site } from '#core/config/site.ts';
import type { Channel } from '#core/ports.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { createAlertmanagerChannel } from './alertmanager-channel.ts';
import type { ChannelParts, KeptChannelParts } from './channel-parts.ts';
import { createDingtalkChannel } from './dingtalk-channel.ts';
import { createFeishuChannel } from './feishu-channel.ts';
import { createGammuChannel } from './gammu/gammu-channel.ts';
import { createMqttSignalChannel } from './mqtt-signal-channel.ts';
import { createNtfyChannel } from './ntfy-channel.ts';
import { createSipCallChannel } from './sip/sip-call-channel.ts';
import { createSmsHttpChannel } from './sms-http-channel.ts';
import { createSmtpChannel } from './smtp-channel.ts';
import { createWebPushChannel } from './web-push-channel.ts';
import { createWebhookChannel } from './webhook-channel.ts';
import { createWecomChannel } from './wecom-channel.ts';

type Make<Kind extends ChannelKind> = (name: string, config: ChannelConfigOf<Kind>, parts: KeptChannelParts) => Channel;

/** One line a kind of channel. */
const MAKERS: { readonly [Kind in ChannelKind]: Make<Kind> } = {
  smtp: (name, config, { site }) => createSmtpChannel(name, config, site.id),
  webhook: (name, config, { site, wall }) => createWebhookChannel(name, config, site.id, wall),
  wecom: createWecomChannel,
  dingtalk: (name, config, { wall }) => createDingtalkChannel(name, config, wall),
  feishu: (name, config, { wall }) => createFeishuChannel(name, config, wall),
  ntfy: createNtfyChannel,
  alertmanager: createAlertmanagerChannel,
  'mqtt-signal': createMqttSignalChannel,
  'sms-http': (name, config, { site }) => createSmsHttpChannel(name, config, site.id),
  gammu: (name, config, { wall, log }) => createGammuChannel(name, config, { clock: wall, log }),
  'web-push': createWebPushChannel,
  'sip-call': (name, config, { wall, log }) => createSipCallChannel(name, config, { clock: wall, log }),
};

/** The channels of site.yaml, by their ids. */
export function createChannels(
  site: Pick<Site, 'id' | 'channels'>,
  parts: Omit<ChannelParts, 'site'>,
): Readonly<Record<string, Channel>> {
  const wall = parts.wall ?? createSystemClock();
  const make = <Kind extends ChannelKind>(name: string, config: ChannelConfigOf<Kind>): Channel =>
    (MAKERS[config.kind as Kind] as Make<Kind>)(name, config, { ...parts, site, wall });
  return Object.fromEntries(
    Object.entries(site.channels).map(([name, config]: [string, ChannelConfig]) => [name, make(name, config)]),
  );
}
