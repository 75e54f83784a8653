import { argon2, createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { ZhishouError } from '#core/errors.ts';

/** Password hashes (argon2id, PHC string format) and secrets that must not be guessed. */

export interface Passwords {
  hash(password: string): Promise<string>;
  /** False for a wrong password and for a hash that cannot be read. Takes as long when `hash` is null, so that time does not tell which names exist. */
  verify(password: string, hash: string | null): Promise<boolean>;
}

export interface PasswordCost {
  readonly memoryKiB: number;
  readonly passes: number;
}

/** OWASP Password Storage Cheat Sheet, argon2id: 19 MiB, 2 passes, 1 lane (about 40 ms here). */
const DEFAULT_COST: PasswordCost = { memoryKiB: 19_456, passes: 2 };

/** At most so many at once, so that a flood of sign-ins costs bounded memory and leaves threads to others. */
const AT_ONCE = 2;
const WAITING_AT_MOST = 32;

export function createPasswords(cost: PasswordCost = DEFAULT_COST): Passwords {
  const limited = createGate(AT_ONCE, WAITING_AT_MOST);
  const derive = (password: string, salt: Buffer, used: PasswordCost, length: number): Promise<Buffer> =>
    limited(
      () =>
        new Promise((resolve, reject) => {
          argon2(
            'argon2id',
            {
              message: password.normalize('NFC'),
              nonce: salt,
              parallelism: 1,
              tagLength: length,
              memory: used.memoryKiB,
              passes: used.passes,
            },
            (error, key) => (error === null ? resolve(key) : reject(error)),
          );
        }),
    );
  const nobody = {
    salt: randomBytes(16),
    key: randomBytes(32),
    cost,
  };

  return {
    async hash(password) {
      const salt = randomBytes(16);
      const key = await derive(password, salt, cost, 32);
      return `$argon2id$v=19$m=${cost.memoryKiB},t=${cost.passes},p=1$${unpadded(salt)}$${unpadded(key)}`;
    },
    async verify(password, hash) {
      const parsed = hash === null ? null : parseHash(hash);
      const against = parsed ?? nobody;
      const key = await derive(password, against.salt, against.cost, against.key.length);
      return timingSafeEqual(key, against.key) && parsed !== null;
    },
  };
}

/** A secret of `bytes` random bytes in base64url. */
export const randomSecret = (bytes = 32): string => randomBytes(bytes).toString('base64url');

/** SHA-256 in base64url: how session and API secrets are kept. */
export const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');

function parseHash(hash: string): { salt: Buffer; key: Buffer; cost: PasswordCost } | null {
  const match = /^\$argon2id\$v=19\$m=(\d{1,8}),t=(\d{1,3}),p=1\$([A-Za-z0-9+/]{11,})\$([A-Za-z0-9+/]{22,})$/.exec(
    hash,
  );
  if (match === null) return null;
  const [, memoryKiB, passes, salt = '', key = ''] = match;
  return {
    salt: Buffer.from(salt, 'base64'),
    key: Buffer.from(key, 'base64'),
    cost: { memoryKiB: Number(memoryKiB), passes: Number(passes) },
  };
}

/** Runs at most `atOnce` together; more than `waitingAtMost` in the queue are refused with TOO_MANY. */
function createGate(atOnce: number, waitingAtMost: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= atOnce) {
      if (waiting.length >= waitingAtMost) throw new ZhishouError('TOO_MANY', 'sign-in');
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    running++;
    try {
      return await work();
    } finally {
      running--;
      waiting.shift()?.();
    }
  };
}
