import { messageOf, ZhishouError } from '#core/errors.ts';
import type { Cancel, Clock } from '#core/ports.ts';
import { type Duration, milliseconds, seconds } from '#core/time.ts';
import type { ByteStream, Dial, Place, StreamEvents } from './byte-stream.ts';
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
const NOTHING = new Uint8Array();
/** Longer ago than any gap. */
const LONG_AGO = milliseconds(-3_600_000);

export const createLine = (options: LineOptions): Line => new ModbusLine(options);

class ModbusLine implements Line {
  readonly #options: LineOptions;
  readonly #units = new Map<number, UnitState>();
  #waiting: Asked[] = [];
  #running: Running | null = null;
  #stream: ByteStream | null = null;
  /** The connection that is there or being made; what others still tell is not heard. */
  #connection: object | null = null;
  /** TCP: the begin of a frame. */
  #half: Uint8Array = NOTHING;
  /** It has answered over this connection. */
  #proven = false;
  #unansweredInARow = 0;
  #down: { until: Duration; error: ZhishouError } | null = null;
  #transaction = 0;
  #liveInARow = 0;
  #quietSince: Duration = LONG_AGO;
  #wake: Cancel | null = null;
  #closed = false;

  constructor(options: LineOptions) {
    this.#options = options;
  }

