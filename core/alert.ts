import type { Severity } from './config/rule.ts';
import type { Value } from './reading.ts';
import type { Text } from './text.ts';

/** pending → firing → (acknowledged) → cleared. An alert never clears because its data stops (L29): it waits in its state. */
export type AlertState = 'pending' | 'firing' | 'acknowledged' | 'cleared';

/** `by` is a person's id; `via` is how: `page`, `link`, or the channel it came back over. */
export interface Acknowledged {
  readonly by: string;
  readonly at: string;
  readonly via?: string | undefined;
}

/** Where the ringing stands: who has been told and who is next, by their names, and when. */
export interface EscalationView {
  readonly told: readonly Text[];
  readonly next: readonly Text[];
  readonly at: string;
}

/** An alert as people see it; instants are ISO 8601 in UTC. Published retained until it is cleared and told. */
export interface AlertView {
  readonly id: string;
  readonly rule: string;
  readonly device: string;
  readonly title: Text;
  readonly severity: Severity;
  readonly safety: boolean;
  readonly state: AlertState;
  /** The value that made it so, or last seen. */
  readonly value: Value | null;
  readonly point: string;
  readonly consequence: Text;
  readonly response: Text;
  readonly respondWithinS: number;
  readonly since: string;
  readonly firedAt: string | null;
  readonly acknowledged: Acknowledged | null;
  /** It was acknowledged and then left alone, so it fires again: who had it last, and how often that happened. */
  readonly reopened?: (Acknowledged & { readonly times: number }) | undefined;
  /** While it rings. */
  readonly escalation?: EscalationView | undefined;
  readonly clearedAt: string | null;
  /** The alert, or the incident, that explains it and holds it back: its id. */
  readonly inhibitedBy: string | null;
  readonly silenced: { readonly by: string; readonly until: string; readonly reason: string } | null;
  /** The incident that it belongs to, or belonged to last. */
  readonly incident?: string;
  /** Its equipment is out of service: shown and recorded, told to nobody until then. */
  readonly maintenance?: {
    readonly id: string;
    readonly by: string;
    readonly until: string;
    readonly reason: string;
  } | null;
  /** The data behind it is missing or doubtful now. */
  readonly doubtful: boolean;
  /** It comes and goes: told once with how often, and firing until it has been calm for a while (L30). */
  readonly chattering?: { readonly times: number };
  readonly simulated: boolean;
}
