import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import type { AlertView } from '#core/alert.ts';
import type {
  DeviceView,
  HealthResponse,
  LiveEventName,
  LiveEvents,
  LiveSnapshot,
  PlansResponse,
  ReadingView,
  SessionView,
} from '#core/api.ts';
import { commandBodySchema, type Role } from '#core/command.ts';
import type { ForecastView } from '#core/forecast.ts';
import type { IncidentView } from '#core/incident.ts';
import { EMPTY_ROOM_PLAN } from '#core/room-layout.ts';
import { simulatorCommandSchema } from '#core/simulator.ts';
import { summaryOf } from '../../services/dashboard-api/web/src/model/incident-merge.ts';
import { outOfServiceAt } from './fixture-alarms.ts';
import { contextAt, diagnosisAt, manyAt, marksAt } from './fixture-history.ts';
import { outagesAt, readinessAt, tasksAt } from './fixture-preparation.ts';
import { deliveriesAt, reportAt } from './fixture-records.ts';
import {
  devicesAt,
  historyOf,
  iso,
  quietRoom,
  type RoomState,
  readingsAt,
  simulatorAt,
  siteAt,
} from './fixture-room.ts';
import { calendarAt, type RotaFixture, rotaAt } from './fixture-rota.ts';
import { type Weather, wallAt } from './fixture-wall.ts';
import { sessionOf } from './mock-session.ts';

/** The interface of API.md over fixtures, for the page's own tests: the state is set by the test, never by a plan engine. */

export interface MockServer {
  readonly url: string;
  readonly room: RoomState;
  readonly commands: unknown[];
  readonly surveys: unknown[];
  /** Every request's path with its query. */
  readonly asked: string[];
  readonly keys: string[];
  readonly rota: RotaFixture;
  /** Sends an event to every open stream. */
  emit<Name extends LiveEventName>(name: Name, data: LiveEvents[Name]): void;
  setIncidents(...incidents: IncidentView[]): void;
  setAlerts(...alerts: AlertView[]): void;
  /** The next commands are answered so; null: they are carried out. */
  refuseCommands(problem: { status: number; code: string; detail: string } | null): void;
  /** Commands wait until `release()`. */
  holdCommands(): () => void;
  /** Ends all streams; new ones are refused until `true` comes. */
  setReachable(reachable: boolean): void;
  /** Nothing at all is answered: no stream, no file. */
  setGone(gone: boolean): void;
  /** Parts of the service that do not work. */
  setTrouble(...parts: ('alerts' | 'collector' | 'recorder' | 'history' | 'thinning')[]): void;
  close(): Promise<void>;
}

const DIST = join(import.meta.dirname, '../../services/dashboard-api/web/dist');
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
};
/** The same policy as the service's: what breaks it must show here. */
const CSP =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const PLANS: PlansResponse = {
  plans: [
    {
      id: 'fire',
      version: '1',
      title: { zh: '火灾', en: 'Fire' },
      source: '',
      level: 'major',
      button: true,
      alerts: [],
      steps: [],
    },
  ],
};

