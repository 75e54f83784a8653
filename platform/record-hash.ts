import { createHash } from 'node:crypto';

/** A record of the journal as it is kept: its body as canonical JSON. */
export interface HashedRecord {
  readonly seq: number;
  readonly at: number;
  readonly stream: string;
  readonly kind: string;
  readonly body: string;
}

/** Covers the hash before it. Written as a JSON list, so that no two different records give the same text. */
export function hashRecord(before: string, { seq, at, stream, kind, body }: HashedRecord): string {
  return createHash('sha256')
    .update(JSON.stringify([before, seq, at, stream, kind, body]))
    .digest('hex');
}
