import { ZhishouError } from '#core/errors.ts';
import type { Journal, JournalRecord } from '#core/ports.ts';
import { type Instant, instant } from '#core/time.ts';
import { canonicalJson } from './canonical-json.ts';
import { copyJson } from './copy-json.ts';
import { hashRecord } from './record-hash.ts';

/**
 * The journal without a file, for simulation: the same records, the same hashes. A record's body is copied when it is
 * appended, so that nothing that happens later reaches into it: what a restarted service reads is what would have been on
 * the disk. Canonical text and hash chain are made only when somebody asks for them.
 */
export function createMemoryJournal(): Journal {
  const records: MemoryRecord[] = [];
  let hashed = 0;
  let closed = false;

  const hashUpTo = (seq: number): void => {
    for (; hashed < seq; hashed++) {
      const record = records[hashed];
      if (record === undefined) return;
      const { at, stream, kind, body } = record;
      const before = records[hashed - 1]?.known ?? '';
      record.known = hashRecord(before, { seq: record.seq, at, stream, kind, body: canonicalJson(body) });
    }
  };
  const asked = (record: MemoryRecord): string => {
    hashUpTo(record.seq);
    return record.known ?? '';
  };
  return {
    append(added) {
      if (closed) throw new ZhishouError('STORE_DOWN', 'journal in memory', 'it is closed');
      const appended = added.map(
        ({ at, stream, kind, body }, place) =>
          new MemoryRecord(records.length + place + 1, instant(Math.round(at)), stream, kind, copyJson(body), asked),
      );
      records.push(...appended);
      return appended;
    },
    *read({ stream, after = 0 } = {}) {
      for (let place = after; place < records.length; place++) {
        const record = records[place];
        if (record === undefined || (stream !== undefined && record.stream !== stream)) continue;
        yield new MemoryRecord(record.seq, record.at, record.stream, record.kind, copyJson(record.body), () =>
          asked(record),
        );
      }
    },
    streams() {
      const streams = new Map<string, { first: MemoryRecord; last: MemoryRecord }>();
      for (const record of records) {
        streams.set(record.stream, { first: streams.get(record.stream)?.first ?? record, last: record });
      }
      return [...streams].map(([stream, { first, last }]) => ({
        stream,
        first: first.seq,
        last: last.seq,
        firstAt: first.at,
        lastAt: last.at,
      }));
    },
    verify() {
      hashUpTo(records.length);
      let before = '';
      for (const { seq, at, stream, kind, body, known } of records) {
        if (hashRecord(before, { seq, at, stream, kind, body: canonicalJson(body) }) !== known) {
          return { seq, reason: 'the record does not fit its hash or the one before' };
        }
        before = known;
      }
      return null;
    },
    close() {
      closed = true;
    },
  };
}

class MemoryRecord implements JournalRecord {
  readonly seq: number;
  readonly at: Instant;
  readonly stream: string;
  readonly kind: string;
  readonly body: unknown;
  /** Its hash, once it was made. */
  known: string | null = null;
  readonly #asked: (record: MemoryRecord) => string;

  constructor(
    seq: number,
    at: Instant,
    stream: string,
    kind: string,
    body: unknown,
    asked: (record: MemoryRecord) => string,
  ) {
    this.seq = seq;
    this.at = at;
    this.stream = stream;
    this.kind = kind;
    this.body = body;
    this.#asked = asked;
  }

  get hash(): string {
    return this.#asked(this);
  }
}
