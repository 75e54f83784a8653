import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { ZhishouError } from '#core/errors.ts';
import { Secret } from '#core/secret.ts';
import { keepFile } from './files.ts';

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
  const text = keepFile(file, () => `${randomBytes(KEY_BYTES).toString('base64url')}\n`).trim();
  if (Buffer.from(text, 'base64url').length >= KEY_BYTES) return new Secret(text);
  throw new ZhishouError('MISSING_SECRET', file, 'the file has no key of 32 bytes; remove it to make a new one');
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
