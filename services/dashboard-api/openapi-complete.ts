import { ERRORS } from '#core/errors.ts';
import { PHOTO_TYPES } from '#core/paperwork/register-entry.ts';
import { type Access, CSRF_HEADER, isChanging, scopesFor } from './auth/access.ts';
import { VERSIONED } from './conditional/versioned.ts';
import { API } from './routes/context.ts';

/**
 * What the description says of a route beyond its schemas, out of what the service itself goes by: who may call it, how it refuses,
 * which answers have versions, which are no JSON. So a new route is described whole without a word more. Pure.
 */
export interface DescribedRoute {
  readonly method: string;
  /** As fastify has it: `/api/v1/tasks/:id`. */
  readonly url: string;
  readonly access: Access;
}

type Json = Record<string, unknown>;
type Operation = Json & {
  responses: Record<string, Json & { content?: Record<string, unknown> }>;
  parameters?: Json[];
};

const ENTRIES = `${API}/registers/:register/entries`;
const WORD = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const SPREADSHEET = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/** Answers that are no JSON, or not only. */
const OTHER_TYPES: Readonly<Record<string, readonly string[]>> = {
  'GET /metrics': ['text/plain'],
  [`GET ${API}/live`]: ['text/event-stream'],
  [`GET ${API}/rota.ics`]: ['text/calendar'],
  [`GET ${API}/duties/export.csv`]: ['text/csv'],
  [`GET ${API}/meetings/:id/export`]: ['text/csv', WORD, 'application/pdf'],
  [`GET ${API}/incidents/:id/charts/:chart`]: ['image/svg+xml'],
  [`GET ${API}/room-plan/pictures/:id`]: ['image/png', 'image/jpeg', 'image/svg+xml'],
  [`GET ${ENTRIES}/:entry/photos/:photo`]: PHOTO_TYPES,
  [`GET ${API}/registers/:register/export`]: ['text/csv', SPREADSHEET, WORD, 'application/pdf'],
  [`GET ${ENTRIES}/:entry/export`]: [WORD, 'application/pdf'],
  [`GET ${API}/alarm-figures`]: ['application/json', 'text/csv'],
  [`GET ${API}/audit`]: ['application/json', 'text/csv'],
  [`GET ${API}/incidents/:id/report`]: ['application/json', 'text/markdown', WORD, 'application/pdf'],
};
/** Bodies that are no JSON. */
const OTHER_BODIES: Readonly<Record<string, readonly string[]>> = {
  [`POST ${ENTRIES}/:entry/photos`]: PHOTO_TYPES,
  [`POST ${API}/room-plan/pictures`]: ['image/png', 'image/jpeg', 'image/svg+xml'],
};
const PROBLEM = 'application/problem+json';

/** Changes the document of @fastify/swagger in place and returns it. */
export function completeDescription<Document extends object>(
  document: Document,
  routes: readonly DescribedRoute[],
): Document {
  const { paths = {}, components = {} } = document as { paths?: Record<string, Json>; components?: Json };
  components.responses = problemResponses();
  for (const route of routes) {
    const operation = paths[route.url.replaceAll(/:(\w+)/g, '{$1}')]?.[route.method.toLowerCase()];
    if (operation !== undefined) complete(operation as Operation, route);
  }
  dropUnused(document, components.schemas as Record<string, unknown>);
  return document;
}

function complete(operation: Operation, route: DescribedRoute): void {
  const { method, url, access } = route;
  const key = `${method} ${url}`;
  operation.operationId = operationIdOf(method, url);
  operation.security = securityOf(method, access);
  operation['x-who'] = access.who;
  operation['x-token-scopes'] = scopesFor(method, access);
  operation.description = sayWho(method, access);
  const { responses } = operation;
  const done = Object.keys(responses).some((status) => /^[23]/.test(status));
  if (!done) responses['204'] = { description: 'Done; there is nothing to say' };
  for (const [status, response] of Object.entries(responses)) {
    if (response.description === 'Default Response')
      response.description = status === 'default' ? 'Refused or failed: see `code`' : 'As asked for';
  }
  const success = responses['200'];
  const types = OTHER_TYPES[key];
  if (success !== undefined && types !== undefined) success.content = contentOf(types, success.content);
  const bodies = OTHER_BODIES[key];
  if (bodies !== undefined) operation.requestBody = { required: true, content: contentOf(bodies, undefined) };
  for (const status of refusalsOf(operation, route)) responses[status] ??= { $ref: `#/components/responses/${status}` };
  responses.default = { $ref: '#/components/responses/default' };
  addVersions(operation, route);
}

