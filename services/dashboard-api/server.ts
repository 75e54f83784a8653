import fastifyCookie from '@fastify/cookie';
import fastifyRateLimit from '@fastify/rate-limit';
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { validatorCompiler } from 'fastify-type-provider-zod';
import { ERRORS, messageOf } from '#core/errors.ts';
import { type Access, checkAccess, isChanging } from './auth/access.ts';
import { CALLBACK_PATH } from './auth/sign-in-parts.ts';
import { createWallDoor } from './auth/wall-door.ts';
import { addConditionals } from './conditional/conditional.ts';
import { describeApi } from './openapi.ts';
import { ProblemError, problemOf, toProblem } from './problem.ts';
import { userRoutes } from './routes/accounts.ts';
import { alarmFigureRoutes } from './routes/alarm-figures.ts';
import { alertmanagerRoute } from './routes/alertmanager.ts';
import { auditRoutes } from './routes/audit.ts';
import { batteryTestRoutes } from './routes/battery-tests.ts';
import { commandRoutes } from './routes/commands.ts';
import { API, type Context, type RequestTypes, type Server } from './routes/context.ts';
import { deliveryRoutes } from './routes/deliveries.ts';
import { dutyRoutes } from './routes/duties.ts';
import { firstRunRoutes } from './routes/first-run.ts';
import { forecastRoutes } from './routes/forecast.ts';
import { historyRoutes } from './routes/history.ts';
import { incidentRoutes } from './routes/incidents.ts';
import { journalStateRoutes } from './routes/journal-state.ts';
import { linkRoutes } from './routes/links.ts';
import { liveRoute } from './routes/live.ts';
import { meetingRoutes } from './routes/meetings.ts';
import { oidcRoutes } from './routes/oidc.ts';
import { oneTimeCodeRoutes } from './routes/one-time-codes.ts';
import { outOfServiceRoutes } from './routes/out-of-service.ts';
import { pageRoutes } from './routes/page.ts';
import { peopleRoutes } from './routes/people.ts';
import { periodReportRoutes } from './routes/period-reports.ts';
import { pushRoutes } from './routes/push.ts';
import { readingRoutes } from './routes/readings.ts';
import { registerExportRoutes } from './routes/register-exports.ts';
import { registerPhotoRoutes } from './routes/register-photos.ts';
import { registerRoutes } from './routes/registers.ts';
import { reportRoutes } from './routes/reports.ts';
import { roomPlanRoutes } from './routes/room-plan.ts';
import { rotaRoutes } from './routes/rota.ts';
import { ruleRoutes } from './routes/rules.ts';
import { sessionRoutes } from './routes/session.ts';
import { sessionListRoutes } from './routes/sessions.ts';
import { statusRoutes } from './routes/status.ts';
import { surveyRoutes } from './routes/surveys.ts';
import { taskRoutes } from './routes/tasks.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { wallRoute } from './routes/wall.ts';

/** The life of a request: security headers → cookie → may the caller? → rate → body → schema → still as looked at? → handler → packed → audit. */

/** Requests a minute from one address. */
export interface Limits {
  readonly reading: number;
  readonly changing: number;
  readonly signIn: number;
}
export const DEFAULT_LIMITS: Limits = { reading: 3000, changing: 300, signIn: 20 };

export interface RouteRow {
  readonly method: string;
  readonly url: string;
  readonly access: Access;
}

const BODY_LIMIT = 64 * 1024;
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
  'cache-control': 'no-store',
};

