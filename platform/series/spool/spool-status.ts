/** What the spool has to tell; counts since the start. */
export interface SpoolStatus {
  /** `failing`: the disk takes nothing now; readings wait in memory. */
  readonly state: 'ok' | 'failing';
  readonly error: string | null;
  readonly bytes: number;
  readonly limitBytes: number;
  /** Readings in memory, not yet in a file. */
  readonly waiting: number;
  readonly written: number;
  /** Fine readings given up so that the rest has room; the coarse ones stay. */
  readonly thinned: number;
  /** Readings that no store will ever get. */
  readonly lost: number;
  /** What the last hour cost: `lost` readings, or fine ones `thinned` away. */
  readonly givenUp: 'lost' | 'thinned' | null;
  /** Bytes in which no whole frame was found. */
  readonly spoiltBytes: number;
}
