import type { ChannelConfig, ChannelKind } from '#core/config/channels.ts';

/** These show a state and tell no person: what is sent over them has not reached anybody, and is sent beside the ways that do. */
const KINDS: ReadonlySet<ChannelKind> = new Set<ChannelKind>(['mqtt-signal', 'alertmanager']);

export const showsState = (config: ChannelConfig | undefined): boolean =>
  config !== undefined && KINDS.has(config.kind);
