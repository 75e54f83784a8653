import { randomBytes } from 'node:crypto';
import { Secret as OtpSecret, TOTP } from 'otpauth';
import type { OneTimeCodesBegun, OneTimeCodesView } from '#core/accounts-view.ts';
import { ZhishouError } from '#core/errors.ts';
import type { Clock } from '#core/ports.ts';
import type { Secret } from '#core/secret.ts';
import { toIso } from '#core/time.ts';
import type { Accounts } from '#platform/accounts-store.ts';
import { digest } from '#platform/passwords.ts';
import { openSealed, sealMessage } from '#platform/sealed-message.ts';

/**
 * One-time codes of an account (RFC 6238: SHA-1, six digits, 30 s, what every authenticator app reads) and the recovery codes for the
 * night on which the telephone with the app is lost. The secret is sealed with the service's key: whoever gets a copy of the accounts'
 * file alone can make no codes. Without that key recovery codes still let in, and `--reset-password` takes the codes off.
 */
export interface OneTimeCodes {
  isOn(user: string): boolean;
  view(user: string, required: boolean): OneTimeCodesView;
  /** A new secret that counts for nothing until it is confirmed. CONFLICT while codes are on: they are taken off first, by a code. */
  begin(user: string): OneTimeCodesBegun;
  /** The first code of the app: the codes are on. Ten recovery codes, or null: it does not fit. */
  confirm(user: string, code: string): readonly string[] | null;
  /** A code of the app or a recovery code; each is taken once. */
  take(user: string, code: string): boolean;
  /** Ten new recovery codes in place of the old ones. */
  renewRecovery(user: string): readonly string[];
  /** False: there was nothing. */
  remove(user: string): boolean;
}

const SECRET_BYTES = 20;
const PERIOD_S = 30;
/** One step back and forth: RFC 6238, section 5.2, on delay and clocks that differ. */
const DRIFT_STEPS = 1;
const RECOVERY_CODES = 10;
/** 32 letters and digits that are not taken for each other: 60 bits a code. */
const RECOVERY_LETTERS = 'abcdefghjkmnpqrstuvwxyz123456789';
const RECOVERY_LENGTH = 12;
const PURPOSE = 'one-time codes';

export function createOneTimeCodes(deps: {
  accounts: Accounts;
  wall: Clock;
  key: Secret;
  issuer: string;
}): OneTimeCodes {
  const { accounts, wall, key, issuer } = deps;
  const appOf = (user: string, secret: OtpSecret): TOTP =>
    new TOTP({ issuer, label: user, secret, algorithm: 'SHA1', digits: 6, period: PERIOD_S });
  /** The 30 s step that the code belongs to; null: to none near now, or the secret cannot be read. */
  const stepOf = (user: string, code: string): number | null => {
    const kept = accounts.codesOf(user);
    const secret = kept === null ? null : openSealed(kept.sealed, `${PURPOSE} ${user}`, key);
    if (typeof secret !== 'string') return null;
    const timestamp = wall.now();
    const delta = appOf(user, OtpSecret.fromBase32(secret)).validate({ token: code, timestamp, window: DRIFT_STEPS });
    return delta === null ? null : Math.floor(timestamp / 1000 / PERIOD_S) + delta;
  };
  const isOn = (user: string): boolean => (accounts.codesOf(user)?.confirmedAt ?? null) !== null;

  return {
    isOn,
    view(user, required) {
      const kept = accounts.codesOf(user);
      const state = kept === null ? 'off' : kept.confirmedAt === null ? 'begun' : 'on';
      const since = kept?.confirmedAt == null ? null : toIso(kept.confirmedAt);
      return { state, since, recoveryLeft: accounts.recoveryLeft(user), required };
    },
    begin(user) {
      if (isOn(user)) throw new ZhishouError('CONFLICT', user, 'one-time codes are on already');
      const secret = new OtpSecret({ buffer: new Uint8Array(randomBytes(SECRET_BYTES)).buffer });
      const sealed = sealMessage(secret.base32, `${PURPOSE} ${user}`, key);
      accounts.setCodes({ user, sealed, createdAt: wall.now(), confirmedAt: null, lastStep: -1 });
      return { secret: secret.base32, uri: appOf(user, secret).toString() };
    },
    confirm(user, code) {
      const step = isOn(user) ? null : stepOf(user, plainCode(code));
      if (step === null || !accounts.takeStep(user, step)) return null;
      const codes = newRecoveryCodes();
      accounts.confirmCodes(user, wall.now(), codes.map(recoveryDigest));
      return codes;
    },
    take(user, code) {
      const plain = plainCode(code);
      if (!isOn(user)) return false;
      if (plain.length === RECOVERY_LENGTH) return accounts.takeRecovery(user, recoveryDigest(plain));
      const step = stepOf(user, plain);
      return step !== null && accounts.takeStep(user, step);
    },
    renewRecovery(user) {
      const codes = newRecoveryCodes();
      accounts.setRecovery(user, codes.map(recoveryDigest));
      return codes;
    },
    remove: (user) => accounts.removeCodes(user),
  };
}

/** As people type it: with blanks, hyphens, capitals. */
const plainCode = (code: string): string => code.replaceAll(/[\s-]/g, '').toLowerCase();

/** Two letters that the codes do not have are read as the digit they look like. */
const recoveryDigest = (code: string): string => digest(`recovery ${plainCode(code).replaceAll(/[il]/g, '1')}`);

/** `abcd-efgh-jkmn`: 32 letters divide 256, so each is as likely. */
const newRecoveryCodes = (): string[] =>
  Array.from({ length: RECOVERY_CODES }, () =>
    Array.from(randomBytes(RECOVERY_LENGTH), (byte) => RECOVERY_LETTERS[byte % RECOVERY_LETTERS.length])
      .join('')
      .replace(/(.{4})(.{4})/, '$1-$2-'),
  );
