import { createSocket, type Socket } from 'node:dgram';
import { connect, createServer, type Server } from 'node:net';
import { threadId } from 'node:worker_threads';
import { messageOf, ZhishouError } from '#core/errors.ts';
import type { ReachProbe } from '#core/ports.ts';

/**
 * Below the ports that systems give to outgoing connections, so that none of those takes one before it is used; each process and
 * thread looks in another hundred, so that two which look at once find different ones.
 */
const FIRST_PORT = 22_000;
const HUNDREDS = 100;
let looked = 0;

/** Ports of loopback that are free for TCP and UDP, all different; another program may still take one before it is used. */
export async function freePorts(count: number, host = '127.0.0.1'): Promise<number[]> {
  const own = FIRST_PORT + ((process.pid + threadId) % HUNDREDS) * 100;
  const ports: number[] = [];
  for (let tries = 0; tries < 100 && ports.length < count; tries++) {
    const port = own + (looked++ % 100);
    if (await isFree(port, host)) ports.push(port);
  }
  return [...ports, ...(await portsAnywhere(count - ports.length, host))];
}

const isFree = async (port: number, host: string): Promise<boolean> =>
  (await closed(createServer().listen(port, host))) && (await closed(bound(port, host)));

function bound(port: number, host: string): Socket {
  const socket = createSocket('udp4');
  socket.bind(port, host);
  return socket;
}

/** Did it begin to listen? It ends at once. */
function closed(taken: Server | Socket): Promise<boolean> {
  return new Promise((resolve) => {
    taken.once('error', () => resolve(false));
    taken.once('listening', () => taken.close(() => resolve(true)));
  });
}

/** More than a hundred are wanted: any of the system's own. */
async function portsAnywhere(count: number, host: string): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: Math.max(0, count) }, () => listenAnywhere(host)));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function listenAnywhere(host: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => resolve(server));
  });
}

/** Asks the network whether something listens. The limit is real time: it is the other machine that is waited for. */
export function createReachProbe(): ReachProbe {
  return {
    tcp: (host, port, limit) =>
      new Promise((resolve) => {
        const socket = connect({ host, port });
        const end = (answer: 'open' | 'closed') => (): void => {
          clearTimeout(timer);
          socket.removeAllListeners();
          socket.on('error', () => {});
          socket.destroy();
          resolve(answer);
        };
        const timer = setTimeout(end('closed'), limit);
        socket.once('connect', end('open'));
        socket.once('error', end('closed'));
      }),
  };
}

export interface HttpAnswer {
  readonly status: number;
  /** At most 64 KB of it. */
  readonly body: string;
}

const MOST_ANSWER_BYTES = 64 * 1024;

export interface HttpRequest {
  readonly url: string;
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly timeoutMs: number;
  /** What the errors name; default: the address without path and query, which may carry keys. */
  readonly subject?: string;
  /** Takes secrets out of what the errors say: the other side may repeat what it was sent. */
  readonly hide?: (text: string) => string;
}

/**
 * One request; resolves on 2xx. Redirects are not followed, certificates are verified, of an answer 64 KB are read. Rejects
 * with TIMED_OUT, UNREACHABLE, REFUSED (4xx: repeating it will not help), TOO_MANY (429) or BAD_ANSWER (5xx and redirects).
 */
export async function sendHttp(request: HttpRequest): Promise<HttpAnswer> {
  const { url, timeoutMs, hide = (text: string) => text } = request;
  const subject = request.subject ?? withoutSecrets(url);
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      method: request.method,
      headers: request.headers,
      ...(request.body === undefined ? {} : { body: request.body }),
      redirect: 'manual',
      signal,
    });
    const answer = { status: response.status, body: await readSome(response) };
    if (response.ok) return answer;
    throw new ZhishouError(
      codeOf(response.status),
      subject,
      `HTTP ${response.status} ${hide(answer.body).slice(0, 200)}`.trim(),
    );
  } catch (error) {
    if (error instanceof ZhishouError) throw error;
    if (signal.aborted) throw new ZhishouError('TIMED_OUT', subject, `${timeoutMs} ms`);
    // fetch hides the reason (ECONNREFUSED, ENOTFOUND) in the cause. The error itself may hold the address: it is not handed on.
    const reason = error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
    throw new ZhishouError('UNREACHABLE', subject, hide(reason.replaceAll(url, subject)));
  }
}

/** Posts JSON; as `sendHttp`. */
export function postJson(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<HttpAnswer> {
  return sendHttp({
    url,
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    timeoutMs,
  });
}

/** One request outwards whose answer does not matter but that it was taken; as `sendHttp`. */
export async function pingOverHttp(request: {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'HEAD';
  readonly body: string | undefined;
  readonly timeoutMs: number;
}): Promise<void> {
  const { body, ...rest } = request;
  await sendHttp({ ...rest, headers: {}, ...(body === undefined ? {} : { body }) });
}

export async function postAsJson(url: string, body: object, timeoutMs: number): Promise<void> {
  await postJson(url, body, {}, timeoutMs);
}

function codeOf(status: number): 'TOO_MANY' | 'REFUSED' | 'BAD_ANSWER' {
  if (status === 429) return 'TOO_MANY';
  return status >= 400 && status < 500 && status !== 408 ? 'REFUSED' : 'BAD_ANSWER';
}

async function readSome(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop cancels the rest of the body.
  for await (const part of response.body ?? []) {
    parts.push(part);
    size += part.length;
    if (size > MOST_ANSWER_BYTES) break;
  }
  return Buffer.concat(parts).subarray(0, MOST_ANSWER_BYTES).toString('utf8');
}

/** Robots' addresses carry their key in the query or the path; logs get the host alone. */
function withoutSecrets(url: string): string {
  try {
    return new URL(url).origin;
  } catch {
    return 'the address';
  }
}