/** `PATCH /api/v1/tasks/:id` is `patchTasksById`. */
const operationIdOf = (method: string, url: string): string =>
  method.toLowerCase() +
  url
    .replace(`${API}/`, '')
    .split(/[/.-]/)
    .filter((part) => part !== '')
    .map((part) => (part.startsWith(':') ? `By${capital(part.slice(1))}` : capital(part)))
    .join('');
const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1);

function securityOf(method: string, { who, personOnly, ...access }: Access): Json[] {
  if (who === 'everybody') return [];
  const ways: Json[] = [{ session: [] }];
  const scopes = scopesFor(method, { who, ...access, ...(personOnly === true ? { personOnly } : {}) });
  if (scopes.length > 0) ways.push({ token: scopes });
  // In a simulated room from its own machine, and where it is so from a screen on the wall.
  if (who === 'reader') ways.push({});
  return ways;
}

function sayWho(method: string, access: Access): string {
  if (access.who === 'everybody') return 'Everybody.';
  const who =
    access.who === 'reader'
      ? 'The role viewer; without sign-in at the machine of a simulated room'
      : `At least the role ${access.who}`;
  const wall = access.wall === true ? ', and on the screens of http.wall' : '';
  const scopes = scopesFor(method, access);
  const tokens = scopes.length === 0 ? 'people alone, no API tokens' : `API tokens with ${scopes.join(' or ')}`;
  const csrf = isChanging(method) ? ` With a session the header ${CSRF_HEADER} is needed.` : '';
  return `${who}${wall}; ${tokens}.${csrf}`;
}

/** By which statuses a route may refuse, beside those that its own schemas name. */
function refusalsOf(operation: Operation, { method, url, access }: DescribedRoute): string[] {
  const takes = operation.requestBody !== undefined || operation.parameters !== undefined;
  return [
    ...(takes ? ['400'] : []),
    ...(access.who === 'everybody' ? [] : ['401']),
    ...(access.who === 'everybody' && !isChanging(method) ? [] : ['403']),
    ...(url.includes(':') ? ['404'] : []),
    ...(operation.requestBody === undefined ? [] : ['413']),
    ...(VERSIONED[`${method} ${url}`] !== undefined && isChanging(method) ? ['412'] : []),
    '429',
  ];
}

const TAG_HEADER = { ETag: { description: 'The version of this answer', schema: { type: 'string' } } };
const header = (name: string, description: string): Json => ({
  in: 'header',
  name,
  description,
  required: false,
  schema: { type: 'string', maxLength: 4000 },
});

function addVersions(operation: Operation, { method, url }: DescribedRoute): void {
  if (method === 'GET' && url.startsWith(`${API}/`) && url !== `${API}/live`) {
    const success = operation.responses['200'];
    if (success === undefined) return;
    success.headers = TAG_HEADER;
    operation.responses['304'] = { description: 'As it was: the answer with the tag of If-None-Match still holds' };
    const parameter = header('if-none-match', 'Tags of answers that are known');
    operation.parameters = [...(operation.parameters ?? []), parameter];
  }
  if (isChanging(method) && VERSIONED[`${method} ${url}`] !== undefined) {
    const parameter = header('if-match', 'The version that was looked at, in quotes; without it the last one wins');
    operation.parameters = [...(operation.parameters ?? []), parameter];
  }
}

const contentOf = (types: readonly string[], before: Record<string, unknown> | undefined): Record<string, unknown> =>
  Object.fromEntries(
    types.map((type) => [type, type === 'application/json' ? (before?.[type] ?? {}) : { schema: { type: 'string' } }]),
  );

/** By status: which codes of core/errors.ts it may have. */
function problemResponses(): Json {
  const content = { [PROBLEM]: { schema: { $ref: '#/components/schemas/Problem' } } };
  const all = Object.entries<{ readonly status: number; readonly message: string }>(ERRORS);
  const codes = Object.groupBy(all, ([, { status }]) => status);
  const said = (list: typeof all): string => list.map(([code, { message }]) => `\`${code}\`: ${message}`).join('. ');
  return {
    ...Object.fromEntries(
      Object.entries(codes).map(([status, list]) => [
        status,
        { description: said(list ?? []), content, ...(status === '429' ? { headers: RETRY_AFTER } : {}) },
      ]),
    ),
    default: { description: `Any other problem, by its code. ${said(all)}`, content },
  };
}
const RETRY_AFTER = { 'Retry-After': { description: 'Seconds to wait', schema: { type: 'integer' } } };

/** Of each schema there are two, for what comes in and for what goes out: what nobody refers to is left out. */
function dropUnused(document: object, schemas: Record<string, unknown>): void {
  for (let dropped = true; dropped; ) {
    const text = JSON.stringify(document);
    const unused = Object.keys(schemas).filter((name) => !text.includes(`"#/components/schemas/${name}"`));
    for (const name of unused) delete schemas[name];
    dropped = unused.length > 0;
  }
}
