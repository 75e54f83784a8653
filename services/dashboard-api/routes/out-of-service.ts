import type { OutOfService } from '#core/maintenance.ts';
import { problemSchema } from '../schemas/answers.ts';
import { outOfServiceSchema } from '../schemas/out-of-service.ts';
import { API, type Context, type Server } from './context.ts';

/** Maintenance windows and what is shelved, with who did it and why. */
export function outOfServiceRoutes(server: Server, { model }: Context): void {
  server.get(
    `${API}/out-of-service`,
    {
      config: { access: { who: 'viewer' } },
      schema: {
        tags: ['incidents'],
        summary: 'Equipment out of service: maintenance windows and shelved alerts (ISA-18.2)',
        response: { 200: outOfServiceSchema, default: problemSchema },
      },
    },
    async (): Promise<OutOfService> => model.outOfService(),
  );
}
