import { messageOf, ZhishouError } from '#core/errors.ts';
import type { Cancel, Clock } from '#core/ports.ts';
import { type Duration, milliseconds, seconds } from '#core/time.ts';
import type { ByteStream, Dial, Place } from './byte-stream.ts';
import { type Framing, findRtuAnswer, rtuFrame, takeTcpFrames, tcpFrame } from './frames.ts';
import { nextTurn, overdue, type UnitState, type Waiting } from './turns.ts';

export interface Question {
  readonly unit: number;
  readonly pdu: Uint8Array;
  readonly timeout: Duration;
  /** The line is left silent so long before it. */
  readonly gap: Duration;
}

/** One connection, one question at a time: what hangs behind a serial server or a gateway can do no more. */
export interface Line {
  /** The answer's protocol data unit: of this unit, whole, its checksum right. Rejects as ModbusLink does. */
  ask(question: Question): Promise<Uint8Array>;
  close(): void;
}

export interface LineOptions extends Place {
  readonly framing: Framing;
  readonly dial: Dial;
  readonly clock: Clock;
}

interface Asked extends Question, Waiting {
  readonly settle: (answer: Uint8Array | ZhishouError) => void;
  /** The connection had been closed meanwhile, which shows only when it is used; asked once more over a new one. */
  readonly again: boolean;
}

interface Running {
  readonly asked: Asked;
  readonly transaction: number;
  readonly cancel: Cancel;
  /** What came since the question was sent. */
  bytes: Uint8Array;
  /** Frames of other questions. */
  strays: number;
}

const MOST_WAITING = 256;
/** An answer has 256 bytes; whoever sends more without one among them does not speak Modbus. */
const MOST_BYTES = 1024;
/** So many questions in a row without a byte from anybody. */
const MOST_UNANSWERED = 3;
/** After a connection failed all questions fail at once for so long: a hundred units do not knock a hundred times. */
const KNOCK_AGAIN_AFTER: Duration = seconds(2);

