import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { Secret } from '#core/secret.ts';

/**
 * Messages on the bus that others there must neither read nor make: AES-256-GCM with a key derived (RFC 5869) from the one
 * that the services share, another for each purpose. As text: nonce, tag and content in base64url.
 */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const keyFor = (purpose: string, key: Secret): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', key.reveal(), 'zhishou', purpose, 32));

export function sealMessage(value: unknown, purpose: string, key: Secret): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keyFor(purpose, key), nonce);
  const content = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), content]).toString('base64url');
}

/** Null: not sealed with this key for this purpose, or changed. */
export function openSealed(text: string, purpose: string, key: Secret): unknown {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length <= NONCE_BYTES + TAG_BYTES) return null;
  try {
    const decipher = createDecipheriv('aes-256-gcm', keyFor(purpose, key), bytes.subarray(0, NONCE_BYTES));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const content = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES));
    return JSON.parse(Buffer.concat([content, decipher.final()]).toString('utf8')) as unknown;
  } catch {
    return null;
  }
}
