import type { Text } from '../text.ts';

/**
 * What the registers say that emergency and rules go by, kept on the bus as the topic `paperwork`: who is in which room now (O-REG-1,
 * O-REG-2, O-THF-1) and which changes the director has consented to (O-CHG-1). Small: only what holds now or soon.
 */
export interface PaperworkFacts {
  readonly at: string;
  readonly inRooms: readonly {
    readonly room: string;
    /** A person's id, or null for somebody from outside. */
    readonly person: string | null;
    readonly name: Text;
    /** ISO 8601. */
    readonly since: string;
    /** `core-room/2026-0017`. */
    readonly entry: string;
    /** Signed in so long ago that they may have forgotten to sign out; true stays until they do. */
    readonly doubtful?: boolean;
  }[];
  readonly changes: readonly ApprovedChange[];
}

export interface ApprovedChange {
  /** `changes/2026-0003`. */
  readonly entry: string;
  /** Empty: any device. */
  readonly devices: readonly string[];
  /** Point names or prefixes with `*`: `outlet.*`; empty: any. */
  readonly points: readonly string[];
  /** ISO 8601: from when to when it may be carried out. */
  readonly from: string;
  readonly to: string;
  readonly by: string;
  readonly approvedBy: string;
}
