import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Clock, Stop } from '#core/ports.ts';
import { type Duration, milliseconds } from '#core/time.ts';
import type { Dial, Serve } from '#platform/modbus/byte-stream.ts';
import { createByteConnector } from '#platform/serial-server/byte-link.ts';
import { createYdtLines, type YdtLines, type YdtPlace } from '#platform/ydt/ydt-line.ts';
import { noFaults, startYdtLine, type YdtFace, type YdtFaults } from '#simulators/devices/ydt-line.ts';

/** What reading over a serial server's line does, over TCP or in memory. Thirty devices stand on the line. */
export interface ContractSubject {
  readonly dial: Dial;
  readonly serve: Serve;
  readonly clock: Clock;
  /** Lets so much time go by; in memory as much as is asked for at once. */
  readonly pass: <T>(work: Promise<T>) => Promise<T>;
}

const TIMEOUT = milliseconds(300);
const GAP = milliseconds(0);

/** Answers 42H with its address, 43H with the address twice. */
const device = (address: number): YdtFace => ({
  device: `device-${address}`,
  address,
  cid1: 0x2a,
  version: 0x21,
  alive: () => true,
  info: (cid2) => (cid2 === 0x42 ? Uint8Array.of(address) : cid2 === 0x43 ? Uint8Array.of(address, address) : null),
});

export function ydtLineContract(name: string, arrange: () => ContractSubject): void {
  describe(`a line of YD/T 1363.3 (${name})`, () => {
    let subject: ContractSubject;
    let lines: YdtLines;
    let port = 0;
    let stop: Stop = async () => {};
    const faults: YdtFaults = noFaults();
    const place = (address: number, timeout: Duration = TIMEOUT): YdtPlace => ({
      host: '127.0.0.1',
      port,
      address,
      timeout,
      gap: GAP,
    });
    const question = { version: 0x21, cid1: 0x2a, cid2: 0x42, info: new Uint8Array() };
    const ask = async (address: number, cid2 = 0x42): Promise<number[]> => {
      const station = lines.open(place(address));
      try {
        return [...(await subject.pass(station.ask({ ...question, cid2 }))).info];
      } finally {
        station.close();
      }
    };

    beforeAll(async () => {
      subject = arrange();
      const { serve, clock } = subject;
      const faces = Array.from({ length: 30 }, (_, i) => device(i + 1));
      ({ port, stop } = await startYdtLine({ serve, at: { host: '127.0.0.1', port: 0 }, faces, faults, clock }));
    });
    beforeEach(() => {
      Object.assign(faults, noFaults());
      lines = createYdtLines(createByteConnector(subject));
    });
    afterAll(() => stop());

    it('gives the answer of the device that was asked', async () => {
      expect(await ask(7)).toEqual([7]);
      expect(await ask(8, 0x43)).toEqual([8, 8]);
    });

    it('a command that the device does not know is an answer with RTN 04H', async () => {
      const station = lines.open(place(3));
      expect(await subject.pass(station.ask({ ...question, cid2: 0x99 }))).toMatchObject({ address: 3, code: 4 });
      station.close();
    });

    it('another version is an answer with RTN 01H and the device’s own', async () => {
      const station = lines.open(place(3));
      expect(await subject.pass(station.ask({ ...question, version: 0x20 }))).toMatchObject({ version: 0x21, code: 1 });
      station.close();
    });

    it('thirty devices share the line, and one of them that is dead costs the others its time-out once', async () => {
      faults.silent.add(13);
      const stations = Array.from({ length: 30 }, (_, i) => lines.open(place(i + 1)));
      const before = subject.clock.monotonic();
      const results = await subject.pass(Promise.allSettled(stations.map((station) => station.ask(question))));
      const tookMs = subject.clock.monotonic() - before;
      for (const [i, result] of results.entries()) {
        if (i + 1 === 13) expect(result).toMatchObject({ status: 'rejected', reason: { code: 'TIMED_OUT' } });
        else expect(result).toMatchObject({ status: 'fulfilled', value: { address: i + 1 } });
      }
      expect(tookMs).toBeGreaterThanOrEqual(TIMEOUT - 1);
      for (const station of stations) station.close();
    });

    it('rubbish in front of an answer and our own question come back are passed over and counted', async () => {
      faults.echo = true;
      faults.rubbish = 1;
      expect(await ask(5)).toEqual([5]);
      const { echoed, junk } = lines.counts();
      expect([echoed, junk > 0]).toEqual([1, true]);
    });

    it('an answer whose checksum is wrong is none', async () => {
      faults.spoilt = 1;
      await expect(ask(5)).rejects.toMatchObject({ code: 'BAD_ANSWER' });
      expect(lines.counts().damaged).toBe(1);
    });

    it('half an answer is none, and the next device is read all the same', async () => {
      faults.halved = 1;
      await expect(ask(5)).rejects.toMatchObject({ code: 'TIMED_OUT' });
      expect(await ask(6)).toEqual([6]);
    });

    it('where nobody listens it says UNREACHABLE', async () => {
      const station = lines.open({ ...place(1), port: 1 });
      await expect(subject.pass(station.ask(question))).rejects.toMatchObject({ code: 'UNREACHABLE' });
      station.close();
    });
  });
}