export async function createServer(
  context: Context,
  limits: Limits = DEFAULT_LIMITS,
): Promise<{ server: Server; routes: readonly RouteRow[] }> {
  const server = fastify({
    bodyLimit: BODY_LIMIT,
    requestTimeout: 30_000,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 300, ignoreTrailingSlash: true },
    frameworkErrors: (error, request, reply) => void answerProblem(context, error, request, reply),
    schemaController: {
      // Given at once: fastify else loads two compilers of JSON Schema that nobody uses.
      compilersFactory: {
        buildValidator: () => validatorCompiler,
        // Our own types vouch for the answers (and a test holds them against their schemas): checking each again costs more than making it.
        buildSerializer: () => () => (data: unknown) => JSON.stringify(data),
        // Fastify's types are those of its own two compilers.
      } as never,
    },
  }).withTypeProvider<RequestTypes>();
  server.setErrorHandler((error, request, reply) => answerProblem(context, error, request, reply));
  const routes = collectRoutes(server);
  addHooks(server, context);
  await server.register(fastifyCookie);
  const door = createWallDoor(context.config.site.http);
  server.addHook('onRequest', async (request) => {
    if (request.is404) return;
    const { access } = request.routeOptions.config;
    // collectRoutes refuses a route without one.
    if (access !== undefined) {
      const { authentication, config } = context;
      checkAccess(request, access, { authentication, simulation: config.site.simulation, door });
    }
  });
  await server.register(fastifyRateLimit, {
    max: (request) => (isChanging(request.method) ? limits.changing : limits.reading),
    timeWindow: '1 minute',
    keyGenerator: (request) => `${isChanging(request.method) ? 'change' : 'read'} ${request.ip}`,
    errorResponseBuilder: (_request, { ttl }) => {
      const retryAfterS = Math.max(1, Math.ceil(ttl / 1000));
      return new ProblemError('TOO_MANY', 'requests', `wait ${retryAfterS} s`, { retryAfterS });
    },
  });
  addConditionals(server, context);
  await describeApi(server, context.version, routes);
  statusRoutes(server, context);
  sessionRoutes(server, context, limits.signIn);
  sessionListRoutes(server, context);
  oneTimeCodeRoutes(server, context, limits.signIn);
  firstRunRoutes(server, context, limits.signIn);
  oidcRoutes(server, context, limits.signIn);
  readingRoutes(server, context);
  historyRoutes(server, context);
  incidentRoutes(server, context);
  forecastRoutes(server, context);
  batteryTestRoutes(server, context);
  journalStateRoutes(server, context);
  deliveryRoutes(server, context);
  outOfServiceRoutes(server, context);
  alarmFigureRoutes(server, context);
  reportRoutes(server, context);
  periodReportRoutes(server, context);
  taskRoutes(server, context);
  rotaRoutes(server, context);
  dutyRoutes(server, context);
  meetingRoutes(server, context);
  commandRoutes(server, context);
  ruleRoutes(server, context);
  surveyRoutes(server, context);
  pushRoutes(server, context);
  peopleRoutes(server, context);
  await roomPlanRoutes(server, context);
  registerRoutes(server, context);
  await registerPhotoRoutes(server, context);
  registerExportRoutes(server, context);
  alertmanagerRoute(server, context);
  userRoutes(server, context);
  tokenRoutes(server, context);
  auditRoutes(server, context);
  liveRoute(server, context);
  wallRoute(server, context);
  linkRoutes(server, context);
  pageRoutes(server, context);
  const methodsAt = methodsByPath(routes);
  server.setNotFoundHandler(async (request, reply) => {
    const allowed = methodsAt(request.url.split('?')[0] ?? '');
    const detail = request.url.slice(0, 200);
    reply.type('application/problem+json');
    if (allowed.length === 0) return reply.code(404).send(problemOf('NOT_FOUND', detail));
    const title = 'The path is there, the method is not';
    return reply
      .code(405)
      .header('allow', allowed.join(', '))
      .send({ ...problemOf('BAD_REQUEST', detail), title, status: 405 });
  });
  await server.ready();
  return { server, routes };
}

/** Which methods the API has at a path. The page's own files are not asked: there every path is one. */
function methodsByPath(routes: readonly RouteRow[]): (path: string) => readonly string[] {
  const patterns = routes
    .filter(({ url }) => url.startsWith(`${API}/`))
    .map(({ method, url }) => ({
      method,
      pattern: new RegExp(`^${url.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')}$`),
    }));
  return (path) => [...new Set(patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method))];
}

/** Every route says who may call it, or the service does not start. */
function collectRoutes(server: Server): readonly RouteRow[] {
  const routes: RouteRow[] = [];
  server.addHook('onRoute', (route) => {
    const isDocs = route.url === '/docs' || route.url.startsWith('/docs/');
    const access = route.config?.access ?? (isDocs ? ({ who: 'everybody' } as const) : undefined);
    if (access === undefined)
      throw new Error(`route ${String(route.method)} ${route.url} does not say who may call it`);
    route.config = { ...route.config, access };
    for (const method of [route.method].flat()) routes.push({ method, url: route.url, access });
  });
  return routes;
}

function addHooks(server: Server, context: Context): void {
  server.decorateRequest('caller', null);
  server.decorateRequest('auditDetail', '');
  server.addHook('onRequest', async (_request, reply) => {
    reply.headers(SECURITY_HEADERS);
  });
  server.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    const status = String(reply.statusCode);
    context.metrics.count('zhishou_http_requests_total', { method: request.method, route, status });
    if (route !== `${API}/live`) {
      context.metrics.observe('zhishou_http_request_seconds', reply.elapsedTime / 1000, { route });
    }
    audit(context, request, reply, route);
  });
}

/** Where nobody is signed in yet, and the record still wants to know. */
const SIGN_INS: readonly string[] = [`${API}/session`, `${API}/first-run`];

/** Who changed what, or tried to. What strangers try without signing in is counted above and not written: it could fill the disk. */
function audit(context: Context, request: FastifyRequest, reply: FastifyReply, route: string): void {
  // What is no attempt of ours leaves no sentence.
  const cameBack = route === CALLBACK_PATH && request.auditDetail !== '';
  if ((!isChanging(request.method) && !cameBack) || reply.statusCode === 429) return;
  if (request.caller === null && !cameBack && !SIGN_INS.includes(route)) return;
  try {
    context.accounts.audit.append({
      at: context.wall.now(),
      user: request.caller?.user ?? '',
      address: request.ip,
      action: `${request.method} ${route}`,
      status: reply.statusCode,
      detail: request.auditDetail.slice(0, 2000),
    });
  } catch (error) {
    context.metrics.count('zhishou_audit_failures_total');
    context.log.error({ error: messageOf(error), route }, 'the audit log could not be written');
  }
}

function answerProblem(context: Context, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { problem, internal } = toProblem(error);
  if (internal) {
    const stack = error instanceof Error ? error.stack : undefined;
    context.log.error({ error: messageOf(error), stack, method: request.method, url: request.url }, 'a request failed');
  }
  if (problem.retryAfterS !== undefined) reply.header('retry-after', problem.retryAfterS);
  if (ERRORS[problem.code].status === 401) reply.header('www-authenticate', 'Bearer');
  return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}
