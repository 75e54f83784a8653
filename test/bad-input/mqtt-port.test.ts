import { connect as connectSocket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { milliseconds, minutes, seconds } from '#core/time.ts';
import { type BadDay, diaryOf, openBadDay, until } from './support/house.ts';

const REJECTED = 'zhishou_collector_rejected_messages_total';
const REFUSED = 'zhishou_broker_refused_total';
const days: BadDay[] = [];
afterEach(async () => {
  for (const day of days.splice(0)) await day.stop();
});

async function open(options: Parameters<typeof openBadDay>[0] = {}): Promise<BadDay> {
  const day = await openBadDay(options);
  days.push(day);
  return day;
}

const SMOKE = 'zigbee2mqtt/smoke-1';
const ALARM = '{"smoke":true,"battery":97,"linkquality":120}';

/** The smoke detector speaks; its alarm is out at this very instant of room time. */
async function smokeIsHeard(day: BadDay): Promise<void> {
  const at = day.clock.now();
  const sensor = await day.stranger();
  await sensor.publishAsync(SMOKE, ALARM, { qos: 1 });
  await until(() => expect(day.firing()).toContain('smoke'));
  await until(() => expect(day.sent.filter(({ severity }) => severity === 'high').length).toBeGreaterThan(0));
  expect(day.clock.now()).toBe(at);
}

const bytes = (...values: number[]): Buffer => Buffer.from(values);

/** What a broken or hostile sensor may say, and the name under which it is counted. */
const JUNK: readonly (readonly [what: string, payload: string | Buffer, reason: string])[] = [
  ['JSON that is cut off', '{"smoke":tr', 'not JSON'],
  ['an open string', '{"smoke": "', 'not JSON'],
  ['not JSON at all', 'smoke=1', 'not JSON'],
  ['a NaN', '{"smoke":NaN}', 'not JSON'],
  ['binary', bytes(0xff, 0xfe, 0x00, 0x80, 0xc3, 0x28), 'not UTF-8'],
  ['brackets without an end', '['.repeat(100_000), 'not JSON'],
  ['brackets with an end', '['.repeat(50_000) + ']'.repeat(50_000), 'no known value'],
  ['null', 'null', 'no known value'],
  ['a bare number', '1', 'no known value'],
  ['a list', '[{"smoke":true}]', 'no known value'],
  ['unknown keys', '{"rauch":true}', 'no known value'],
  ['keys of the prototype', '{"__proto__":{"smoke":true},"constructor":{"smoke":true}}', 'no known value'],
  ['nulls', '{"smoke":null,"fault":null}', 'no known value'],
];

describe('junk on a sensor’s own topic', () => {
  it('is counted by its reason, nothing is read from it, no other device is delayed, and the alarm after it is out at once (O-FIR-1, L38)', async () => {
    const quiet = await open();
    await quiet.clock.advanceByAsync(minutes(2));
    const day = await open();
    const broken = await day.stranger();
    await day.clock.advanceByAsync(minutes(1));
    for (const [what, payload, reason] of JUNK) {
      const before = { counted: day.count(REJECTED, { reason }), read: day.batches.length };
      await broken.publishAsync(SMOKE, payload, { qos: 1 });
      expect([what, day.count(REJECTED, { reason }) - before.counted]).toEqual([what, 1]);
      expect([what, day.batches.length - before.read]).toEqual([what, 0]);
    }
    await day.clock.advanceByAsync(minutes(1));
    expect(diaryOf(day)).toEqual(diaryOf(quiet));
    expect(day.firing()).toEqual([]);
    await smokeIsHeard(day);
  });

  it.each([
    ['a word', '{"smoke":"maybe"}'],
    ['a structure', '{"smoke":{"value":true}}'],
    ['a list', '{"smoke":[true]}'],
    ['a number that is no truth', '{"smoke":17}'],
  ])(
    '%s instead of a truth is told as implausible, neither an alarm nor the end of one (L29)',
    async (_what, payload) => {
      const day = await open();
      await day.clock.advanceByAsync(seconds(30));
      const broken = await day.stranger();
      await broken.publishAsync(SMOKE, payload, { qos: 1 });
      await until(() =>
        expect(day.batches.at(-1)?.readings).toContainEqual(
          expect.objectContaining({ device: 'smoke-1', point: 'room.smoke', quality: 'implausible' }),
        ),
      );
      expect(day.firing()).toEqual([]);
      await smokeIsHeard(day);
      await broken.publishAsync(SMOKE, payload, { qos: 1 });
      expect(day.firing()).toContain('smoke');
    },
  );

  it('said five hundred times is counted five hundred times and logged once a minute', async () => {
    const day = await open();
    await day.clock.advanceByAsync(seconds(30));
    const broken = await day.stranger();
    const lines = (): number => day.logged.filter((line) => line === 'MQTT message rejected').length;
    await Promise.all(Array.from({ length: 500 }, () => broken.publishAsync(SMOKE, 'smoke=1', { qos: 1 })));
    expect([day.count(REJECTED, { reason: 'not JSON' }), lines()]).toEqual([500, 1]);
    await day.clock.advanceByAsync(minutes(1));
    await broken.publishAsync(SMOKE, 'smoke=1', { qos: 1 });
    expect(lines()).toBe(2);
    await smokeIsHeard(day);
  });

  it('an empty message says nothing and clears nothing', async () => {
    const day = await open();
    await day.clock.advanceByAsync(seconds(30));
    const broken = await day.stranger();
    const before = diaryOf(day);
    await broken.publishAsync(SMOKE, '', { qos: 1, retain: true });
    await broken.publishAsync(SMOKE, '', { qos: 1 });
    expect(diaryOf(day)).toEqual(before);
    await smokeIsHeard(day);
  });

  it('what the broker keeps from before the start is no live alarm, and junk kept there does not stop the house (L39)', async () => {
    const day = await open({
      before: async (connect) => {
        const earlier = await connect();
        await earlier.publishAsync(SMOKE, ALARM, { qos: 1, retain: true });
        await earlier.publishAsync('zigbee2mqtt/leak-1', '{"water_leak":', { qos: 1, retain: true });
        await earlier.publishAsync('zigbee2mqtt/th-1', bytes(0xff, 0xff), { qos: 1, retain: true });
        for (let i = 0; i < 200; i++) await earlier.publishAsync(`junk/${i}`, 'x', { qos: 1, retain: true });
      },
    });
    await day.clock.advanceByAsync(milliseconds(1));
    expect(day.count(REJECTED, { reason: 'not JSON' })).toBe(1);
    expect(day.count(REJECTED, { reason: 'not UTF-8' })).toBe(1);
    expect(day.firing()).toEqual([]);
    await smokeIsHeard(day);
  });
});

describe('junk on the MQTT port', () => {
  it('10 MB end their sender at the packet’s header, counted, and the alarm after them is out at once', async () => {
    const day = await open();
    await day.clock.advanceByAsync(seconds(30));
    const large = await day.stranger();
    const closed = new Promise<void>((resolve) => large.once('close', () => resolve()));
    large.publish(SMOKE, Buffer.alloc(10 * 1024 * 1024, 0x61), { qos: 1 });
    await closed;
    expect(day.count(REFUSED, { reason: 'too-large' })).toBe(1);
    expect(day.firing()).toEqual([]);
    await smokeIsHeard(day);
  });

  it('unknown topics, two hundred of them and kept ones too, are nobody’s readings', async () => {
    const day = await open();
    await day.clock.advanceByAsync(seconds(30));
    const before = diaryOf(day);
    const gateway = await day.stranger();
    for (let i = 0; i < 200; i++)
      await gateway.publishAsync(`zigbee2mqtt/unknown-${i}`, ALARM, { qos: 1, retain: i % 2 === 0 });
    await gateway.publishAsync(`${SMOKE}/set`, ALARM, { qos: 1 });
    expect(diaryOf(day)).toEqual(before);
    expect(day.firing()).toEqual([]);
    await smokeIsHeard(day);
  });

  it('bytes that are no MQTT are cut off one by one, and the sensors stay connected', async () => {
    const day = await open();
    await day.clock.advanceByAsync(seconds(30));
    const sensor = await day.stranger();
    for (const noise of ['GET / HTTP/1.1\r\nhost: x\r\n\r\n', '\u0000'.repeat(500), 'SSH-2.0-OpenSSH_9.9\r\n']) {
      const socket = connectSocket(day.broker.port, '127.0.0.1');
      socket.on('error', () => {});
      const ended = new Promise((resolve) => socket.once('close', resolve));
      socket.write(noise);
      await ended;
    }
    expect(day.count(REFUSED)).toBeGreaterThanOrEqual(1);
    await sensor.publishAsync(SMOKE, ALARM, { qos: 1 });
    await until(() => expect(day.firing()).toContain('smoke'));
  });
});
