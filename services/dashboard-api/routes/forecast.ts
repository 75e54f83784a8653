import { z } from 'zod';
import { ZhishouError } from '#core/errors.ts';
import type { ForecastResponse } from '#core/forecast.ts';
import { problemSchema } from '../schemas/answers.ts';
import { forecastResponseSchema } from '../schemas/forecast.ts';
import { API, type Context, type Server } from './context.ts';
import { idParameter } from './readings.ts';

/** What each answer to an incident would lead to: worked out by the service that decides, told here as it said it last. */
export function forecastRoutes(server: Server, { model }: Context): void {
  server.get(
    `${API}/incidents/:id/forecast`,
    {
      config: { access: { who: 'reader' } },
      schema: {
        tags: ['incidents'],
        summary: 'What each answer and order would lead to now; null: closed, or not worked out yet',
        params: z.strictObject({ id: idParameter }),
        response: { 200: forecastResponseSchema, default: problemSchema },
      },
    },
    async ({ params: { id } }): Promise<ForecastResponse> => {
      const incident = model.incident(id);
      if (incident === null) throw new ZhishouError('NOT_FOUND', id, 'no such incident');
      // What was kept on the bus of one that ended while nobody listened says nothing any more.
      return { forecast: incident.phase === 'closed' ? null : model.forecast(id) };
    },
  );
}
