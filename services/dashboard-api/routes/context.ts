import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyTypeProvider,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { z } from 'zod';
import type { Config } from '#core/config/config.ts';
import type { Bus, Clock, Log, Metrics } from '#core/ports.ts';
import type { Accounts } from '#platform/accounts-store.ts';
import type { PastDrill } from '#platform/drill-log.ts';
import type { Passwords } from '#platform/passwords.ts';
import type { RoomPlanStore } from '#platform/room-plan-store.ts';
import type { History } from '#platform/series/write-behind/history.ts';
import type { SignInParts } from '../auth/sign-in-parts.ts';
import type { CommandGateway } from '../commands/gateway.ts';
import type { Revisions } from '../conditional/revisions.ts';
import type { LinkDesk } from '../links/link-desk.ts';
import type { LiveHub } from '../live/hub.ts';
import type { Paperwork } from '../paperwork.ts';
import type { PushDesk } from '../push/push-desk.ts';
import type { Listening } from '../read-model/listen.ts';
import type { ReadModel } from '../read-model/model.ts';
import type { Surveys } from '../surveys.ts';
import type { TaskList } from '../tasks/task-list.ts';

/** The parts of the service that its routes use. */
export interface Context extends SignInParts {
  readonly config: Config;
  /** The site's clock. */
  readonly clock: Clock;
  /** Real time, for sessions and connections. */
  readonly wall: Clock;
  readonly bus: Bus;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly history: History;
  readonly accounts: Accounts;
  readonly passwords: Passwords;
  readonly model: ReadModel;
  readonly revisions: Revisions;
  readonly listening: Listening;
  readonly tasks: TaskList;
  readonly roomPlan: RoomPlanStore;
  readonly hub: LiveHub;
  readonly commands: CommandGateway;
  readonly links: LinkDesk;
  readonly surveys: Surveys;
  readonly push: PushDesk;
  readonly paperwork: Paperwork;
  /** Of this site, in any order. */
  readonly drills: () => readonly PastDrill[];
  readonly version: string;
  readonly webRoot: string;
  readonly busUp: () => boolean;
  readonly uptimeS: () => number;
}

/**
 * Requests get their types from their zod schemas. Answers are typed by core/api.ts, in each handler's return type: its arrays
 * are read-only, which zod's own output types are not.
 */
export interface RequestTypes extends FastifyTypeProvider {
  validator: this['schema'] extends z.ZodType ? z.output<this['schema']> : unknown;
  serializer: unknown;
}

/** The server with zod as the source of its requests' types. */
export type Server = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression<RawServerDefault>,
  RawReplyDefaultExpression<RawServerDefault>,
  FastifyBaseLogger,
  RequestTypes
>;

export const API = '/api/v1';
