import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instant } from '#core/time.ts';
import { createMqttDecoder } from '#services/collector/decode-mqtt.ts';
import { mqttProfiles } from './support/mqtt-profiles.ts';

const profiles = mqttProfiles();
const NOW = instant(Date.parse('2026-11-22T03:00:00Z'));
const fresh = () => createMqttDecoder(profiles, () => NOW);
const line = (topic: string, payload: unknown, more: object = {}) =>
  fresh().line(JSON.stringify({ topic, payload, ...more }));
const values = (result: ReturnType<typeof line>) =>
  Object.fromEntries(result.readings.map(({ point, value }) => [point, value]));

describe('decoding MQTT messages without configuration', () => {
  it('reads a climate sensor in SI units', () => {
    const text =
      '{"temperature":20.76,"humidity":76.55,"pressure":1008.8,"battery":83,"voltage":2975,"linkquality":99}';
    const result = line('zigbee2mqtt/th-1', text);
    expect(result.readings).toEqual([
      {
        device: 'th-1',
        point: 'ambient.temperature',
        value: 20.76,
        unit: '°C',
        quality: 'good',
        quantity: 'temperature',
      },
      expect.objectContaining({ device: 'th-1', point: 'ambient.humidity', value: 76.55, unit: '%' }),
      expect.objectContaining({ device: 'th-1', point: 'ambient.pressure', value: 100_880, unit: 'Pa' }),
      expect.objectContaining({ device: 'th-1', point: 'sensor.battery', value: 83, unit: '%' }),
      expect.objectContaining({ device: 'th-1', point: 'sensor.linkquality', value: 99, unit: '' }),
      expect.objectContaining({ device: 'th-1', point: 'sensor.voltage', value: 2.975, unit: 'V' }),
    ]);
    expect(result).toMatchObject({ kind: 'reading', family: 'zigbee2mqtt' });
    expect(result.rejected).toBeUndefined();
  });

  it('takes the payload as an object, as base64 and as hex too', () => {
    const payload = { smoke: true };
    const text = JSON.stringify(payload);
    expect(values(line('zigbee2mqtt/s', payload))).toEqual({ 'room.smoke': true });
    expect(values(line('zigbee2mqtt/s', Buffer.from(text).toString('base64'), { encoding: 'base64' }))).toEqual({
      'room.smoke': true,
    });
    expect(values(line('zigbee2mqtt/s', Buffer.from(text).toString('hex'), { encoding: 'hex' }))).toEqual({
      'room.smoke': true,
    });
  });

  it('a closed contact is a closed door', () => {
    expect(values(line('zigbee2mqtt/d', { contact: true }))).toEqual({ 'room.door': false });
    expect(values(line('zigbee2mqtt/d', { contact: false }))).toEqual({ 'room.door': true });
  });

  it('tells two alarms of one device, and mains volts from battery millivolts', () => {
    expect(values(line('zigbee2mqtt/c', { water_leak: true, smoke: false }))).toEqual({
      'room.leak': true,
      'room.smoke': false,
    });
    expect(values(line('zigbee2mqtt/p', { power: 25.5, voltage: 230.1, energy: 1.34 }))).toEqual({
      'input.realpower': 25.5,
      'input.voltage': 230.1,
      'input.energy': 1340,
    });
  });

  it('keeps the whole name of a device with slashes and other letters', () => {
    expect(line('zigbee2mqtt/机房/温度 1', { temperature: 21 }).readings[0]?.device).toBe('机房/温度 1');
  });

  it('reads availability, in JSON and bare, of devices and of the gateway', () => {
    const responding = (topic: string, payload: unknown) => line(topic, payload, { retain: true }).readings;
    expect(responding('zigbee2mqtt/th-1/availability', { state: 'online' })).toMatchObject([
      { device: 'th-1', point: 'device.responding', value: true, unit: '', quantity: 'availability' },
    ]);
    expect(responding('zigbee2mqtt/th-1/availability', 'offline')[0]?.value).toBe(false);
    expect(responding('zigbee2mqtt/bridge/state', 'offline')).toMatchObject([
      { device: 'bridge', point: 'device.responding', value: false, unit: '' },
    ]);
  });

  it.each([
    ['an unknown topic', { topic: 'other/thing', payload: '{"temperature":20}' }],
    ['cut-off JSON', { topic: 'zigbee2mqtt/x', payload: '{"temperature":20' }],
    ['NaN', { topic: 'zigbee2mqtt/x', payload: '{"temperature":NaN}' }],
    ['an empty payload', { topic: 'zigbee2mqtt/x', payload: '' }],
    ['10 MB', { topic: 'zigbee2mqtt/x', payload: `{"temperature":20,"pad":"${'x'.repeat(10_000_000)}"}` }],
    ['wrong types', { topic: 'zigbee2mqtt/x', payload: { temperature: { value: 20 } } }],
    ['a value beyond its range', { topic: 'zigbee2mqtt/x', payload: { humidity: 6553.5 } }],
    ['only nulls', { topic: 'zigbee2mqtt/x', payload: { temperature: null } }],
    ['a command', { topic: 'zigbee2mqtt/x/set', payload: { temperature: 20 } }],
    ['the bridge’s own business', { topic: 'zigbee2mqtt/bridge/info', payload: 'not json' }],
    [
      'what the broker kept although its device was last heard long ago (L39)',
      { topic: 'zigbee2mqtt/x', payload: { temperature: 20, last_seen: '2026-11-20T00:00:00Z' }, retain: true },
    ],
    ['bytes that are no text', { topic: 'zigbee2mqtt/x', payload: '/////w==', encoding: 'base64' }],
    ['bad base64', { topic: 'zigbee2mqtt/x', payload: '***', encoding: 'base64' }],
    ['an unknown encoding', { topic: 'zigbee2mqtt/x', payload: 'x', encoding: 'rot13' }],
    ['no topic', { payload: 'x' }],
    ['deep nesting', { topic: 'zigbee2mqtt/x', payload: '['.repeat(100_000) }],
    ['a prototype for a key', { topic: 'zigbee2mqtt/x', payload: '{"__proto__":{"temperature":20}}' }],
  ])('rejects %s with a reason', (_title, message) => {
    const result = fresh().line(JSON.stringify(message));
    expect(result.readings).toEqual([]);
    expect(result.rejected).toBeTruthy();
  });

  it('gives what the broker kept as stale, with its age as far as it is known (L39)', () => {
    const kept = line('zigbee2mqtt/x', { temperature: 20 }, { retain: true });
    expect(kept.readings).toMatchObject([{ value: 20, quality: 'stale', age: null }]);
    const told = { temperature: 20, last_seen: '2026-11-22T02:50:00Z' };
    expect(line('zigbee2mqtt/x', told, { retain: true }).readings).toMatchObject([{ quality: 'stale', age: 600 }]);
    const old = line('zigbee2mqtt/x', { temperature: 20, last_seen: 1_573_393_389_829 }, { retain: true });
    expect(old).toMatchObject({ readings: [], lastKnown: [{ value: 20, quality: 'stale' }] });
  });

  it('says of the same bytes on the same topic that they repeat', () => {
    const decoder = fresh();
    const message = { topic: 'zigbee2mqtt/x', payload: { smoke: false } };
    expect(decoder.message(message).repeated).toBeUndefined();
    expect(decoder.message(message).repeated).toBe(true);
    expect(decoder.message({ ...message, payload: { smoke: true } }).repeated).toBeUndefined();
  });

  it('a wrong value is named beside the good ones', () => {
    const result = line('zigbee2mqtt/x', { temperature: 20, humidity: 6553.5 });
    expect(values(result)).toEqual({ 'ambient.temperature': 20 });
    expect(result.rejected).toContain('humidity');
  });

  it('never throws, whatever a line holds', () => {
    fc.assert(fc.property(fc.string(), (text) => void fresh().line(text)));
    fc.assert(
      fc.property(
        fc.constantFrom('zigbee2mqtt/x', 'zigbee2mqtt/x/availability', 'zigbee2mqtt/bridge/state', '', '/', '#', '+'),
        fc.oneof(fc.json(), fc.string(), fc.jsonValue()),
        fc.constantFrom(undefined, 'base64' as const, 'hex' as const, 'utf8' as const),
        (topic, payload, encoding) => {
          const { readings, rejected } = fresh().message({ topic, payload, encoding });
          return readings.length > 0 || typeof rejected === 'string';
        },
      ),
    );
  });
});
