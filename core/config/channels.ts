import { z } from 'zod';
import {
  alertmanager,
  dingtalk,
  feishu,
  mqttSignal,
  ntfy,
  smsHttp,
  smtp,
  webhook,
  webPush,
  wecom,
} from './channels-http.ts';
import { gammu, sipCall } from './channels-phone.ts';

/** The ways out to people, `channels` of site.yaml: one schema a kind. */

export const channelSchema = z.discriminatedUnion('kind', [
  smtp,
  webhook,
  wecom,
  dingtalk,
  feishu,
  ntfy,
  alertmanager,
  mqttSignal,
  smsHttp,
  gammu,
  sipCall,
  webPush,
]);
export type ChannelConfig = z.infer<typeof channelSchema>;
export type ChannelKind = ChannelConfig['kind'];
/** The configuration of one kind of channel. */
export type ChannelConfigOf<Kind extends ChannelKind> = Extract<ChannelConfig, { kind: Kind }>;
