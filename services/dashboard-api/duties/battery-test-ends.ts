import { z } from 'zod';
import { BATTERY_TEST_STATES } from '#core/paperwork/battery-test.ts';
import type { Bus, Stop } from '#core/ports.ts';
import { fromIso, type Instant } from '#core/time.ts';
import { topicFilter } from '#core/topics.ts';
import { parseJson } from '../parse-json.ts';

/** What of a guided battery test tells that it ended well (O-BAT-1); said again by the bus after a restart. */
export interface EndedTest {
  readonly id: string;
  readonly ups: string;
  readonly by: string;
  readonly at: Instant;
  /** 0 to 1. */
  readonly health: number | null;
}

const testSchema = z.object({
  id: z.string(),
  ups: z.string(),
  state: z.enum(BATTERY_TEST_STATES),
  startedBy: z.string(),
  createdAt: z.string(),
  discharge: z.object({ to: z.string().nullable() }).nullable(),
  result: z.object({ health: z.number().nullable() }).nullable(),
});

/** What is no battery test is counted and named by whoever shows them (read-model/listen.ts); here it is passed over. */
export const listenToTests = (bus: Bus, site: string, ended: (test: EndedTest) => void): Promise<Stop> =>
  bus.subscribe(topicFilter(site, 'battery-test/+'), ({ payload }) => {
    const test = testSchema.safeParse(parseJson(payload)).data;
    if (test === undefined || test.state !== 'done' || test.result === null) return;
    const { id, ups, startedBy: by, createdAt, discharge, result } = test;
    const at = fromIso(discharge?.to ?? createdAt);
    if (at !== null) ended({ id, ups, by, at, health: result.health });
  });
