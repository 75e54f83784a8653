import { createHmac } from 'node:crypto';
import type { PersonCommand } from '#core/command.ts';
import type { Secret } from '#core/secret.ts';
import { canonicalJson } from './canonical-json.ts';
import { sameSecret } from './secrets.ts';

/** A person's order carries an HMAC-SHA256 over its canonical JSON, so that only the page's service can speak for people on the bus. */

/** Signs. Example: `signCommand({id, at, by, body}, key).signature` is 43 characters of base64url. */
export const signCommand = (command: Omit<PersonCommand, 'signature'>, key: Secret | string): PersonCommand => ({
  ...command,
  signature: signatureOf(command, key),
});

/** Is the signature this key's over exactly this order? */
export function verifyCommand(command: PersonCommand, key: Secret | string): boolean {
  return sameSecret(command.signature, signatureOf(command, key));
}

function signatureOf({ id, at, by, body }: Omit<PersonCommand, 'signature'>, key: Secret | string): string {
  const bytes = typeof key === 'string' ? key : key.reveal();
  return createHmac('sha256', bytes).update(canonicalJson({ id, at, by, body })).digest('base64url');
}
