import { getCompileCacheDir } from 'node:module';
import { Worker } from 'node:worker_threads';
import { BUCKET_FIGURES, type TableQuery, tableOf, toBuckets } from '#core/bucket-table.ts';
import { messageOf, ZhishouError } from '#core/errors.ts';
import type { Cancel, Clock } from '#core/ports.ts';
import { DEFAULT_SETTINGS, type SeriesSettings } from '#core/series.ts';
import { instant, milliseconds, seconds } from '#core/time.ts';
import { createSystemClock } from '../../clock/system-clock.ts';
import { silentLog } from '../../log.ts';
import { storeDown } from '../../sqlite.ts';
import { toSamples } from './columns.ts';
import { DEFAULT_LIMIT, type EmbeddedOptions, type EmbeddedStore } from './embedded-store.ts';
import { createNumbering, type Numbering, toRejections } from './reading-batch.ts';
import { warmUpAnswers } from './warm-up.ts';
import {
  buffersOf,
  type QuestionName,
  type Questions,
  type ThreadStart,
  type Told,
  type ToldError,
} from './worker-messages.ts';

export interface WorkerOptions extends EmbeddedOptions {
  /** Paces the starts of a thread that died. Default: the system's. */
  readonly clock?: Clock;
}

export interface WorkerStore extends EmbeddedStore {
  /** Resolves a moment after the first question: the code of long ones is compiled. Never when none is asked. */
  readonly warm: Promise<void>;
  /** Ends the thread as a crash would; for tests. */
  killThread(): Promise<void>;
}

/**
 * History in one SQLite file, in a thread of its own. A thread that dies is started anew; until it is there every call throws
 * STORE_DOWN. Resolves when the file is open; rejects with STORE_TOO_NEW or STORE_DOWN.
 */
export async function openEmbeddedStoreInWorker(file: string, options: WorkerOptions = {}): Promise<WorkerStore> {
  const settings = options.settings ?? DEFAULT_SETTINGS;
  const numbering = createNumbering(settings);
  const thread = createThread(file, options, settings, numbering);
  await thread.opened;
  let error: string | null = null;
  const clock = options.clock ?? createSystemClock();
  const warm = createWarmUp(clock, async () => {
    await thread.ask('warmUp', null);
    await warmUpAnswers(clock);
  });
  const { ask } = thread;
  const read: typeof ask = (name, question) => {
    warm.begin();
    return ask(name, question);
  };
  const gate = createGate(file);
  const columns = ({ band, ...query }: TableQuery) => {
    const own = { hold: settings.hold(query), band: settings.band(query) };
    return read('buckets', { ...query, own, band: band ?? null });
  };

  return {
    async write(readings) {
      const leave = await gate.enter(readings.length);
      try {
        const numbered = numbering.batchOf(readings);
        const { batch, fresh } = numbered;
        const transfer = [batch.series.buffer as ArrayBuffer, ...buffersOf(batch)];
        const rejected = toRejections(numbered, await ask('write', { fresh, batch }, transfer));
        error = null;
        return { written: readings.length - rejected.length, rejected };
      } catch (thrown) {
        // A thread that is away says so itself.
        if (thread.failure() === null) error = messageOf(thrown);
        throw thrown;
      } finally {
        leave();
      }
    },
    raw: async ({ limit = DEFAULT_LIMIT, ...range }) => toSamples(await read('raw', { range, limit })),
    changes: async ({ limit = DEFAULT_LIMIT, ...range }) => toSamples(await read('changes', { range, limit })),
    buckets: async (query) => toBuckets(await columns({ ...query, figures: BUCKET_FIGURES })),
    table: async (query) => tableOf(await columns(query)),
    quantiles: ({ shares, ...range }) => ask('quantiles', { range, shares }),
    series: async () =>
      (await ask('series', null)).map(({ firstAt, lastAt, ...key }) => ({
        ...key,
        firstAt: instant(firstAt),
        lastAt: instant(lastAt),
      })),
    status: () => {
      const failure = thread.failure() ?? error;
      return { state: failure === null ? 'ok' : 'failing', store: 'embedded', error: failure };
    },
    backup: async (target) => void (await ask('backup', target)),
    check: () => ask('check', null),
    settle: async () => void (await ask('settle', null)),
    warm: warm.done,
    killThread: thread.kill,
    close: thread.close,
  };
}

/** Not before somebody asks: it costs 12 MB, and most processes are never asked. */
const WARM_UP_AFTER = seconds(1);

function createWarmUp(clock: Clock, warmUp: () => Promise<void>): { begin(): void; readonly done: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  let begun = false;
  return {
    begin() {
      if (begun) return;
      begun = true;
      // A thread that ends over it is started again without.
      clock.after(WARM_UP_AFTER, () => void warmUp().then(resolve, () => {}));
    },
    done: promise,
  };
}

/** Readings on their way to the disk; who brings more waits for those before, and beyond the second bound is told to come later. */
const MOST_ON_THE_WAY = 250_000;
const MOST_WAITING = 1_000_000;

interface Gate {
  enter(readings: number): Promise<() => void>;
}

function createGate(file: string): Gate {
  let onTheWay = 0;
  let waiting = 0;
  const queue: { readings: number; pass: () => void }[] = [];
  const open = (): void => {
    for (let next = queue[0]; next !== undefined && onTheWay < MOST_ON_THE_WAY; next = queue[0]) {
      queue.shift();
      waiting -= next.readings;
      onTheWay += next.readings;
      next.pass();
    }
  };
  return {
    async enter(readings) {
      if (waiting >= MOST_WAITING) throw storeDown(file, new Error(`${waiting} readings wait for the disk already`));
      await new Promise<void>((pass) => {
        queue.push({ readings, pass });
        waiting += readings;
        open();
      });
      return () => {
        onTheWay -= readings;
        open();
      };
    },
  };
}

