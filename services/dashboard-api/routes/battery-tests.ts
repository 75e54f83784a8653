import { z } from 'zod';
import type { Config } from '#core/config/config.ts';
import { ZhishouError } from '#core/errors.ts';
import type {
  BatteryTestResponse,
  BatteryTestSummary,
  BatteryTestsResponse,
  BatteryTestView,
  TestableUps,
} from '#core/paperwork/battery-test.ts';
import { pageQuery, toPage } from '../paging.ts';
import { problemSchema } from '../schemas/answers.ts';
import { batteryTestResponseSchema, batteryTestsResponseSchema } from '../schemas/battery-test.ts';
import { API, type Context, type Server } from './context.ts';
import { idParameter } from './readings.ts';

/** The guided battery tests (O-BAT-1): looked at here, ordered through POST /commands like all orders. */
export function batteryTestRoutes(server: Server, { config, model }: Context): void {
  server.get(
    `${API}/battery-tests`,
    {
      config: { access: { who: 'reader' } },
      schema: {
        tags: ['battery tests'],
        summary: 'Battery tests without their curves, newest first, and the UPSes that may be tested',
        querystring: z.strictObject({ ...pageQuery, ups: idParameter.optional() }),
        response: { 200: batteryTestsResponseSchema, default: problemSchema },
      },
    },
    async ({ query }): Promise<BatteryTestsResponse> => {
      const all = model.batteryTests().filter(({ ups }) => query.ups === undefined || ups === query.ups);
      const { page, next } = toPage(all, { by: [({ createdAt }) => createdAt, ({ id }) => id], newest: true }, query);
      return { tests: page.map(toSummary), next, upses: testableOf(config) };
    },
  );
  server.get(
    `${API}/battery-tests/:id`,
    {
      config: { access: { who: 'reader' } },
      schema: {
        tags: ['battery tests'],
        summary: 'One battery test: its conditions, its curve, its result, and the curve of the one before',
        params: z.strictObject({ id: idParameter }),
        response: { 200: batteryTestResponseSchema, default: problemSchema },
      },
    },
    async ({ params: { id } }): Promise<BatteryTestResponse> => {
      const test = model.batteryTest(id);
      if (test === null) throw new ZhishouError('NOT_FOUND', id, 'no such battery test');
      return { test, previousCurve: previousOf(test, model.batteryTests())?.curve ?? [] };
    },
  );
}

const toSummary = ({ curve: _, preconditions: __, ...summary }: BatteryTestView): BatteryTestSummary => summary;

/** The last test of this UPS before it that was carried through. */
const previousOf = (test: BatteryTestView, all: readonly BatteryTestView[]): BatteryTestView | null =>
  all
    .filter(({ ups, state, createdAt }) => ups === test.ups && state === 'done' && createdAt < test.createdAt)
    .reduce<BatteryTestView | null>(
      (last, one) => (last === null || one.createdAt > last.createdAt ? one : last),
      null,
    );

const testableOf = ({ devices }: Pick<Config, 'devices'>): readonly TestableUps[] =>
  devices.flatMap(({ id, name, battery_test }) =>
    battery_test === undefined
      ? []
      : [
          {
            ups: id,
            name,
            ways: [
              ...(battery_test.start === undefined ? [] : (['ups'] as const)),
              ...(battery_test.by_hand ? (['by-hand'] as const) : []),
            ],
            breaker: battery_test.breaker ?? null,
          },
        ],
  );
