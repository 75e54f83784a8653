import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { loadConfig } from '#platform/config/load-config.ts';
import { makeSite, removeSites } from './fixture.ts';

afterEach(removeSites);

type Mutation =
  | { kind: 'cut'; at: number }
  | { kind: 'delete' | 'duplicate' | 'garble' | 'zero'; at: number; length: number; bytes: Uint8Array };

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant('cut' as const), at: fc.double({ min: 0, max: 1, noNaN: true }) }),
  fc.record({
    kind: fc.constantFrom('delete' as const, 'duplicate' as const, 'garble' as const, 'zero' as const),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.integer({ min: 1, max: 60 }),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
  }),
);

/** What a bad disk, a bad copy or a tired person makes of a file. */
function mutate(bytes: Buffer, change: Mutation): Buffer {
  const at = Math.floor(change.at * bytes.length);
  if (change.kind === 'cut') return bytes.subarray(0, at);
  const piece = bytes.subarray(at, at + change.length);
  const after = bytes.subarray(at + piece.length);
  const middle = {
    delete: Buffer.alloc(0),
    duplicate: Buffer.concat([piece, piece]),
    garble: Buffer.from(change.bytes),
    zero: Buffer.alloc(piece.length),
  }[change.kind];
  return Buffer.concat([bytes.subarray(0, at), middle, after]);
}

it('whatever happens to the files, there is a configuration or a problem with its place, and never a crash', () => {
  const copy = makeSite();
  const files = readdirSync(copy.directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml'))
    .sort();
  const originals = new Map(files.map((name) => [name, readFileSync(join(copy.directory, name))]));
  fc.assert(
    fc.property(fc.constantFrom(...files), fc.array(mutation, { minLength: 1, maxLength: 3 }), (file, mutations) => {
      const original = originals.get(file) ?? Buffer.alloc(0);
      copy.write(file, mutations.reduce(mutate, original));
      try {
        const { config, problems } = loadConfig(copy.directory);
        expect(config === null).toBe(problems.length > 0);
        for (const problem of problems) {
          expect(problem.line).toBeGreaterThanOrEqual(1);
          expect(problem.column).toBeGreaterThanOrEqual(1);
          expect(problem.message).not.toBe('');
          expect(problem.mend).not.toBe('');
        }
      } finally {
        copy.write(file, original);
      }
    }),
    { numRuns: 200 },
  );
  expect(copy.problems()).toEqual([]);
});
