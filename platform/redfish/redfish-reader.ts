import { ZhishouError } from '#core/errors.ts';
import type { Duration } from '#core/time.ts';
import { openRedfish, RedfishRefusal, type RedfishTarget, type RedfishTrouble } from './redfish-talk.ts';

/** Reads the resources of Redfish services; one conversation a poll, ended after its time. */
export interface RedfishReader {
  /**
   * Signs in, lets `use` get resources, signs out. `get` gives null for a resource that is not there, and rejects with REFUSED,
   * UNREACHABLE, TIMED_OUT or BAD_ANSWER, as this does.
   */
  converse<T>(target: RedfishTarget, limit: Duration, use: (get: RedfishGet) => Promise<T>): Promise<T>;
}

/** A path on the service: `/redfish/v1/Chassis/1/Thermal`. */
export type RedfishGet = (path: string) => Promise<unknown>;

/** Longer than any service's, shorter than a hostile one's. */
const LONGEST_PATH = 500;

export function createRedfishReader(): RedfishReader {
  return {
    converse: async (target, limit, use) => {
      const where = `redfish ${new URL(target.url).host}`;
      try {
        const talk = await openRedfish(target, AbortSignal.timeout(limit));
        try {
          return await use((path) =>
            getOr(path, talk.get).catch((error: unknown) => {
              throw translated(error, where);
            }),
          );
        } finally {
          await talk.close();
        }
      } catch (error) {
        throw translated(error, where);
      }
    },
  };
}

async function getOr(path: string, get: (path: string) => Promise<unknown>): Promise<unknown> {
  if (path.length > LONGEST_PATH || !path.startsWith('/redfish/'))
    throw new RedfishRefusal('failed', `a path of a resource is none: ${path.slice(0, 60)}`);
  try {
    return await get(path);
  } catch (error) {
    if (error instanceof RedfishRefusal && error.kind === 'absent') return null;
    throw error;
  }
}

const CODES = {
  silent: 'TIMED_OUT',
  away: 'UNREACHABLE',
  refused: 'REFUSED',
  absent: 'BAD_ANSWER',
  answer: 'BAD_ANSWER',
} as const satisfies Record<RedfishTrouble, string>;

const translated = (error: unknown, where: string): unknown =>
  error instanceof RedfishRefusal ? new ZhishouError(CODES[error.kind], where, error.message, { cause: error }) : error;