export async function startMock(
  options: {
    weather?: Weather;
    /** Other equipment than the sample room's, and what it says. */
    devices?: (now: number) => DeviceView[];
    more?: (now: number) => ReadingView[];
    role?: Role | null;
    guests?: boolean;
    simulation?: boolean;
    folder?: string;
    /** What the answers of an incident lead to. */
    forecast?: () => ForecastView | null;
    /** Paths that a test answers itself: true when it has. */
    also?: (request: IncomingMessage, response: ServerResponse, url: URL) => boolean | Promise<boolean>;
  } = {},
): Promise<MockServer> {
  const room = quietRoom();
  const commands: unknown[] = [];
  const surveys: unknown[] = [];
  const asked: string[] = [];
  const keys: string[] = [];
  const rota: RotaFixture = { changes: [], off: false, unaccepted: false, note: null };
  const streams = new Set<ServerResponse>();
  let incidents: IncidentView[] = [];
  let alerts: AlertView[] = [];
  let refusal: { status: number; code: string; detail: string } | null = null;
  let held: Promise<void> | null = null;
  let reachable = true;
  let gone = false;
  let trouble: readonly string[] = [];
  let session: SessionView | null =
    options.role === null || options.role === undefined ? null : sessionOf(options.role, false);
  let sequence = 0;

  const snapshot = (): LiveSnapshot => {
    const now = Date.now();
    return {
      site: siteAt(now, options.simulation ?? true),
      devices: options.devices?.(now) ?? devicesAt(now),
      readings: [...readingsAt(now, room), ...(options.more?.(now) ?? [])],
      alerts,
      open: incidents.filter(({ phase }) => phase !== 'closed'),
      incidents: incidents.map(summaryOf),
      deliveries: incidents.length > 0 && session !== null ? deliveriesAt(now) : [],
      readiness: readinessAt(now),
      outages: outagesAt(now),
      roomPlan: EMPTY_ROOM_PLAN,
      simulator: { state: simulatorAt(now, room), caught: caughtAt(now) },
    };
  };
  const caughtAt = (now: number) =>
    incidents.length === 0 || session === null
      ? []
      : deliveriesAt(now).map(({ channel, to, subject, body }) => ({
          at: iso(now - 520_000),
          channel: channel === 'phone' ? ('webhook' as const) : ('smtp' as const),
          to,
          subject,
          body,
        }));

  const write = (stream: ServerResponse, name: string, data: unknown): void => {
    sequence += 1;
    stream.write(`id: ${sequence}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  const emit: MockServer['emit'] = (name, data) => {
    for (const stream of streams) write(stream, name, data);
  };
  const send = (response: ServerResponse, status: number, body: unknown): void => {
    response.writeHead(status, {
      'content-type': status >= 400 ? 'application/problem+json' : 'application/json',
      'cache-control': 'no-store',
    });
    response.end(status === 204 ? undefined : JSON.stringify(body));
  };
  const fail = (response: ServerResponse, status: number, code: string, detail = ''): void =>
    send(response, status, { type: 'about:blank', title: code, status, code, detail });

  const bodyOf = async (request: IncomingMessage): Promise<unknown> => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    return text === '' ? null : JSON.parse(text);
  };

  async function answerCommand(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = commandBodySchema.safeParse(await bodyOf(request));
    if (request.headers['x-zhishou-csrf'] !== 'csrf-of-test') return fail(response, 403, 'FORBIDDEN');
    if (!body.success) return fail(response, 400, 'BAD_REQUEST', body.error.message);
    keys.push(String(request.headers['idempotency-key']));
    commands.push(body.data);
    await held;
    if (refusal !== null) return fail(response, refusal.status, refusal.code, refusal.detail);
    send(response, 200, { id: '1', ok: true, error: null, detail: null, created: null });
  }

  const routes: Record<string, (request: IncomingMessage, response: ServerResponse, url: URL) => void | Promise<void>> =
    {
      'GET /session': (_request, response) =>
        session === null ? fail(response, 401, 'NOT_SIGNED_IN') : send(response, 200, session),
      'POST /session': async (request, response) => {
        const body = (await bodyOf(request)) as { password?: string };
        if (body.password !== 'right-password') return fail(response, 401, 'WRONG_CREDENTIALS');
        session = sessionOf('duty', false);
        send(response, 200, session);
      },
      'DELETE /session': (_request, response) => {
        session = null;
        send(response, 204, null);
      },
      'GET /health': (_request, response) =>
        send(response, 200, {
          status: trouble.length === 0 ? 'ok' : 'degraded',
          version: '0',
          site: 'sample',
          simulation: true,
          uptimeS: 1,
          bus: 'up',
          services: {
            collector: { state: trouble.includes('collector') ? 'silent' : 'ok', lastMessageAgeS: 1 },
            alerts: { state: trouble.includes('alerts') ? 'silent' : 'ok', lastMessageAgeS: 1 },
          },
          history: {
            state: trouble.includes('history') || trouble.includes('thinning') ? 'failing' : 'ok',
            thinning: trouble.includes('thinning'),
            waitingBytes: 0,
            stores: [],
          },
          recorder: { state: trouble.includes('recorder') ? 'failing' : 'ok', written: 1, lost: 0, error: null },
          rejectedMessages: 0,
          liveClients: 1,
        } satisfies HealthResponse),
      'GET /live': (request, response) => {
        if (!reachable) return void request.socket.destroy();
        if (session === null && options.guests !== true) return fail(response, 401, 'NOT_SIGNED_IN');
        response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
        streams.add(response);
        response.on('close', () => streams.delete(response));
        write(response, 'snapshot', snapshot());
      },
      'GET /readings/history': (_request, response, url) => {
        const query = (name: string): string => url.searchParams.get(name) ?? '';
        send(
          response,
          200,
          historyOf(
            query('device'),
            query('point'),
            Date.parse(query('from')),
            Date.parse(query('to')),
            Number(query('points')),
          ),
        );
      },
      'GET /history': (_request, response, { searchParams: query }) => send(response, 200, manyAt(query)),
      'GET /device-addresses': (_request, response) =>
        send(response, 200, { addresses: { 'ups-1': '10.1.2.5:161, SNMP 2c' } }),
      'GET /devices/ups-1/context': (_request, response) => send(response, 200, contextAt(Date.now())),
      'POST /surveys': async (request, response) => {
        surveys.push(await bodyOf(request));
        send(response, 202, { id: 'survey-1' });
      },
      'GET /surveys/survey-1': (_request, response) => send(response, 200, diagnosisAt(Date.now())),
      'DELETE /surveys/survey-1': (_request, response) => send(response, 204, null),
      'GET /history/marks': (_request, response) =>
        send(response, 200, { marks: marksAt(Date.now()), truncated: false }),
      'GET /rota': (_request, response, { searchParams: query }) =>
        send(response, 200, rotaAt(rota, query.get('from') ?? '', query.get('to') ?? '', Date.now())),
      'GET /calendar': (_request, response, { searchParams: query }) =>
        send(response, 200, calendarAt(query.get('from') ?? '', query.get('to') ?? '', Date.now())),
      'GET /rota-feed': (_request, response) => send(response, 200, { feed: null }),
      'GET /wall': (_request, response) =>
        session === null && options.guests !== true
          ? fail(response, 401, 'NOT_SIGNED_IN', 'Sign in first (/api/v1/wall): asked from 192.0.2.77')
          : send(response, 200, wallAt(Date.now(), options.weather)),
      'GET /alerts': (_request, response) => send(response, 200, { alerts }),
      'GET /out-of-service': (_request, response) => send(response, 200, outOfServiceAt(Date.now())),
      'GET /journal': (_request, response) =>
        send(response, 200, { journal: { at: iso(Date.now() - 600_000), records: 412, broken: null } }),
      'GET /tasks': (_request, response) => send(response, 200, { tasks: tasksAt(Date.now()) }),
      'GET /plans': (_request, response) => send(response, 200, PLANS),
      'GET /deliveries': (_request, response) => send(response, 200, { deliveries: deliveriesAt(Date.now()) }),
      'GET /simulator': (_request, response) =>
        send(response, 200, { state: simulatorAt(Date.now(), room), caught: caughtAt(Date.now()) }),
      'GET /users': (_request, response) =>
        send(response, 200, {
          users: [
            sessionOf('administrator', false).user,
            { ...sessionOf('duty', false).user, user: 'lin-hao', name: '林浩' },
          ],
        }),
      'POST /commands': answerCommand,
      'POST /simulator': async (request, response) => {
        const order = simulatorCommandSchema.parse(await bodyOf(request));
        if (order.kind === 'mains') room.mains = order.present;
        send(response, 202, { accepted: true });
        emit('simulator', simulatorAt(Date.now(), room));
      },
    };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    asked.push(request.url ?? '');
    const url = new URL(request.url ?? '/', 'http://mock');
    if (!url.pathname.startsWith('/api/v1')) return sendFile(url.pathname, response);
    if ((await options.also?.(request, response, url)) === true) return;
    const path = url.pathname.slice('/api/v1'.length);
    const route = routes[`${request.method} ${path}`];
    if (route !== undefined) return route(request, response, url);
    const foreseen = /^\/incidents\/[^/]+\/forecast$/.test(path);
    if (foreseen && options.forecast !== undefined) return send(response, 200, { forecast: options.forecast() });
    const [, id, rest] = /^\/incidents\/([^/]+)(\/report)?$/.exec(path) ?? [];
    const found = incidents.find((incident) => incident.id === id);
    if (found === undefined) return fail(response, 404, 'NOT_FOUND');
    send(response, 200, rest === undefined ? found : reportAt(Date.now()));
  }

  async function sendFile(path: string, response: ServerResponse): Promise<void> {
    const page = path === '/wall' ? 'wall.html' : 'index.html';
    const wanted = extname(path) === '' ? page : normalize(path).replace(/^(\.\.[/\\])+/, '');
    const bytes = await readFile(join(options.folder ?? DIST, wanted)).catch(() => null);
    if (bytes === null) return fail(response, 404, 'NOT_FOUND');
    response.writeHead(200, {
      'content-type': TYPES[extname(wanted)] ?? 'application/octet-stream',
      'content-security-policy': CSP,
    });
    response.end(bytes);
  }

  const server = createServer((request, response) => {
    if (gone) return void request.socket.destroy();
    answer(request, response).catch((thrown: unknown) => fail(response, 500, 'INVARIANT', String(thrown)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const moving = setInterval(
    () => emit('readings', { at: iso(Date.now()), readings: readingsAt(Date.now(), room) }),
    1000,
  );

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    room,
    commands,
    surveys,
    asked,
    keys,
    rota,
    emit,
    setIncidents: (...next) => {
      incidents = next;
      for (const incident of next) emit('incident', incident);
    },
    setAlerts: (...next) => {
      alerts = next;
      for (const alert of next) emit('alert', alert);
    },
    refuseCommands: (problem) => {
      refusal = problem;
    },
    holdCommands: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return () => {
        held = null;
        resolve();
      };
    },
    setGone: (now) => {
      gone = now;
      if (gone) server.closeAllConnections();
    },
    setTrouble: (...parts) => {
      trouble = parts;
    },
    setReachable: (next) => {
      reachable = next;
      if (!next) for (const stream of streams) stream.destroy();
    },
    close: async () => {
      clearInterval(moving);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
