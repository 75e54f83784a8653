import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ModbusConnection, modbusConnectionSchema } from '#core/config/connections.ts';
import type { Clock, Stop } from '#core/ports.ts';
import type { Dial, Serve } from '#platform/modbus/byte-stream.ts';
import { createModbusConnector } from '#platform/modbus/connector.ts';
import type { Framing } from '#platform/modbus/frames.ts';
import type { ModbusConnector } from '#platform/modbus/modbus-link.ts';
import {
  createModbusServer,
  type Delivery,
  type ModbusRequest,
  RegisterBank,
} from '#simulators/devices/modbus-server.ts';

export interface Net {
  readonly dial: Dial;
  readonly serve: Serve;
}

/** What every Modbus link does, over sockets or in memory, in either framing. */
export function modbusLinkContract(name: string, framing: Framing, arrange: () => { net: Net; clock: Clock }): void {
  describe(`a Modbus link (${name}, ${framing})`, () => {
    let connector: ModbusConnector;
    let stop: Stop;
    let port = 0;
    let trouble: (request: ModbusRequest, answer: Uint8Array) => readonly Delivery[] | null = () => null;
    const asked: ModbusRequest[] = [];
    const units = new Map([
      [
        1,
        new RegisterBank(
          {
            holding: { 0: 658, 1: 0xff9b, 10: 7 },
            input: { 1: 305, 2: 546 },
            coil: { 0: 1, 1: 0, 2: 1 },
            discrete: { 5: 1 },
          },
          { identity: { 0: 'Zhishou', 1: 'TH', 2: '1.0', 135: 'x'.repeat(200), 136: 'y'.repeat(200) } },
        ),
      ],
      [2, new RegisterBank({ holding: { 0: 2 } }, { most: 10 })],
    ]);
    const connection = (more: Partial<Record<keyof ModbusConnection, unknown>> = {}): ModbusConnection =>
      modbusConnectionSchema.parse({ host: '127.0.0.1', port, framing, timeout: '2s', gap: '0s', ...more });
    const answerOf = async (more: Partial<Record<keyof ModbusConnection, unknown>> = {}): Promise<unknown> => {
      const link = connector.open(connection(more));
      try {
        return await link.read('holding', 0, 1);
      } catch (error) {
        return (error as { code: string }).code;
      } finally {
        link.close();
      }
    };

    beforeAll(async () => {
      const { net, clock } = arrange();
      connector = createModbusConnector({ dial: net.dial, clock });
      const options = { units, framing, clock, onRequest: (request: ModbusRequest) => asked.push(request) };
      const served = await net.serve(
        { host: '127.0.0.1', port: 0 },
        createModbusServer({ ...options, trouble: (request, answer) => trouble(request, answer) }),
      );
      port = served.port;
      stop = served.stop;
    });
    afterAll(() => stop());

    it.each([
      ['holding', 0, 2, [658, 0xff9b]],
      ['input', 1, 2, [305, 546]],
      ['coil', 0, 3, [1, 0, 1]],
      ['discrete', 5, 1, [1]],
    ] as const)('reads %s %i, %i of them', async (table, address, count, values) => {
      const link = connector.open(connection());
      expect(await link.read(table, address, count)).toEqual({ values });
      link.close();
    });

    it('an exception is an answer: a hole, too many at once, a function that is not known', async () => {
      const one = connector.open(connection());
      const two = connector.open(connection({ unit: 2 }));
      expect(await one.read('holding', 1, 2)).toEqual({ exception: 2 });
      expect(await two.read('holding', 0, 11)).toEqual({ exception: 3 });
      one.close();
      two.close();
    });

    it('tells what it is, in as many parts as it takes; who does not know the question tells nothing', async () => {
      const one = connector.open(connection());
      const two = connector.open(connection({ unit: 2 }));
      expect([...(await one.identify(0))]).toEqual([
        [0, 'Zhishou'],
        [1, 'TH'],
        [2, '1.0'],
      ]);
      expect([...(await one.identify(128))].map(([id, text]) => [id, text.length])).toEqual([
        [135, 200],
        [136, 200],
      ]);
      expect((await two.identify(0)).size).toBe(0);
      one.close();
      two.close();
    });

    it('units share one line and each gets its own answer', async () => {
      const links = [1, 2, 1, 2].map((unit) => connector.open(connection({ unit })));
      const answers = await Promise.all(links.map((link) => link.read('holding', 0, 1)));
      expect(answers).toEqual([{ values: [658] }, { values: [2] }, { values: [658] }, { values: [2] }]);
      for (const link of links) link.close();
    });

    const damaged = (at: number) => (_: ModbusRequest, answer: Uint8Array) => [
      { bytes: answer.map((byte, i) => (i === (at < 0 ? answer.length + at : at) ? byte ^ 0x55 : byte)) },
    ];
    const TCP_BYTES = { transaction: 0, protocol: 2, unit: 6, function: 7, count: 8 };
    const RTU_BYTES = { unit: 0, function: 1, count: 2, value: 3, checksum: -1 };
    it.each(Object.entries(framing === 'tcp' ? TCP_BYTES : RTU_BYTES))(
      'an answer whose %s is wrong is a bad answer, never a reading, and the next one is good again',
      async (_what, at) => {
        trouble = damaged(at);
        expect(await answerOf({ timeout: '60ms' })).toBe('BAD_ANSWER');
        trouble = () => null;
        expect(await answerOf()).toEqual({ values: [658] });
      },
    );

    it('half an answer is none; in two halves it is one', async () => {
      trouble = (_, answer) => [{ bytes: answer.slice(0, 5) }];
      expect(await answerOf({ timeout: '60ms' })).toBe(framing === 'tcp' ? 'TIMED_OUT' : 'BAD_ANSWER');
      trouble = (_, answer) => [{ bytes: answer.slice(0, 4) }, { bytes: answer.slice(4) }];
      expect(await answerOf()).toEqual({ values: [658] });
      trouble = () => null;
    });

    it('a half answer spoils none of those behind it', async () => {
      const link = connector.open(connection({ timeout: '60ms' }));
      trouble = (_, answer) => [{ bytes: answer.slice(0, 5) }];
      await expect(link.read('holding', 0, 1)).rejects.toMatchObject({ code: expect.any(String) });
      trouble = () => null;
      expect(await link.read('holding', 0, 1)).toEqual({ values: [658] });
      link.close();
    });

    it('silence is a time-out, and its late answer is not taken for that of the next question', async () => {
      let late: Uint8Array | null = null;
      const link = connector.open(connection({ timeout: '60ms' }));
      trouble = (_, answer) => {
        late = answer;
        return [];
      };
      await expect(link.read('holding', 10, 1)).rejects.toMatchObject({ code: 'TIMED_OUT' });
      // The late one comes in front of the next unit's answer: the same function, the same length.
      trouble = (_, answer) => (late === null ? null : [{ bytes: late }, { bytes: answer }]);
      const other = connector.open(connection({ unit: 2 }));
      expect(await other.read('holding', 0, 1)).toEqual({ values: [2] });
      trouble = () => null;
      link.close();
      other.close();
    });

    it('a unit that nobody has, and a gateway that says so', async () => {
      expect(await answerOf({ unit: 9, timeout: '60ms' })).toBe('TIMED_OUT');
      trouble = ({ transaction }) =>
        framing === 'tcp'
          ? [{ bytes: Uint8Array.of(transaction >> 8, transaction & 255, 0, 0, 0, 3, 1, 0x83, 11) }]
          : null;
      if (framing === 'tcp') expect(await answerOf()).toBe('UNREACHABLE');
      trouble = () => null;
    });

    it('a connection that was closed is opened anew, once more asked, and lost when it is closed again', async () => {
      const link = connector.open(connection());
      await link.read('holding', 0, 1);
      let hangs = 1;
      trouble = () => (hangs-- > 0 ? [{ hangUp: true }] : null);
      expect(await link.read('holding', 0, 1)).toEqual({ values: [658] });
      hangs = 2;
      await expect(link.read('holding', 0, 1)).rejects.toMatchObject({ code: 'UNREACHABLE' });
      trouble = () => null;
      link.close();
    });

    it('where nobody listens nothing is reached', async () => {
      expect(await answerOf({ port: 1 })).toBe('UNREACHABLE');
    });

    it('a closed link asks nothing more', async () => {
      const link = connector.open(connection());
      await link.read('holding', 0, 1);
      link.close();
      link.close();
      await expect(link.read('holding', 0, 1)).rejects.toMatchObject({ code: 'UNREACHABLE' });
    });
  });
}
