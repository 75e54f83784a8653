import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { messageOf, ZhishouError } from '#core/errors.ts';
import { type Duration, seconds } from '#core/time.ts';
import { headersOf } from '../../http-request.ts';
import type { HideSecrets } from './hide-secrets.ts';

/** Questions to the server: one after the other over kept connections, answers bounded, no secret in any message. */
export interface InfluxHttp {
  /** The server's name for messages: `history.example:8086`. */
  readonly host: string;
  /** Any status is an answer. Throws STORE_DOWN when there is none. */
  ask(question: InfluxQuestion): Promise<InfluxAnswer>;
  close(): void;
}

export interface InfluxQuestion {
  readonly method: 'GET' | 'POST';
  /** Below the base address: `/query`. */
  readonly path: string;
  readonly params?: Readonly<Record<string, string>>;
  /** Sent as a form. */
  readonly form?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  readonly authorization?: string | undefined;
  /** For what takes longer than the usual silence. */
  readonly timeout?: Duration | undefined;
}

export interface InfluxAnswer {
  readonly status: number;
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Endpoint {
  readonly url: URL;
  readonly ca?: string | undefined;
  readonly timeout?: Duration | undefined;
}

export const DEFAULT_TIMEOUT: Duration = seconds(10);
/** A page of 10,000 rows is about 1 MB; the list of 30,000 series about 6 MB. */
const MOST_BODY = 64 * 1024 * 1024;
const MOST_SOCKETS = 4;

/** A pool of connections to the one server, which the writing library uses as well (of its own). */
export const createAgent = ({ url, ca }: Endpoint): HttpAgent =>
  url.protocol === 'https:'
    ? new HttpsAgent({ keepAlive: true, maxSockets: MOST_SOCKETS, ...(ca === undefined ? {} : { ca }) })
    : new HttpAgent({ keepAlive: true, maxSockets: MOST_SOCKETS });

export function createInfluxHttp(endpoint: Endpoint, hide: HideSecrets): InfluxHttp {
  const agent = createAgent(endpoint);
  const exchange = async (question: InfluxQuestion): Promise<InfluxAnswer> => {
    const answer = await exchangeOver(endpoint, agent, question);
    return answer.status < 300 ? answer : { ...answer, body: hide(answer.body) };
  };
  return {
    host: endpoint.url.host,
    async ask(question) {
      try {
        return await exchange(question);
      } catch (error) {
        // The server closed the kept connection before our question was there. Each question may be asked twice.
        if (error instanceof ZhishouError && error.cause instanceof StaleConnection) return exchange(question);
        throw error;
      }
    },
    close: () => agent.destroy(),
  };
}

class StaleConnection extends Error {}

/** Whether a connection that was kept had meanwhile been closed by the other side. */
export const isClosedMeanwhile = (error: unknown): boolean =>
  ['ECONNRESET', 'EPIPE'].includes(String((error as { code?: unknown } | null)?.code));

function exchangeOver(endpoint: Endpoint, agent: HttpAgent, question: InfluxQuestion): Promise<InfluxAnswer> {
  const { url } = endpoint;
  const timeout = question.timeout ?? endpoint.timeout ?? DEFAULT_TIMEOUT;
  const target = new URL(url);
  target.pathname = `${url.pathname.replace(/\/$/, '')}${question.path}`;
  target.search = new URLSearchParams(question.params ?? {}).toString();
  const [type, body] = bodyOf(question);
  return new Promise((resolve, reject) => {
    const failed = (detail: string, cause?: unknown): void => {
      outgoing.destroy();
      reject(new ZhishouError('STORE_DOWN', url.host, detail, cause === undefined ? {} : { cause }));
    };
    const outgoing = (url.protocol === 'https:' ? httpsRequest : httpRequest)(target, {
      method: question.method,
      agent,
      timeout,
      headers: {
        accept: 'application/json',
        ...(type === null ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(body) }),
        ...(question.authorization === undefined ? {} : { authorization: question.authorization }),
      },
    });
    outgoing.on('timeout', () => failed(`no answer for ${timeout} ms`));
    outgoing.on('error', (error) => {
      const stale = outgoing.reusedSocket && isClosedMeanwhile(error);
      failed(messageOf(error), stale ? new StaleConnection(messageOf(error)) : error);
    });
    outgoing.on('response', (response) => {
      readBody(response).then(
        (text) => resolve({ status: response.statusCode ?? 0, headers: headersOf(response), body: text }),
        (error: unknown) => failed(`its answer broke off: ${messageOf(error)}`, error),
      );
    });
    outgoing.end(body);
  });
}

function bodyOf({ form, json }: InfluxQuestion): readonly [type: string | null, body: string] {
  if (form !== undefined) return ['application/x-www-form-urlencoded', new URLSearchParams(form).toString()];
  if (json !== undefined) return ['application/json', JSON.stringify(json)];
  return [null, ''];
}

async function readBody(response: IncomingMessage): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response) {
    if (!(part instanceof Uint8Array)) continue;
    size += part.length;
    if (size > MOST_BODY) throw new Error(`more than ${MOST_BODY} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
