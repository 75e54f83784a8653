import { describe, expect, it } from 'vitest';
import { ydtConnectionSchema } from '#core/config/connections.ts';
import type { Device } from '#core/config/device.ts';
import { milliseconds } from '#core/time.ts';
import { createMemoryNet } from '#platform/modbus/memory-net.ts';
import { createByteConnector } from '#platform/serial-server/byte-link.ts';
import { createYdtLines } from '#platform/ydt/ydt-line.ts';
import { startYdtLines } from '#simulators/devices/ydt-lines.ts';
import { sampleConfig, sampleRoom } from './sample-room.ts';

describe('simulated lines of YD/T 1363.3', () => {
  it('what the configuration puts behind one serial server is on one line, and is silent when the network has lost it', async () => {
    const { room, clock } = sampleRoom();
    const place = (address: number) =>
      ydtConnectionSchema.parse({ host: 'line', port: 4001, address, timeout: '200ms' });
    const read = new Map([
      ['ups-1', place(1)],
      ['ac-1', place(2)],
    ]);
    const devices = sampleConfig().devices.map((device): Device => {
      const ydt = read.get(device.id);
      return ydt === undefined ? device : { ...device, ydt };
    });
    const net = createMemoryNet();
    const stop = await startYdtLines(room, { config: { devices }, clock, serve: net.serve });
    const lines = createYdtLines(createByteConnector({ dial: net.dial, clock }));
    const ask = async (address: number, cid1: number): Promise<unknown> => {
      const station = lines.open(place(address));
      let told: unknown = null;
      void station
        .ask({ version: 0x21, cid1, cid2: 0x43, info: new Uint8Array() })
        .then(({ info }) => [...info].slice(0, 2))
        .catch((error) => error.code)
        .then((answer) => {
          told = answer;
        });
      for (let i = 0; i < 50 && told === null; i++) await clock.advanceByAsync(milliseconds(20));
      station.close();
      return told;
    };
    expect(await ask(1, 0x2a)).toEqual([0, 1]);
    expect(await ask(2, 0x60)).toEqual([1]);
    room.apply({ kind: 'network', device: 'ups-1', down: true });
    expect(await ask(1, 0x2a)).toBe('TIMED_OUT');
    expect(await ask(2, 0x60)).toEqual([1]);
    await stop();
    expect(await ask(2, 0x60)).toBe('UNREACHABLE');
  });
});
