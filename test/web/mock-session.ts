import type { SessionView } from '#core/api.ts';
import type { Role } from '#core/command.ts';
import { iso } from './fixture-room.ts';

/** Whoever is signed in at the mock: always the same person, in the role that a test wants. */
export function sessionOf(role: Role, passwordDue: boolean): SessionView {
  const at = iso(Date.now());
  const user = {
    user: 'gao-jie',
    version: 'v1',
    name: '高洁',
    role,
    person: 'gao-jie',
    disabled: false,
    createdAt: at,
    lastSignInAt: at,
    passwordChangedAt: at,
    passwordExpiresAt: iso(Date.now() + 86_400_000 * 60),
    mustChangePassword: passwordDue,
    ...{ hasPassword: true, totp: false, linked: false },
  };
  return {
    user,
    csrf: 'csrf-of-test',
    expiresAt: iso(Date.now() + 86_400_000),
    passwordDue,
    codesDue: false,
    via: 'password',
  };
}
