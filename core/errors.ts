/**
 * One table of error codes. Three kinds: `operating` is expected and handled, `configuration` is the user's to mend,
 * `invariant` is our bug and stops the process loudly.
 */
export const ERRORS = {
  BAD_REQUEST: { kind: 'operating', retryable: false, status: 400, message: 'The request is not well formed' },
  NOT_SIGNED_IN: { kind: 'operating', retryable: false, status: 401, message: 'Sign in first' },
  WRONG_CREDENTIALS: { kind: 'operating', retryable: false, status: 401, message: 'User name or password is wrong' },
  CODE_NEEDED: { kind: 'operating', retryable: false, status: 401, message: 'A one-time code is needed too' },
  FORBIDDEN: { kind: 'operating', retryable: false, status: 403, message: 'Your role does not allow this' },
  NOT_FOUND: { kind: 'operating', retryable: false, status: 404, message: 'There is no such thing' },
  CONFLICT: { kind: 'operating', retryable: false, status: 409, message: 'The state does not allow this now' },
  CHANGED_MEANWHILE: {
    kind: 'operating',
    retryable: false,
    status: 412,
    message: 'Somebody else has changed it since you looked; look again',
  },
  TOO_LARGE: { kind: 'operating', retryable: false, status: 413, message: 'The input is too large' },
  TOO_MANY: { kind: 'operating', retryable: true, status: 429, message: 'Too many requests; wait a little' },
  TIMED_OUT: { kind: 'operating', retryable: true, status: 504, message: 'No answer in time' },
  UNREACHABLE: { kind: 'operating', retryable: true, status: 502, message: 'The other side cannot be reached' },
  REFUSED: { kind: 'operating', retryable: false, status: 502, message: 'The other side refused' },
  BAD_ANSWER: { kind: 'operating', retryable: true, status: 502, message: 'The other side answered nonsense' },
  BUS_DOWN: { kind: 'operating', retryable: true, status: 503, message: 'The message bus is down' },
  STORE_DOWN: { kind: 'operating', retryable: true, status: 503, message: 'The store is down' },
  NOT_ARMED: { kind: 'operating', retryable: false, status: 409, message: 'The site is not armed' },
  STORE_TOO_NEW: {
    kind: 'configuration',
    retryable: false,
    status: 500,
    message: 'The store was written by a newer version',
  },
  BAD_CONFIGURATION: {
    kind: 'configuration',
    retryable: false,
    status: 500,
    message: 'The configuration has mistakes',
  },
  MISSING_SECRET: { kind: 'configuration', retryable: false, status: 500, message: 'A secret is missing' },
  INVARIANT: { kind: 'invariant', retryable: false, status: 500, message: 'Internal error' },
} as const satisfies Record<
  string,
  { kind: 'operating' | 'configuration' | 'invariant'; retryable: boolean; status: number; message: string }
>;

export type ErrorCode = keyof typeof ERRORS;

/** An error with a code of the table, what it happened to, and its cause. */
export class ZhishouError extends Error {
  readonly code: ErrorCode;
  /** What it happened to: `ups-1`, `config/devices.yaml:12`. */
  readonly subject: string;

  constructor(code: ErrorCode, subject: string, detail?: string, options?: ErrorOptions) {
    super(`${ERRORS[code].message} (${subject})${detail === undefined ? '' : `: ${detail}`}`, options);
    this.name = 'ZhishouError';
    this.code = code;
    this.subject = subject;
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }
}

/** Stops loudly when our own assumption is wrong; `detail` says which. */
export function invariant(condition: unknown, detail: string): asserts condition {
  if (!condition) throw new ZhishouError('INVARIANT', 'invariant', detail);
}

/** The message of anything thrown. */
export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
