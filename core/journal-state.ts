/** Is the record whole? The chain of hashes from the first line to the last, checked beside the decision path. Instants are ISO 8601 UTC. */
export interface JournalState {
  /** When the check ended. */
  readonly at: string;
  readonly records: number;
  /** The first line that does not fit the one before; null: whole. */
  readonly broken: { readonly seq: number; readonly reason: string } | null;
}
export interface JournalResponse {
  /** Null: not checked yet. */
  readonly journal: JournalState | null;
}
