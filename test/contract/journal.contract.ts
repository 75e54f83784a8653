import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Journal } from '#core/ports.ts';
import { instant } from '#core/time.ts';

const at = (ms: number) => instant(Date.UTC(2026, 0, 5) + ms);

/** What every Journal keeps. */
export function journalContract(name: string, make: () => Journal): void {
  describe(`journal contract: ${name}`, () => {
    let journal: Journal;
    beforeEach(() => {
      journal = make();
    });
    afterEach(() => journal.close());

    it('numbers records from 1 without gaps, in the order they were appended, over all streams', () => {
      const first = journal.append([{ at: at(0), stream: 'site', kind: 'armed', body: { by: 'a' } }]);
      const more = journal.append([
        { at: at(1), stream: 'incident-1', kind: 'opened', body: null },
        { at: at(1), stream: 'site', kind: 'disarmed', body: [1, 'two'] },
      ]);
      expect([...first, ...more].map((record) => record.seq)).toEqual([1, 2, 3]);
      expect([...journal.read()]).toEqual([...first, ...more]);
    });

    it('reads one stream, or what came after a number', () => {
      for (let i = 0; i < 1200; i++) {
        journal.append([{ at: at(i), stream: i % 3 === 0 ? 'a' : 'b', kind: 'event', body: { i } }]);
      }
      expect([...journal.read({ stream: 'a' })]).toHaveLength(400);
      expect([...journal.read({ after: 1190 })].map((record) => record.seq)).toEqual([
        1191, 1192, 1193, 1194, 1195, 1196, 1197, 1198, 1199, 1200,
      ]);
      expect([...journal.read({ stream: 'b', after: 1197 })].map((record) => record.seq)).toEqual([1198 + 1, 1200]);
      expect([...journal.read({ stream: 'none' })]).toEqual([]);
    });

    it('lists its streams with their first and last records', () => {
      journal.append([
        { at: at(1), stream: 'a', kind: 'event', body: 1 },
        { at: at(2), stream: 'b', kind: 'event', body: 1 },
        { at: at(3), stream: 'a', kind: 'event', body: 1 },
      ]);
      expect(journal.streams()).toEqual([
        { stream: 'a', first: 1, last: 3, firstAt: at(1), lastAt: at(3) },
        { stream: 'b', first: 2, last: 2, firstAt: at(2), lastAt: at(2) },
      ]);
    });

    it('keeps all of an append or none', () => {
      journal.append([{ at: at(0), stream: 'a', kind: 'event', body: 0 }]);
      const circular: Record<string, unknown> = {};
      circular.self = circular;
      expect(() =>
        journal.append([
          { at: at(1), stream: 'a', kind: 'event', body: 1 },
          { at: at(1), stream: 'a', kind: 'event', body: circular },
        ]),
      ).toThrow();
      expect([...journal.read()].map((record) => record.body)).toEqual([0]);
      journal.append([{ at: at(2), stream: 'a', kind: 'event', body: 2 }]);
      expect([...journal.read()].map((record) => record.seq)).toEqual([1, 2]);
      expect(journal.verify()).toBeNull();
    });

    it('gives back any JSON body as it was, with hashes that depend on content and not on the order of names (I8)', () => {
      fc.assert(
        fc.property(fc.jsonValue(), (body) => {
          const [one] = journal.append([{ at: at(0), stream: 'a', kind: 'event', body }]);
          const [read] = [...journal.read({ after: (one?.seq ?? 0) - 1 })];
          expect(read).toEqual(one);
          expect(read?.body).toEqual(JSON.parse(JSON.stringify(body)));
        }),
        { numRuns: 50 },
      );
      expect(journal.verify()).toBeNull();
      const other = make();
      const third = make();
      const [x] = other.append([{ at: at(0), stream: 'a', kind: 'event', body: { p: 1, q: { r: 2, s: 3 } } }]);
      const [y] = third.append([{ at: at(0), stream: 'a', kind: 'event', body: { q: { s: 3, r: 2 }, p: 1 } }]);
      expect(x?.hash).toBe(y?.hash);
      other.close();
      third.close();
    });

    it('lets a reader append while it reads', () => {
      for (let i = 0; i < 3; i++) journal.append([{ at: at(i), stream: 'a', kind: 'event', body: i }]);
      let seen = 0;
      for (const record of journal.read()) {
        seen++;
        if (record.seq <= 3) journal.append([{ at: at(9), stream: 'b', kind: 'seen', body: record.seq }]);
      }
      expect(seen).toBeGreaterThanOrEqual(3);
      expect(journal.verify()).toBeNull();
    });

    it('does nothing for an empty append, and verifies when it is empty', () => {
      expect(journal.append([])).toEqual([]);
      expect(journal.verify()).toBeNull();
      expect(journal.streams()).toEqual([]);
    });
  });
}
