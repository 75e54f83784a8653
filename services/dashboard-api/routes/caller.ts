import { ZhishouError } from '#core/errors.ts';
import type { Caller } from '../auth/authentication.ts';

/** Throws NOT_SIGNED_IN where there is nobody. */
export function callerOf(caller: Caller | null): Caller {
  if (caller === null) throw new ZhishouError('NOT_SIGNED_IN', 'session');
  return caller;
}

/** Throws NOT_SIGNED_IN where there is nobody. */
export function userOf(caller: Caller | null): string {
  if (caller === null) throw new ZhishouError('NOT_SIGNED_IN', 'session');
  return caller.user;
}
