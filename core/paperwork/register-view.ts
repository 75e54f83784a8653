import type { Role } from '../command.ts';
import type { FunctionName } from '../config/people.ts';
import type { Text } from '../text.ts';

/** Registers as the page gets them: the form as it was declared, and the entries. Instants are ISO 8601 UTC, dates `2026-11-23`. */

export const FIELD_KINDS = [
  'text',
  'long-text',
  'number',
  'money',
  'date',
  'moment',
  'yes-no',
  'choice',
  'choices',
  'person',
  'people',
  'device',
  'devices',
  'room',
  'phone',
  'file-photos',
  'signature',
  'entry',
] as const;
export type FieldKind = (typeof FIELD_KINDS)[number];

export interface FieldView {
  readonly id: string;
  readonly kind: FieldKind;
  readonly label: Text;
  readonly hint: Text | null;
  readonly required: boolean;
  /** Filled in beforehand: `now`, `today`, `me`, `on-duty`, or a value of the kind. */
  readonly preset: string | null;
  readonly unit: string | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly longest: number | null;
  readonly choices: readonly { readonly id: string; readonly label: Text }[];
  /** Of kind `entry`: the register whose entries it points to. */
  readonly register: string | null;
  /** In the list beside the number; the others are seen in the entry. */
  readonly inList: boolean;
  /** Asked when one adds an entry; else only by a move (a repair's cost comes later). */
  readonly atStart: boolean;
}

export interface StateView {
  readonly id: string;
  readonly label: Text;
  /** Nothing more is expected: the entry leaves the list of the open ones. */
  readonly final: boolean;
  /** Calm, waits for somebody, was refused. */
  readonly tone: 'calm' | 'waiting' | 'refused';
}

/** A step from one state to another: sign out, approve, refuse, done, confirmed at the meeting, re-inspected. */
export interface MoveView {
  readonly id: string;
  readonly label: Text;
  readonly from: readonly string[];
  readonly to: string;
  /** Any of these may; the service judges again. */
  readonly who: MoveWho;
  /** Fields that it asks for, in this order; those marked must be filled in. */
  readonly fields: readonly { readonly id: string; readonly required: boolean }[];
  /** `password`: signs with the own password once more; `drawn`: by finger; null: neither. */
  readonly signature: 'password' | 'drawn' | null;
  /** A reason must be written: refusals. */
  readonly reason: boolean;
}

export interface MoveWho {
  readonly role: Role;
  readonly functions: readonly FunctionName[];
  /** The person whom this field of the entry names: the host confirms a visitor. */
  readonly field: string | null;
  /** Whoever wrote the entry may not: consent is somebody else's. */
  readonly notAuthor: boolean;
}

export interface RegisterView {
  readonly id: string;
  readonly title: Text;
  readonly description: Text | null;
  /** O-REG-6 and so on. */
  readonly obligations: readonly string[];
  readonly fields: readonly FieldView[];
  readonly states: readonly StateView[];
  readonly initial: string;
  readonly moves: readonly MoveView[];
  readonly mayRead: Role;
  readonly mayAdd: Role;
  readonly mayCorrect: Role;
  /** A QR code at the door opens the short form: these fields alone. Null: none. */
  readonly quick: { readonly fields: readonly string[]; readonly place: Text } | null;
  /** Signed when it is added. */
  readonly signature: 'password' | 'drawn' | null;
  /** Entries in no final state now, and those of them past a deadline. */
  readonly open: number;
  readonly overdue: number;
}

export type FieldValue = string | number | boolean | readonly string[] | null;
export type FieldValues = Readonly<Record<string, FieldValue>>;

export interface EntrySummary {
  /** `2026-0017`: the year and the number in it, never given twice. */
  readonly id: string;
  readonly register: string;
  readonly state: string;
  readonly values: FieldValues;
  readonly createdAt: string;
  /** A user of accounts, or `zhishou` for what entered itself. */
  readonly createdBy: string;
  readonly createdByName: string;
  readonly changedAt: string;
  /** The next deadline that runs, and of what. */
  readonly due: { readonly at: string; readonly what: Text; readonly overdue: boolean } | null;
  readonly photos: number;
  readonly corrected: boolean;
  /** What whoever asks may do now: ids of moves. A list can then say what waits for the reader. */
  readonly moves: readonly string[];
}

export interface EntryView extends EntrySummary {
  /** For `If-Match`. */
  readonly version: string;
  /** Everything that ever happened to it, oldest first; corrections never overwrite. */
  readonly history: readonly EntryChange[];
  readonly photosOf: readonly EntryPhoto[];
  readonly mayCorrect: boolean;
  /** An incident, a duty, a device that it belongs to. */
  readonly links: readonly { readonly label: Text; readonly path: string }[];
}

export interface EntryChange {
  readonly at: string;
  readonly by: string;
  readonly byName: string;
  readonly kind: 'added' | 'moved' | 'corrected' | 'photo';
  /** Of `moved`. */
  readonly move: string | null;
  readonly state: string;
  /** Only the fields that are otherwise after it. */
  readonly changed: readonly { readonly field: string; readonly before: FieldValue; readonly after: FieldValue }[];
  readonly reason: string | null;
  readonly signed: 'password' | 'drawn' | null;
  /** What was drawn: as `SignatureGiven.path`. */
  readonly drawing?: string | null;
  /** Of the chain of the register: each change holds the one before it. */
  readonly hash: string;
}

export interface EntryPhoto {
  readonly id: string;
  readonly at: string;
  readonly by: string;
  readonly width: number;
  readonly height: number;
}

export interface RegistersResponse {
  readonly registers: readonly RegisterView[];
}
export interface EntriesResponse {
  readonly entries: readonly EntrySummary[];
  readonly next: string | null;
}

/**
 * A signature as it is sent: the signer's own password once more, or what a finger drew: an SVG path of `M` and `L` with whole numbers in a
 * box of 1000 by 400 (`M100 200L140 180M300 90L310 95`), at most 20,000 characters. Where one may be drawn, a password does as well: it is
 * the way for those who use a keyboard. A field of kind `signature` holds such a path.
 */
export type SignatureGiven =
  | { readonly kind: 'password'; readonly password: string }
  | { readonly kind: 'drawn'; readonly path: string };

/** Body of `POST /registers/:register/entries`; answers 201 with an EntryView. Refused fields come as `issues` with the path `values.<field>`; sent again with the same `Idempotency-Key` it is the same entry. */
export interface NewEntry {
  readonly values: FieldValues;
  readonly signature?: SignatureGiven;
}
/** Body of `PATCH …/:entry` (with `If-Match`): only the fields that are otherwise; answers an EntryView. */
export interface EntryCorrection {
  readonly values: FieldValues;
  readonly reason: string;
}
/** Body of `POST …/:entry/moves` (with `If-Match`); answers an EntryView, as `POST …/photos` does (201). */
export interface EntryMoveGiven {
  readonly move: string;
  readonly values: FieldValues;
  readonly reason?: string;
  readonly signature?: SignatureGiven;
}
/** What `?state=` of the list takes besides a state: all that are in no final state. */
export const OPEN_ENTRIES = 'open';
