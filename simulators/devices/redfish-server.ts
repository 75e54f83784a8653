import { randomBytes } from 'node:crypto';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { messageOf, ZhishouError } from '#core/errors.ts';
import { type Clock, type Stop, sleep } from '#core/ports.ts';
import { milliseconds } from '#core/time.ts';
import { sameSecret } from '#platform/secrets.ts';
import { NO_SCHEMAS } from '../no-schemas.ts';
import { ORDER_OF, type PowerSwitch, type RedfishReset } from './power-switch.ts';
import { addChassis, chassisResources, type RedfishChassis } from './redfish-chassis.ts';

/** A management controller's Redfish service (DSP0266) in front of simulated machines: Basic and session login, one system a machine. */
export interface RedfishServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly clock: Clock;
  readonly user: string;
  readonly password: string;
  readonly systems: readonly RedfishSystem[];
  /** DSP0266, the query parameter $expand. */
  readonly expands?: boolean;
  /** With them it speaks TLS. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

export interface RedfishSystem {
  readonly id: string;
  readonly machine: PowerSwitch;
  /** What `ComputerSystem.Reset` offers. */
  readonly resets: readonly RedfishReset[];
  /** The offer stands in an ActionInfo resource of its own instead of beside the action. */
  readonly byActionInfo?: boolean;
  /** What its sensors say at this moment; without it there is no chassis. */
  readonly chassis?: () => RedfishChassis;
}

/**
 * silent: takes the connection and never answers · busy: 503, nothing done · fails: does it and answers 500 · drops: does it
 * and cuts the connection · refuses: answers 400 to every reset.
 */
export type RedfishFault = 'none' | 'silent' | 'busy' | 'fails' | 'drops' | 'refuses';

export interface RedfishServer {
  readonly port: number;
  readonly url: string;
  /** Each request, newest last: `POST /redfish/v1/Systems/1/Actions/ComputerSystem.Reset 204`. */
  readonly requests: readonly string[];
  /** Sessions that are open. */
  sessions(): number;
  setFault(fault: RedfishFault, delayMs?: number): void;
  readonly stop: Stop;
}

const MOST_SESSIONS = 8;
const MOST_REQUESTS = 1000;
const SESSIONS = '/redfish/v1/SessionService/Sessions';

interface Service {
  readonly options: RedfishServerOptions;
  /** Token → the session's id. */
  readonly tokens: Map<string, string>;
  readonly requests: string[];
  fault: RedfishFault;
  delayMs: number;
}

export async function startRedfishServer(options: RedfishServerOptions): Promise<RedfishServer> {
  const service: Service = { options, tokens: new Map(), requests: [], fault: 'none', delayMs: 0 };
  const base = { ...NO_SCHEMAS, logger: false, bodyLimit: 16 * 1024, forceCloseConnections: true } as const;
  // Fastify's type depends on whether it speaks TLS; its routes do not.
  const app = (options.tls === undefined
    ? fastify(base)
    : fastify({ ...base, https: { ...options.tls } })) as unknown as FastifyInstance;
  addHooks(app, service);
  addLogin(app, service);
  addSystems(app, service);
  addChassis(app, chassisOf(options), (id) => chassisOfSystem(options, id), noSuch('chassis'));
  try {
    await app.listen({ host: options.host, port: options.port });
  } catch (error) {
    const where = `redfish ${options.host}:${options.port}`;
    throw new ZhishouError('UNREACHABLE', where, messageOf(error), { cause: error });
  }
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  return {
    port,
    url: `http${options.tls === undefined ? '' : 's'}://${options.host}:${port}`,
    requests: service.requests,
    sessions: () => service.tokens.size,
    setFault: (fault, delayMs = 0) => Object.assign(service, { fault, delayMs }),
    stop: () => app.close(),
  };
}

