import { messageOf } from '#core/errors.ts';
import type { Secret } from '#core/secret.ts';
import { askHttp, type HttpFailure, type HttpReply } from '../http-request.ts';

/** A conversation with a Redfish service (DSP0266): signs in, reads resources, orders actions, signs out. */
export interface RedfishTalk {
  get(path: string): Promise<unknown>;
  /** Resolves when the service has taken it. */
  post(path: string, body: Readonly<Record<string, unknown>>): Promise<void>;
  close(): Promise<void>;
}

/** Why it went no further. `failed`: nothing was ordered, or it was refused; `unknown`: it may have been done. */
export class RedfishRefusal extends Error {
  readonly fate: 'failed' | 'unknown';
  readonly kind: RedfishTrouble;

  constructor(fate: 'failed' | 'unknown', detail: string, kind: RedfishTrouble = 'answer') {
    super(detail);
    this.fate = fate;
    this.kind = kind;
  }
}

/** silent: no answer in time · away: no connection · refused: account, right or certificate · absent: no such resource · answer: nothing that can be used. */
export type RedfishTrouble = 'silent' | 'away' | 'refused' | 'absent' | 'answer';

export interface RedfishTarget {
  readonly url: string;
  readonly user: string;
  readonly password: Secret;
  readonly auth: 'basic' | 'session';
  readonly fingerprint?: string | undefined;
}
type Headers = Readonly<Record<string, string>>;

const SESSIONS = '/redfish/v1/SessionService/Sessions';

export async function openRedfish(target: RedfishTarget, signal: AbortSignal): Promise<RedfishTalk> {
  const ask = asking(target, signal);
  const { headers, close } = target.auth === 'session' ? await signIn(target, ask) : basic(target);
  return {
    async get(path) {
      const reply = await ask('GET', path, headers);
      if (reply.status !== 200) throw refusalOf(reply, path, target, 'failed');
      try {
        return JSON.parse(reply.body) as unknown;
      } catch (error) {
        throw new RedfishRefusal('failed', `${path} is not JSON: ${messageOf(error)}`);
      }
    },
    async post(path, body) {
      const reply = await ask('POST', path, headers, body);
      if (reply.status >= 200 && reply.status < 300) return;
      // 5xx: it failed at something that may have been done; 501 and 503 say that it was not begun (RFC 9110 section 15.6).
      const begun = reply.status >= 500 && reply.status !== 501 && reply.status !== 503;
      throw refusalOf(reply, path, target, begun ? 'unknown' : 'failed');
    },
    close,
  };
}

type Ask = (
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  headers: Headers,
  body?: Readonly<Record<string, unknown>>,
) => Promise<HttpReply>;

function asking(target: RedfishTarget, signal: AbortSignal): Ask {
  const { origin } = new URL(target.url);
  return async (method, path, headers, body) => {
    const url = new URL(path, origin);
    // What a service names as its action's address gets our credentials only when it is the service itself.
    if (url.origin !== origin) throw new RedfishRefusal('failed', `the service points to another host: ${url.host}`);
    const answered = await askHttp({
      ...{ url: url.href, method, fingerprint: target.fingerprint, signal },
      headers: {
        accept: 'application/json',
        'odata-version': '4.0',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if ('reply' in answered) return answered.reply;
    const { sent, detail, why } = answered.failure;
    // Only an order changes anything: a question without an answer has done no harm.
    const fate = sent && method === 'POST' && path !== SESSIONS ? 'unknown' : 'failed';
    throw new RedfishRefusal(fate, detail, TROUBLES[why]);
  };
}

const TROUBLES: Readonly<Record<HttpFailure['why'], RedfishTrouble>> = {
  silent: 'silent',
  ended: 'silent',
  closed: 'away',
  away: 'away',
  broken: 'away',
  certificate: 'refused',
};

const basic = ({ user, password }: RedfishTarget): { headers: Headers; close: () => Promise<void> } => ({
  headers: { authorization: `Basic ${Buffer.from(`${user}:${password.reveal()}`).toString('base64')}` },
  close: async () => {},
});

async function signIn(target: RedfishTarget, ask: Ask): Promise<{ headers: Headers; close: () => Promise<void> }> {
  const reply = await ask('POST', SESSIONS, {}, { UserName: target.user, Password: target.password.reveal() });
  const token = reply.headers['x-auth-token'];
  if (reply.status < 200 || reply.status > 299 || token === undefined)
    throw refusalOf(reply, SESSIONS, target, 'failed');
  const headers = { 'x-auth-token': token };
  return {
    headers,
    // Controllers have few places for sessions; one that is not closed ends by itself after minutes.
    close: async () => {
      const location = reply.headers.location;
      if (location === undefined) return;
      try {
        await ask('DELETE', location, headers);
      } catch {
        // It was closed with the machine's power, or our time is up.
      }
    },
  };
}

function refusalOf(
  reply: HttpReply,
  path: string,
  { user }: RedfishTarget,
  fate: 'failed' | 'unknown',
): RedfishRefusal {
  const { status } = reply;
  if (status === 401) return new RedfishRefusal(fate, `login refused for ${user}`, 'refused');
  if (status === 403) return new RedfishRefusal(fate, `${user} may not do this (403 for ${path})`, 'refused');
  const why = messageIn(reply.body);
  const kind = status === 404 || status === 410 ? 'absent' : 'answer';
  return new RedfishRefusal(fate, `${path} answered ${status}${why === '' ? '' : `: ${why}`}`, kind);
}

const MOST_MESSAGE = 200;

/** DSP0266, Error responses: `error.@Message.ExtendedInfo[].Message`, or `error.message`. */
function messageIn(body: string): string {
  try {
    const { error } = JSON.parse(body) as { error?: { message?: unknown; '@Message.ExtendedInfo'?: unknown } };
    const info = error?.['@Message.ExtendedInfo'];
    const first = Array.isArray(info) ? (info[0] as { Message?: unknown } | null)?.Message : undefined;
    return String(first ?? error?.message ?? '').slice(0, MOST_MESSAGE);
  } catch {
    return '';
  }
}
