import type { RulesResponse } from '#core/api.ts';
import { countFired } from '../rules/fired.ts';
import { problemSchema } from '../schemas/answers.ts';
import { rulesResponseSchema } from '../schemas/rules.ts';
import { API, type Context, type Server } from './context.ts';

/** The rules that really run, and how often each fired. */

export function ruleRoutes(server: Server, { model, clock }: Context): void {
  server.get(
    `${API}/rules`,
    {
      config: { access: { who: 'viewer' } },
      schema: {
        tags: ['rules'],
        summary: 'The rules that run now, what was changed of them on the page, and how often each fired in 30 days',
        response: { 200: rulesResponseSchema, default: problemSchema },
      },
    },
    async (): Promise<RulesResponse> => ({ view: model.rules(), ...countFired(model.alerts(), clock.now()) }),
  );
}
