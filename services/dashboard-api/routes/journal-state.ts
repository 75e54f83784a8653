import { z } from 'zod';
import type { JournalResponse } from '#core/journal-state.ts';
import { problemSchema } from '../schemas/answers.ts';
import { journalStateSchema } from '../schemas/journal-state.ts';
import { API, type Context, type Server } from './context.ts';

/** Whether the record of the incidents is whole, as the service that writes it checked it last. */
export function journalStateRoutes(server: Server, { model }: Context): void {
  server.get(
    `${API}/journal`,
    {
      config: { access: { who: 'viewer' } },
      schema: {
        tags: ['incidents'],
        summary: 'Is the record whole? The last check of its chain of hashes; null: not checked yet',
        response: { 200: z.object({ journal: journalStateSchema.nullable() }), default: problemSchema },
      },
    },
    async (): Promise<JournalResponse> => ({ journal: model.journalState() }),
  );
}
