import { createHash } from 'node:crypto';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { ZhishouError } from '#core/errors.ts';
import { keepFile, readText } from '#platform/files.ts';
import { randomPassword } from '#platform/secrets.ts';

/** What the simulated servers need to be reached: made once, kept under one directory, readable by its owner only. */
export interface SimulatorSecrets {
  readonly hostKeyFile: string;
  /** `SHA256:…` as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
  readonly fingerprintFile: string;
  readonly passwordFile: string;
  readonly hostKey: string;
  readonly password: string;
  /** The public half of a key that the servers accept besides the password, when `ssh-client-key.pub` is there. */
  readonly clientKey: string | null;
}

const HOST_KEY = 'ssh-host-key';
const FINGERPRINT = 'ssh-host-key.fingerprint';
const PASSWORD = 'ssh-password';
const CLIENT_KEY = 'ssh-client-key.pub';

/** Reads the secrets under `directory`, and makes those that are missing. */
export function ensureSimulatorSecrets(directory: string): SimulatorSecrets {
  const hostKeyFile = join(directory, HOST_KEY);
  const hostKey = keepFile(hostKeyFile, makeHostKey);
  const fingerprint = fingerprintOf(hostKey, hostKeyFile);
  const fingerprintFile = join(directory, FINGERPRINT);
  const kept = keepFile(fingerprintFile, () => `${fingerprint}\n`).trim();
  if (kept !== fingerprint)
    throw new ZhishouError('BAD_CONFIGURATION', fingerprintFile, `is not of ${hostKeyFile}; remove it to make it anew`);
  const passwordFile = join(directory, PASSWORD);
  return {
    hostKeyFile,
    fingerprint,
    fingerprintFile,
    passwordFile,
    hostKey,
    password: keepFile(passwordFile, () => `${randomPassword(24)}\n`).trim(),
    clientKey: readText(join(directory, CLIENT_KEY)),
  };
}

/** ssh2 drops leading zeros of a public key, so that one in 256 of its keys cannot be read again (mscdex/ssh2 #1513). */
function makeHostKey(): string {
  for (;;) {
    const key = ssh2.utils.generateKeyPairSync('ed25519', { comment: 'simulated' }).private;
    if (!(ssh2.utils.parseKey(key) instanceof Error)) return key;
  }
}

/** RFC 4253 section 6.6 key blob, SHA-256, base64 without padding, as OpenSSH writes it. */
function fingerprintOf(privateKey: string, file: string): string {
  const parsed = ssh2.utils.parseKey(privateKey);
  if (parsed instanceof Error) throw new ZhishouError('BAD_CONFIGURATION', file, parsed.message);
  return `SHA256:${createHash('sha256').update(parsed.getPublicSSH()).digest('base64').replace(/=+$/, '')}`;
}
