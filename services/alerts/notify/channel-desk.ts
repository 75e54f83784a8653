import type { ChannelState } from '#core/channel-state.ts';
import { messageOf, ZhishouError } from '#core/errors.ts';
import type { Channel, Log } from '#core/ports.ts';
import { earliest, type Instant, latest, toIso } from '#core/time.ts';
import { afterFailure, type Breaker, CLOSED, mayProbe, probing } from './breaker.ts';
import type { Delivery } from './delivery.ts';
import { freeAt, left, type RateLimit, stillTaken, type Taken } from './rate-window.ts';

/** What the outbox knows of each channel: its limit, whether it works, whether it tells of arrival. In memory; what matters of it after a restart is taken from the deliveries. */
export interface ChannelDesk {
  /** What deliveries of the run before say. */
  restore(deliveries: Iterable<Delivery>): void;
  gate(channel: string, now: Instant): Gate;
  /** A message is handed over. */
  begun(channel: string, now: Instant): void;
  succeeded(channel: string): void;
  failed(channel: string, to: string, error: unknown): void;
  /** The channel has told what became of a message. */
  gaveReceipt(channel: string): void;
  givesReceipts(channel: string): boolean;
  /** Asks those that fail, can be asked without a message, and are due for it. The next that will be due: when; null: none. */
  test(now: Instant): Instant | null;
  states(waiting: ReadonlyMap<string, number>): ChannelState[];
}

/** May a message go now? */
export interface Gate {
  /** Null: the channel works. Else when one may be tried; `now` or earlier: one may be tried now. */
  readonly shutUntil: Instant | null;
  readonly error: string | null;
  /** It works again since then: what waited for its next try need not wait longer. */
  readonly backSince: Instant | null;
  left(high: boolean): number;
  freeAt(high: boolean): Instant;
}

export interface ChannelDeskDependencies {
  readonly channels: Readonly<Record<string, Channel>>;
  readonly kinds: Readonly<Record<string, string>>;
  /** None: as many as there are. */
  readonly limitsOf: (channel: string) => readonly RateLimit[];
  readonly now: () => Instant;
  readonly steady: () => Instant;
  readonly log: Log;
  /** It fails; or it works, told at each success. */
  readonly onChange: (channel: string, failing: boolean, error: string | null) => void;
  /** It has begun or ceased to fail, or was tried in vain. */
  readonly onTurn: () => void;
  /** A channel was asked without a message; what waits may go now. */
  readonly onTested: () => void;
}

interface Known {
  breaker: Breaker;
  taken: Taken;
  receipts: boolean;
  backSince: Instant | null;
  lastSuccess: Instant | null;
  lastFailure: Instant | null;
  /** On the wall clock. */
  failingSince: Instant | null;
}

/** While a try is under way, or where the channel itself is asked: no message is tried. */
const NEVER = Number.MAX_SAFE_INTEGER as Instant;

