import { HttpError, InfluxDB, RequestTimedOutError, setLogger, type WriteApi } from '@influxdata/influxdb-client';
import { messageOf, ZhishouError } from '#core/errors.ts';
import type { Clock } from '#core/ports.ts';
import { type Duration, milliseconds } from '#core/time.ts';
import { type HideSecrets, hideSecrets } from './hide-secrets.ts';
import { createAgent, DEFAULT_TIMEOUT, isClosedMeanwhile } from './influx-http.ts';
import type { InfluxOptions } from './influx-options.ts';
import { authorization } from './influx-server.ts';
import type { Contact, Session } from './influx-session.ts';
import { preparedFor } from './influx-setup.ts';
import { judgeRefusal, retryAfterMs, type WriteRefusal } from './write-refusal.ts';

/** Every failure is told by us, once; the library would print each to the console. */
setLogger({ error: () => {}, warn: () => {} });

/** Sends lines until each is kept or refused for good. */
export interface InfluxWriter {
  /** The refused ones by their place, with the reason. Throws STORE_DOWN when not all of the others are known to be kept. */
  send(lines: readonly string[], measurement: string): Promise<ReadonlyMap<number, string>>;
  close(): void;
}

export const DEFAULT_BATCH_LINES = 5000;
/** 3 takes 10 MB, 1.x 25 MB; smaller ones do not hold up others' requests. */
const MOST_BATCH_BYTES = 2 * 1024 * 1024;
/** Small bodies grow when they are packed. */
const PACK_FROM_BYTES = 1000;
/** A server that names a longer time is asked again all the same. */
const LONGEST_WAIT: Duration = milliseconds(3_600_000);

export function createInfluxWriter(session: Session, options: InfluxOptions, url: URL, clock: Clock): InfluxWriter {
  const agent = createAgent({ url, ca: options.ca });
  const batchLines = options.batchLines ?? DEFAULT_BATCH_LINES;
  const apis = new WeakMap<Contact, Map<string | null, WriteApi>>();
  const hide = hideSecrets(options);
  let notBefore = 0;

  const apiOf = (contact: Contact, measurement: string): WriteApi => {
    const own = apis.get(contact) ?? new Map<string | null, WriteApi>();
    apis.set(contact, own);
    const { writePath } = preparedFor(contact.prepared, measurement);
    const api = own.get(writePath) ?? openApi(contact, writePath, options, agent, batchLines);
    own.set(writePath, api);
    return api;
  };
  const down = (detail: string, cause?: unknown): ZhishouError =>
    new ZhishouError('STORE_DOWN', session.host, detail, cause === undefined ? {} : { cause });

  /** One request; null when all of it is kept. */
  const post = async (lines: readonly string[], measurement: string, second = false): Promise<WriteRefusal | null> => {
    const waitMs = notBefore - clock.monotonic();
    if (waitMs > 0) throw down(`it asked to be left alone for another ${Math.ceil(waitMs / 1000)} s`);
    const api = apiOf(await session.contact(), measurement);
    try {
      api.writeRecords([...lines]);
      await api.flush();
      return null;
    } catch (error) {
      // An early 3 says 200 where the library expects 204.
      if (error instanceof HttpError && error.statusCode === 200) return null;
      if (error instanceof HttpError) return judgeRefusal(answerOf(error, hide), lines);
      // A kept connection that was closed meanwhile says nothing about the server.
      if (isClosedMeanwhile(error) && !second) return post(lines, measurement, true);
      session.forget();
      // The library leaves the silent connection open.
      if (error instanceof RequestTimedOutError) agent.destroy();
      throw down(messageOf(error), error);
    }
  };
  const sendBatch = async (
    lines: readonly string[],
    measurement: string,
    second = false,
  ): Promise<ReadonlyMap<number, string>> => {
    if (lines.length === 0) return new Map();
    const refusal = await post(lines, measurement);
    const again: Send = (rest) => sendBatch(rest, measurement);
    if (refusal === null) return new Map();
    if (refusal.kind === 'missing') {
      session.forget();
      // Somebody dropped it while we ran: made anew, once.
      if (second) throw down(refusal.detail);
      return sendBatch(lines, measurement, true);
    }
    if (refusal.kind === 'down') {
      notBefore = clock.monotonic() + Math.min(LONGEST_WAIT, retryAfterMs(refusal.retryAfter, clock.now()) ?? 0);
      throw down(refusal.detail);
    }
    if (refusal.kind === 'lines' && refusal.rest === 'written') return refusal.bad;
    if (refusal.kind === 'lines' && refusal.bad.size > 0) return withoutBad(lines, refusal.bad, again);
    // Too large, or nobody knows which: by halves, down to the one that is to blame. The same again is the same reading.
    if (lines.length === 1) return new Map([[0, refusal.detail]]);
    return byHalves(lines, again);
  };
  return {
    async send(lines, measurement) {
      const bad = new Map<number, string>();
      for (const [from, to] of batchesOf(lines, batchLines)) {
        for (const [place, reason] of await sendBatch(lines.slice(from, to), measurement))
          bad.set(from + place, reason);
      }
      return bad;
    },
    close: () => agent.destroy(),
  };
}

