import fc from 'fast-check';
import { apiRequests, createJudge } from './api.ts';
import { startApiSite } from './api-site.ts';

/** A long run; throws with the smallest request that does wrong. Returns what was done, in a line. */
export async function fuzzApi(tries: number, seed: number): Promise<string> {
  const api = await startApiSite();
  const begun = performance.now();
  try {
    await fc.assert(fc.asyncProperty(apiRequests(api), createJudge(api)), { numRuns: tries, seed });
    const perSecond = Math.round(tries / ((performance.now() - begun) / 1000));
    return `api: ${tries} requests, ${perSecond} a second, to ${api.site.dashboard.routes().length} routes`;
  } finally {
    await api.stop();
  }
}
