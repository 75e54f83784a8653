import type { ChannelStates } from '#core/channel-state.ts';
import type { Config } from '#core/config/config.ts';
import type { DeliveryView, NotificationRequest, WaysToAct } from '#core/notification.ts';
import type { Channel, Clock, Log, Metrics } from '#core/ports.ts';
import type { Random } from '#core/random.ts';
import type { Instant } from '#core/time.ts';
import type { Rota } from '../seams.ts';
import type { UnitOfWork } from '../unit-of-work.ts';
import type { ChannelReceipt } from './channel-news.ts';
import type { RateLimit } from './rate-window.ts';

/**
 * The durable outbox: what must reach people is written down before anything else happens with it, and is sent in the same
 * turn. At least once: a crash between sending and recording repeats the message with the same delivery id; after "sent" is
 * recorded it never goes again, unless the channel itself says that it did not arrive.
 */
export interface Outbox {
  /** Takes up what an earlier run left open. */
  start(): void;
  /** Takes a request over; durable when it returns (or when the open unit of work ends). Returns the people it goes to. */
  tell(request: NotificationRequest): readonly string[];
  onReceipt(receipt: ChannelReceipt, channel: string): void;
  /** A person wants it sent again, or over another of the recipient's ways. Durable when it returns. */
  retry(id: string, over: string | null, by: string): OutboxRefusal | null;
  /** A person has seen that it was given up, or that it need not go. */
  dismiss(id: string, by: string): OutboxRefusal | null;
  channels(): ChannelStates;
  /** Calls when a write of the outbox is durable and what was due has been handed over: the proof that it runs. */
  probe(done: () => void): void;
  /** Gives what is on its way a moment to end. */
  stop(): Promise<void>;
}

/** `NO_WAY`: the recipient is not reached over that channel. `OVER`: it has gone out or is told within another. */
export type OutboxRefusal = 'NOT_FOUND' | 'NO_WAY' | 'OVER';

export interface OutboxDependencies {
  readonly config: Config;
  readonly clock: Clock;
  readonly steady: () => Instant;
  readonly work: UnitOfWork;
  readonly channels: Readonly<Record<string, Channel>>;
  /** How many messages a channel takes; absent: as many as there are. */
  readonly limitsOf?: (channel: string) => readonly RateLimit[];
  readonly rota: Rota;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly publish: (view: DeliveryView) => void;
  /** How the person may act on it; absent: not at all. */
  readonly waysToAct?: (delivery: DeliveryView) => WaysToAct | null;
  /** What became of one attempt, for the watch over the people's ways. */
  readonly onAttempt: (delivery: DeliveryView) => void;
  /** A channel fails, or works (told at each success). */
  readonly onChannel?: (channel: string, failing: boolean, error: string | null) => void;
  /** A channel has begun or ceased to fail: what `channels` gives is otherwise now. */
  readonly onChannels?: () => void;
}
