import type { FastifyRequest } from 'fastify';
import type { LiveEventName } from '#core/api.ts';
import type { CommandBody } from '#core/command.ts';
import { versionOfEntry } from '../registers/register-views.ts';
import { API, type Context } from '../routes/context.ts';
import { rotaVersion, ruleVersions, userVersion, versionOf } from './version-of.ts';

/** What has a version that costs nothing to know, and what several people edit: the one place where both are written down. */

/** Of what an answer is made, in the words of the live stream: it is another one only when one of these has changed. */
export const MADE_OF: Readonly<Record<string, readonly LiveEventName[]>> = {
  [`${API}/devices`]: ['device'],
  [`${API}/devices/:id`]: ['device', 'readings', 'alert'],
  [`${API}/readings/latest`]: ['readings'],
  [`${API}/alerts`]: ['alert'],
  [`${API}/incidents`]: ['incident'],
  [`${API}/incidents/:id`]: ['incident'],
  [`${API}/deliveries`]: ['delivery'],
  [`${API}/readiness`]: ['readiness'],
  [`${API}/outages`]: ['outages'],
};

/** One thing that people edit, and which version of it there is now. */
export interface Versioned {
  readonly target: string;
  readonly version: string;
}

/** Null: there is no such thing, or what is asked for changes nothing that could be overwritten. */
type Find = (context: Context, request: FastifyRequest) => Versioned | null;

const ENTRY = `${API}/registers/:register/entries/:entry`;

/** By method and route. A changing one takes `If-Match`; a looking one answers the same as its `ETag`. */
export const VERSIONED: Readonly<Record<string, Find>> = {
  [`GET ${API}/tasks/:id`]: task,
  [`PATCH ${API}/tasks/:id`]: task,
  [`GET ${API}/users/:user`]: user,
  [`PATCH ${API}/users/:user`]: user,
  [`GET ${API}/out-of-service`]: outOfService,
  [`POST ${API}/duties/:occurrence/done`]: duty,
  [`POST ${API}/duties/:occurrence/waive`]: duty,
  [`GET ${API}/meetings/:id`]: meeting,
  [`PATCH ${API}/meetings/:id`]: meeting,
  [`POST ${API}/meetings/:id/close`]: meeting,
  [`POST ${API}/commands`]: command,
  [`GET ${ENTRY}`]: registerEntry,
  [`PATCH ${ENTRY}`]: registerEntry,
  [`POST ${ENTRY}/moves`]: registerEntry,
  [`POST ${ENTRY}/photos`]: registerEntry,
};

function task({ tasks }: Context, request: FastifyRequest): Versioned | null {
  const { id } = request.params as { id: string };
  const found = tasks.get(id);
  return found === null ? null : { target: `task/${id}`, version: found.version };
}

function registerEntry({ paperwork: { registers } }: Context, request: FastifyRequest): Versioned | null {
  const { register, entry } = request.params as { register: string; entry: string };
  const found = registers.record(register, entry);
  return found === null ? null : { target: `${register}/${entry}`, version: versionOfEntry(register, found) };
}

function duty({ paperwork }: Context, request: FastifyRequest): Versioned | null {
  const { occurrence } = request.params as { occurrence: string };
  const version = paperwork.duties.version(occurrence);
  return version === null ? null : { target: `duty/${occurrence}`, version };
}

function meeting({ paperwork }: Context, request: FastifyRequest): Versioned | null {
  const { id } = request.params as { id: string };
  const version = paperwork.meetings.version(id);
  return version === null ? null : { target: `meeting/${id}`, version };
}

function user({ accounts }: Context, request: FastifyRequest): Versioned | null {
  const { user: name } = request.params as { user: string };
  const found = accounts.user(name);
  return found === null ? null : { target: `user/${name}`, version: userVersion(found) };
}

/** An order of which the answer is known is answered again, whatever has changed since (Idempotency-Key). */
export const isGivenAgain = ({ commands }: Context, { headers, routeOptions }: FastifyRequest): boolean => {
  const key = headers['idempotency-key'];
  return routeOptions.url === `${API}/commands` && typeof key === 'string' && commands.knows(key);
};

function outOfService({ model }: Context): Versioned {
  return { target: 'out-of-service', version: versionOf(model.outOfService()) };
}

function command(context: Context, { body }: FastifyRequest): Versioned | null {
  const { model } = context;
  const order = body as CommandBody;
  switch (order.kind) {
    case 'rule.override':
    case 'rule.override-remove': {
      const { [order.rule]: version } = ruleVersions(model.rules());
      return version === undefined ? null : { target: `rule/${order.rule}`, version };
    }
    case 'rota.swap':
    case 'rota.cover':
    case 'rota.cancel':
    case 'rota.note':
      return { target: 'rota', version: rotaVersion(model.rota()) };
    case 'maintenance.start':
    case 'maintenance.end':
    case 'alert.unshelve':
      return outOfService(context);
    default:
      return null;
  }
}
