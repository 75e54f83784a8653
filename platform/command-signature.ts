import { createHmac } from 'node:crypto';
import type { PersonCommand } from '#core/command.ts';
import type { Secret } from '#core/secret.ts';
import { canonicalJson } from './canonical-json.ts';
import { sameSecret } from './secrets.ts';

/** A person's order is signed by the page's server and checked by the service that acts: HMAC-SHA256 over its canonical JSON. */
export function signCommand(command: Omit<PersonCommand, 'signature'>, key: Secret): PersonCommand {
  const { id, at, by, body } = command;
  return { id, at, by, body, signature: signatureOf(command, key) };
}

/** Was it signed with this key, and is it unchanged? Its age is the receiver's to judge. */
export function verifyCommand(command: PersonCommand, key: Secret): boolean {
  return sameSecret(command.signature, signatureOf(command, key));
}

function signatureOf({ id, at, by, body }: Omit<PersonCommand, 'signature'>, key: Secret): string {
  return createHmac('sha256', key.reveal()).update(canonicalJson({ id, at, by, body })).digest('base64url');
}
