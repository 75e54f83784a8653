import { z } from 'zod';
import type { SimulatorResponse } from '#core/api.ts';
import type { CommandResult } from '#core/command.ts';
import { COMMAND_ROLES, type CommandBody, commandBodySchema } from '#core/command.ts';
import { messageOf, ZhishouError } from '#core/errors.ts';
import { type SimulatorCommand, simulatorCommandSchema } from '#core/simulator.ts';
import { topic } from '#core/topics.ts';
import { refuseWhileDue, requireRole } from '../auth/access.ts';
import type { Caller } from '../auth/authentication.ts';
import { isErrorCode, ProblemError } from '../problem.ts';
import { problemSchema, simulatorSchema } from '../schemas/answers.ts';
import { commandResultSchema } from '../schemas/payloads.ts';
import { API, type Context, type Server } from './context.ts';

/** People's orders: to the plans and alerts, and to the simulated room. */

export const keySchema = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, '1 to 64 of A–Z a–z 0–9 . _ -');

export function commandRoutes(server: Server, context: Context): void {
  server.post(
    `${API}/commands`,
    {
      // The least role of any command; each kind's own is checked below.
      config: { access: { who: 'duty', whilePasswordDue: true, scopes: ['commands', 'alerts:write'] } },
      schema: {
        tags: ['commands'],
        summary: 'An order of a person, carried out by the service that owns the state',
        headers: z.looseObject({ 'idempotency-key': keySchema.optional() }),
        body: commandBodySchema,
        response: { 200: commandResultSchema, default: problemSchema },
      },
    },
    async (request): Promise<CommandResult> => {
      const { body, headers } = request;
      const caller = signedIn(request.caller);
      request.auditDetail = JSON.stringify(body).slice(0, 2000);
      requireRole(caller, COMMAND_ROLES[body.kind]);
      refuseBeyondScope(caller, body);
      refuseTokenAsSecondPerson(context, caller, body);
      if (!isForEmergencies(body)) refuseWhileDue(caller);
      const by = { user: personOf(context, caller), name: caller.name, role: caller.role };
      const result = await context.commands.send(by, body, headers['idempotency-key'] ?? null);
      if (result.ok) return result;
      const code = isErrorCode(result.error) ? result.error : 'CONFLICT';
      throw new ProblemError(code, body.kind, result.detail ?? undefined, { command: result });
    },
  );
  server.get(
    `${API}/simulator`,
    {
      config: { access: { who: 'viewer' } },
      schema: {
        tags: ['simulator'],
        summary: 'The simulated room and the messages its catchers received',
        response: { 200: simulatorSchema, default: problemSchema },
      },
    },
    async (): Promise<SimulatorResponse> => {
      refuseRealRoom(context);
      return context.model.simulator();
    },
  );
  server.post(
    `${API}/simulator`,
    {
      config: { access: { who: 'duty', scopes: ['simulator'] } },
      schema: {
        tags: ['simulator'],
        summary: 'Change the simulated room: cut the mains, …',
        body: simulatorCommandSchema,
        response: { 202: z.object({ accepted: z.literal(true) }), default: problemSchema },
      },
    },
    async (request, reply) => {
      refuseRealRoom(context);
      refuseUnknownDevice(context, request.body);
      request.auditDetail = JSON.stringify(request.body);
      try {
        await context.bus.publish(topic(context.config.site.id, 'simulator/command'), request.auditDetail);
      } catch (error) {
        if (error instanceof ZhishouError) throw error;
        throw new ZhishouError('BUS_DOWN', 'simulator', messageOf(error), { cause: error });
      }
      return reply.code(202).send({ accepted: true as const });
    },
  );
}

function refuseRealRoom({ config }: Context): void {
  if (!config.site.simulation) throw new ZhishouError('NOT_FOUND', 'simulator', 'this site is a real one');
}

/** The room itself would only write it into its log. */
function refuseUnknownDevice({ config }: Context, command: SimulatorCommand): void {
  const device = 'device' in command ? command.device : undefined;
  if (device !== undefined && !config.devices.some(({ id }) => id === device))
    throw new ZhishouError('NOT_FOUND', device, 'no such device');
}

function signedIn(caller: Caller | null): Caller {
  if (caller === null) throw new ZhishouError('NOT_SIGNED_IN', 'session');
  return caller;
}

/** The record names the person of people.yaml whose account it is; an account without one stands for itself. */
function personOf({ accounts }: Context, caller: Caller): string {
  return (caller.kind === 'session' ? accounts.user(caller.user)?.person : null) ?? caller.user;
}

/** A token for alerts alone orders nothing else. */
function refuseBeyondScope(caller: Caller, { kind }: CommandBody): void {
  if (caller.kind !== 'token' || caller.scopes.includes('commands') || kind.startsWith('alert.')) return;
  throw new ZhishouError('FORBIDDEN', caller.user, 'this API token lacks the scope commands');
}

/** What several people must say (to cut a room's power) no program says: two tokens are not two people. */
function refuseTokenAsSecondPerson({ model }: Context, caller: Caller, body: CommandBody): void {
  if (caller.kind !== 'token' || body.kind !== 'incident.answer') return;
  const step = model.incident(body.incident)?.steps.find(({ id }) => id === body.step);
  const people = step?.answers.find(({ id }) => id === body.answer)?.people ?? 1;
  if (people > 1)
    throw new ZhishouError('FORBIDDEN', caller.user, `${people} people must say so, and a program is none`);
}

/** An old password never stands between a person and an emergency. */
const isForEmergencies = ({ kind }: CommandBody): boolean =>
  kind.startsWith('incident.') || kind === 'alert.acknowledge';
