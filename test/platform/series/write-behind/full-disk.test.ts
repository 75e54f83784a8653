import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeOnSmallDisk, onSmallDisk } from '../../../support/real.ts';

describeOnSmallDisk('a file system of 4 MB that is full to the last block', () => {
  const folder = mkdtempSync(join(tmpdir(), 'zhishou-full-'));
  let seen: Record<'alone' | 'others' | 'history', Record<string, unknown>>;
  beforeAll(async () => {
    const [command, ...words] = onSmallDisk(folder, '4m');
    const script = join(import.meta.dirname, 'full-disk.ts');
    const { stdout } = await promisify(execFile)(command, [...words, process.execPath, script, folder]);
    seen = JSON.parse(stdout);
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('the store says so, has all that it acknowledged while it is full and after it was opened again with room', () => {
    const { acknowledged, ...rest } = seen.alone;
    expect(acknowledged).toBeGreaterThan(5000);
    expect(rest).toEqual({
      refusal: expect.stringContaining('full'),
      told: expect.stringContaining('full'),
      whileFull: acknowledged,
      reopened: expect.toSatisfy((one) => one === acknowledged || String(one).includes('full')),
      after: (acknowledged as number) + 1000,
      sound: true,
    });
  });

  it('filled by others while readings come: it is told, questions are answered, and not one reading is lost or thinned', () => {
    expect(seen.others).toEqual({
      told: true,
      spool: expect.stringMatching(/ENOSPC|has not answered/),
      answers: 1000,
      kept: 20_000,
      states: ['ok', 'ok'],
      lost: 0,
      thinned: 0,
      sound: true,
    });
  });

  it('filled by history itself: what is not in the store in the end was counted as thinned or lost', () => {
    const { added, kept, thinned, lost, ...rest } = seen.history as Record<string, number>;
    expect(rest).toEqual({ full: true, sound: true });
    expect(kept! + thinned! + lost!).toBe(added);
    expect(kept).toBeGreaterThan(added! / 2);
  });
});
