import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { messageOf } from '#core/errors.ts';

/**
 * One HTTP request of an action: no redirects, a bounded answer, and a failure that says whether the request can have
 * arrived. The connection is made first, and with a fingerprint its certificate is compared, before a byte of the request,
 * credentials included, goes out.
 */
export interface HttpQuestion {
  readonly url: string;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** SHA-256 of the one certificate that is accepted, whoever signed it; without one the usual authorities decide. */
  readonly fingerprint?: string | undefined;
  /** Ends it; the caller's clock decides when. */
  readonly signal: AbortSignal;
}

export interface HttpReply {
  readonly status: number;
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type HttpFailure = {
  /** closed: nobody listens there · silent: no answer · away: no way to find or reach it · certificate: not the one expected · ended: by `signal` · broken: in the middle. */
  readonly why: 'closed' | 'silent' | 'away' | 'certificate' | 'ended' | 'broken';
  /** Whether the request may have reached the other side. */
  readonly sent: boolean;
  readonly detail: string;
};

export type HttpAnswered = { readonly reply: HttpReply } | { readonly failure: HttpFailure };

const MOST_BODY = 256 * 1024;
/** Real time: a connection on the local net that takes longer will not come. */
const CONNECT_MS = 10_000;
/** Real time: slow management controllers take ten seconds; one that hangs must not use up the battery's minutes. */
const ANSWER_MS = 30_000;

export async function askHttp(question: HttpQuestion): Promise<HttpAnswered> {
  const connected = await connectHttp(question);
  if ('failure' in connected) return connected;
  return exchange(question, connected.socket);
}

/** Connects, and with https: shakes hands and checks the certificate; says nothing. */
export async function connectHttp(
  question: Pick<HttpQuestion, 'url' | 'fingerprint' | 'signal'>,
): Promise<{ readonly socket: Socket } | { readonly failure: HttpFailure }> {
  const url = new URL(question.url);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const secure = url.protocol === 'https:';
  const port = Number(url.port) || (secure ? 443 : 80);
  const failed = (why: HttpFailure['why'], detail: string) => ({ failure: { why, sent: false, detail } });
  if (question.signal.aborted) return failed('ended', `no connection to ${url.host} in the time given`);
  return new Promise((resolve) => {
    const pinned = question.fingerprint !== undefined;
    const socket = secure
      ? connectTls({
          host,
          port,
          rejectUnauthorized: !pinned,
          // RFC 6066 section 3: a server name is never an address.
          ...(isIP(host) === 0 ? { servername: host } : {}),
        })
      : connectTcp({ host, port });
    const settle = (failure: ReturnType<typeof failed> | null): void => {
      clearTimeout(timer);
      question.signal.removeEventListener('abort', onAbort);
      socket.removeAllListeners(secure ? 'secureConnect' : 'connect');
      socket.off('error', onError);
      if (failure === null) resolve({ socket });
      else {
        socket.on('error', () => {});
        socket.destroy();
        resolve(failure);
      }
    };
    const onAbort = (): void => settle(failed('ended', `no connection to ${url.host} in the time given`));
    const onError = (error: Error & { code?: string }): void => settle({ failure: whyNot(error, url.host) });
    const timer = setTimeout(() => settle(failed('silent', `${url.host} did not answer`)), CONNECT_MS);
    question.signal.addEventListener('abort', onAbort);
    socket.once('error', onError);
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      const shown = pinned && secure ? (socket as TLSSocket).getPeerCertificate().fingerprint256 : null;
      if (shown === null || sameFingerprint(shown, question.fingerprint ?? '')) settle(null);
      else settle(failed('certificate', `${url.host} shows another certificate (${shown}) than configured: refused`));
    });
  });
}

const sameFingerprint = (a: string, b: string): boolean =>
  a.replaceAll(':', '').toLowerCase() === b.replaceAll(':', '').toLowerCase();

/** Node's codes for a certificate that the usual authorities do not vouch for. */
const CERTIFICATE = /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/;

/** A machine without power answers nothing: the kernel gives up, or finds no card with that address. */
const SILENCE = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'EHOSTDOWN']);

function whyNot(error: Error & { code?: string }, where: string): HttpFailure {
  const code = error.code ?? '';
  if (code === 'ECONNREFUSED') return { why: 'closed', sent: false, detail: `connection refused by ${where}` };
  if (CERTIFICATE.test(code))
    return { why: 'certificate', sent: false, detail: `${where} shows a certificate that is not trusted (${code})` };
  const why = SILENCE.has(code) ? 'silent' : 'away';
  return { why, sent: false, detail: `cannot connect to ${where}: ${error.message}` };
}

function exchange(question: HttpQuestion, socket: Socket): Promise<HttpAnswered> {
  const url = new URL(question.url);
  return new Promise((resolve) => {
    const settle = (answered: HttpAnswered): void => {
      clearTimeout(timer);
      question.signal.removeEventListener('abort', onAbort);
      outgoing.on('error', () => {});
      socket.destroy();
      resolve(answered);
    };
    const failed = (why: HttpFailure['why'], detail: string): void => settle({ failure: { why, sent: true, detail } });
    const onAbort = (): void => failed('ended', `no answer from ${url.host} in the time given`);
    const timer = setTimeout(onAbort, ANSWER_MS);
    const options: RequestOptions = {
      method: question.method,
      headers: { host: url.host, ...question.headers, ...lengthOf(question.body), connection: 'close' },
      createConnection: () => socket,
    };
    const outgoing = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options);
    question.signal.addEventListener('abort', onAbort);
    outgoing.once('error', (error) => failed('broken', `the connection to ${url.host} broke: ${error.message}`));
    outgoing.once('response', (response) => {
      readBody(response).then(
        (body) => settle({ reply: { status: response.statusCode ?? 0, headers: headersOf(response), body } }),
        (error: unknown) => failed('broken', `the answer of ${url.host} broke off: ${messageOf(error)}`),
      );
    });
    outgoing.end(question.body);
  });
}

const lengthOf = (body: string | undefined): Record<string, number> =>
  body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };

/** Each header as one text. */
export const headersOf = (response: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );

async function readBody(response: IncomingMessage): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response) {
    if (!(part instanceof Uint8Array)) continue;
    parts.push(part);
    size += part.length;
    if (size > MOST_BODY) break;
  }
  return Buffer.concat(parts).subarray(0, MOST_BODY).toString('utf8');
}
