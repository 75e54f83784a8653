import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writePieces } from '#platform/series/exchange/text-file.ts';

async function* piecesOf(...texts: readonly string[]): AsyncGenerator<string> {
  yield* texts;
}

describe('a file that is written piece by piece', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'zhishou-pieces-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('stands there whole, for its owner', async () => {
    const file = join(folder, 'a.csv');
    await writePieces(file, piecesOf('one,', 'two'));
    expect(readFileSync(file, 'utf8')).toBe('one,two');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('a pipe is written to, and stays one: no file takes the place of what is no file', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const read = promisify(execFile)('cat', [pipe], { timeout: 20_000 });
    await writePieces(pipe, piecesOf('one,', 'two'));
    expect((await read).stdout).toBe('one,two');
    expect(statSync(pipe).isFIFO()).toBe(true);
  });
});
