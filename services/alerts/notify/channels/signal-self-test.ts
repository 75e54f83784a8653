import type { ChannelConfigOf } from '#core/config/channels.ts';
import { messageOf } from '#core/errors.ts';
import type { BusMessage, Cancel, Stop } from '#core/ports.ts';
import type { ReadingBatch } from '#core/reading.ts';
import { type Duration, instant, milliseconds, minutes } from '#core/time.ts';
import { topic } from '#core/topics.ts';
import { valueOfMessage } from './bus-values.ts';
import type { KeptChannelParts } from './channel-parts.ts';

type Where = ChannelConfigOf<'mqtt-signal'>['state'];

/** What a siren or lamp tells of itself, where it tells anything. */
export interface StateWatch {
  start(): Cancel;
  /** Resolves true when it tells that it is on (or off), false when it has not within the time. Without a state: true at once, nothing is proven. */
  next(on: boolean, within: Duration): Promise<boolean>;
}

export function createStateWatch(where: Where, { wall, bus, site, log }: KeptChannelParts): StateWatch {
  let waiting: ((on: boolean) => void)[] = [];

  function hear(on: boolean | null): void {
    if (on === null) return;
    for (const tell of [...waiting]) tell(on);
  }

  return {
    start() {
      if (where === undefined) return () => {};
      const [name, read] =
        'point' in where
          ? [
              topic(site.id, 'reading/+', where.point.device),
              (message: BusMessage) => ofPoint(message, where.point.point),
            ]
          : [where.topic, (message: BusMessage) => ofPayload(message, where)];
      // What was kept from before says nothing of now.
      const subscription: Promise<Stop> = bus.subscribe(name, (message) =>
        hear(message.retained ? null : read(message)),
      );
      subscription.catch((error: unknown) =>
        log.warn({ topic: name, error: messageOf(error) }, 'a siren’s state is not heard'),
      );
      return () => void subscription.then((stop) => stop()).catch(() => {});
    },
    next(on, within) {
      if (where === undefined) return Promise.resolve(true);
      return new Promise((resolve) => {
        const end = (seen: boolean): void => {
          cancel();
          waiting = waiting.filter((one) => one !== tell);
          resolve(seen);
        };
        const tell = (now: boolean): void => {
          if (now === on) end(true);
        };
        const cancel = wall.after(within, () => end(false));
        waiting.push(tell);
      });
    },
  };
}

function ofPoint(message: BusMessage, point: string): boolean | null {
  const reading = valueOfMessage<ReadingBatch>(message)?.readings?.find((one) => one.point === point);
  return reading?.quality === 'good' && typeof reading.value === 'boolean' ? reading.value : null;
}

function ofPayload(message: BusMessage, where: Extract<NonNullable<Where>, { topic: string }>): boolean | null {
  const text = Buffer.from(message.payload)
    .toString('utf8')
    .slice(0, 64 * 1024);
  const found = where.path === undefined ? text.trim() : valueAt(text, where.path);
  if (found === undefined) return null;
  if (String(found) === String(where.on)) return true;
  return where.off === undefined || String(found) === String(where.off) ? false : null;
}

function valueAt(text: string, path: string): unknown {
  try {
    return path
      .split('.')
      .reduce<unknown>(
        (value, key) =>
          typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined,
        JSON.parse(text),
      );
  } catch {
    return undefined;
  }
}

/** What is overdue after a restart waits a little: a start is no time for noise. */
const SOON: Duration = minutes(10);

/** Runs `test` each `every`, also across restarts. */
export function createSelfTestSchedule(
  name: string,
  every: Duration | undefined,
  { wall, memory }: KeptChannelParts,
  test: () => Promise<void>,
): Cancel {
  if (every === undefined) return () => {};
  const key = `channel/${name}/self-test`;
  const kept = [...(memory?.entries(key) ?? [])][0]?.[1];
  let cancel: Cancel = () => {};
  let stopped = false;
  const next = (delay: number): void => {
    cancel = wall.after(milliseconds(Math.max(delay, 0)), () => {
      try {
        memory?.set(key, wall.now());
      } catch {
        // The next start then tests a little early.
      }
      void test().finally(() => {
        if (!stopped) next(every);
      });
    });
  };
  const last = typeof kept === 'number' ? instant(kept) : null;
  next(last === null ? Math.min(every, SOON) : Math.max(last + every - wall.now(), Math.min(every, SOON)));
  return () => {
    stopped = true;
    cancel();
  };
}
