import type { Problem } from '#core/api.ts';
import { ERRORS, type ErrorCode, messageOf, ZhishouError } from '#core/errors.ts';

/** Anything thrown becomes a problem of RFC 9457 with a code of core/errors.ts; what is not the caller's fault says nothing of our inside. */

/** What a problem can carry beside its code. */
export type ProblemExtra = Partial<Pick<Problem, 'issues' | 'command' | 'retryAfterS'>>;

export class ProblemError extends ZhishouError {
  readonly extra: ProblemExtra;

  constructor(code: ErrorCode, subject: string, detail?: string, extra: ProblemExtra = {}) {
    super(code, subject, detail);
    this.extra = extra;
  }
}

export const isErrorCode = (code: string | null): code is ErrorCode => code !== null && Object.hasOwn(ERRORS, code);

/** `internal`: it is ours and belongs in the log. */
export function toProblem(thrown: unknown): { problem: Problem; internal: boolean } {
  const issues = validationIssues(thrown);
  if (issues !== null) {
    const detail = issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
    return { problem: { ...problemOf('BAD_REQUEST', detail.slice(0, 2000)), issues }, internal: false };
  }
  if (thrown instanceof ZhishouError) {
    const { kind } = ERRORS[thrown.code];
    if (kind !== 'operating') return { problem: problemOf(thrown.code, ERRORS[thrown.code].message), internal: true };
    const extra = thrown instanceof ProblemError ? thrown.extra : {};
    return { problem: { ...problemOf(thrown.code, thrown.message), ...extra }, internal: false };
  }
  if (codeOf(thrown) === 'ERR_SQLITE_ERROR') {
    return { problem: problemOf('STORE_DOWN', ERRORS.STORE_DOWN.message), internal: true };
  }
  const status = statusOf(thrown);
  if (status === null) return { problem: problemOf('INVARIANT', ERRORS.INVARIANT.message), internal: true };
  const code = CODE_OF_STATUS[status] ?? 'BAD_REQUEST';
  return { problem: problemOf(code, messageOf(thrown).slice(0, 500)), internal: false };
}

export const problemOf = (code: ErrorCode, detail: string): Problem => ({
  type: 'about:blank',
  title: ERRORS[code].message,
  status: ERRORS[code].status,
  code,
  detail,
});

/** Fastify's own refusals come with these; other 4xx (unsupported media type, bad URL) are the table's BAD_REQUEST. */
const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  401: 'NOT_SIGNED_IN',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  413: 'TOO_LARGE',
  429: 'TOO_MANY',
};

function statusOf(thrown: unknown): number | null {
  if (typeof thrown !== 'object' || thrown === null || !('statusCode' in thrown)) return null;
  const { statusCode } = thrown;
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? statusCode : null;
}

const codeOf = (thrown: unknown): unknown =>
  typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : null;

/** The validation errors of fastify-type-provider-zod: `[{instancePath: "/minutes", message: "…"}]`. */
function validationIssues(thrown: unknown): { path: string; message: string }[] | null {
  if (typeof thrown !== 'object' || thrown === null || !('validation' in thrown)) return null;
  if (!Array.isArray(thrown.validation)) return null;
  return thrown.validation.slice(0, 20).map((issue: { instancePath?: unknown; message?: unknown }) => ({
    path: String(issue.instancePath ?? '')
      .replace(/^\//, '')
      .replaceAll('/', '.'),
    message: String(issue.message ?? 'is wrong'),
  }));
}