  ask(question: Question): Promise<Uint8Array> {
    const now = this.#options.clock.monotonic();
    if (this.#closed) return Promise.reject(this.#failure('UNREACHABLE', 'it was closed'));
    if (this.#waiting.length >= MOST_WAITING)
      return Promise.reject(this.#failure('TOO_MANY', `${this.#waiting.length} questions wait already`));
    if (this.#down !== null && now < this.#down.until) return Promise.reject(this.#down.error);
    return new Promise((resolve, reject) => {
      const settle = (answer: Uint8Array | ZhishouError): void =>
        answer instanceof ZhishouError ? reject(answer) : resolve(answer);
      this.#waiting.push({ ...question, since: now, settle, again: false });
      this.#pump();
    });
  }

  close(): void {
    this.#closed = true;
    this.#drop();
    this.#wake?.();
    const error = this.#failure('UNREACHABLE', 'it was closed');
    this.#end(error, false);
    this.#failAll(error);
  }

  /** Goes on with whatever can be done now. */
  readonly #pump = (): void => {
    this.#wake?.();
    this.#wake = null;
    if (this.#closed || this.#running !== null) return;
    this.#sendAway();
    const [first] = this.#waiting;
    if (first === undefined) return;
    // Bytes that nobody asked for would be taken for the begin of the next answer.
    if (this.#half.length > 0) this.#drop();
    if (this.#stream !== null) this.#takeTurn(this.#stream);
    else if (this.#connection === null) this.#open(first.timeout);
  };

  /** Those who have waited for too long. */
  #sendAway(): void {
    const late = new Set(overdue(this.#waiting, this.#units, this.#options.clock.monotonic()));
    if (late.size === 0) return;
    const all = this.#waiting;
    this.#waiting = all.filter((_, place) => !late.has(place));
    for (const place of late)
      all[place]?.settle(this.#failure('TIMED_OUT', 'too many units on this line do not answer', all[place].unit));
  }

  #takeTurn(stream: ByteStream): void {
    const { clock } = this.#options;
    const now = clock.monotonic();
    const turn = nextTurn(this.#waiting, this.#units, this.#liveInARow, now);
    if (turn === null) return;
    const asked = 'place' in turn ? this.#waiting[turn.place] : undefined;
    const from = 'place' in turn ? milliseconds(this.#quietSince + (asked?.gap ?? 0)) : turn.notBefore;
    if (from > now) this.#wake = clock.after(milliseconds(from - now), this.#pump);
    else if (asked !== undefined && 'place' in turn) {
      this.#waiting.splice(turn.place, 1);
      this.#liveInARow = turn.doubtful ? 0 : this.#liveInARow + 1;
      this.#send(asked, stream);
    }
  }

  #send(asked: Asked, stream: ByteStream): void {
    const { framing, clock } = this.#options;
    this.#transaction = (this.#transaction + 1) & 0xffff;
    const cancel = clock.after(asked.timeout, () => this.#timedOut());
    this.#running = { asked, transaction: this.#transaction, cancel, bytes: NOTHING, strays: 0 };
    const { unit, pdu } = asked;
    stream.write(framing === 'tcp' ? tcpFrame(this.#transaction, unit, pdu) : rtuFrame(unit, pdu));
  }

  /** The question under way has ended: with an answer, or why there is none. */
  #end(outcome: Uint8Array | ZhishouError, doubtful: boolean): void {
    if (this.#running === null) return;
    const { asked, cancel } = this.#running;
    this.#running = null;
    cancel();
    const now = this.#options.clock.monotonic();
    this.#quietSince = now;
    const notBefore = doubtful && this.#options.framing === 'rtu' ? milliseconds(now + asked.timeout) : now;
    this.#units.set(asked.unit, { doubtful, askedAt: now, notBefore });
    asked.settle(outcome);
    this.#pump();
  }

  #timedOut(): void {
    if (this.#running === null) return;
    const { bytes, strays, asked } = this.#running;
    this.#unansweredInARow++;
    // Whoever has gone without a word is noticed by nothing else, and a half frame would swallow the begin of the next.
    if (this.#unansweredInARow >= MOST_UNANSWERED || this.#half.length > 0) this.#drop();
    let error = this.#failure('TIMED_OUT', `nothing within ${asked.timeout} ms`, asked.unit);
    if (strays > 0) error = this.#failure('BAD_ANSWER', `${strays} answers to other questions`, asked.unit);
    if (bytes.length > 0) {
      const found = findRtuAnswer(asked.unit, asked.pdu, bytes);
      error = this.#failure('BAD_ANSWER', 'not' in found ? found.not : 'late', asked.unit);
    }
    this.#end(error, true);
  }

  #hear(bytes: Uint8Array): void {
    this.#proven = true;
    this.#unansweredInARow = 0;
    if (this.#options.framing === 'tcp') this.#hearTcp(bytes);
    else if (this.#running !== null) this.#hearRtu(this.#running, bytes);
  }

  #hearRtu(running: Running, bytes: Uint8Array): void {
    running.bytes = joined(running.bytes, bytes);
    const found = findRtuAnswer(running.asked.unit, running.asked.pdu, running.bytes);
    if ('pdu' in found) this.#end(found.pdu, false);
    else if (running.bytes.length > MOST_BYTES)
      this.#babbles(`${running.bytes.length} bytes without an answer among them`);
  }

  #hearTcp(bytes: Uint8Array): void {
    const { frames, rest, broken } = takeTcpFrames(joined(this.#half, bytes));
    this.#half = rest;
    let wrong = broken;
    for (const frame of frames) {
      const running = this.#running;
      if (running === null) continue;
      const { asked } = running;
      if (frame.transaction !== running.transaction) running.strays++;
      else if (frame.unit !== asked.unit)
        this.#end(this.#failure('BAD_ANSWER', `unit ${frame.unit} answers`, asked.unit), false);
      else if (isOfFunction(asked.pdu, frame.pdu)) this.#end(frame.pdu, false);
      else wrong ??= `an answer to function ${frame.pdu[0]}`;
    }
    if (wrong !== null) this.#babbles(wrong);
  }

  /** Nothing can be believed any more that comes over this connection. */
  #babbles(detail: string): void {
    this.#drop();
    this.#end(this.#failure('BAD_ANSWER', detail, this.#running?.asked.unit), false);
  }

  #open(timeout: Duration): void {
    const mine = {};
    this.#connection = mine;
    const ofThis =
      <T>(run: (told: T) => void) =>
      (told: T): void => {
        if (this.#connection === mine) run(told);
      };
    const events: StreamEvents = {
      data: ofThis((bytes: Uint8Array) => this.#hear(bytes)),
      closed: ofThis((reason: string) => this.#lost(reason)),
    };
    this.#options.dial(this.#options, timeout, events).then(
      (opened) => {
        if (this.#connection !== mine) return opened.close();
        this.#stream = opened;
        this.#down = null;
        this.#pump();
      },
      ofThis((error: unknown) => this.#notOpened(error)),
    );
  }

  #notOpened(error: unknown): void {
    this.#connection = null;
    const given = error instanceof ZhishouError ? error : this.#failure('UNREACHABLE', messageOf(error));
    this.#down = { until: milliseconds(this.#options.clock.monotonic() + KNOCK_AGAIN_AFTER), error: given };
    this.#failAll(given);
  }

  #lost(reason: string): void {
    const wasProven = this.#proven;
    this.#drop();
    if (this.#running === null) return;
    const { asked, bytes, cancel } = this.#running;
    if (!wasProven || asked.again || bytes.length > 0) {
      this.#end(this.#failure('UNREACHABLE', reason, asked.unit), false);
      return;
    }
    this.#running = null;
    cancel();
    this.#waiting.unshift({ ...asked, again: true });
    this.#pump();
  }

  #drop(): void {
    this.#stream?.close();
    this.#stream = null;
    this.#connection = null;
    this.#half = NOTHING;
    this.#proven = false;
    this.#unansweredInARow = 0;
  }

  #failAll(error: ZhishouError): void {
    const all = this.#waiting;
    this.#waiting = [];
    for (const asked of all) asked.settle(error);
  }

  #failure(code: 'UNREACHABLE' | 'TIMED_OUT' | 'BAD_ANSWER' | 'TOO_MANY', detail: string, unit?: number): ZhishouError {
    const where = `modbus ${this.#options.host}:${this.#options.port}`;
    return new ZhishouError(code, unit === undefined ? where : `${where} unit ${unit}`, detail);
  }
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
