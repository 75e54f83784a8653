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
  readonly about: {
    readonly incident?: string;
    readonly alert?: string;
    readonly step?: string;
    /** A test of contacts: who gets it confirms it like anything else. */
    readonly test?: string;
  };
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
  /** Only over these, for whoever has a route over one of them: a call instead of a mail. */
  readonly channels?: readonly string[];
  /** Over each of the ways at once, whatever the severity: a test of them. */
  readonly eachWay?: boolean;
}

/**
 * `sent`: the channel's other side has taken it. `arrived`: the channel has said so. `merged`: a newer message of the same
 * conversation carries it. `spared`: the person has it over another way. `dead`: given up. `dismissed`: given up, and a person
 * has seen that.
 */
export const DELIVERY_STATES = [
  'queued',
  'retrying',
  'sent',
  'arrived',
  'merged',
  'spared',
  'dead',
  'dismissed',
] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** It went out, as far as anybody here can know. */
export const wentOut = (state: DeliveryState): boolean => state === 'sent' || state === 'arrived';

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
  /** The test of contacts it belongs to. */
  readonly test?: string | undefined;
  readonly arrivedAt?: string | undefined;
  /** While it waits: the next try. */
  readonly nextTryAt?: string | undefined;
  /** `merged`: the delivery that carries it. */
  readonly mergedInto?: string | undefined;
  /** How many older messages it carries. */
  readonly earlier?: number | undefined;
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