/** One request at a time: its buffer takes one batch, is flushed by us, and nothing is tried again behind our back. */
function openApi(
  contact: Contact,
  writePath: string | null,
  options: InfluxOptions,
  agent: unknown,
  batchLines: number,
): WriteApi {
  const { server, prepared } = contact;
  const header = authorization(server.generation, options);
  const api = new InfluxDB({
    url: options.url,
    timeout: options.timeout ?? DEFAULT_TIMEOUT,
    headers: header === undefined ? {} : { authorization: header },
    transportOptions: { agent },
  }).getWriteApi(prepared.organization, options.database, 'ms', {
    batchSize: batchLines + 1,
    maxBatchBytes: 10 * MOST_BATCH_BYTES,
    flushInterval: 0,
    maxRetries: 0,
    gzipThreshold: PACK_FROM_BYTES,
  });
  if (writePath !== null) api.path = writePath;
  return api;
}

function answerOf(error: HttpError, hide: HideSecrets): { status: number; body: string; retryAfter?: string } {
  const after = error.headers?.['retry-after'];
  return {
    status: error.statusCode,
    body: hide(error.body ?? error.message),
    ...(typeof after === 'string' ? { retryAfter: after } : {}),
  };
}

type Send = (lines: readonly string[]) => Promise<ReadonlyMap<number, string>>;

/** Nothing was written because of the bad ones: the others go alone. */
async function withoutBad(
  lines: readonly string[],
  bad: ReadonlyMap<number, string>,
  send: Send,
): Promise<ReadonlyMap<number, string>> {
  const places = lines.flatMap((_, place) => (bad.has(place) ? [] : [place]));
  const more = await send(places.map((place) => lines[place] as string));
  return new Map([...bad, ...[...more].map(([place, reason]) => [places[place] as number, reason] as const)]);
}

async function byHalves(lines: readonly string[], send: Send): Promise<ReadonlyMap<number, string>> {
  const middle = Math.ceil(lines.length / 2);
  const first = await send(lines.slice(0, middle));
  const second = await send(lines.slice(middle));
  return new Map([...first, ...[...second].map(([place, reason]) => [middle + place, reason] as const)]);
}

/** Bounded by lines and by bytes. */
function batchesOf(lines: readonly string[], most: number): readonly (readonly [from: number, to: number])[] {
  const batches: (readonly [number, number])[] = [];
  let from = 0;
  let bytes = 0;
  lines.forEach((line, place) => {
    // UTF-8 has at most three bytes for a character of UTF-16.
    bytes += 3 * line.length + 1;
    if (place - from < most && bytes <= MOST_BATCH_BYTES) return;
    if (place > from) batches.push([from, place]);
    from = place;
    bytes = 3 * line.length + 1;
  });
  if (lines.length > from) batches.push([from, lines.length]);
  return batches;
}
