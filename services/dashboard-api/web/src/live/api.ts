import type { Problem } from '#core/api.ts';
import type { CommandBody, CommandResult } from '#core/command.ts';
import type { ErrorCode } from '#core/errors.ts';
import type { Text } from '#core/text.ts';

/** Requests to the service. Failures arrive as ApiProblem with a code that the page has words for. */

export type ProblemCode = ErrorCode | 'OFFLINE';

export class ApiProblem extends Error {
  readonly code: ProblemCode;
  readonly status: number;
  readonly detail: string;
  readonly retryAfterS: number | null;
  /** The detail in both languages, where the service that refused knows it so. */
  readonly text: Text | null;
  /** Which parts of the input are wrong. */
  readonly issues: NonNullable<Problem['issues']>;

  constructor(
    code: ProblemCode,
    status: number,
    detail: string,
    retryAfterS: number | null = null,
    text: Text | null = null,
    issues: NonNullable<Problem['issues']> = [],
  ) {
    super(`${code}: ${detail}`);
    this.name = 'ApiProblem';
    this.code = code;
    this.status = status;
    this.detail = detail;
    this.retryAfterS = retryAfterS;
    this.text = text;
    this.issues = issues;
  }
}

const BASE = '/api/v1';
let csrf: string | null = null;
let onSignedOut: (() => void) | null = null;

/** The session's proof for changing requests; null when signed out. */
export function setCsrf(token: string | null): void {
  csrf = token;
}
/** Called when the server says that the session has ended. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export async function call<T>(
  method: Method,
  path: string,
  body?: unknown,
  options: { readonly headers?: Readonly<Record<string, string>>; readonly signal?: AbortSignal } = {},
): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json', ...options.headers };
  // A file goes as it is, anything else as JSON.
  const isFile = body instanceof Blob;
  if (body !== undefined) headers['content-type'] = isFile ? body.type : 'application/json';
  if (method !== 'GET' && csrf !== null) headers['x-zhishou-csrf'] = csrf;
  let response: Response;
  try {
    response = await fetch(`${BASE}${path}`, {
      method,
      headers,
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body: isFile ? body : JSON.stringify(body) }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  } catch (thrown) {
    throw new ApiProblem('OFFLINE', 0, thrown instanceof Error ? thrown.message : String(thrown));
  }
  if (response.status === 204) return undefined as T;
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return answer as T;
  throw problemOf(response.status, answer, path);
}

function problemOf(status: number, answer: unknown, path: string): ApiProblem {
  const problem = (typeof answer === 'object' && answer !== null ? answer : {}) as Partial<Problem>;
  const code = problem.code ?? (status >= 500 ? 'BUS_DOWN' : 'BAD_REQUEST');
  if (code === 'NOT_SIGNED_IN' && path !== '/session') onSignedOut?.();
  const text = problem.command?.detailText ?? null;
  return new ApiProblem(code, status, problem.detail ?? '', problem.retryAfterS ?? null, text, problem.issues);
}

export const get = <T>(path: string, signal?: AbortSignal): Promise<T> =>
  call<T>('GET', path, undefined, signal === undefined ? {} : { signal });

/** A key for one press of a button. `crypto.randomUUID` is missing on plain-HTTP pages, getRandomValues is not. */
export function pressKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Sends an order; the same key never acts twice. `version`: of what was looked at, where somebody else may change the same. */
export const sendCommand = (body: CommandBody, key: string, version?: string): Promise<CommandResult> =>
  call<CommandResult>('POST', '/commands', body, {
    headers: { 'idempotency-key': key, ...(version === undefined ? {} : { 'if-match': `"${version}"` }) },
  });
