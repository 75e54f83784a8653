import type { FunctionName } from '../config/people.ts';
import type { Text } from '../text.ts';

/** An entry as duties, reports and meetings take it: in words, with what falls due. Instants are ISO 8601 UTC. */
export interface RegisterItem {
  /** `repairs/2026-0017`. */
  readonly key: string;
  readonly register: string;
  readonly registerTitle: Text;
  readonly obligations: readonly string[];
  readonly id: string;
  /** `UPS 一号: 电池鼓包`. */
  readonly title: Text;
  readonly state: string;
  readonly stateLabel: Text;
  /** Something is still expected. */
  readonly open: boolean;
  /** Waits for somebody. */
  readonly waiting: boolean;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly createdByName: string;
  readonly changedAt: string;
  /** The earliest first. */
  readonly dues: readonly RegisterDue[];
  /** Ids of devices that it names. */
  readonly devices: readonly string[];
  /** `/registers/repairs/entries/2026-0017`. */
  readonly path: string;
}

export interface RegisterDue {
  readonly deadline: string;
  readonly at: string;
  /** From when on people are told. */
  readonly remindAt: string;
  readonly text: Text;
  readonly overdue: boolean;
  /** It becomes a duty, which reminds by itself. */
  readonly duty: boolean;
  /** What it counts from: the same deadline of the next round has another. */
  readonly round: string;
  readonly tell: readonly FunctionName[];
}
