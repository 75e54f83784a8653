import { parentPort, workerData } from 'node:worker_threads';
import { messageOf, ZhishouError } from '#core/errors.ts';
import type { Log, Metrics } from '#core/ports.ts';
import { createSystemClock } from '../../clock/system-clock.ts';
import { checkStore } from './check.ts';
import type { Columns } from './columns.ts';
import { copyStore } from './copy-store.ts';
import { type Engine, keepUp, openEngine } from './engine.ts';
import { buffersOfColumns } from './packed-buckets.ts';
import { buckets, changes, goodNumbers, quantiles, raw, seriesEnds } from './queries.ts';
import { warmUpReading } from './warm-up.ts';
import {
  type Asked,
  buffersOf,
  type Questions,
  type ThreadStart,
  type Told,
  type ToldError,
} from './worker-messages.ts';

/** The store's own thread: SQLite and zstd are synchronous and hold up nobody here. */

type Post = (told: Told, transfer?: ArrayBuffer[]) => void;
type Write = Extract<Asked, { name: 'write' }>;

if (parentPort !== null) {
  const port = parentPort;
  const post: Post = (told, transfer = []) => port.postMessage(told, transfer);
  const { file, options } = workerData as ThreadStart;
  try {
    const engine = openEngine(file, {
      ...options,
      clock: createSystemClock(),
      log: createLog(post),
      metrics: createCounts(post),
      // Ended, it is started again and reads what the other wrote.
      onOvertaken: () =>
        setImmediate(() => {
          throw new Error('another program has opened the history to write');
        }),
    });
    const stop = keepUp(engine);
    const answering = createAnswering(engine, post, () => {
      stop();
      engine.close();
      port.close();
    });
    port.on('message', answering);
    post({
      kind: 'opened',
      series: Array.from(engine.core.series.all(), ({ device, point }) => [device, point] as const),
    });
  } catch (error) {
    post({ kind: 'failed', error: toTold(error, file) });
  }
}

function createAnswering(engine: Engine, post: Post, close: () => void): (asked: Asked) => void {
  const { core } = engine;
  let waiting: Write[] = [];
  /** What came together is one commit: one wait for the disk. */
  const commit = (): void => {
    const writes = waiting;
    waiting = [];
    try {
      for (const { ask } of writes) engine.define(ask.fresh);
      const refusals = engine.write(writes.map(({ ask }) => ask.batch));
      writes.forEach(({ id }, i) => void post({ kind: 'answer', id, answer: refusals[i] ?? [] }));
    } catch (error) {
      for (const { id } of writes) post({ kind: 'error', id, error: toTold(error, core.file) });
    }
  };
  return (asked) => {
    if (asked.name === 'write') {
      if (waiting.push(asked) === 1) setImmediate(commit);
      return;
    }
    answer(engine, asked).then(
      ({ value, transfer }) => {
        post({ kind: 'answer', id: asked.id, answer: value }, transfer);
        if (asked.name === 'close') close();
      },
      (error: unknown) => post({ kind: 'error', id: asked.id, error: toTold(error, core.file) }),
    );
  };
}

interface Answer {
  readonly value: Questions[keyof Questions]['answer'];
  readonly transfer?: ArrayBuffer[];
}

async function answer(engine: Engine, asked: Exclude<Asked, Write>): Promise<Answer> {
  const { core } = engine;
  switch (asked.name) {
    case 'define':
      engine.define(asked.ask);
      return { value: null };
    case 'settings':
      for (const [device, point, settings] of asked.ask) core.series.define(device, point, settings);
      return { value: null };
    case 'raw':
      return handOver(raw(core, asked.ask.range, asked.ask.limit));
    case 'changes':
      return handOver(changes(core, asked.ask.range, asked.ask.limit));
    case 'buckets': {
      const value = buckets(core, asked.ask);
      return { value, transfer: buffersOfColumns(value) };
    }
    case 'quantiles':
      return { value: quantiles(goodNumbers(core, asked.ask.range), asked.ask.shares) };
    case 'series':
      return { value: seriesEnds(core) };
    case 'backup':
      await copyStore(core, asked.ask);
      return { value: null };
    case 'check':
      return { value: await checkStore(core) };
    case 'settle':
      engine.settle();
      return { value: null };
    case 'warmUp':
      await warmUpReading(core.clock);
      return { value: null };
    case 'close':
      return { value: null };
  }
}

/** Copies once, close together: the columns may be part of something larger. */
function handOver({ at, num, tag, words }: Columns): Answer {
  const value: Columns = { at: at.slice(), num: num.slice(), tag: tag.slice(), words };
  return { value, transfer: buffersOf(value) };
}

function toTold(error: unknown, file: string): ToldError {
  return error instanceof ZhishouError
    ? { code: error.code, subject: error.subject, detail: messageOf(error.cause ?? error) }
    : { code: 'STORE_DOWN', subject: file, detail: messageOf(error) };
}

function createLog(post: Post): Log {
  const say =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    ({ err, ...fields }: Record<string, unknown>, message: string): void =>
      post({ kind: 'log', level, fields: err === undefined ? fields : { ...fields, error: messageOf(err) }, message });
  const log: Log = { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error'), child: () => log };
  return log;
}

/** The engine counts only. */
function createCounts(post: Post): Metrics {
  return {
    count: (name, labels, by) => post({ kind: 'count', name, labels, by }),
    gauge: () => {},
    observe: () => {},
    render: () => '',
  };
}