function addHooks(app: FastifyInstance, service: Service): void {
  const { clock } = service.options;
  app.addHook('onRequest', async (request, reply) => {
    // Never answered; closing the server ends it.
    if (service.fault === 'silent') return await new Promise<never>(() => {});
    // A controller without power: whoever asks it is cut off.
    if (service.options.systems.every(({ machine }) => machine.power() === null)) return dropped(request, reply);
    if (service.delayMs > 0) await sleep(clock, milliseconds(service.delayMs));
    if (!isOpen(request) && !isSignedIn(request, service))
      return await refuse(reply, 401, 'NoValidSession', 'There is no valid session.');
  });
  app.addHook('onResponse', async (request, reply) => {
    service.requests.push(`${request.method} ${request.url} ${reply.statusCode}`);
    if (service.requests.length > MOST_REQUESTS) service.requests.shift();
  });
}

/** DSP0266: the root and the login are for everybody. */
const isOpen = ({ method, url }: FastifyRequest): boolean =>
  /^\/redfish(\/v1)?\/?$/.test(url) || (method === 'POST' && url === SESSIONS);

function isSignedIn({ headers }: FastifyRequest, { options, tokens }: Service): boolean {
  const token = headers['x-auth-token'];
  if (typeof token === 'string') return tokens.has(token);
  const basic = /^Basic (.+)$/.exec(headers.authorization ?? '')?.[1];
  if (basic === undefined) return false;
  return sameSecret(Buffer.from(basic, 'base64').toString('utf8'), `${options.user}:${options.password}`);
}

const loginSchema = z.object({ UserName: z.string(), Password: z.string() });

function addLogin(app: FastifyInstance, { options, tokens }: Service): void {
  app.get('/redfish', async () => ({ v1: '/redfish/v1/' }));
  const root = {
    '@odata.id': '/redfish/v1/',
    RedfishVersion: '1.15.0',
    Systems: { '@odata.id': '/redfish/v1/Systems' },
    ...(chassisOf(options).length === 0 ? {} : { Chassis: { '@odata.id': '/redfish/v1/Chassis' } }),
    ProtocolFeaturesSupported: { ExpandQuery: { NoLinks: options.expands === true, Levels: true, MaxLevels: 1 } },
  };
  for (const path of ['/redfish/v1', '/redfish/v1/'])
    app.get(path, async () => ({ ...root, Links: { Sessions: { '@odata.id': SESSIONS } } }));
  app.post(SESSIONS, async (request, reply) => {
    const login = loginSchema.safeParse(request.body);
    const right =
      login.success &&
      sameSecret(`${login.data.UserName}:${login.data.Password}`, `${options.user}:${options.password}`);
    if (!right) return refuse(reply, 401, 'ResourceAtUriUnauthorized', 'The user name or the password is wrong.');
    if (tokens.size >= MOST_SESSIONS) return refuse(reply, 503, 'SessionLimitExceeded', 'All sessions are in use.');
    const [token, id] = [randomBytes(16).toString('hex'), randomBytes(4).toString('hex')];
    tokens.set(token, id);
    reply.header('x-auth-token', token).header('location', `${SESSIONS}/${id}`);
    return reply.status(201).send({ '@odata.id': `${SESSIONS}/${id}`, Id: id, UserName: options.user });
  });
  app.delete<{ Params: { id: string } }>(`${SESSIONS}/:id`, async (request, reply) => {
    const token = [...tokens].find(([, id]) => id === request.params.id)?.[0];
    if (token === undefined) return refuse(reply, 404, 'ResourceMissingAtURI', 'There is no such session.');
    tokens.delete(token);
    return reply.status(204).send();
  });
}

type WithId = { Params: { id: string } };

