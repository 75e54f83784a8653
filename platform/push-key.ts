import { createECDH, hkdfSync } from 'node:crypto';
import type { Secret } from '#core/secret.ts';

/**
 * The key by which push services know this site (VAPID, RFC 8292), derived (RFC 5869) from the one that the services share: the
 * service that makes subscriptions and the one that sends both have it, and there is no file more to keep.
 */
export interface PushKey {
  /** Uncompressed point in base64url, for the browser. */
  readonly publicKey: string;
  /** The number itself, 32 bytes in base64url. */
  readonly privateKey: string;
}

/** Of P-256: a private key is below it. */
const ORDER = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');

export function pushKeyOf(key: Secret): PushKey {
  // 16 bytes more than needed: so no remainder is likelier than another.
  const wide = Buffer.from(hkdfSync('sha256', key.reveal(), 'zhishou', 'web push key', 48));
  const scalar = (BigInt(`0x${wide.toString('hex')}`) % (ORDER - 1n)) + 1n;
  const secret = Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex');
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(secret);
  const point = curve.getPublicKey();
  return { publicKey: point.toString('base64url'), privateKey: secret.toString('base64url') };
}
