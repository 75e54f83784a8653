import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** A request as it came, its body unpacked. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text, or a value that is sent as JSON. */
  readonly body?: unknown;
  /** Never answer. */
  readonly silent?: boolean;
}

/** An HTTP server whose answers are a function; keeps what it was asked. */
export interface FakeInflux {
  readonly url: string;
  readonly asked: Asked[];
  /** What was asked of a path, newest last. */
  of(method: string, path: string): readonly Asked[];
  stop(): Promise<void>;
}

export async function startFake(
  answer: (asked: Asked) => Answer | Promise<Answer>,
  tls?: { key: string; cert: string },
): Promise<FakeInflux> {
  const asked: Asked[] = [];
  const listener: RequestListener = (request, response) => {
    void readRequest(request).then(async (one) => {
      asked.push(one);
      const { status, headers = {}, body = '', silent } = await answer(one);
      if (silent === true) return;
      const json = typeof body === 'string' ? null : JSON.stringify(body);
      response.writeHead(status, { ...(json === null ? {} : { 'content-type': 'application/json' }), ...headers });
      response.end(json ?? body);
    });
  };
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    asked,
    of: (method, path) => asked.filter((one) => one.method === method && one.path === path),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function readRequest(request: IncomingMessage): Promise<Asked> {
  const parts: Uint8Array[] = [];
  for await (const part of request) parts.push(part as Uint8Array);
  const bytes = Buffer.concat(parts);
  const url = new URL(request.url ?? '/', 'http://fake');
  return {
    method: request.method ?? '',
    path: url.pathname,
    params: Object.fromEntries(url.searchParams),
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
    body: (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString('utf8'),
  };
}

/** What a fake server of 2.x has. */
export interface TwoState {
  readonly token: string;
  readonly orgs: { id: string; name: string }[];
  readonly buckets: { id: string; orgID: string; name: string; retentionRules: { everySeconds: number }[] }[];
  readonly mappings: { database: string; bucketID: string; virtual: boolean }[];
  /** Newer versions have a virtual mapping for each bucket. */
  readonly virtualMappings: boolean;
  /** Set: the answer to the next writes. */
  refuse?: Answer | undefined;
  lines: string[];
}

/**
 * InfluxDB 2.x as its API manual describes it: /ping with headers, /api/v2/orgs, /buckets, /dbrps, /write, errors as
 * `{code, message}`, and /query with the series given.
 */
export function answerAsTwo(state: TwoState, series: readonly object[] = []): (asked: Asked) => Answer {
  const error = (status: number, code: string, message: string): Answer => ({ status, body: { code, message } });
  return ({ method, path, params, headers, body }) => {
    if (path === '/ping')
      return { status: 204, headers: { 'X-Influxdb-Build': 'OSS', 'X-Influxdb-Version': 'v2.7.12' } };
    if (headers.authorization !== `Token ${state.token}`) return error(401, 'unauthorized', 'unauthorized access');
    const key = `${method} ${path}`;
    switch (key) {
      case 'GET /api/v2/orgs': {
        const orgs = state.orgs.filter(({ name }) => params.org === undefined || name === params.org);
        return orgs.length === 0
          ? error(404, 'not found', `organization name "${params.org}" not found`)
          : { status: 200, body: { orgs } };
      }
      case 'GET /api/v2/buckets':
        return { status: 200, body: { buckets: state.buckets.filter(({ name }) => name === params.name) } };
      case 'POST /api/v2/buckets': {
        const made = { id: `b${state.buckets.length + 1}`, ...JSON.parse(body) };
        state.buckets.push(made);
        if (state.virtualMappings) state.mappings.push({ database: made.name, bucketID: made.id, virtual: true });
        return { status: 201, body: made };
      }
      case 'GET /api/v2/dbrps':
        return { status: 200, body: { content: state.mappings.filter(({ database }) => database === params.db) } };
      case 'POST /api/v2/dbrps':
        state.mappings.push({ ...JSON.parse(body), virtual: false });
        return { status: 201, body: JSON.parse(body) };
      case 'POST /api/v2/write': {
        if (state.refuse !== undefined) return state.refuse;
        if (!state.buckets.some(({ name }) => name === params.bucket))
          return error(404, 'not found', `bucket "${params.bucket}" not found`);
        state.lines.push(...body.split('\n'));
        return { status: 204 };
      }
      case 'GET /query':
        return { status: 200, body: { results: [{ statement_id: 0, ...(series.length === 0 ? {} : { series }) }] } };
      default:
        return error(404, 'not found', 'path not found');
    }
  };
}

export interface ThreeState {
  readonly token: string;
  readonly databases: { name: string; retention?: string }[];
  /** Without the rights of an administrator. */
  readonly limited?: boolean;
  refuse?: Answer | undefined;
  lines: string[];
}

/** InfluxDB 3 Core as its manual describes it: /ping only with a token, version in header and body, databases at /api/v3/configure/database. */
export function answerAsThree(state: ThreeState, series: readonly object[] = []): (asked: Asked) => Answer {
  return ({ method, path, params, headers, body }) => {
    if (headers.authorization !== `Bearer ${state.token}`)
      return { status: 401, body: { error: 'the request was not authenticated' } };
    switch (`${method} ${path}`) {
      case 'GET /ping':
        return {
          status: 200,
          headers: { 'x-influxdb-build': 'Core', 'x-influxdb-version': '3.8.0' },
          body: { version: '3.8.0', revision: 'a967e23171', process_id: '836df3ab' },
        };
      case 'GET /api/v3/configure/database':
        if (state.limited === true) return { status: 403, body: { error: 'forbidden' } };
        return { status: 200, body: state.databases.map(({ name }) => ({ 'iox::database': name })) };
      case 'POST /api/v3/configure/database': {
        if (state.limited === true) return { status: 403, body: { error: 'forbidden' } };
        const { db, retention_period: retention } = JSON.parse(body) as { db: string; retention_period?: string };
        state.databases.push({ name: db, ...(retention === undefined ? {} : { retention }) });
        return { status: 200 };
      }
      case 'POST /api/v2/write':
        if (state.refuse !== undefined) return state.refuse;
        if (!state.databases.some(({ name }) => name === params.bucket))
          state.databases.push({ name: params.bucket ?? '' });
        state.lines.push(...body.split('\n'));
        return { status: 204 };
      case 'GET /query':
        // With no row there is no body at all.
        return series.length === 0
          ? { status: 200, body: '' }
          : { status: 200, body: { results: [{ statement_id: 0, series }] } };
      default:
        return { status: 404, body: 'not found' };
    }
  };
}
