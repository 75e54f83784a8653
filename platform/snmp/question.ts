import type { Session } from 'net-snmp';
import type { SnmpConnection } from '#core/config/connections.ts';
import { ZhishouError } from '#core/errors.ts';
import { addressOf, MALFORMED, MalformedAnswer } from './session.ts';

/**
 * One request to net-snmp as a promise that always settles: with its answer, with an error of our table, or, should the
 * library lose the request, a second after its own time-outs.
 */
export type Question<A> = (session: Session, done: (error: Error | null, answer: A) => void) => unknown;

export function ask<A>(session: Session, connection: SnmpConnection, question: Question<A>): Promise<A> {
  const address = addressOf(connection);
  return new Promise<A>((resolve, reject) => {
    // A request and its discovery (v3) each have retries; none may outlive this.
    const most = connection.timeout * (connection.retries + 1) * 2 + 1000;
    const settle = (): void => {
      clearTimeout(fallback);
      session.off(MALFORMED, onMalformed);
    };
    const onMalformed = (error: Error): void => {
      settle();
      reject(toZhishou(error, address));
    };
    const fallback = setTimeout(() => {
      settle();
      reject(timedOut(address));
    }, most);
    session.on(MALFORMED, onMalformed);
    question(session, (error, answer) => {
      settle();
      if (error === null) resolve(answer);
      else reject(toZhishou(error, address));
    });
  });
}

const timedOut = (address: string, cause?: Error): ZhishouError =>
  new ZhishouError('TIMED_OUT', address, undefined, cause === undefined ? {} : { cause });

/** net-snmp's errors as ours: no answer, refused (credentials, access), nonsense. */
export function toZhishou(error: Error, address: string): ZhishouError {
  const options = { cause: error };
  if (error instanceof MalformedAnswer) return new ZhishouError('BAD_ANSWER', address, error.message, options);
  switch (error.name) {
    case 'RequestTimedOutError':
      return timedOut(address, error);
    case 'RequestFailedError':
      return new ZhishouError('REFUSED', address, error.message, options);
    case 'ResponseInvalidError':
      return isAuthentication(error)
        ? new ZhishouError('REFUSED', address, error.message, options)
        : new ZhishouError('BAD_ANSWER', address, error.message, options);
    default:
      return new ZhishouError('UNREACHABLE', address, error.message, options);
  }
}

/** ECouldNotDecrypt, EAuthFailure: our keys or user are wrong. Time windows heal by themselves. */
const isAuthentication = (error: Error): boolean => [4, 5].includes(Number((error as { code?: unknown }).code));

const STATUS_NAMES: Readonly<Record<number, string>> = {
  1: 'TooBig',
  2: 'NoSuchName',
  3: 'BadValue',
  4: 'ReadOnly',
  5: 'GeneralError',
  6: 'NoAccess',
};

/** The PDU's error-status behind an error, as RFC 3416 names it. */
export function statusOf(error: unknown): string | null {
  const cause = error instanceof ZhishouError ? error.cause : error;
  const status = (cause as { status?: unknown } | undefined)?.status;
  return typeof status === 'number' ? (STATUS_NAMES[status] ?? null) : null;
}
