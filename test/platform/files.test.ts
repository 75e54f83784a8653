import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { keepFile, readText, writeAtomically } from '#platform/files.ts';
import { ensureKeyFile, randomPassword, sameSecret } from '#platform/secrets.ts';

const folder = mkdtempSync(join(tmpdir(), 'zhishou-files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('files', () => {
  it('are written whole, in folders that are made, and leave no draft behind', () => {
    const file = join(folder, 'a', 'b.json');
    writeAtomically(file, 'first');
    writeAtomically(file, Buffer.from('second 值'));
    expect(readText(file)).toBe('second 值');
    expect(readdirSync(join(folder, 'a'))).toEqual(['b.json']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('that are not there are null, those too large or not readable are errors by code', () => {
    expect(readText(join(folder, 'nowhere'))).toBeNull();
    writeFileSync(join(folder, 'large'), 'x'.repeat(100));
    expect(() => readText(join(folder, 'large'), 99)).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }));
    expect(() => readText(folder)).toThrow(expect.objectContaining({ code: 'STORE_DOWN' }));
    expect(() => writeAtomically(join(folder, 'large', 'x'), 'y')).toThrow(
      expect.objectContaining({ code: 'STORE_DOWN' }),
    );
    expect(readText(join(folder, 'large'))).toHaveLength(100);
  });
});

describe('a kept file', () => {
  it('is made once, whole and for its owner only; later calls get its text and make nothing', () => {
    const file = join(folder, 'kept', 'secret');
    let made = 0;
    const make = () => `made ${++made}`;
    expect([keepFile(file, make), keepFile(file, make), made]).toEqual(['made 1', 'made 1', 1]);
    expect(readdirSync(join(folder, 'kept'))).toEqual(['secret']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    chmodSync(file, 0o644);
    keepFile(file, make);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('of two processes that start at once is the first one’s, for both', () => {
    const file = join(folder, 'raced');
    const mine = keepFile(file, () => {
      writeFileSync(file, 'the other was quicker');
      return 'mine';
    });
    expect(mine).toBe('the other was quicker');
    expect(readdirSync(folder).filter((name) => name.startsWith('raced'))).toEqual(['raced']);
  });

  it('that cannot be written is an error by code and leaves no draft', () => {
    const plain = join(folder, 'plain');
    writeFileSync(plain, 'a file, no folder');
    expect(() => keepFile(join(plain, 'x'), () => 'y')).toThrow(expect.objectContaining({ code: 'STORE_DOWN' }));
    expect(readText(plain)).toBe('a file, no folder');
  });
});

describe('the key file', () => {
  it('is made once, for its owner only, and read again', () => {
    const file = join(folder, 'keys', 'signature');
    const key = ensureKeyFile(file);
    expect(ensureKeyFile(file).reveal()).toBe(key.reveal());
    expect(Buffer.from(key.reveal(), 'base64url')).toHaveLength(32);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(folder, 'keys'))).toEqual(['signature']);
    expect(ensureKeyFile(join(folder, 'keys', 'other')).reveal()).not.toBe(key.reveal());
  });

  it('that is empty or cut off is refused, not replaced: it may be the only copy', () => {
    const file = join(folder, 'broken');
    writeFileSync(file, 'short\n');
    expect(() => ensureKeyFile(file)).toThrow(expect.objectContaining({ code: 'MISSING_SECRET' }));
    expect(readText(file)).toBe('short\n');
  });
});

it('passwords have letters that nobody mistakes, and are not the same twice', () => {
  const passwords = Array.from({ length: 50 }, () => randomPassword());
  expect(new Set(passwords).size).toBe(50);
  for (const password of passwords) expect(password).toMatch(/^[a-km-zA-HJ-NP-Z2-9]{16}$/);
});

it.each([
  ['same', 'same', true],
  ['same', 'Same', false],
  ['', '', true],
  ['short', 'much longer', false],
])('%j and %j: same secret is %s', (one, other, same) => {
  expect(sameSecret(one, other)).toBe(same);
});
