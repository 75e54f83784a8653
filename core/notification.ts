import type { FunctionName } from './config/people.ts';
import type { Severity } from './config/rule.ts';
import type { Language, Text } from './text.ts';
import type { Instant } from './time.ts';

/** Where in the life of its matter a message stands: a lamp goes on with `raised` and off with `recovered`. */
export const MESSAGE_PHASES = ['raised', 'reminder', 'recovered', 'information'] as const;
export type MessagePhase = (typeof MESSAGE_PHASES)[number];

/** What rules and plans ask of notify: tell these people this, once per key. */
export interface NotificationRequest {
  /** Idempotency key: the same key is told once, whatever is repeated after a crash. */
  readonly key: string;
  readonly about: { readonly incident?: string; readonly alert?: string; readonly step?: string };
  readonly functions: readonly FunctionName[];
  readonly people: readonly string[];
  /** People whom another message of the same moment tells: left out while somebody else is reached. */
  readonly butNot?: readonly string[];
  readonly severity: Severity;
  /** One line: what, where, how long. Marked with 【模拟】/[SIMULATED] or 【演练】/[DRILL] by notify. */
  readonly subject: Text;
  readonly body: Text;
  readonly drill: boolean;
  readonly simulated: boolean;
  /** Default `information`. */
  readonly phase?: MessagePhase | undefined;
  /** Messages with the same are one conversation: one thread in a mailbox, one notice that is renewed. Default: the incident, else the alert, else the key. */
  readonly conversation?: string | undefined;
  /** Channels not to use: that a channel fails is told over the others (L34). */
  readonly avoidChannels?: readonly string[];
}

export type DeliveryState = 'queued' | 'sent' | 'retrying' | 'dead';

/** One message to one person over one channel, as the outbox keeps it and the page shows it. */
export interface DeliveryView {
  readonly id: string;
  readonly key: string;
  readonly person: string;
  readonly personName: Text;
  readonly channel: string;
  readonly to: string;
  readonly subject: string;
  readonly body: string;
  readonly severity: Severity;
  readonly incident: string | null;
  readonly alert: string | null;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly error: string | null;
  readonly queuedAt: string;
  readonly sentAt: string | null;
  readonly drill: boolean;
  readonly simulated: boolean;
  readonly phase?: MessagePhase | undefined;
  readonly conversation?: string | undefined;
}

/** What a channel gets to send; it throws a ZhishouError when it could not (retryable or not by its code). */
export interface OutgoingMessage {
  readonly id: string;
  readonly to: string;
  readonly person: string;
  readonly language: Language;
  readonly subject: string;
  readonly body: string;
  readonly severity: Severity;
  readonly phase: MessagePhase;
  readonly conversation: string;
  readonly incident: string | null;
  readonly alert: string | null;
  /** How this person may act on it from where they are; null: there is nothing to do. */
  readonly act: WaysToAct | null;
  readonly drill: boolean;
  readonly simulated: boolean;
  readonly at: Instant;
}

export interface WaysToAct {
  /** A signed link that acknowledges, once, without sign-in; null: the page has no address outside. */
  readonly link: string | null;
  /** Sent back as a reply it acknowledges: `K7`. */
  readonly code: string;
}
