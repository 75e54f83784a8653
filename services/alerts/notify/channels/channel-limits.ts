import type { ChannelConfig, ChannelKind } from '#core/config/channels.ts';

/** How much the other side takes. More than that is refused, with DingTalk for ten minutes. */
export interface ChannelLimit {
  readonly perMinute?: number;
  readonly perSecond?: number;
}

/**
 * By kind, where the other side has a limit of its own; `rate` in site.yaml overrides it.
 * - WeCom 群机器人配置说明 (developer.work.weixin.qq.com/document/path/91770): 20 messages a minute and robot.
 * - DingTalk 自定义机器人接入 (open.dingtalk.com/document/orgapp/custom-robot-access): 20 a minute; what is more is refused for 10 minutes.
 * - Feishu 自定义机器人使用指南 (open.feishu.cn/document/client-docs/bot-v3/add-custom-bot): 100 a minute, 5 a second.
 * - ntfy (docs.ntfy.sh/publish, Limitations): a bucket of 60 requests, one more each 5 seconds; a storm of 60 a minute passes, what lasts longer is told by 429.
 */
export const CHANNEL_LIMITS: Readonly<Partial<Record<ChannelKind, ChannelLimit>>> = {
  wecom: { perMinute: 20 },
  dingtalk: { perMinute: 20 },
  feishu: { perMinute: 100, perSecond: 5 },
  ntfy: { perMinute: 60 },
};

/** What holds for this channel: its own `rate`, else what its kind is known for. */
export function limitOf(config: ChannelConfig): ChannelLimit | null {
  const known = CHANNEL_LIMITS[config.kind];
  const rate = 'rate' in config ? config.rate : undefined;
  if (rate === undefined) return known ?? null;
  const perMinute = rate.per_minute ?? known?.perMinute;
  const perSecond = rate.per_second ?? known?.perSecond;
  return { ...(perMinute === undefined ? {} : { perMinute }), ...(perSecond === undefined ? {} : { perSecond }) };
}
