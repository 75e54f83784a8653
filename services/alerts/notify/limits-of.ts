import type { ChannelConfig } from '#core/config/channels.ts';
import { minutes, seconds } from '#core/time.ts';
import { limitOf } from './channels/channel-limits.ts';
import type { RateLimit } from './rate-window.ts';

/** A channel's limits as windows of time; none known: none. */
export function limitsOf(config: ChannelConfig | undefined): readonly RateLimit[] {
  const limit = config === undefined ? null : limitOf(config);
  if (limit === null) return [];
  const { perMinute, perSecond } = limit;
  return [
    ...(perMinute === undefined ? [] : [{ messages: perMinute, per: minutes(1) }]),
    ...(perSecond === undefined ? [] : [{ messages: perSecond, per: seconds(1) }]),
  ];
}