interface Thread {
  readonly opened: Promise<void>;
  ask<Name extends QuestionName>(
    name: Name,
    ask: Questions[Name]['ask'],
    transfer?: ArrayBuffer[],
  ): Promise<Questions[Name]['answer']>;
  failure(): string | null;
  kill(): Promise<void>;
  close(): Promise<void>;
}

interface Pending {
  resolve(answer: never): void;
  reject(error: Error): void;
}

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

function createThread(file: string, options: WorkerOptions, settings: SeriesSettings, numbering: Numbering): Thread {
  const clock = options.clock ?? createSystemClock();
  const log = options.log ?? silentLog;
  const pending = new Map<number, Pending>();
  let worker: Worker | null = null;
  let up = false;
  let closing = false;
  let failure: string | null = 'it is being opened';
  let pauseMs = FIRST_PAUSE_MS;
  let cancel: Cancel = () => {};
  let last = 0;
  const first = Promise.withResolvers<void>();

  const ask: Thread['ask'] = (name, question, transfer) => {
    const current = worker;
    if (current === null || !up || closing)
      return Promise.reject(storeDown(file, new Error(failure ?? 'it is closed')));
    return send(current, name, question, transfer);
  };
  const send = (to: Worker, name: QuestionName, question: unknown, transfer: ArrayBuffer[] = []): Promise<never> =>
    new Promise((resolve, reject) => {
      const id = ++last;
      pending.set(id, { resolve, reject });
      to.postMessage({ id, name, ask: question }, transfer);
    });
  const opened = (current: Worker, keys: readonly (readonly [string, string])[]): void => {
    up = true;
    failure = null;
    pauseMs = FIRST_PAUSE_MS;
    const known = keys.map(([device, point]) => {
      const key = { device, point };
      return [device, point, { hold: settings.hold(key), band: settings.band(key) }];
    });
    // A thread that dies over these is started again and told again.
    send(current, 'settings', known).catch(() => {});
    send(current, 'define', numbering.definitions()).catch(() => {});
    first.resolve();
  };
  const hear = (current: Worker, told: Told): void => {
    if (told.kind === 'opened') opened(current, told.series);
    else if (told.kind === 'failed') {
      failure = told.error.detail;
      first.reject(toError(told.error));
    } else if (told.kind === 'log') log[told.level](told.fields, told.message);
    else if (told.kind === 'count') options.metrics?.count(told.name, told.labels, told.by);
    else {
      const asked = pending.get(told.id);
      pending.delete(told.id);
      if (told.kind === 'answer') asked?.resolve(told.answer as never);
      else asked?.reject(toError(told.error));
    }
  };
  const ended = (reason: string): void => {
    worker = null;
    up = false;
    failure ??= reason;
    for (const { reject } of pending.values()) reject(storeDown(file, new Error(reason)));
    pending.clear();
    first.reject(storeDown(file, new Error(reason)));
    if (closing) return;
    options.metrics?.count('zhishou_history_thread_ends_total');
    log.error({ file, reason, againInMs: pauseMs }, 'the thread of the history ended by itself; it is started again');
    cancel = clock.after(milliseconds(pauseMs), start);
    pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
  };
  const start = (): void => {
    const current = startWorker(file, options);
    worker = current;
    let reason = 'its thread ended';
    current.on('message', (told: Told) => hear(current, told));
    current.on('error', (thrown) => {
      reason = messageOf(thrown);
    });
    current.on('exit', () => ended(reason));
  };
  start();
  // Who cannot open it at first decides what then; only a store that was open is started again.
  first.promise.catch(() => {
    closing = true;
    cancel();
  });
  return {
    opened: first.promise,
    ask,
    failure: () => failure,
    kill: async () => void (await worker?.terminate()),
    async close() {
      if (closing) return;
      const current = worker;
      const closed = current === null || !up ? null : send(current, 'close', null);
      closing = true;
      cancel();
      await closed?.catch(() => {});
      await current?.terminate();
      failure = 'it is closed';
    },
  };
}

/** Columns lie outside of it; V8 lets it grow to 48 and never gives back what it had. */
const YOUNG_MB = 6;

function startWorker(
  file: string,
  { retention = {}, sliceLength, mostInHead, cacheBytes, mostPages }: WorkerOptions,
): Worker {
  const workerData: ThreadStart = {
    file,
    options: {
      retention,
      ...(sliceLength !== undefined && { sliceLength }),
      ...(mostInHead !== undefined && { mostInHead }),
      ...(cacheBytes !== undefined && { cacheBytes }),
      ...(mostPages !== undefined && { mostPages }),
    },
  };
  const resourceLimits = { maxYoungGenerationSizeMb: YOUNG_MB };
  // A thread of its own would strip the types of its code itself: 30 MB, which the process's cache of it spares.
  const cache = getCompileCacheDir();
  const env = cache === undefined ? process.env : { ...process.env, NODE_COMPILE_CACHE: cache };
  return new Worker(new URL('./store-worker-thread.ts', import.meta.url), { workerData, env, resourceLimits });
}

const toError = ({ code, subject, detail }: ToldError): ZhishouError => new ZhishouError(code, subject, detail);
