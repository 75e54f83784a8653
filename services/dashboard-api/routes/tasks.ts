import { z } from 'zod';
import type { TasksResponse } from '#core/api.ts';
import { roleAtLeast } from '#core/command.ts';
import { ZhishouError } from '#core/errors.ts';
import type { TaskView } from '#core/task.ts';
import { sameText } from '#core/text.ts';
import { instant, toIso } from '#core/time.ts';
import { type Order, pageQuery, toPage } from '../paging.ts';
import { problemSchema } from '../schemas/answers.ts';
import { taskSchema, tasksSchema } from '../schemas/task.ts';
import { API, type Context, type Server } from './context.ts';
import { idParameter } from './readings.ts';

/** Improvement items as tracked tasks (O-RPT-1). */

const LATEST = Date.UTC(9999, 11, 31);
const READER = { access: { who: 'reader' } } as const;
const DUTY = { access: { who: 'duty', scopes: ['tasks:write'] } } as const;
/** Kept and answered in UTC, whatever zone it came in: else the order of the list would hang on who wrote it. */
const when = z.iso
  .datetime({ offset: true })
  .refine((text) => Date.parse(text) <= LATEST, 'is later than the year 9999')
  .transform((text) => toIso(instant(Date.parse(text))));
const note = z.string().trim().min(1).max(1000);

/** Open ones first. */
const BY_DUE_TIME: Order<TaskView> = {
  by: [({ state }) => Number(state !== 'open'), ({ dueAt }) => dueAt, ({ id }) => id],
  newest: false,
};

export function taskRoutes(server: Server, context: Context): void {
  lookingRoutes(server, context);
  changingRoutes(server, context);
}

function lookingRoutes(server: Server, { tasks }: Context): void {
  server.get(
    `${API}/tasks`,
    {
      config: READER,
      schema: {
        tags: ['tasks'],
        summary: 'Tasks, open ones first, by their due time',
        querystring: z.strictObject({ state: z.enum(['open', 'all']).default('open'), ...pageQuery }),
        response: { 200: tasksSchema, default: problemSchema },
      },
    },
    async ({ query: { state, ...wanted } }): Promise<TasksResponse> => {
      const all = tasks.all().filter((task) => state === 'all' || task.state === 'open');
      const { page, next } = toPage(all, BY_DUE_TIME, wanted);
      return { tasks: page, next };
    },
  );
  server.get(
    `${API}/tasks/:id`,
    {
      config: READER,
      schema: {
        tags: ['tasks'],
        summary: 'One task; its ETag is for changing it',
        params: z.strictObject({ id: idParameter }),
        response: { 200: taskSchema, default: problemSchema },
      },
    },
    async ({ params: { id } }): Promise<TaskView> => {
      const task = tasks.get(id);
      if (task === null) throw new ZhishouError('NOT_FOUND', id, 'no such task');
      return task;
    },
  );
}

function changingRoutes(server: Server, { tasks }: Context): void {
  server.post(
    `${API}/tasks`,
    {
      config: DUTY,
      schema: {
        tags: ['tasks'],
        summary: 'Write a task down',
        body: z.strictObject({
          title: z.string().trim().min(1).max(500),
          owner: idParameter.nullable().default(null),
          dueAt: when.nullable().default(null),
          incident: idParameter.nullable().default(null),
        }),
        response: { 201: taskSchema, default: problemSchema },
      },
    },
    async ({ body, caller }, reply): Promise<TaskView> => {
      const task = tasks.add({ ...body, title: sameText(body.title) }, caller?.user ?? '');
      reply.code(201);
      return task;
    },
  );
  server.patch(
    `${API}/tasks/:id`,
    {
      config: DUTY,
      schema: {
        tags: ['tasks'],
        summary: 'Done, given to somebody else, put off, noted; an operator may drop it with a reason',
        params: z.strictObject({ id: idParameter }),
        body: z.strictObject({
          state: z.enum(['open', 'done', 'dropped']).optional(),
          owner: idParameter.nullable().optional(),
          dueAt: when.optional(),
          note: note.optional(),
        }),
        response: { 200: taskSchema, default: problemSchema },
      },
    },
    async ({ params: { id }, body, caller }): Promise<TaskView> => {
      if (body.state === 'dropped' && (caller === null || !roleAtLeast(caller.role, 'operator')))
        throw new ZhishouError('FORBIDDEN', id, 'dropping a task needs the role operator');
      return tasks.change(id, body, caller?.user ?? '');
    },
  );
}
