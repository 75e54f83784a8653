import { isDrawing } from '#core/paperwork/drawn-signature.ts';
import type { SignatureGiven } from '#core/paperwork/register-view.ts';
import type { Text } from '#core/text.ts';
import type { Accounts } from '#platform/accounts-store.ts';
import type { Authentication, Caller } from '../auth/authentication.ts';
import { ProblemError } from '../problem.ts';
import type { Signed } from './register-book.ts';

/**
 * A signature is the signer's own password once more, or strokes of a finger. Wrong passwords count for the lock-out as at the sign-in.
 * Somebody whom a provider vouches for has no password here and draws, also where a password is asked for; an API token is no person and
 * signs where a drawing is asked for, and only so. Throws WRONG_CREDENTIALS and TOO_MANY as the sign-in does.
 */
export async function proveSignature(
  deps: { readonly accounts: Accounts; readonly authentication: Authentication },
  { caller, address }: { readonly caller: Caller; readonly address: string },
  wanted: 'password' | 'drawn' | null,
  given: SignatureGiven | undefined,
): Promise<Signed | null> {
  if (given === undefined || wanted === null) return null;
  const hasPassword = caller.kind === 'session' && (deps.accounts.user(caller.user)?.passwordHash ?? '') !== '';
  if (given.kind === 'password') {
    if (!hasPassword) throw refused('CONFLICT', NO_PASSWORD);
    await deps.authentication.confirm(caller.user, given.password, address);
    return { how: 'password', drawing: null };
  }
  if (!isDrawing(given.path)) throw refused('BAD_REQUEST', NO_DRAWING);
  if (wanted === 'password' && (hasPassword || caller.kind !== 'session')) throw refused('FORBIDDEN', PASSWORD_WANTED);
  return { how: 'drawn', drawing: given.path };
}

const NO_PASSWORD: Text = {
  zh: '此账户在这里没有密码，请手写签名',
  en: 'this account has no password here: sign by drawing',
};
const NO_DRAWING: Text = { zh: '不是一个手写签名，请再签一次', en: 'this is no drawn signature: sign once more' };
const PASSWORD_WANTED: Text = {
  zh: '这一步须由本人以密码签名',
  en: 'this is signed with one’s own password',
};

const refused = (code: 'BAD_REQUEST' | 'CONFLICT' | 'FORBIDDEN', text: Text): ProblemError =>
  new ProblemError(code, 'signature', text.en, { issues: [{ path: 'signature', message: text.en, text }] });
