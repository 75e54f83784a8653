import { describe, expect, it } from 'vitest';
import { deviceSchema } from '#core/config/device.ts';
import { siteSchema } from '#core/config/site.ts';
import type { Reading, ReadingBatch } from '#core/reading.ts';
import { instant, minutes, seconds } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { createHomeAssistantPublisher } from '#services/collector/home-assistant-publisher.ts';
import { climateDevice } from '../support/site.ts';
import { readings as read, type Said } from './run.ts';

const SITE = { id: 'hq', name: 'T', address: 'x', floor: 'x', time_zone: 'UTC', language: 'en' };
const DEVICE = deviceSchema.parse(climateDevice('th-1'));

function publisher(home: object | undefined = {}) {
  const site = siteSchema.parse({ ...SITE, ...(home === undefined ? {} : { home_assistant: home }) });
  const clock = createVirtualClock(instant(Date.UTC(2026, 0, 14)));
  const sent: { topic: string; payload: string }[] = [];
  const made = createHomeAssistantPublisher({
    config: { site },
    clock,
    outbox: { put: (topic, payload) => void sent.push({ topic, payload: String(payload) }) },
  });
  const batch = (values: Readonly<Record<string, Partial<Reading>>>): ReadingBatch => ({
    device: 'th-1',
    at: clock.now(),
    cause: 'message',
    readings: Object.entries(values).map(([point, more]) => ({
      device: 'th-1',
      point,
      value: null,
      quality: 'good',
      measuredAt: clock.now(),
      receivedAt: clock.now(),
      changedAt: clock.now(),
      simulated: false,
      ...more,
    })),
  });
  return { made, sent, clock, batch };
}

describe('our room in Home Assistant', () => {
  it('is not shown unless the site asks for it', () => {
    expect(
      createHomeAssistantPublisher({
        config: { site: siteSchema.parse(SITE) },
        clock: publisher().clock,
        outbox: { put: () => {} },
      }),
    ).toBeNull();
  });

  it('configures each device once with classes and units, and again only when it has more points', () => {
    const { made, sent, clock, batch } = publisher();
    made?.start();
    made?.heard(DEVICE, batch({ 'ambient.temperature': { value: 21.5 } }));
    clock.advanceBy(seconds(5));
    made?.heard(DEVICE, batch({ 'ambient.temperature': { value: 21.6 } }));
    made?.heard(DEVICE, batch({ 'room.leak': { value: false } }));
    const configs = sent.filter(({ topic }) => topic.endsWith('/config'));
    expect(configs.map(({ topic }) => topic)).toEqual(Array(2).fill('homeassistant/device/zhishou_hq_th-1/config'));
    const config = JSON.parse(configs[1]?.payload ?? '') as {
      components: Record<string, object>;
      availability: object[];
    };
    expect(config.components).toMatchObject({
      ambient_temperature: {
        platform: 'sensor',
        device_class: 'temperature',
        unit_of_measurement: '°C',
        expire_after: 300,
      },
      room_leak: { platform: 'binary_sensor', device_class: 'moisture' },
    });
    expect(config.availability).toHaveLength(2);
  });

  it('what may not be believed is not in the state: unknown in Home Assistant, never zero or dry', () => {
    const { made, sent, batch } = publisher();
    made?.heard(
      DEVICE,
      batch({
        'ambient.temperature': { value: 20, quality: 'stale' },
        'room.leak': { value: false, quality: 'missing' },
        'ambient.humidity': { value: 40 },
      }),
    );
    const state = sent.find(({ topic }) => topic.endsWith('/state'));
    expect(JSON.parse(state?.payload ?? '')).toMatchObject({ responding: true, points: { 'ambient.humidity': 40 } });
    expect(state?.payload).not.toContain('room.leak');
  });

  it('tells water at once, a drifting temperature once a second at most, and everything again each minute', () => {
    const { made, sent, clock, batch } = publisher();
    const states = () => sent.filter(({ topic }) => topic.endsWith('/state')).length;
    made?.start();
    made?.heard(DEVICE, batch({ 'ambient.temperature': { value: 21 }, 'room.leak': { value: false } }));
    for (let i = 0; i < 5; i++) made?.heard(DEVICE, batch({ 'ambient.temperature': { value: 21 + i / 10 } }));
    expect(states()).toBe(1);
    made?.heard(DEVICE, batch({ 'room.leak': { value: true } }));
    expect(states()).toBe(2);
    clock.advanceBy(seconds(2));
    const before = states();
    clock.advanceBy(minutes(3));
    expect(states()).toBe(before + 3);
  });

  it('says that it comes and goes', () => {
    const { made, sent } = publisher({ prefix: 'ha' });
    made?.start();
    made?.stop();
    expect(sent).toEqual(
      ['online', 'offline'].map((payload) => ({ topic: 'zhishou/hq/homeassistant/status', payload })),
    );
  });

  it('is understood by whoever reads Home Assistant’s discovery: our own decoder does', () => {
    const { made, sent, batch } = publisher();
    made?.heard(DEVICE, batch({ 'ambient.temperature': { value: 21.5 }, 'room.smoke': { value: true } }));
    const said = sent.map(({ topic, payload }): Said => [topic, payload]);
    expect(read(...said)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/ambient\.temperature 21\.5 °C$/),
        expect.stringMatching(/room\.smoke true$/),
        expect.stringMatching(/device\.responding true$/),
      ]),
    );
  });
});
