import type { FunctionName } from './config/people.ts';
import type { Severity } from './config/rule.ts';
import type { Text } from './text.ts';
import type { Instant } from './time.ts';

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
}

/** What a channel gets to send; it throws a ZhishouError when it could not (retryable or not by its code). */
export interface OutgoingMessage {
  readonly id: string;
  readonly to: string;
  readonly person: string;
  readonly subject: string;
  readonly body: string;
  readonly severity: Severity;
  readonly incident: string | null;
  readonly alert: string | null;
  readonly drill: boolean;
  readonly simulated: boolean;
  readonly at: Instant;
}