function addSystems(app: FastifyInstance, service: Service): void {
  const { systems } = service.options;
  const find = (id: string): RedfishSystem | undefined => systems.find((one) => one.id === id);
  const missing = noSuch('system');
  app.get('/redfish/v1/Systems', async () => ({
    'Members@odata.count': systems.length,
    Members: systems.map(({ id }) => ({ '@odata.id': `/redfish/v1/Systems/${id}` })),
  }));
  app.get<WithId>('/redfish/v1/Systems/:id', async (request, reply) => {
    const system = find(request.params.id);
    return system === undefined ? missing(reply) : showSystem(system);
  });
  app.get<WithId>('/redfish/v1/Systems/:id/ResetActionInfo', async (request, reply) => {
    const system = find(request.params.id);
    if (system === undefined) return missing(reply);
    return { Parameters: [{ Name: 'ResetType', Required: true, AllowableValues: system.resets }] };
  });
  app.post<WithId>('/redfish/v1/Systems/:id/Actions/ComputerSystem.Reset', async (request, reply) => {
    const system = find(request.params.id);
    return system === undefined ? missing(reply) : resetSystem(system, service, request, reply);
  });
}

const noSuch =
  (what: string) =>
  (reply: FastifyReply): FastifyReply =>
    refuse(reply, 404, 'ResourceMissingAtURI', `There is no such ${what}.`);

/** A system's chassis bears its name. */
const chassisOf = ({ systems }: RedfishServerOptions): string[] =>
  systems.flatMap(({ id, chassis }) => (chassis === undefined ? [] : [id]));

function chassisOfSystem({ systems }: RedfishServerOptions, id: string): ReadonlyMap<string, object> | null {
  const chassis = systems.find((one) => one.id === id)?.chassis;
  return chassis === undefined ? null : chassisResources(id, id, chassis());
}

function showSystem({ id, machine, resets, byActionInfo, chassis }: RedfishSystem): object {
  const path = `/redfish/v1/Systems/${id}`;
  return {
    '@odata.id': path,
    Id: id,
    Name: id,
    ...(chassis === undefined
      ? {}
      : {
          Links: { Chassis: [{ '@odata.id': `/redfish/v1/Chassis/${id}` }] },
          Status: { State: 'Enabled', Health: 'OK' },
        }),
    // DSP2046, PowerState.
    PowerState: machine.power() === 'on' ? 'On' : 'Off',
    Actions: {
      '#ComputerSystem.Reset': {
        target: `${path}/Actions/ComputerSystem.Reset`,
        ...(byActionInfo === true
          ? { '@Redfish.ActionInfo': `${path}/ResetActionInfo` }
          : { 'ResetType@Redfish.AllowableValues': resets }),
      },
    },
  };
}

const resetSchema = z.object({ ResetType: z.string() });

async function resetSystem(
  { machine, resets }: RedfishSystem,
  service: Service,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { options, fault } = service;
  const wanted = resetSchema.safeParse(request.body).data?.ResetType;
  const reset = resets.find((one) => one === wanted);
  if (reset === undefined || fault === 'refuses')
    return refuse(reply, 400, 'ActionParameterNotSupported', `ResetType ${wanted ?? ''} is not supported.`);
  if (fault === 'busy') return refuse(reply, 503, 'ServiceTemporarilyUnavailable', 'Try again later.');
  const outcome = machine.order(ORDER_OF[reset], `redfish ${options.host}:${request.socket.localPort ?? 0}`);
  if (outcome === 'unreachable') return dropped(request, reply);
  if (outcome === 'refused') return refuse(reply, 409, 'ActionNotSupported', 'The system cannot do this now.');
  if (fault === 'drops') return dropped(request, reply);
  if (fault === 'fails') return refuse(reply, 500, 'InternalError', 'The request failed due to an internal error.');
  return reply.status(204).send();
}

function dropped(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  request.socket.destroy();
  return reply.hijack();
}

/** DSP0266, Error responses. */
function refuse(reply: FastifyReply, status: number, id: string, message: string): FastifyReply {
  const error = {
    code: `Base.1.15.${id}`,
    message,
    '@Message.ExtendedInfo': [{ MessageId: `Base.1.15.${id}`, Message: message, Severity: 'Warning' }],
  };
  return reply.status(status).send({ error });
}