export function createChannelDesk(deps: ChannelDeskDependencies): ChannelDesk {
  const { channels, limitsOf, now: wall, steady, log } = deps;
  const known = new Map<string, Known>();

  const of = (channel: string): Known => {
    const before = known.get(channel);
    if (before !== undefined) return before;
    const fresh: Known = {
      ...{ breaker: CLOSED, taken: [], receipts: false, backSince: null },
      ...{ lastSuccess: null, lastFailure: null, failingSince: null },
    };
    known.set(channel, fresh);
    return fresh;
  };

  function succeeded(channel: string): void {
    const one = of(channel);
    one.lastSuccess = wall();
    const turned = one.breaker.state === 'open';
    if (turned) one.backSince = steady();
    one.breaker = CLOSED;
    one.failingSince = null;
    // Told each time: an alert of the run before may still stand.
    deps.onChange(channel, false, null);
    if (turned) deps.onTurn();
  }

  function failed(channel: string, to: string, error: unknown): void {
    const one = of(channel);
    one.lastFailure = wall();
    const was = one.breaker.state;
    const refused = error instanceof ZhishouError && !error.retryable;
    const next = afterFailure(one.breaker, { to, refused, message: messageOf(error) }, steady());
    one.breaker = next;
    if (next.state !== 'open') return;
    if (was === 'open') {
      deps.onTurn();
      return;
    }
    one.failingSince = wall();
    log.error({ channel, error: next.error }, 'a channel fails; messages go other ways');
    deps.onChange(channel, true, next.error);
    deps.onTurn();
  }

  function shutUntil(channel: string, { breaker }: Known): Instant | null {
    if (breaker.state === 'closed') return null;
    // A channel that can be asked is asked; no message is risked on it.
    return breaker.probing || channels[channel]?.test !== undefined ? NEVER : breaker.until;
  }

  function ask(id: string): void {
    const one = of(id);
    if (one.breaker.state === 'open') one.breaker = probing(one.breaker);
    Promise.resolve()
      .then(() => channels[id]?.test?.())
      .then(
        () => succeeded(id),
        (error: unknown) => failed(id, '', error),
      )
      .then(deps.onTested)
      .catch((error: unknown) => log.error({ channel: id, error: messageOf(error) }, 'a channel was asked in vain'));
  }

  return {
    succeeded,
    failed,
    restore(deliveries) {
      for (const { view, triedAt, arriveBy } of deliveries) {
        const one = of(view.channel);
        if (triedAt !== undefined) one.taken = stillTaken([...one.taken, triedAt], limitsOf(view.channel), steady());
        if (arriveBy !== undefined || view.state === 'arrived') one.receipts = true;
        const sentAt = view.sentAt === null ? null : (Date.parse(view.sentAt) as Instant);
        if (sentAt !== null) one.lastSuccess = one.lastSuccess === null ? sentAt : latest(one.lastSuccess, sentAt);
      }
    },
    gate(channel, now) {
      const one = of(channel);
      const limits = limitsOf(channel);
      return {
        shutUntil: shutUntil(channel, one),
        error: one.breaker.state === 'open' ? one.breaker.error : null,
        backSince: one.backSince,
        left: (high) => left(one.taken, limits, now, high),
        freeAt: (high) => freeAt(one.taken, limits, now, high),
      };
    },
    begun(channel, now) {
      const one = of(channel);
      one.taken = stillTaken([...one.taken, now], limitsOf(channel), now);
      if (one.breaker.state === 'open') one.breaker = probing(one.breaker);
    },
    gaveReceipt(channel) {
      of(channel).receipts = true;
    },
    givesReceipts: (channel) => of(channel).receipts,
    test(now) {
      let next: Instant | null = null;
      for (const [id, { breaker }] of known) {
        if (channels[id]?.test === undefined || breaker.state !== 'open' || breaker.probing) continue;
        if (mayProbe(breaker, now)) ask(id);
        else next = next === null ? breaker.until : earliest(next, breaker.until);
      }
      return next;
    },
    states: (waiting) =>
      Object.keys(channels).map((id) =>
        stateOf(id, deps.kinds[id] ?? id, of(id), limitsOf(id), waiting.get(id) ?? 0, steady(), wall()),
      ),
  };
}

function stateOf(
  id: string,
  kind: string,
  one: Known,
  limits: readonly RateLimit[],
  waiting: number,
  now: Instant,
  wall: Instant,
): ChannelState {
  const { breaker, lastSuccess, lastFailure } = one;
  const open = breaker.state === 'open';
  const longest = [...limits].sort((a, b) => b.per - a.per)[0];
  const iso = (at: Instant | null): string | null => (at === null ? null : toIso(at));
  return {
    id,
    kind,
    state: open ? 'failing' : lastSuccess === null ? 'untried' : 'ok',
    since: iso(one.failingSince),
    error: open ? breaker.error : null,
    lastSuccessAt: iso(lastSuccess),
    lastFailureAt: iso(lastFailure),
    nextTryAt: open ? toIso((wall + Math.max(0, breaker.until - now)) as Instant) : null,
    waiting,
    rate:
      longest === undefined
        ? null
        : { messages: longest.messages, perS: longest.per / 1000, left: left(one.taken, [longest], now, true) },
    receipts: one.receipts,
  };
}
