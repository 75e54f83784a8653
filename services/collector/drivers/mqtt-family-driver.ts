import type { BusMessage, Cancel, Stop } from '#core/ports.ts';
import { type Duration, formatDuration, type Instant, minutes, plus } from '#core/time.ts';
import type { Said } from '../device-book.ts';
import { BoundedMap } from '../mqtt/bounded-map.ts';
import type { FamilyAnswer, ToldReading } from '../mqtt/family.ts';
import { createMemory } from '../mqtt/memory.ts';
import { readMessage } from '../mqtt/read-message.ts';
import { judgeAge, keptReason, type MqttDriverOptions } from './mqtt-driver.ts';
import { createSilenceWatch } from './silence-watch.ts';

/**
 * Hears one device that speaks in the manner of a family (Tasmota, Shelly, Sparkplug …), on as many topics as that takes. What
 * earlier messages taught (names behind aliases, units, discovery) is remembered as long as the driver lives.
 *
 * Whether it is there is put together: its bridge, its node and the device itself must all say so; a sleeping device that said
 * how long it sleeps is not missed before.
 */
export interface MqttFamilyDriverOptions extends Omit<MqttDriverOptions, 'topic' | 'profile'> {
  readonly topics: readonly string[];
  /** Whose readings are taken where messages tell of several; null: everything heard is this device's. */
  readonly name: string | null;
}

export async function startMqttFamilyDriver(options: MqttFamilyDriverOptions): Promise<Stop> {
  const { bus, clock, book, metrics, profiles, onRejected } = options;
  const memory = createMemory();
  const nap = createNap(options);
  const watch = createSilenceWatch({ clock, book, staleAfter: nap.patience });
  const events = createEvents(options);
  const presence = createPresence(options, nap);
  /** The newest own time of each point: what is older is history, not news. */
  const newest = new BoundedMap<Instant>(1000);

  const onMessage = (message: BusMessage): void => {
    const now = clock.now();
    metrics.count('zhishou_collector_messages_total');
    const { answer } = readMessage(message.topic, message.payload, message.retained, memory, { now, profiles });
    if (answer.sleepsFor !== undefined && !message.retained) nap.begin(answer.sleepsFor);
    const own = answer.readings.filter((one) => isOwn(one, options.name));
    presence.heard(own.filter(isPresence), now);
    const told = own.filter((one) => !isPresence(one));
    if (told.length === 0) {
      if (isUnusable(answer)) onRejected('no known value');
      return;
    }
    // Fresh words about a device that was already heard are not undone by what the broker kept (after a reconnection).
    if (message.retained && book.lastSeenAt() !== null) return;
    const said = told.flatMap((one) => sayOf(one, message.retained, answer, newest, now, options.staleAfter));
    if (said.length === 0) {
      onRejected('late');
      return;
    }
    book.heard(said, 'message', now, false);
    if (message.retained) return;
    events.begin(told);
    if (said.some(({ kept }) => kept === undefined)) watch.heard();
  };
  const guarded = (message: BusMessage): void => {
    try {
      onMessage(message);
    } catch {
      onRejected('internal');
    }
  };
  const stops: Stop[] = [];
  // Configurations and births first, so that what leans on them is understood.
  for (const topic of [...options.topics].reverse()) stops.push(await bus.subscribe(topic, guarded));
  watch.heard();
  return async () => {
    watch.stop();
    events.stop();
    await Promise.all(stops.map((stop) => stop()));
  };
}

const isPresence = ({ point }: ToldReading): boolean => point === 'device.responding';

/** A gateway's presence is everybody's; its measurements are its own. */
const isOwn = (reading: ToldReading, name: string | null): boolean =>
  name === null || reading.device === name || (reading.gateway === true && isPresence(reading));

const isUnusable = ({ kind, cleared, readings }: FamilyAnswer): boolean =>
  cleared !== true && readings.length === 0 && (kind === 'bad' || kind === 'reading');

/** One told value as the book takes it; nothing when it is history: backfilled, or delivered late. */
function sayOf(
  told: ToldReading,
  retained: boolean,
  answer: FamilyAnswer,
  newest: BoundedMap<Instant>,
  now: Instant,
  staleAfter: Duration,
): Said[] {
  const { point, value, quality, reason, measuredAt } = told;
  const decoded = { value, quality, ...(reason === undefined ? {} : { reason }) };
  const at = measuredAt ?? null;
  if (retained) {
    const kept = keptReason(at ?? answer.lastHeardAt ?? null, now);
    return [{ point, decoded, kept, ...(at === null ? {} : { measuredAt: at }) }];
  }
  if (at === null) return [{ point, decoded }];
  const last = newest.get(point) ?? null;
  // A time ahead of ours was a wrong clock: it must not silence the device for as long as it was wrong.
  const believed = last !== null && last <= plus(now, minutes(1)) ? last : null;
  if (believed !== null && at < believed) return [];
  const age = judgeAge(at, believed, now, staleAfter);
  newest.set(point, at);
  return [{ point, decoded, measuredAt: at, ...(age === 'fresh' ? {} : { kept: age }) }];
}

/** How long silence is borne: a sleeper's own word, and after it the usual time. */
function createNap({ clock, staleAfter }: MqttFamilyDriverOptions) {
  let until = 0;
  let length = 0;
  return {
    begin: (sleepsFor: Duration): void => {
      length = sleepsFor;
      until = clock.monotonic() + sleepsFor;
    },
    patience: (): Duration => (length + staleAfter) as Duration,
    asleep: (): boolean => clock.monotonic() < until,
  };
}

/** Bridge, node and device: one that is away is enough. A sleeper's own "offline" means that it sleeps; only values bring back. */
function createPresence({ book }: MqttFamilyDriverOptions, nap: { asleep(): boolean }) {
  return {
    heard: (readings: readonly ToldReading[], now: Instant): void => {
      for (const { device, value, gateway } of readings) {
        if (value !== false || (gateway !== true && nap.asleep())) continue;
        const who = gateway === true ? `its gateway ${device}` : 'it';
        book.silenced(`${who} is offline, by its own word or its last will`, now);
      }
    },
  };
}

/** Values without an end of their own: after their time nothing is known any more, and never "dry". */
function createEvents({ book, clock }: MqttFamilyDriverOptions) {
  const running = new Map<string, Cancel>();
  return {
    begin: (told: readonly ToldReading[]): void => {
      for (const { point, value, quality, holdsFor } of told) {
        running.get(point)?.();
        running.delete(point);
        if (holdsFor === undefined || quality !== 'good' || running.size >= 200) continue;
        const over = (): void => {
          running.delete(point);
          const kept = `told ${formatDuration(holdsFor)} ago; its sender never says that it is over`;
          book.heard([{ point, decoded: { value, quality: 'good' }, kept }], 'watch', clock.now(), false);
        };
        running.set(point, clock.after(holdsFor, over));
      }
    },
    stop: (): void => {
      for (const cancel of running.values()) cancel();
    },
  };
}
