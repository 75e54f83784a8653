import { z } from 'zod';
import type { TasksResponse } from '#core/api.ts';
import type { TaskView } from '#core/task.ts';
import { nextSchema } from '../paging.ts';
import { isoSchema } from './payloads.ts';

/** Tasks on the wire; types: core/task.ts. */
export const taskSchema = z
  .object({
    id: z.string(),
    version: z.string(),
    title: z.object({ zh: z.string(), en: z.string() }),
    state: z.enum(['open', 'done', 'dropped']),
    owner: z.string().nullable(),
    dueAt: isoSchema,
    overdue: z.boolean(),
    incident: z.string().nullable(),
    plan: z.object({ id: z.string(), version: z.string() }).nullable(),
    drill: z.boolean(),
    createdAt: isoSchema,
    createdBy: z.string(),
    history: z.array(z.object({ at: isoSchema, by: z.string(), change: z.string(), note: z.string().nullable() })),
  })
  .meta({ id: 'Task' }) satisfies z.ZodType<TaskView>;

export const tasksSchema = z
  .object({ tasks: z.array(taskSchema), next: nextSchema })
  .meta({ id: 'Tasks' }) satisfies z.ZodType<TasksResponse>;
