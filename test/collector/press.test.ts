import { describe, expect, it } from 'vitest';
import type { ReadingBatch } from '#core/reading.ts';
import { hours, instant, milliseconds, minutes, seconds } from '#core/time.ts';
import { createMemoryBus } from '#platform/bus/memory-bus.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { createMetrics } from '#platform/metrics.ts';
import { createDeviceBook } from '#services/collector/device-book.ts';
import { startMqttDriver } from '#services/collector/drivers/mqtt-driver.ts';
import { sampleConfig } from '../plans/support.ts';

/** A panic button: a momentary press is never lost and never repeated by what the broker kept. */

const TOPIC = 'zigbee2mqtt/button-fire';

async function button() {
  const config = sampleConfig();
  const device = config.devices.find((one) => one.id === 'button-fire');
  if (device === undefined) throw new Error('no button');
  const clock = createVirtualClock(instant(Date.UTC(2026, 0, 14)));
  const bus = createMemoryBus();
  /** Each value of good quality as it was told, without repetitions. */
  const told: boolean[] = [];
  const doubtful: string[] = [];
  const book = createDeviceBook({
    device,
    simulated: false,
    staleAfter: hours(26),
    expected: [],
    publishStatus: () => {},
    publishReadings: ({ readings }: ReadingBatch) => {
      for (const one of readings.filter(({ point }) => point === 'room.panic')) {
        if (one.quality !== 'good') doubtful.push(`${String(one.value)} ${one.quality}`);
        else if (told.at(-1) !== one.value) told.push(one.value === true);
      }
    },
  });
  const start = () =>
    startMqttDriver({
      book,
      topic: TOPIC,
      profile: 'zigbee2mqtt-button',
      profiles: config.profiles,
      staleAfter: hours(26),
      bus,
      clock,
      metrics: createMetrics(),
      onRejected: () => {},
    });
  const say = (payload: object, retain = false) => bus.publish(TOPIC, JSON.stringify(payload), { retain });
  return { clock, start, say, told, doubtful };
}

describe('a panic button', () => {
  it('is pressed once, and over ten seconds later by itself', async () => {
    const { clock, start, say, told } = await button();
    await start();
    await say({ action: 'single', battery: 99 });
    expect(told).toEqual([true]);
    clock.advanceBy(seconds(11));
    expect(told).toEqual([true, false]);
    clock.advanceBy(hours(1));
    expect(told).toEqual([true, false]);
  });

  it('each further press is one more event, a press within the ten seconds makes them longer', async () => {
    const { clock, start, say, told } = await button();
    await start();
    await say({ action: 'emergency' });
    clock.advanceBy(seconds(8));
    await say({ action: 'emergency' });
    clock.advanceBy(seconds(8));
    expect(told).toEqual([true]);
    clock.advanceBy(minutes(1));
    await say({ action: 'hold' });
    expect(told).toEqual([true, false, true]);
  });

  it('what the broker kept of an earlier press is no press: after a restart nothing is called', async () => {
    const { clock, start, say, told, doubtful } = await button();
    await say({ action: 'single', battery: 99 }, true);
    await start();
    clock.advanceBy(minutes(5));
    expect(told).toEqual([]);
    expect(doubtful).toContain('true stale');
    await say({ action: 'single', battery: 99 });
    expect(told).toEqual([true]);
  });

  it('a message without a press says that nothing is pressed, for a press that fell into a restart', async () => {
    const { start, say, told } = await button();
    await start();
    await say({ battery: 99, linkquality: 120 });
    expect(told).toEqual([false]);
  });

  it.each<[object, boolean[], string]>([
    [{ action: '' }, [false], 'the empty word of older gateways is no press'],
    [{ action: 'release' }, [false], 'let go'],
    [{ action: 'brightness_step_up' }, [], 'another remote’s word is nothing'],
    [{ sos: true }, [true], 'older devices tell a state'],
  ])('%j → %j: %s', async (payload, expected) => {
    const { clock, start, say, told } = await button();
    await start();
    await say(payload);
    clock.advanceBy(milliseconds(100));
    expect(told).toEqual(expected);
  });
});
