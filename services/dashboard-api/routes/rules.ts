import { z } from 'zod';
import { overrideValuesSchema } from '#core/command.ts';
import type { Device } from '#core/config/device.ts';
import type { Rule } from '#core/config/rule.ts';
import { selects } from '#core/config/selector.ts';
import { ZhishouError } from '#core/errors.ts';
import type { OverrideValues } from '#core/rule-override.ts';
import type { RulesResponse, RuleTryResponse } from '#core/rules-view.ts';
import { hours, minus } from '#core/time.ts';
import { ruleVersions } from '../conditional/version-of.ts';
import { SETTLE_LIMIT } from '../history.ts';
import { countFired } from '../rules/fired.ts';
import { tryRule } from '../rules/try-rule.ts';
import { problemSchema } from '../schemas/answers.ts';
import { rulesResponseSchema, ruleTrySchema } from '../schemas/rules.ts';
import { API, type Context, type Server } from './context.ts';

/** The rules that really run, how often each fired, and how often one would have with other numbers. */

/** People who try something at once; each has one going. */
const MOST_TRYING = 4;

const tryQuery = z.strictObject({
  rule: z.string().min(1).max(100),
  device: z.string().min(1).max(100),
  days: z.coerce.number().int().min(1).max(30).default(7),
  /** JSON as in the command `rule.override`; none: only how it is now. */
  values: z
    .string()
    .max(10_000)
    .default('{}')
    .transform((text, context): OverrideValues => {
      if (text === '{}') return {};
      const parsed = overrideValuesSchema.safeParse(jsonOf(text));
      if (parsed.success) return parsed.data;
      context.addIssue({ code: 'custom', message: parsed.error.issues[0]?.message ?? 'no values' });
      return z.NEVER;
    }),
});

export function ruleRoutes(server: Server, context: Context): void {
  const { model, clock, config, history, wall } = context;
  /** By person: what was asked before is not wanted any more. */
  const trying = new Map<string, AbortController>();

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
    async (): Promise<RulesResponse> => {
      const view = model.rules();
      const fired = countFired(model.alerts(), clock.now());
      return {
        view,
        ...fired,
        concerned: concernedBy(view?.rules ?? [], config.devices),
        versions: ruleVersions(view),
      };
    },
  );
  server.get(
    `${API}/rules/try`,
    {
      config: { access: { who: 'viewer' } },
      schema: {
        tags: ['rules'],
        summary: 'When a rule would have fired on a device, as it is now and with other numbers; nothing is changed',
        querystring: tryQuery,
        response: { 200: ruleTrySchema, default: problemSchema },
      },
    },
    async ({ query: { rule: id, device, days, values }, caller }): Promise<RuleTryResponse> => {
      const view = model.rules();
      const rule = view?.rules.find((one) => one.id === id);
      if (view === null || rule === undefined) throw new ZhishouError('NOT_FOUND', id, 'no such rule');
      if (model.device(device) === null) throw new ZhishouError('NOT_FOUND', device, 'no such device');
      const who = caller?.user ?? '';
      trying.get(who)?.abort();
      if (trying.size >= MOST_TRYING && !trying.has(who)) throw new ZhishouError('TOO_MANY', 'rules/try');
      const control = new AbortController();
      trying.set(who, control);
      try {
        await history.settled(SETTLE_LIMIT);
        const to = clock.now();
        const ask = { rule, overrides: view.overrides, device, values, from: minus(to, hours(24 * days)), to };
        return await tryRule(ask, { config, store: history.store, wall, signal: control.signal });
      } finally {
        if (trying.get(who) === control) trying.delete(who);
      }
    },
  );
}

const concernedBy = (rules: readonly Rule[], devices: readonly Device[]): Record<string, readonly string[]> =>
  Object.fromEntries(
    rules.map(({ id, on }) => [id, devices.filter((device) => selects(on, device)).map((device) => device.id)]),
  );

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
