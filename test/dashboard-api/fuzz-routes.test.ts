import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { apiRequests, createJudge } from '../fuzz/api.ts';
import { type ApiSite, startApiSite } from '../fuzz/api-site.ts';

let api: ApiSite;
beforeAll(async () => {
  api = await startApiSite();
});
afterAll(() => api.stop());

test('no route fails, tells a thing that is not described, or changes what the caller may not change', async () => {
  const judge = createJudge(api);
  await fc.assert(fc.asyncProperty(apiRequests(api), judge), { numRuns: 4000, interruptAfterTimeLimit: 20_000 });
  expect((await api.site.dashboard.inject('/api/v1/health')).statusCode).toBe(200);
  expect(api.site.metrics.render()).not.toMatch(/^zhishou_(bus_handler_errors|audit_failures)_total/m);
}, 60_000);
