import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import snmp from 'net-snmp';
import { afterEach, describe, expect, it } from 'vitest';
import { seededRandom } from '#core/random.ts';
import { milliseconds, minutes, seconds } from '#core/time.ts';
import { LEAST_GAP } from '#services/collector/schedule.ts';
import { type BadDay, diaryOf, openBadDay, until } from './support/house.ts';

const UPS_ON_BATTERY = '1.3.6.1.2.1.33.2.1';
const REJECTED = 'zhishou_traps_rejected_total';
const days: BadDay[] = [];
afterEach(async () => {
  for (const day of days.splice(0)) await day.stop();
});

async function open(options: Parameters<typeof openBadDay>[0] = {}): Promise<BadDay> {
  const day = await openBadDay(options);
  days.push(day);
  return day;
}

/** Sends datagrams one after another from one socket, so that they arrive in this order. */
async function send(port: number, datagrams: readonly Uint8Array[]): Promise<void> {
  const socket = createSocket('udp4');
  for (const bytes of datagrams) {
    await new Promise<void>((resolve, reject) =>
      socket.send(bytes, port, '127.0.0.1', (error) => (error === null ? resolve() : reject(error))),
    );
    // The receiver is in this process: it gets its turn before the socket's buffer is full.
    await new Promise((resolve) => setImmediate(resolve));
  }
  socket.close();
}

/** The bytes of a trap as net-snmp sends it. */
async function trapBytes(community: string, oid = UPS_ON_BATTERY): Promise<Uint8Array> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const bytes = once(socket, 'message') as Promise<[Uint8Array]>;
  const session = snmp.createSession('127.0.0.1', community, { trapPort: socket.address().port, version: 1 });
  session.trap(oid, [], () => session.close());
  const [whole] = await bytes;
  socket.close();
  return whole;
}

/** Every kind of datagram that is no trap: noise, each cut of a real one, wrong communities, no trap at all, too long. */
async function garbage(): Promise<readonly Uint8Array[]> {
  const random = seededRandom(7);
  const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => random.integer(0, 255));
  const whole = await trapBytes('public');
  const stranger = await trapBytes('guess');
  return [
    ...Array.from({ length: 100 }, () => bytes(random.integer(1, 300))),
    ...Array.from(whole, (_, length) => whole.subarray(0, length)),
    ...Array.from({ length: 20 }, () => stranger),
    // A length of 2 GB, nesting without an end, and the longest datagram that UDP has.
    Uint8Array.of(0x30, 0x84, 0x7f, 0xff, 0xff, 0xff, 0x02, 0x01, 0x01),
    new Uint8Array(1400).fill(0x30),
    ...Array.from({ length: 3 }, () => bytes(65_507)),
    new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n'),
  ];
}

describe('garbage on the trap port', () => {
  it('is counted and dropped, polling goes on to the millisecond, and a real trap still has its device read at once (L11, L38)', async () => {
    const quiet = await open();
    await quiet.clock.advanceByAsync(minutes(2));
    const day = await open();
    const datagrams = await garbage();
    for (let minute = 0; minute < 2; minute++) {
      await send(day.trapPort, datagrams.slice(minute * 120, (minute + 1) * 120));
      await day.clock.advanceByAsync(minutes(1));
    }
    expect(diaryOf(day)).toEqual(diaryOf(quiet));

    day.room.apply({ kind: 'mains', present: false });
    const before = day.batches.length;
    await send(day.trapPort, [...datagrams.slice(240), ...datagrams.slice(0, 100), await trapBytes('public')]);
    await until(() => expect(day.count('zhishou_collector_traps_total', { matched: 'yes' })).toBe(1));
    await day.clock.advanceByAsync(LEAST_GAP);
    expect(day.batches.slice(before)).toContainEqual(expect.objectContaining({ device: 'ups-1', cause: 'trap' }));
    expect(day.firing()).toContain('mains-lost');
    expect(day.sent.some(({ subject }) => subject.includes('UPS'))).toBe(true);
    expect(day.count(REJECTED, { reason: 'malformed' })).toBeGreaterThan(200);
    expect(day.count(REJECTED, { reason: 'community' })).toBeGreaterThanOrEqual(20);
    // A line for each reason, and not for each datagram.
    expect(day.logged.filter((line) => line === 'SNMP trap rejected').length).toBeLessThanOrEqual(5);
  });

  it('a trap with a wrong community has nobody read, and the UPS speaks for itself at its next poll (L15)', async () => {
    const day = await open();
    await day.clock.advanceByAsync(seconds(15));
    day.room.apply({ kind: 'mains', present: false });
    await send(day.trapPort, [await trapBytes('guess')]);
    await until(() => expect(day.count(REJECTED, { reason: 'community' })).toBe(1));
    await day.clock.advanceByAsync(milliseconds(1));
    expect(day.firing()).not.toContain('mains-lost');
    await day.clock.advanceByAsync(seconds(10));
    expect(day.firing()).toContain('mains-lost');
    expect(day.batches.some(({ cause }) => cause === 'trap')).toBe(false);
  });

  it('a real trap that the flood has drowned costs one poll interval and nothing more (L15)', async () => {
    const day = await open({ trapsPerSecond: 20 });
    await day.clock.advanceByAsync(seconds(15));
    day.room.apply({ kind: 'mains', present: false });
    await send(day.trapPort, Array<Uint8Array>(400).fill(Uint8Array.of(1, 2, 3)));
    await until(() => expect(day.count(REJECTED)).toBe(400));
    expect(day.count(REJECTED, { reason: 'flood' })).toBeGreaterThan(0);
    await day.clock.advanceByAsync(seconds(10));
    expect(day.firing()).toContain('mains-lost');
  });

  it('a trap of no known device is counted and has nobody read', async () => {
    const day = await open();
    await day.clock.advanceByAsync(seconds(15));
    const before = diaryOf(day).length;
    await send(day.trapPort, [await trapBytes('public', '1.3.6.1.4.1.99999.1')]);
    await until(() => expect(day.count('zhishou_collector_traps_total', { matched: 'no' })).toBe(1));
    await day.clock.advanceByAsync(milliseconds(1));
    expect(diaryOf(day)).toHaveLength(before);
  });
});
