import { type ErrorCode, messageOf, ZhishouError } from '#core/errors.ts';
import type { Cancel, Clock } from '#core/ports.ts';
import { type Duration, milliseconds, seconds } from '#core/time.ts';
import type { Softphone } from '#platform/baresip/softphone.ts';

/** One call, from dialling to the end of the line. */
export interface Call {
  /** Resolves when the message was heard once or a key was pressed; rejects with why it was not. */
  readonly heard: Promise<void>;
  /** When the line is free again; never rejects. */
  readonly over: Promise<void>;
}

export interface CallOptions {
  readonly phone: Softphone;
  readonly clock: Clock;
  /** `sip:…` */
  readonly address: string;
  readonly ring: Duration;
  /** Files in the telephone's own folder, and how long they play. */
  readonly message: { readonly file: string; readonly length: Duration };
  readonly thanks: { readonly file: string; readonly length: Duration };
  readonly ringing: string;
  readonly heardAfter: Duration;
  /** `1` was pressed: at most once a call. */
  readonly onAcknowledge: () => void;
}

/** The line is given up when it does not close by itself. */
const CLOSE_LIMIT = seconds(5);
const SLACK = seconds(10);
const MOST_REPEATS = 5;

/**
 * Calls and plays the message when somebody answers, from its beginning also where the network had played it to nobody
 * before. `1` acknowledges, thanks and ends; `9` says it again. A mailbox that answers hears it too and presses nothing:
 * delivered, not acknowledged. Whoever hangs up before having heard it was not told.
 */
export function placeCall(options: CallOptions): Call {
  const { phone, clock, message, thanks } = options;
  let state: 'ringing' | 'talking' | 'thanking' | 'over' = 'ringing';
  let repeats = 0;
  let why: ZhishouError | null = null;
  let heardTimer: Cancel = () => {};
  const heard = withSettlers();
  const over = withSettlers();
  // Nobody need listen to both.
  heard.promise.catch(() => {});

  let limit: Cancel = clock.after(options.ring, () => giveUp('TIMED_OUT', `no answer within ${options.ring / 1000} s`));

  function within(length: Duration, run: () => void): void {
    limit();
    limit = clock.after(length, run);
  }

  function giveUp(code: ErrorCode, reason: string): void {
    why ??= new ZhishouError(code, options.address, reason);
    void phone.command('hangup').catch(() => {});
    within(CLOSE_LIMIT, end);
  }

  function play(sound: { readonly file: string; readonly length: Duration }): void {
    phone.command('ausrc', `aufile,${sound.file}`).catch((error: unknown) => giveUp('BAD_ANSWER', messageOf(error)));
    within(milliseconds(sound.length + SLACK), () => giveUp('TIMED_OUT', 'the line did not close'));
  }

  function say(): void {
    play(message);
    heardTimer();
    heardTimer = clock.after(options.heardAfter, () => heard.resolve());
  }

  function press(key: string): void {
    if (state !== 'talking') return;
    if (key === '9' && repeats++ < MOST_REPEATS) say();
    if (key !== '1') return;
    state = 'thanking';
    options.onAcknowledge();
    heard.resolve();
    play(thanks);
  }

  function end(): void {
    if (state === 'over') return;
    const talked = state !== 'ringing';
    state = 'over';
    limit();
    heardTimer();
    forget();
    const reason = talked ? 'hung up before the message was heard' : 'the call ended';
    heard.reject(why ?? new ZhishouError('UNREACHABLE', options.address, reason));
    over.resolve();
  }

  const forget = phone.onEvent(({ type, incoming, param }) => {
    if (incoming || state === 'over') return;
    if (type === 'CALL_ESTABLISHED' && state === 'ringing') {
      state = 'talking';
      say();
    } else if (type === 'CALL_DTMF_START') press(param);
    else if (type === 'CALL_CLOSED') {
      if (state === 'ringing') why ??= refusal(options.address, param);
      end();
    }
  });
  void phone.ended.then((reason) => {
    why ??= new ZhishouError('UNREACHABLE', options.address, reason);
    end();
  });
  void dial(options).catch((error: unknown) => {
    why ??= new ZhishouError('UNREACHABLE', options.address, messageOf(error), { cause: error });
    end();
  });
  return { heard: heard.promise, over: over.promise };
}

async function dial({ phone, ringing, address }: CallOptions): Promise<void> {
  await phone.command('ausrc', `aufile,${ringing}`);
  await phone.command('dial', address);
}

/** What a SIP answer means for the message (RFC 3261 section 21): who is busy or declines is called again, a number that is none is not. */
export function refusal(address: string, answer: string): ZhishouError {
  const status = Number(/^\d{3}/.exec(answer)?.[0] ?? 0);
  if ([401, 403, 407].includes(status))
    return new ZhishouError('UNREACHABLE', address, `the exchange refuses the account: ${answer}`);
  if ([404, 410, 484, 604].includes(status)) return new ZhishouError('REFUSED', address, `no such number: ${answer}`);
  if (status === 486 || status === 600) return new ZhishouError('UNREACHABLE', address, `busy: ${answer}`);
  if (status === 603) return new ZhishouError('UNREACHABLE', address, `declined: ${answer}`);
  if ([408, 480, 487].includes(status)) return new ZhishouError('TIMED_OUT', address, `no answer: ${answer}`);
  return new ZhishouError('UNREACHABLE', address, answer === '' ? 'the call failed' : answer);
}

function withSettlers() {
  let resolve = (): void => {};
  let reject = (_error: Error): void => {};
  const promise = new Promise<void>((good, bad) => {
    resolve = good;
    reject = bad;
  });
  return { promise, resolve: () => resolve(), reject: (error: Error) => reject(error) };
}
