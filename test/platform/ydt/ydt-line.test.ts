import { describe, expect, it } from 'vitest';
import { instant, milliseconds, seconds } from '#core/time.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { createVirtualClock, type VirtualClock } from '#platform/clock/virtual-clock.ts';
import { dialTcp, serveTcp } from '#platform/modbus/byte-stream.ts';
import { createMemoryNet } from '#platform/modbus/memory-net.ts';
import { createByteConnector } from '#platform/serial-server/byte-link.ts';
import { encodeFrame } from '#platform/ydt/ydt-frame.ts';
import { createYdtLines } from '#platform/ydt/ydt-line.ts';
import { ydtLineContract } from './ydt-line.contract.ts';

/** Lets virtual time go by until it is settled. */
async function passing<T>(clock: VirtualClock, work: Promise<T>): Promise<T> {
  let settled = false;
  const done = work.finally(() => {
    settled = true;
  });
  done.catch(() => {});
  for (let i = 0; i < 2000 && !settled; i++) await clock.advanceByAsync(milliseconds(10));
  return done;
}

ydtLineContract('TCP', () => ({
  dial: dialTcp,
  serve: serveTcp,
  clock: createSystemClock(),
  pass: (work) => work,
}));

ydtLineContract('memory', () => {
  const clock = createVirtualClock(instant(0));
  return { ...createMemoryNet(), clock, pass: (work) => passing(clock, work) };
});

describe('answers that come too late', () => {
  /** A line whose device answers each question after so long, with the CID2 that it was asked for as INFO. */
  async function slowLine() {
    const clock = createVirtualClock(instant(0));
    const net = createMemoryNet();
    const delays: number[] = [];
    let connections = 0;
    const { port } = await net.serve({ host: 'h', port: 0 }, (peer) => {
      connections++;
      return {
        data: (bytes) => {
          const text = Buffer.from(bytes).toString('latin1');
          const cid2 = Number.parseInt(text.slice(7, 9), 16);
          const frame = { version: 0x21, address: 1, cid1: 0x2a, code: 0, info: Uint8Array.of(cid2) };
          clock.after(milliseconds(delays.shift() ?? 10), () => peer.write(Uint8Array.from(encodeFrame(frame))));
        },
        closed: () => {},
      };
    });
    const lines = createYdtLines(createByteConnector({ dial: net.dial, clock }));
    const place = { host: 'h', port, address: 1, timeout: seconds(1), gap: milliseconds(50) };
    const station = lines.open(place);
    const another = lines.open(place);
    const askOver = (asked: typeof station) => (cid2: number) =>
      asked.ask({ version: 0x21, cid1: 0x2a, cid2, info: new Uint8Array() }).then(
        ({ info }) => info[0],
        (error) => error.code,
      );
    const ask = (cid2: number) => passing(clock, askOver(station)(cid2));
    const askTwice = (first: number, second: number) =>
      passing(clock, Promise.all([askOver(station)(first), askOver(another)(second)]));
    return { clock, delays, ask, askTwice, lines, connections: () => connections };
  }

  it('are never taken for the answer to the next question: the device is left alone for a while', async () => {
    const { clock, delays, ask } = await slowLine();
    expect(await ask(0x42)).toBe(0x42);
    delays.push(1500);
    expect(await ask(0x43)).toBe('TIMED_OUT');
    // The answer to 43H is on its way; asked now, 44H would be read from it.
    expect(await ask(0x44)).toBe('TIMED_OUT');
    await clock.advanceByAsync(seconds(5));
    expect(await ask(0x44)).toBe(0x44);
  });

  it('held back by the network for however long, they come over a connection that is not used any more', async () => {
    const { clock, delays, ask, connections } = await slowLine();
    expect(await ask(0x42)).toBe(0x42);
    delays.push(60_000);
    expect(await ask(0x43)).toBe('TIMED_OUT');
    await clock.advanceByAsync(seconds(58));
    delays.push(900);
    expect(await ask(0x44)).toBe(0x44);
    expect(connections()).toBe(2);
  });

  it('also when somebody else asks the same device, in turn behind the one who asked in vain', async () => {
    const { delays, ask, askTwice } = await slowLine();
    expect(await ask(0x42)).toBe(0x42);
    delays.push(1500);
    expect(await askTwice(0x43, 0x44)).toEqual(['TIMED_OUT', 'TIMED_OUT']);
  });

  it('are counted among what came while nobody asked', async () => {
    const { clock, delays, ask, lines } = await slowLine();
    delays.push(1500);
    expect(await ask(0x42)).toBe('TIMED_OUT');
    await clock.advanceByAsync(seconds(6));
    expect(lines.counts().junk).toBe(0);
    expect(await ask(0x42)).toBe(0x42);
    expect(lines.counts().junk).toBe(20);
  });

  it('a flood of bytes without an answer ends the connection, not the process', async () => {
    const clock = createVirtualClock(instant(0));
    const net = createMemoryNet();
    const { port } = await net.serve({ host: 'h', port: 0 }, (peer) => ({
      data: () => {
        for (let i = 0; i < 100; i++) peer.write(new Uint8Array(1000).fill(0x7e));
      },
      closed: () => {},
    }));
    const lines = createYdtLines(createByteConnector({ dial: net.dial, clock }));
    const station = lines.open({ host: 'h', port, address: 1, timeout: seconds(1), gap: milliseconds(0) });
    const asked = passing(clock, station.ask({ version: 0x21, cid1: 0x2a, cid2: 0x42, info: new Uint8Array() }));
    await expect(asked).rejects.toMatchObject({ code: 'BAD_ANSWER' });
  });
});
