import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterEach, expect, it, vi } from 'vitest';
import { ensureSimulatorSecrets } from '#simulators/devices/secrets.ts';

const folder = mkdtempSync(join(tmpdir(), 'zhishou-secrets-'));
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

it('a host key that cannot be read again, as one in 256 of ssh2’s, is not kept: the next one is', () => {
  const whole = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 });
  const generate = vi
    .spyOn(ssh2.utils, 'generateKeyPairSync')
    .mockReturnValueOnce({ ...whole, private: whole.private.replace(/\n.{12}/, '\n') })
    .mockReturnValue(whole);
  const { hostKey, fingerprint } = ensureSimulatorSecrets(folder);
  expect([hostKey, generate.mock.calls.length]).toEqual([whole.private, 2]);
  expect(ensureSimulatorSecrets(folder).fingerprint).toBe(fingerprint);
});
