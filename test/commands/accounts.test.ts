import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { resetAdministrator, setupLink } from '#commands/accounts.ts';
import type { Role } from '#core/command.ts';
import { hours, plus } from '#core/time.ts';
import { openAccounts } from '#platform/accounts-store.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { createPasswords } from '#platform/passwords.ts';
import { START } from '../dashboard-api/support.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zhishou-reset-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const store = () => openAccounts(join(folder, 'accounts.sqlite'));
function add(user: string, role: Role, age: number, disabled = false): void {
  const accounts = store();
  accounts.addUser({
    ...{ user, name: user, role, person: null, disabled, createdAt: plus(START, hours(age)), lastSignInAt: null },
    ...{ passwordHash: 'old', passwordChangedAt: START, mustChangePassword: true },
  });
  accounts.close();
}

describe('start --reset-password', () => {
  const reset = () => resetAdministrator(folder, createVirtualClock(START));

  test('gives admin a new password, ends its pause and its sessions, and takes its one-time codes off', async () => {
    add('somebody', 'administrator', 0);
    add('admin', 'administrator', 1);
    const before = store();
    before.setFailures('admin', '*', { count: 200, lockedUntil: plus(START, hours(1)) }, START);
    before.setCodes({ user: 'admin', sealed: 'x', createdAt: START, confirmedAt: START, lastStep: 1 });
    before.addSession({
      ...{ id: 's', user: 'admin', createdAt: START, lastUsedAt: START, address: '', agent: '', via: 'password' },
    });
    before.close();
    const done = await reset();
    expect(done?.user).toBe('admin');
    const after = store();
    const account = after.user('admin');
    expect(account).toMatchObject({ mustChangePassword: false });
    expect(await createPasswords().verify(done?.password ?? '', account?.passwordHash ?? '')).toBe(true);
    expect([after.codesOf('admin'), after.session('s'), after.failures('admin', '*').lockedUntil]).toEqual([
      ...[null, null, null],
    ]);
    after.close();
  });

  test('where nobody is called admin it is the oldest administrator who can sign in', async () => {
    add('gone', 'administrator', 0, true);
    add('operator', 'operator', 1);
    add('zhou-min', 'administrator', 2);
    add('lin-hao', 'administrator', 3);
    expect((await reset())?.user).toBe('zhou-min');
  });

  test('before the first run there is nothing to reset', async () => {
    expect(await reset()).toBeNull();
  });
});

test('the setup code stands behind #: neither a log nor a proxy sees it', () => {
  const link = setupLink('https://monitor.example.com/zhishou/', 'abc');
  expect(link).toBe('https://monitor.example.com/zhishou/first-run#abc');
  expect(new URL(link).search).toBe('');
});
