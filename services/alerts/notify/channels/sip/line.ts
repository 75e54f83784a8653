import { messageOf, ZhishouError } from '#core/errors.ts';
import { type Clock, type Log, sleep } from '#core/ports.ts';
import { milliseconds, seconds } from '#core/time.ts';
import type { Softphone } from '#platform/baresip/softphone.ts';

/** One telephone line: a telephone that is started again when it ends. */
export interface Line {
  /** Starts it where it does not run; rejects when that fails. */
  phone(): Promise<Softphone>;
  /** What the exchange last said to the account; null: nothing yet. */
  registration(): { readonly ok: boolean; readonly detail: string } | null;
  /** Resolves when the account is known at the exchange; rejects with why not. */
  registered(): Promise<void>;
  stop(): Promise<void>;
}

const REGISTER_S = 10;
const MOST_BACKOFF_S = 60;

export function createLine(
  name: string,
  open: () => Promise<Softphone>,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Line {
  let starting: Promise<Softphone> | null = null;
  let registration: { ok: boolean; detail: string } | null = null;
  let stopped = false;
  let failures = 0;

  function start(): Promise<Softphone> {
    registration = null;
    const opening = open();
    starting = opening;
    opening.then(watch, (error: unknown) => again(opening, messageOf(error)));
    return opening;
  }

  function watch(phone: Softphone): void {
    phone.onEvent(({ type, param, incoming }) => {
      if (type === 'REGISTER_OK') {
        registration = { ok: true, detail: param };
        failures = 0;
      } else if (type === 'REGISTER_FAIL') registration = { ok: false, detail: param };
      // Nobody is here to talk; our own calls are outgoing.
      else if (type === 'CALL_INCOMING' && incoming) phone.command('hangup').catch(() => {});
    });
    const own = starting;
    void phone.ended.then((reason) => again(own, reason));
  }

  /** Started again after a while, so that the account stays known at the exchange. */
  function again(which: Promise<Softphone> | null, reason: string): void {
    if (stopped || starting !== which) return;
    starting = null;
    registration = { ok: false, detail: reason };
    const wait = Math.min(2 ** failures++, MOST_BACKOFF_S);
    log.warn({ channel: name, reason, wait }, 'telephone line is down, will be started again');
    clock.after(seconds(wait), () => {
      if (!stopped && starting === null) start().catch(() => {});
    });
  }

  const phone = (): Promise<Softphone> =>
    stopped ? Promise.reject(new ZhishouError('UNREACHABLE', name, 'stopped')) : (starting ?? start());

  return {
    phone,
    registration: () => registration,
    async registered() {
      const { command } = await phone();
      for (let waited = 0; waited < REGISTER_S * 10; waited++) {
        // What was said before we listened stands in the list of accounts only.
        const listed = registration?.ok ?? listedAs(await command('reginfo'));
        if (listed === true) return;
        if (listed === false) break;
        await sleep(clock, milliseconds(100));
      }
      const detail = registration?.detail ?? 'the exchange refuses the account or does not answer';
      throw new ZhishouError('UNREACHABLE', name, `not registered: ${detail}`);
    },
    async stop() {
      stopped = true;
      const running = await starting?.catch(() => null);
      await running?.stop();
    },
  };
}

/** `> sip:zhishou@10.0.0.2:5060   OK   Expires 120s`, or ERR, in colours; null: no answer yet. */
function listedAs(list: string): boolean | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the terminal's colours are left out
  const [, state] = /^> \S+\s+(OK|ERR)\b/m.exec(list.replaceAll(/\u001b\[[\d;]*m/g, '')) ?? [];
  return state === undefined ? null : state === 'OK';
}
