import type { LiveEventName, LiveEvents } from '#core/api.ts';

/** Tells the open pages of what is new; readings go a way of their own. */
export type Changed = <Name extends Exclude<LiveEventName, 'snapshot' | 'readings'>>(
  name: Name,
  data: LiveEvents[Name],
) => void;
