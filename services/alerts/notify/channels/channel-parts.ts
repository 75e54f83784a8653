import type { Site } from '#core/config/site.ts';
import type { Bus, Clock, Log, StateStore } from '#core/ports.ts';
import type { Secret } from '#core/secret.ts';

/** What a channel may need beside its own configuration. */
export interface ChannelParts {
  readonly site: Pick<Site, 'id'>;
  /** The site's clock. */
  readonly clock: Clock;
  readonly bus: Bus;
  readonly log: Log;
  /** Shared by the services; without it nothing that was sealed for this one can be read. */
  readonly key?: Secret;
  /** Real time, for what other machines judge by theirs; default: this machine's. */
  readonly wall?: Clock;
  /** What a channel must know again after a restart; without it that is forgotten. Keys begin with `channel/`. */
  readonly memory?: ChannelMemory;
}

export type ChannelMemory = Pick<StateStore, 'set' | 'delete' | 'entries'>;

/** For channels that do something by themselves. */
export interface KeptChannelParts extends ChannelParts {
  readonly wall: Clock;
}
