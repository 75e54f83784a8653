import type { Availability, MqttPoint, Profile } from '#core/config/profile.ts';
import { resolveProfile } from '#core/config/resolve-profile.ts';
import type { Bus, BusMessage, Cancel, Clock, Metrics, Stop } from '#core/ports.ts';
import { type Duration, formatDuration, type Instant } from '#core/time.ts';
import type { Decoded } from '../decode.ts';
import type { DeviceBook, Said } from '../device-book.ts';
import { createPointReader, measuredAt, type Parsed, parsePayload, valueAt } from '../payload.ts';
import { recogniseTopic } from '../recognise-topic.ts';
import { createSilenceWatch } from './silence-watch.ts';

/**
 * Hears one MQTT device: its state topic, its availability, and its gateway. Values come when the device sends them;
 * no message for `staleAfter` makes them stale. What the broker kept from earlier is shown with its age and never
 * counts as fresh (L39).
 */
export interface MqttDriverOptions {
  readonly book: DeviceBook;
  readonly topic: string;
  /** An id of `profiles`, or null: recognised by topic and keys with each message. */
  readonly profile: string | null;
  readonly profiles: readonly Profile[];
  readonly staleAfter: Duration;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** A message that said nothing usable. */
  readonly onRejected: (reason: string) => void;
}

export async function startMqttDriver(options: MqttDriverOptions): Promise<Stop> {
  const { bus, topic, clock, book } = options;
  const profile = options.profile === null ? null : resolveProfile(options.profile, options.profiles);
  const watch = createSilenceWatch({ clock, book, staleAfter: () => options.staleAfter });
  const presses = createPresses(options);
  const readPoints = createPointReader();
  let lastMeasuredAt: Instant | null = null;

  const onState = (message: BusMessage): void => {
    const now = clock.now();
    const parsed = parsedOf(message, false);
    if ('rejected' in parsed) {
      // An empty retained message only clears what the broker kept.
      if (parsed.rejected !== 'empty') options.onRejected(parsed.rejected);
      return;
    }
    const points = profile?.mqtt.points ?? recogniseTopic(topic, parsed.value, options.profiles)?.points ?? [];
    const values = readPoints(parsed.value, points);
    if (values.length === 0) {
      options.onRejected('no known value');
      return;
    }
    const told = measuredAt(parsed.value, profile?.mqtt.measured_at ?? 'last_seen');
    const age = message.retained ? keptReason(told, now) : judgeAge(told, lastMeasuredAt, now, options.staleAfter);
    if (age === 'late') {
      options.onRejected('late');
      return;
    }
    const kept = age === 'fresh' ? null : age;
    if (!message.retained && told !== null) lastMeasuredAt = told;
    // Fresh words about a device that was already heard are not undone by what the broker kept (after a reconnection).
    if (message.retained && book.lastSeenAt() !== null) return;
    const plain = told === null && kept === null;
    const said = plain ? values : values.map(({ point, decoded }) => saidOf(point, decoded, told, kept));
    const released = kept === null ? presses.take(said, points) : NONE;
    book.heard(released.length === 0 ? said : [...said, ...released], 'message', now, false);
    if (kept === null) watch.heard();
  };
  const onPresence = (how: Availability, who: string) => (message: BusMessage) => {
    const parsed = parsedOf(message, true);
    if ('rejected' in parsed) return;
    const word = typeof parsed.value === 'object' ? valueAt(parsed.value, how.path) : parsed.value;
    if (word === how.offline) book.silenced(`${who} says ${how.offline}`, clock.now());
    else if (word !== how.online) options.onRejected('neither online nor offline');
  };

  const stops = [await bus.subscribe(topic, guarded(onState, options))];
  const { availability, gateway } = profile?.mqtt ?? {};
  if (availability !== undefined) {
    const where = availability.topic.replace('{topic}', topic);
    stops.push(await bus.subscribe(where, guarded(onPresence(availability, 'its gateway'), options)));
  }
  if (gateway !== undefined) {
    const where = gateway.topic.replace('{base}', topic.split('/').slice(0, -1).join('/'));
    stops.push(await bus.subscribe(where, guarded(onPresence(gateway, 'the gateway of itself'), options)));
  }
  watch.heard();
  return async () => {
    watch.stop();
    presses.stop();
    await Promise.all(stops.map((stop) => stop()));
  };
}

function saidOf(point: string, decoded: Decoded, told: Instant | null, kept: string | null): Said {
  if (told === null && kept === null) return { point, decoded };
  return { point, decoded, ...(told === null ? {} : { measuredAt: told }), ...(kept === null ? {} : { kept }) };
}

/** What comes from this process need not be decoded. */
const parsedOf = (message: BusMessage, bare: boolean): Parsed =>
  message.value === undefined ? parsePayload(message.payload, bare) : { value: message.value };

export const keptReason = (told: Instant | null, now: Instant): string =>
  told === null
    ? 'kept by the broker from earlier; its age is not known'
    : `kept by the broker from earlier; measured ${formatDuration(Math.max(0, now - told) as Duration)} ago`;

/**
 * A live message whose own time is old: told again by a gateway that has just started (then its time stands still, L39), or
 * a gateway whose clock is off (then its time moves on with each message, and the message is as fresh as any).
 */
export function judgeAge(told: Instant | null, last: Instant | null, now: Instant, staleAfter: Duration): string {
  if (told === null) return 'fresh';
  if (last !== null && told < last && last - told < staleAfter) return 'late';
  const isOld = now - told >= staleAfter;
  if (!isOld || (last !== null && told !== last)) return 'fresh';
  return `told again; measured ${formatDuration((now - told) as Duration)} ago`;
}

/**
 * Buttons tell a press once and never that it is over: the point goes back by itself, so that the next press is another event.
 * Also a message that leaves it out says so, for one whose press fell into a restart of ours.
 */
function createPresses({ clock, book }: MqttDriverOptions) {
  const held = new Map<string, Cancel>();
  let known: { of: readonly MqttPoint[]; momentary: readonly (readonly [point: string, length: Duration])[] } | null =
    null;
  const momentaryOf = (points: readonly MqttPoint[]) => {
    if (known?.of !== points) {
      const lengths = new Map(
        points.flatMap((one) => (one.momentary === undefined ? [] : [[one.point, one.momentary] as const])),
      );
      known = { of: points, momentary: [...lengths] };
    }
    return known.momentary;
  };
  const over = (point: string): Said => ({ point, decoded: { value: false, quality: 'good' } });
  return {
    /** What is to be said beside: releases. */
    take(said: readonly Said[], points: readonly MqttPoint[]): readonly Said[] {
      const momentary = momentaryOf(points);
      if (momentary.length === 0) return NONE;
      return momentary.flatMap(([point, length]) => {
        const told = said.find((one) => one.point === point);
        if (told === undefined) return held.has(point) ? [] : [over(point)];
        if (told.decoded.value !== true) return [];
        held.get(point)?.();
        const release = (): void => {
          held.delete(point);
          book.heard([over(point)], 'watch', clock.now(), false);
        };
        held.set(point, clock.after(length, release));
        return [];
      });
    },
    stop: (): void => {
      for (const cancel of held.values()) cancel();
    },
  };
}

const NONE: readonly Said[] = [];

/** A mistake of ours in one message must not reach the bus: it is a counted rejection too. */
const guarded =
  (handle: (message: BusMessage) => void, { onRejected, metrics }: MqttDriverOptions) =>
  (message: BusMessage): void => {
    metrics.count('zhishou_collector_messages_total');
    try {
      handle(message);
    } catch {
      onRejected('internal');
    }
  };
