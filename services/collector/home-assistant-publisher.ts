import type { Config } from '#core/config/config.ts';
import type { Device } from '#core/config/device.ts';
import type { Cancel, Clock } from '#core/ports.ts';
import type { Reading, ReadingBatch } from '#core/reading.ts';
import { between, type Instant, milliseconds, minutes, seconds, toIso } from '#core/time.ts';
import {
  discoveryMessage,
  type HomeAssistantMessage,
  type HomeAssistantNames,
  serviceTopic,
  stateMessage,
} from './mqtt/ha-publish.ts';
import type { Outbox } from './outbox.ts';

/**
 * Tells Home Assistant of our devices when the site wants it: a configuration when a device first speaks and when it has more
 * points than before, its state when something has changed, each minute anyhow.
 */
export interface HomeAssistantPublisher {
  heard(device: Device, batch: ReadingBatch): void;
  start(): void;
  stop(): void;
}

export interface HomeAssistantPublisherOptions {
  readonly config: Pick<Config, 'site'>;
  readonly clock: Clock;
  readonly outbox: Pick<Outbox, 'put'>;
}

/** At most one state a second of one device; a truth that changes is told at once. */
const AT_MOST_EVERY = seconds(1);
const REPEAT = minutes(1);

interface Shown {
  readonly device: Device;
  readonly readings: Map<string, Reading>;
  config: string;
  toldAt: Instant | null;
  truths: string;
  later: Cancel | null;
}

/** Null when the site does not ask for it. */
export function createHomeAssistantPublisher(options: HomeAssistantPublisherOptions): HomeAssistantPublisher | null {
  const { config, clock, outbox } = options;
  const { home_assistant: wanted, id: site, language } = config.site;
  if (wanted === undefined) return null;
  const names: HomeAssistantNames = { prefix: wanted.prefix, site, language };
  const shown = new Map<string, Shown>();
  let repeat: Cancel | null = null;
  const put = ({ topic, payload }: HomeAssistantMessage): void => outbox.put(topic, payload);

  const tellState = (one: Shown): void => {
    one.later?.();
    one.later = null;
    one.toldAt = clock.now();
    put(stateMessage(names, one.device.id, [...one.readings.values()], toIso(clock.now())));
  };
  const tellAgain = (): void => {
    for (const one of shown.values()) if (one.toldAt !== null) tellState(one);
    repeat = clock.after(REPEAT, tellAgain);
  };
  return {
    heard: (device, batch) => {
      const one = shown.get(device.id) ?? open(shown, device);
      for (const reading of batch.readings) one.readings.set(reading.point, reading);
      const message = discoveryMessage(names, device, [...one.readings.keys()]);
      if (message.payload !== one.config) {
        one.config = message.payload;
        put(message);
      }
      const truths = truthsOf(one);
      const wait = one.toldAt === null ? 0 : AT_MOST_EVERY - between(one.toldAt, clock.now());
      if (wait <= 0 || truths !== one.truths) tellState(one);
      else one.later ??= clock.after(milliseconds(wait), () => tellState(one));
      one.truths = truths;
    },
    start: () => {
      put({ topic: serviceTopic(names), payload: 'online' });
      repeat = clock.after(REPEAT, tellAgain);
    },
    stop: () => {
      repeat?.();
      for (const one of shown.values()) one.later?.();
      put({ topic: serviceTopic(names), payload: 'offline' });
    },
  };
}

function open(shown: Map<string, Shown>, device: Device): Shown {
  const made: Shown = { device, readings: new Map(), config: '', toldAt: null, truths: '', later: null };
  shown.set(device.id, made);
  return made;
}

const truthsOf = ({ readings }: Shown): string =>
  [...readings.values()]
    .filter(({ value }) => typeof value === 'boolean')
    .map(({ point, value, quality }) => `${point} ${String(value)} ${quality}`)
    .join();
