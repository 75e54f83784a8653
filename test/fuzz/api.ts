import fc from 'fast-check';
import type { LightMyRequestResponse } from 'fastify';
import { z } from 'zod';
import { COMMAND_ROLES, type CommandKind, roleAtLeast } from '#core/command.ts';
import { seconds } from '#core/time.ts';
import { type Access, isChanging, scopesFor } from '#services/dashboard-api/auth/access.ts';
import type { RouteRow } from '#services/dashboard-api/server.ts';
import { type ApiSite, CALLERS, type Who } from './api-site.ts';
import { type Damage, damage, damages, NASTY_TEXTS, type Schema, type ValueOptions, valuesOf } from './json-values.ts';

/**
 * Every route that the service has and describes, asked with what its description allows, and with that and one thing wrong: no
 * answer is a failure of ours, all refusals are problems, what is answered is what is described, and nothing changes that the caller
 * may not change. A new route is among them by itself.
 */

interface Operation {
  readonly parameters?: readonly {
    readonly in: 'path' | 'query' | 'header';
    readonly name: string;
    readonly schema: Schema;
    readonly required?: boolean;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> }>
  >;
}
interface Described {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly who: Who;
  readonly withProof: boolean;
  readonly route: RouteRow;
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE'];
const BODY_TYPES = [
  'application/json',
  'text/plain',
  'application/xml',
  'multipart/form-data; boundary=x',
  'application/json; charset=utf-16',
  'image/png',
  'x',
  '',
];
/** Sent beside what is right: headers that contradict each other, that other software would believe. */
const ODD_HEADERS: readonly Readonly<Record<string, string>>[] = [
  ...[
    { 'if-match': '"x"' },
    { 'if-match': '*' },
    { 'if-match': 'x'.repeat(3000) },
    { 'if-none-match': '*' },
    { 'if-none-match': 'W/"' },
  ],
  ...[
    { 'idempotency-key': 'a' },
    { 'idempotency-key': 'é b' },
    { 'idempotency-key': 'x'.repeat(70) },
    { accept: 'text/html' },
    { accept: '*/*;q=x' },
  ],
  ...[
    { 'accept-encoding': 'gzip' },
    { 'accept-encoding': 'gzip;q=0' },
    { range: 'bytes=0-0' },
    { expect: 'x' },
    { 'content-length': '0' },
  ],
  ...[
    { 'x-http-method-override': 'DELETE' },
    { 'x-forwarded-for': '127.0.0.1' },
    { forwarded: 'for=127.0.0.1' },
    { 'x-original-url': '/' },
  ],
  ...[
    { origin: 'https://elsewhere.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { host: 'elsewhere.example' },
  ],
  ...[
    { authorization: 'Bearer x' },
    { authorization: 'Basic YTpi' },
    { cookie: 'zhishou_session=x' },
    { cookie: 'a=b; =; %=%' },
    { 'transfer-encoding': 'identity' },
  ],
];

export function apiRequests(api: ApiSite): fc.Arbitrary<Request> {
  const described = api.site.dashboard.openApi() as Described;
  const options: ValueOptions = {
    hints: api.hints,
    resolve: (reference) => described.components.schemas[reference.split('/').at(-1) ?? ''] ?? {},
  };
  const routes = api.site.dashboard
    .routes()
    // The stream has no end; it is held by tests of its own.
    .filter(({ url, method }) => url !== '/api/v1/live' && method !== 'HEAD');
  return fc.oneof(...routes.map((route) => requestsOf(route, operationOf(described, route), options)));
}

type Pair = [name: string, value: unknown];

const operationOf = ({ paths }: Described, { url, method }: RouteRow): Operation =>
  paths[url.replaceAll(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()] ?? { responses: {} };

function requestsOf(route: RouteRow, operation: Operation, options: ValueOptions): fc.Arbitrary<Request> {
  const { parameters = [] } = operation;
  const inPath = [...route.url.matchAll(/:(\w+)|\*/g)].map(([, name = '']) => {
    const described = parameters.find((one) => one.in === 'path' && one.name === name);
    return fc.oneof(
      { weight: 4, arbitrary: valuesOf(described?.schema ?? { type: 'string' }, options, name) },
      { weight: 1, arbitrary: fc.constantFrom(...NASTY_TEXTS, 'x'.repeat(400)) },
    );
  });
  const query: fc.Arbitrary<Pair[]> = fc.array(
    fc.oneof(
      ...parameters
        .filter((one) => one.in === 'query')
        .map(({ name, schema }) =>
          fc.tuple(
            fc.constant(name),
            fc.oneof(
              { weight: 3, arbitrary: valuesOf(schema, options, name) },
              { weight: 1, arbitrary: fc.constantFrom<unknown>(...NASTY_TEXTS) },
            ),
          ),
        ),
      fc.tuple(
        fc.constantFrom('x', '__proto__', 'limit', 'state', 'limit[]', 'a[b]'),
        fc.constantFrom<unknown>(...NASTY_TEXTS),
      ),
    ),
    { maxLength: Math.min(6, parameters.length + 1) },
  );
  const required = parameters.filter((one) => one.in === 'query' && one.required === true);
  const asked: fc.Arbitrary<Pair[]> = fc.tuple(
    ...required.map(({ name, schema }) => valuesOf(schema, options, name).map((value): Pair => [name, value])),
  );
  const content = operation.requestBody?.content['application/json']?.schema;
  return fc
    .record({
      who: fc.constantFrom(...CALLERS),
      withProof: fc.nat(9).map((n) => n > 0),
      inPath: fc.tuple(...inPath),
      query: fc.oneof(
        { weight: 2, arbitrary: asked },
        { weight: 1, arbitrary: query },
        { weight: 2, arbitrary: fc.tuple(asked, query).map(([a, b]) => [...a, ...b]) },
      ),
      body: bodiesOf(content, options),
      odd: fc.array(fc.constantFrom(...ODD_HEADERS), { maxLength: 2 }),
      type: fc.oneof(
        { weight: 6, arbitrary: fc.constant('application/json') },
        { weight: 1, arbitrary: fc.constantFrom(...BODY_TYPES) },
      ),
      method: fc.oneof(
        { weight: 12, arbitrary: fc.constant(route.method) },
        { weight: 1, arbitrary: fc.constantFrom(...METHODS) },
      ),
    })
    .map(({ who, withProof, inPath: values, query: pairs, body, odd, type, method }): Request => {
      const rest = [...values];
      const path = route.url.replaceAll(/:\w+|\*/g, () =>
        encodeURIComponent(String(rest.shift() ?? '').toWellFormed()),
      );
      const text = new URLSearchParams(pairs.map(([name, value]) => [name, textOf(value)])).toString();
      const sends = method !== 'GET' && method !== 'HEAD' && body !== undefined;
      return {
        method,
        url: text === '' ? path : `${path}?${text}`,
        headers: Object.assign({}, ...odd, sends && type !== '' ? { 'content-type': type } : {}),
        body: sends ? body : undefined,
        ...{ who, withProof, route },
      };
    });
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

function bodiesOf(schema: Schema | undefined, options: ValueOptions): fc.Arbitrary<string | undefined> {
  const raw = fc.constantFrom(
    '',
    '{',
    '[]',
    'null',
    '""',
    '0',
    '{"__proto__":{"role":"administrator"}}',
    '{"a":1,"a":2}',
    '['.repeat(5000),
    '\ufeff{}',
    '{"constructor":{"prototype":{}}}',
  );
  if (schema === undefined)
    return fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: raw });
  const good = valuesOf(schema, options);
  const wrong = fc
    .tuple(good, fc.array(damages, { minLength: 1, maxLength: 2 }))
    .map(([value, all]) => all.reduce<unknown>((now, how: Damage) => damage(now, how), value));
  return fc.oneof(
    { weight: 5, arbitrary: good.map(jsonOf) },
    { weight: 6, arbitrary: wrong.map(jsonOf) },
    { weight: 1, arbitrary: raw },
  );
}
const jsonOf = (value: unknown): string => JSON.stringify(value) ?? '';

/** Asks, and throws when something is wrong with the answer or with what it did. */
export function createJudge(api: ApiSite): (request: Request) => Promise<void> {
  const described = api.site.dashboard.openApi() as Described;
  const problem = schemaOf(described, { $ref: '#/components/schemas/Problem' });
  const answers = new Map<string, z.ZodType>();
  return async (request) => {
    const { who, route, url, method } = request;
    const own = api.headersOf(who);
    if (!request.withProof) delete own['x-zhishou-csrf'];
    const [before, ordersBefore] = [await api.state(who, url), api.orders()];
    const response = await settled(api, request, { ...own, ...request.headers });
    const { statusCode: status } = response;
    const changed = (await api.state(who, url)) !== before;
    const ordered = api.orders() !== ordersBefore;
    const fail = (what: string): never => {
      throw new Error(`${what}: ${method} ${url} as ${who}: ${status} ${response.body.slice(0, 500)}`);
    };
    const { pathname } = new URL(url, 'http://x');
    const isApi = pathname.startsWith('/api/');
    if (status >= 500 && isApi && !isLate(response)) fail('a failure of ours');
    if (status === 500) fail('a failure of ours');
    if (isApi && status >= 400 && method !== 'HEAD') checkProblem(response, problem, fail);
    if (status >= 400 && (changed || ordered)) fail('refused, and yet it changed something');
    if (!isChanging(method) && (changed || ordered)) fail('it only looks, and yet it changed something');
    // `/a/..` is another address.
    if (!isApi || method !== route.method || !patternOf(route).test(pathname)) return;
    if (status < 400 && !mayCall(request, route.access)) fail('not allowed, and yet done');
    if (changed && who !== 'administrator' && !isWork(route)) fail('it changed what is not the caller’s');
    if (status < 300 && status !== 204) checkAnswer(described, answers, request, response, fail);
  };
}

const patternOf = ({ url }: RouteRow): RegExp =>
  new RegExp(`^${url.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')}$`);

/** Of the routes that change what is everybody's: not accounts, sessions, feeds. */
const isWork = ({ url }: RouteRow): boolean =>
  /\/(tasks|meetings|registers|duties|reports|room-plan|surveys|commands|simulator|alertmanager)(\/|$)/.test(url);

const isLate = (response: LightMyRequestResponse): boolean =>
  response.statusCode === 504 && response.json().code === 'TIMED_OUT';

function checkProblem(response: LightMyRequestResponse, schema: z.ZodType, fail: (what: string) => never): void {
  if (!String(response.headers['content-type']).startsWith('application/problem+json')) fail('no problem+json');
  const body = response.json();
  if (!schema.safeParse(body).success || body.status !== response.statusCode) fail('a problem that is none');
}

function checkAnswer(
  described: Described,
  kept: Map<string, z.ZodType>,
  { route }: Request,
  response: LightMyRequestResponse,
  fail: (what: string) => never,
): void {
  const { content } = operationOf(described, route).responses[String(response.statusCode)] ?? {};
  if (content === undefined) {
    if (route.url !== '/api/v1/openapi.json') fail('an answer that is not described');
    return;
  }
  const type = String(response.headers['content-type']).split(';')[0] ?? '';
  const { schema } = content[type] ?? fail(`an answer of the type ${type}, that is not described`);
  if (type !== 'application/json' || schema === undefined || response.headers['content-encoding'] !== undefined) return;
  const key = `${route.method} ${route.url} ${response.statusCode}`;
  const checked = kept.get(key) ?? schemaOf(described, schema);
  kept.set(key, checked);
  const parsed = checked.safeParse(response.json());
  if (!parsed.success)
    fail(
      `an answer that is not as described (${parsed.error.issues[0]?.path.join('.')} ${parsed.error.issues[0]?.message})`,
    );
}

function schemaOf({ components }: Described, schema: Schema): z.ZodType {
  const text = JSON.stringify({ ...schema, $defs: components.schemas }).replaceAll('#/components/schemas/', '#/$defs/');
  return z.fromJSONSchema(JSON.parse(text));
}

/** By the table of access that the service itself goes by, worked out once more. */
export function mayCall({ who, withProof, method, headers, body }: Request, access: Access): boolean {
  if (access.who === 'everybody') return true;
  // An Authorization header is believed before a cookie.
  const overruled = 'authorization' in headers || (who !== 'token' && 'cookie' in headers);
  if (who === 'stranger' || overruled) return false;
  const role = who === 'token' ? 'operator' : who;
  const needed = access.who === 'reader' ? 'viewer' : access.who;
  if (!roleAtLeast(role, needed)) return false;
  if (who === 'token') return scopesFor(method, access).length > 0;
  if (isChanging(method) && !withProof) return false;
  const kind = kindOf(body);
  return kind === null || roleAtLeast(role, COMMAND_ROLES[kind]);
}

function kindOf(body: string | undefined): CommandKind | null {
  try {
    const { kind } = JSON.parse(body ?? '');
    return Object.hasOwn(COMMAND_ROLES, kind) ? kind : null;
  } catch {
    return null;
  }
}

/** Time passes only when the answer waits for it; an answer that never comes is a failure. */
async function settled(
  api: ApiSite,
  request: Request,
  headers: Record<string, string>,
): Promise<LightMyRequestResponse> {
  const { method, url, body } = request;
  let response: LightMyRequestResponse | null = null;
  const asked = api.site.dashboard
    .inject({ method: method as 'GET', url, headers, ...(body === undefined ? {} : { payload: body }) })
    .then((one) => {
      response = one;
    });
  for (let turn = 0; response === null && turn < 2000; turn++) {
    await Promise.race([asked, new Promise((resolve) => setImmediate(resolve))]);
    if (response === null && turn % 200 === 199) await api.site.wall.advanceByAsync(seconds(1));
  }
  await Promise.race([
    asked,
    new Promise((_resolve, reject) =>
      setTimeout(() => reject(new Error(`no answer: ${method} ${url}`)), 10_000).unref(),
    ),
  ]);
  if (response === null) throw new Error('no answer');
  return response;
}
