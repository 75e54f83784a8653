import { tableOfBuckets } from '#core/bucket-table.ts';
import { messageOf, ZhishouError } from '#core/errors.ts';
import type { SeriesStore } from '#core/ports.ts';
import type { Reading } from '#core/reading.ts';
import { DEFAULT_SETTINGS, refusal, type SeriesRejection, type SeriesWriteResult } from '#core/series.ts';
import type { Instant } from '#core/time.ts';
import { createSystemClock } from '../../clock/system-clock.ts';
import { limitLog, silentLog } from '../../log.ts';
import { createDeadLetters } from './dead-letters.ts';
import type { InfluxOptions } from './influx-options.ts';
import { QlRefusal } from './influx-ql.ts';
import { readBuckets, readChanges, readQuantiles, readRaw, readSeries } from './influx-reader.ts';
import type { Generation } from './influx-server.ts';
import { type Contact, createSession } from './influx-session.ts';
import { createInfluxWriter } from './influx-writer.ts';
import { createLateRollups } from './late-rollups.ts';
import { measurementOf, toLine, toMetricsLine } from './line-layout.ts';

/** An InfluxDB of any generation, or VictoriaMetrics, behind history's port. */
export interface InfluxStore extends SeriesStore {
  /** What stands there, meeting it if need be. `readable` is false for VictoriaMetrics: it has no InfluxQL. Throws STORE_DOWN. */
  describe(): Promise<{ readonly generation: Generation; readonly name: string; readonly readable: boolean }>;
  /** Sums up again what the rollups have of a range, 1.x only: after a restore, or when this program died during a catch-up. Throws STORE_DOWN. */
  fillRollups(from: Instant, to: Instant): Promise<void>;
}

/** Opens the store without waiting for the server, which may be down: it is met at the first call. Throws BAD_CONFIGURATION. */
export function createInfluxStore(options: InfluxOptions): InfluxStore {
  const { settings = DEFAULT_SETTINGS, clock = createSystemClock(), log = silentLog, metrics } = options;
  const url = baseUrl(options.url);
  const session = createSession(options, url, log);
  const writer = createInfluxWriter(session, options, url, clock);
  const letters = createDeadLetters(options.deadLetters, log);
  const late = createLateRollups(session, options, clock, log);
  const limited = limitLog(log, clock);
  let error: string | null = null;
  let queue: Promise<unknown> = Promise.resolve();

  /** Keeps the status, and what the server says in words of its own becomes ours. */
  const watched = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      const answer = await work();
      error = null;
      return answer;
    } catch (thrown) {
      if (thrown instanceof ZhishouError && thrown.code !== 'STORE_DOWN') throw thrown;
      const told =
        thrown instanceof ZhishouError
          ? thrown
          : new ZhishouError('STORE_DOWN', session.host, messageOf(thrown), { cause: thrown });
      error = told.message;
      throw told;
    }
  };
  const reading = <T>(work: (contact: Contact) => Promise<T>): Promise<T> =>
    watched(async () => {
      const contact = await session.contact();
      mustBeReadable(contact, session.host);
      try {
        return await work(contact);
      } catch (thrown) {
        if (!(thrown instanceof QlRefusal) || !/not found/.test(thrown.message)) {
          if (!(thrown instanceof ZhishouError && thrown.code === 'BAD_REQUEST')) session.forget();
          throw thrown;
        }
        // Somebody dropped the database while we ran.
        session.forget();
        return work(await session.contact());
      }
    });
  const write = async (readings: readonly Reading[]): Promise<SeriesWriteResult> => {
    const rejected: SeriesRejection[] = [];
    const batch = new Map<string, Reading>();
    let written = 0;
    for (const one of readings) {
      const reason = refusal(one);
      if (reason !== null) rejected.push({ reading: one, reason });
      else {
        written++;
        // The newest of the same moment alone: 3 says nothing of which of two in one request counts.
        batch.set(JSON.stringify([one.device, one.point, Math.round(one.measuredAt)]), one);
      }
    }
    const refused = await sendAll([...batch.values()]);
    letters.add([...rejected.map(letterOf), ...refused.map(({ line, reason }) => ({ line, reason }))]);
    rejected.push(...refused.map(({ reading, reason }) => ({ reading, reason })));
    if (rejected.length > 0) {
      metrics?.count('zhishou_history_rejected_total', {}, rejected.length);
      limited.warn('rejected', { rejected: rejected.length, reason: rejected[0]?.reason }, 'history: readings refused');
    }
    late.wrote(readings);
    return { written: written - refused.length, rejected };
  };
  const sendAll = async (readings: readonly Reading[]) => {
    if (readings.length === 0) return [];
    const { server } = await session.contact();
    const line = server.generation === 'victoria-metrics' ? toMetricsLine : toLine;
    const refused: (SeriesRejection & { readonly line: string })[] = [];
    // One measurement a request: a quarrel about a field's type concerns one, and its lines can be told.
    for (const [measurement, own] of Map.groupBy(readings, ({ point }) => measurementOf(point))) {
      const lines = own.map((one) => line(options.site, one));
      for (const [place, reason] of await writer.send(lines, measurement))
        refused.push({ reading: own[place] as Reading, reason, line: lines[place] as string });
    }
    return refused;
  };
  const buckets: SeriesStore['buckets'] = (query) =>
    reading((contact) => readBuckets(contact, query, settings, clock.now()));
  return {
    write(readings) {
      // One after the other: what is written later is newer.
      const turn = queue.then(() => watched(() => write(readings)));
      queue = turn.catch(() => {});
      return turn;
    },
    raw: (query) => reading((contact) => readRaw(contact, query)),
    changes: (query) => reading((contact) => readChanges(contact, query)),
    buckets,
    table: async (query) => tableOfBuckets(await buckets(query)),
    quantiles: (query) => reading((contact) => readQuantiles(contact, query)),
    series: () => reading(readSeries),
    status: () => ({
      state: error === null ? 'ok' : 'failing',
      store: session.name ?? `InfluxDB at ${session.host}`,
      error,
    }),
    describe: () =>
      watched(async () => {
        const { server } = await session.contact();
        return { ...server, readable: server.generation !== 'victoria-metrics' };
      }),
    fillRollups: (from, to) => watched(() => late.fill(from, to)),
    async close() {
      await queue;
      await late.close();
      writer.close();
      session.close();
    },
  };
}

function mustBeReadable({ server }: Contact, host: string): void {
  if (server.generation === 'victoria-metrics')
    throw new ZhishouError(
      'STORE_DOWN',
      host,
      'VictoriaMetrics is written only: it has no InfluxQL; read it by its own PromQL',
    );
}

function baseUrl(text: string): URL {
  const url = URL.parse(text);
  const wrong = (detail: string) => new ZhishouError('BAD_CONFIGURATION', 'history', detail);
  if (url === null || !/^https?:$/.test(url.protocol)) throw wrong('the address is none of http:// or https://');
  if (url.username !== '' || url.password !== '')
    throw wrong('user and password stand in the address: give them by themselves');
  if (url.search !== '' || url.hash !== '') throw wrong('the address has a query of its own');
  return url;
}

/** A reading that no line can be made of, as a comment. */
const letterOf = ({ reading, reason }: SeriesRejection) => ({
  reason,
  line: `# ${JSON.stringify(reading).slice(0, 2000)}`,
});
