import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf, ZhishouError } from '#core/errors.ts';
import { Secret } from '#core/secret.ts';

/** Compares in the same time wherever they differ. */
export function sameSecret(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

const KEY_BYTES = 32;

/**
 * The random key kept in a file; made at the first call, readable by its owner only. Two processes that start at once
 * get the same key: the file appears whole or not at all, and the first one wins.
 */
export function ensureKeyFile(file: string): Secret {
  try {
    return readKey(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const handle = openSync(draft, 'wx', 0o600);
  try {
    writeSync(handle, `${randomBytes(KEY_BYTES).toString('base64url')}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  try {
    // Unlike a rename, a link never replaces a key that another process has made meanwhile.
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readKey(file);
}

function readKey(file: string): Secret {
  const text = readFileSync(file, 'utf8').trim();
  if (Buffer.from(text, 'base64url').length >= KEY_BYTES) return new Secret(text);
  throw new ZhishouError(
    'MISSING_SECRET',
    file,
    messageOf('the file has no key of 32 bytes; remove it to make a new one'),
  );
}

/** A random password for people to type: no letters that look alike. */
export function randomPassword(length = 16): string {
  const letters = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
  let password = '';
  while (password.length < length) {
    for (const byte of randomBytes(length)) {
      // Bytes beyond a whole multiple are left out, so that every letter is as likely.
      if (byte < letters.length * 4 && password.length < length) password += letters[byte % letters.length];
    }
  }
  return password;
}
