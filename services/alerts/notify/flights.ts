import { messageOf, ZhishouError } from '#core/errors.ts';
import type { DeliveryView, WaysToAct } from '#core/notification.ts';
import type { Channel, Clock, Log } from '#core/ports.ts';
import type { Language } from '#core/text.ts';
import { type Instant, milliseconds, minutes } from '#core/time.ts';
import { type Delivery, laneOf } from './delivery.ts';
import type { InFlight } from './sending-plan.ts';
import { toMessage } from './to-message.ts';

/** Messages that their channels have in hand: each ends once, also when its channel never answers. */
export interface Flights {
  /** By the delivery's id. */
  readonly inFlight: ReadonlyMap<string, InFlight>;
  /** The channel is called in this very turn. */
  send(delivery: Delivery, now: Instant): void;
  landed(id: string): void;
  /** Gives what is on its way a moment to end; what ends later is not told. */
  stop(): Promise<void>;
}

export interface End {
  readonly id: string;
  /** Null: the other side has it. */
  readonly error: unknown;
}

export interface FlightsDependencies {
  readonly clock: Clock;
  readonly log: Log;
  readonly channels: Readonly<Record<string, Channel>>;
  readonly languageOf: (view: DeliveryView) => Language;
  readonly waysToAct: (view: DeliveryView) => WaysToAct | null;
  readonly onBegun: (channel: string, now: Instant) => void;
  /** What ended in the same turn, together. */
  readonly onEnds: (ends: readonly End[]) => void;
}

/** Longer than any call that rings, is answered and waits for a key. A channel that never ends would hold its place for ever. */
const SEND_LIMIT = minutes(5);
const LAST_MOMENT = milliseconds(2000);

export function createFlights(dependencies: FlightsDependencies): Flights {
  const { clock, log, channels } = dependencies;
  const inFlight = new Map<string, InFlight>();
  const settling = new Set<Promise<void>>();
  const ends: End[] = [];
  let telling: Promise<void> | null = null;
  /** The store may be gone: an end that comes now is not recorded, and the message goes out again after the next start. */
  let closed = false;

  function handOver(view: DeliveryView): Promise<void> {
    const channel = channels[view.channel];
    if (channel === undefined) {
      return Promise.reject(new ZhishouError('NOT_FOUND', view.channel, 'no such channel in site.yaml'));
    }
    try {
      return channel.send(toMessage(view, dependencies.languageOf(view), dependencies.waysToAct(view), clock.now()));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** What ends in the same turn is recorded in one transaction: the next alarm does not wait behind one write for each. */
  function settle(id: string, error: unknown): Promise<void> {
    if (closed) return Promise.resolve();
    ends.push({ id, error });
    telling ??= Promise.resolve().then(() => {
      telling = null;
      dependencies.onEnds(ends.splice(0));
    });
    return telling;
  }

  return {
    inFlight,
    send({ view }, now) {
      inFlight.set(view.id, { channel: view.channel, lane: laneOf(view), since: now });
      dependencies.onBegun(view.channel, now);
      let done = false;
      const end = (error: unknown): Promise<void> => {
        if (done) return Promise.resolve();
        done = true;
        cancel();
        return settle(view.id, error);
      };
      const cancel = clock.after(SEND_LIMIT, () => void end(new ZhishouError('TIMED_OUT', view.channel)));
      const attempt = handOver(view)
        .then(
          () => end(null),
          (error: unknown) => end(error),
        )
        .catch((error: unknown) => log.error({ delivery: view.id, error: messageOf(error) }, 'outbox failed'));
      settling.add(attempt);
      void attempt.finally(() => settling.delete(attempt));
    },
    landed: (id) => void inFlight.delete(id),
    async stop() {
      await Promise.race([
        Promise.allSettled([...settling]),
        new Promise<void>((resolve) => clock.after(LAST_MOMENT, resolve)),
      ]);
      closed = true;
    },
  };
}
