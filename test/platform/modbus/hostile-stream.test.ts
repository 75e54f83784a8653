import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instant, milliseconds } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import type { Framing } from '#platform/modbus/frames.ts';
import { createLine } from '#platform/modbus/line.ts';
import { createMemoryNet } from '#platform/modbus/memory-net.ts';
import { readQuestion } from '#platform/modbus/pdu.ts';
import { createModbusServer, type Delivery, RegisterBank } from '#simulators/devices/modbus-server.ts';

/** What a line or a peer does to an answer. */
const mischief = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('noise' as const), bytes: fc.uint8Array({ maxLength: 1500 }), after: fc.nat(3000) }),
    fc.record({ kind: fc.constant('part' as const), from: fc.nat(12), to: fc.nat(12), after: fc.nat(3000) }),
    fc.record({ kind: fc.constant('whole' as const), after: fc.nat(3000) }),
    fc.record({ kind: fc.constant('hang up' as const) }),
  ),
  { maxLength: 4 },
);

describe.each(['tcp', 'rtu'] as const)('a peer that does as it likes (%s)', (framing: Framing) => {
  it('each question settles within its time, is answered by what the unit holds or not at all, and a good peer is heard again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(mischief, { minLength: 1, maxLength: 6 }), async (nights) => {
        const clock = createVirtualClock(instant(0));
        const net = createMemoryNet();
        let night = 0;
        const units = new Map([
          [1, new RegisterBank({ holding: { 0: 0x1234, 1: 0x5678 } })],
          [2, new RegisterBank({ holding: { 0: 0x9abc, 1: 0xdef0 } })],
        ]);
        const trouble = (_: unknown, answer: Uint8Array): Delivery[] | null =>
          nights[night++]?.map((act): Delivery => {
            if (act.kind === 'hang up') return { hangUp: true };
            // TCP's frames have no checksum: what another peer's bytes complete is what it has said.
            if (act.kind === 'part' && framing === 'tcp') return { hangUp: true };
            const bytes =
              act.kind === 'noise' ? act.bytes : act.kind === 'part' ? answer.slice(act.from, act.to) : answer;
            return { bytes, after: milliseconds(act.after) };
          }) ?? null;
        const { port } = await net.serve(
          { host: 'x', port: 0 },
          createModbusServer({ units, framing, clock, trouble }),
        );
        const line = createLine({ host: 'x', port, framing, dial: net.dial, clock });
        const ask = (unit: number): Promise<string> =>
          line
            .ask({ unit, pdu: readQuestion('holding', 0, 2), timeout: milliseconds(1000), gap: milliseconds(10) })
            .then(
              (pdu) => Buffer.from(pdu).toString('hex'),
              (error: { code: string }) => error.code,
            );
        const answers = Promise.all(Array.from({ length: 8 }, (_, i) => ask(1 + (i % 2))));
        await clock.advanceByAsync(milliseconds(40_000));
        const held = (i: number): string => (i % 2 === 0 ? '030412345678' : '03049abcdef0');
        for (const [i, answer] of (await answers).entries())
          expect([held(i), 'TIMED_OUT', 'BAD_ANSWER', 'UNREACHABLE']).toContain(answer);
        const after = ask(1);
        await clock.advanceByAsync(milliseconds(5000));
        expect(await after).toBe(held(0));
        line.close();
      }),
      { numRuns: 150 },
    );
  });
});