export function createLine(options: LineOptions): Line {
  const { framing, clock } = options;
  const where = `modbus ${options.host}:${options.port}`;
  const failure = (code: 'UNREACHABLE' | 'TIMED_OUT' | 'BAD_ANSWER', detail: string, unit?: number): ZhishouError =>
    new ZhishouError(code, unit === undefined ? where : `${where} unit ${unit}`, detail);
  const units = new Map<number, UnitState>();
  let waiting: Asked[] = [];
  let running: Running | null = null;
  let stream: ByteStream | null = null;
  let opening: object | null = null;
  /** TCP: the begin of a frame. */
  let half: Uint8Array = new Uint8Array();
  /** It has answered over this connection. */
  let proven = false;
  let down: { until: Duration; error: ZhishouError } | null = null;
  let transaction = 0;
  let liveInARow = 0;
  let quietSince = milliseconds(-60_000);
  let unansweredInARow = 0;
  let wake: Cancel | null = null;
  let closed = false;

  const drop = (): void => {
    stream?.close();
    stream = null;
    opening = null;
    half = new Uint8Array();
    proven = false;
    unansweredInARow = 0;
  };
  const failAll = (error: ZhishouError): void => {
    const all = waiting;
    waiting = [];
    for (const asked of all) asked.settle(error);
  };
  /** The question under way has ended: with an answer, or why there is none. */
  const end = (outcome: Uint8Array | ZhishouError, doubtful: boolean): void => {
    if (running === null) return;
    const { asked, cancel } = running;
    running = null;
    cancel();
    const now = clock.monotonic();
    quietSince = now;
    const notBefore = doubtful && framing === 'rtu' ? milliseconds(now + asked.timeout) : now;
    units.set(asked.unit, { doubtful, askedAt: now, notBefore });
    asked.settle(outcome);
    pump();
  };

  const timedOut = (): void => {
    if (running === null) return;
    const { bytes, strays, asked } = running;
    // Whoever has gone without a word is noticed by nothing else: the connection is made anew.
    unansweredInARow++;
    // And a half frame would swallow the begin of the next.
    if (unansweredInARow >= MOST_UNANSWERED || half.length > 0) drop();
    if (framing === 'rtu' && bytes.length > 0) {
      const found = findRtuAnswer(asked.unit, asked.pdu, bytes);
      end(failure('BAD_ANSWER', 'not' in found ? found.not : 'late', asked.unit), true);
    } else if (strays > 0) end(failure('BAD_ANSWER', `${strays} answers to other questions`, asked.unit), true);
    else end(failure('TIMED_OUT', `nothing within ${asked.timeout} ms`, asked.unit), true);
  };

  const hear = (bytes: Uint8Array): void => {
    proven = true;
    unansweredInARow = 0;
    if (framing === 'tcp') hearTcp(bytes);
    else if (running !== null) hearRtu(running, bytes);
  };
  const hearRtu = (now: Running, bytes: Uint8Array): void => {
    now.bytes = joined(now.bytes, bytes);
    const found = findRtuAnswer(now.asked.unit, now.asked.pdu, now.bytes);
    if ('pdu' in found) end(found.pdu, false);
    else if (now.bytes.length > MOST_BYTES) babble(`${now.bytes.length} bytes without an answer among them`);
  };
  const hearTcp = (bytes: Uint8Array): void => {
    const { frames, rest, broken } = takeTcpFrames(joined(half, bytes));
    half = rest;
    let wrong = broken;
    for (const frame of frames) {
      if (running === null) continue;
      const { asked } = running;
      if (frame.transaction !== running.transaction) running.strays++;
      else if (frame.unit !== asked.unit) end(failure('BAD_ANSWER', `unit ${frame.unit} answers`, asked.unit), false);
      else if (isOfFunction(asked.pdu, frame.pdu)) end(frame.pdu, false);
      else wrong ??= `an answer to function ${frame.pdu[0]}`;
    }
    if (wrong !== null) babble(wrong);
  };
  /** Nothing can be believed any more that comes over this connection. */
  const babble = (detail: string): void => {
    drop();
    end(failure('BAD_ANSWER', detail, running?.asked.unit), false);
  };

  const lost = (reason: string): void => {
    const wasProven = proven;
    drop();
    if (running === null) return;
    const { asked, bytes, cancel } = running;
    if (!wasProven || asked.again || bytes.length > 0) {
      end(failure('UNREACHABLE', reason, asked.unit), false);
      return;
    }
    running = null;
    cancel();
    waiting.unshift({ ...asked, again: true });
    pump();
  };

  const open = (timeout: Duration): void => {
    const mine = {};
    opening = mine;
    const events = {
      data: (bytes: Uint8Array) => {
        if (opening === mine) hear(bytes);
      },
      closed: (reason: string) => {
        if (opening === mine) lost(reason);
      },
    };
    options.dial(options, timeout, events).then(
      (opened) => {
        if (opening !== mine) return opened.close();
        stream = opened;
        down = null;
        pump();
      },
      (error: unknown) => {
        if (opening !== mine) return;
        opening = null;
        const given = error instanceof ZhishouError ? error : failure('UNREACHABLE', messageOf(error));
        down = { until: milliseconds(clock.monotonic() + KNOCK_AGAIN_AFTER), error: given };
        failAll(given);
      },
    );
  };

  const send = (asked: Asked): void => {
    transaction = (transaction + 1) & 0xffff;
    const cancel = clock.after(asked.timeout, timedOut);
    running = { asked, transaction, cancel, bytes: new Uint8Array(), strays: 0 };
    stream?.write(framing === 'tcp' ? tcpFrame(transaction, asked.unit, asked.pdu) : rtuFrame(asked.unit, asked.pdu));
  };

  const pump = (): void => {
    wake?.();
    wake = null;
    if (closed || running !== null) return;
    const now = clock.monotonic();
    const late = new Set(overdue(waiting, units, now));
    for (const place of late)
      waiting[place]?.settle(failure('TIMED_OUT', 'too many units on this line do not answer', waiting[place].unit));
    waiting = waiting.filter((_, place) => !late.has(place));
    const [first] = waiting;
    if (first === undefined) return;
    // Bytes that nobody asked for would be taken for the begin of the next answer.
    if (half.length > 0) drop();
    if (stream === null) {
      if (opening === null) open(first.timeout);
      return;
    }
    const turn = nextTurn(waiting, units, liveInARow, now);
    if (turn === null) return;
    const asked = 'place' in turn ? waiting[turn.place] : undefined;
    const from = 'place' in turn ? milliseconds(quietSince + (asked?.gap ?? 0)) : turn.notBefore;
    if (from > now) wake = clock.after(milliseconds(from - now), pump);
    else if (asked !== undefined && 'place' in turn) {
      waiting.splice(turn.place, 1);
      liveInARow = turn.doubtful ? 0 : liveInARow + 1;
      send(asked);
    }
  };

  return {
    ask: (question) =>
      new Promise((resolve, reject) => {
        const settle = (answer: Uint8Array | ZhishouError): void =>
          answer instanceof ZhishouError ? reject(answer) : resolve(answer);
        if (closed) return settle(failure('UNREACHABLE', 'it was closed'));
        if (waiting.length >= MOST_WAITING)
          return settle(new ZhishouError('TOO_MANY', where, `${waiting.length} questions wait already`));
        if (down !== null && clock.monotonic() < down.until) return settle(down.error);
        waiting.push({ ...question, since: clock.monotonic(), settle, again: false });
        pump();
      }),
    close: () => {
      closed = true;
      drop();
      wake?.();
      const error = failure('UNREACHABLE', 'it was closed');
      end(error, false);
      failAll(error);
    },
  };
}

/** Its answer, or its exception. */
const isOfFunction = (question: Uint8Array, answer: Uint8Array): boolean =>
  ((answer[0] ?? 0) & 0x7f) === (question[0] ?? 0);

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
