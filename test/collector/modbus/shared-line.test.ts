import { describe, expect, it } from 'vitest';
import { milliseconds, seconds } from '#core/time.ts';
import { type ModbusUnit, RegisterBank } from '#simulators/devices/modbus-server.ts';
import { modbusRig, settled } from './rig.ts';

const bank = (value: number): RegisterBank => new RegisterBank({ holding: { 0: value } });

describe('several units on one line', () => {
  it('100 dead units beside 3 live ones: each live one is answered each time, and waits for one time-out at most', async () => {
    const { clock, connector, connection, asked } = await modbusRig({ 1: bank(1), 2: bank(2), 3: bank(3) });
    const longest: number[] = [];
    const answers: number[] = [];
    const poll = async (unit: number, everyMs: number, times: number): Promise<void> => {
      const link = connector.open(connection({ unit, timeout: '1s', gap: '0s' }));
      for (let i = 0; i < times; i++) {
        const begun = clock.monotonic();
        try {
          const answer = await link.read('holding', 0, 1);
          longest.push(clock.monotonic() - begun);
          if ('values' in answer) answers.push(answer.values[0] ?? -1);
        } catch {
          // a dead one
        }
        await new Promise<void>((resume) => clock.after(milliseconds(everyMs), () => resume()));
      }
      link.close();
    };
    const dead = Array.from({ length: 100 }, (_, i) => poll(i + 100, 10_000, 1000));
    await clock.advanceByAsync(seconds(150));
    longest.length = 0;
    answers.length = 0;
    const live = Promise.all([1, 2, 3].map((unit) => poll(unit, 10_000, 20)));
    await clock.advanceByAsync(seconds(300));
    await live;
    void dead;
    expect(answers.sort()).toEqual([...Array(20).fill(1), ...Array(20).fill(2), ...Array(20).fill(3)]);
    expect(Math.max(...longest)).toBeLessThanOrEqual(1000);
    // And every dead one is still asked now and then: it may come back.
    const recent = new Set(asked.slice(-200).map(({ unit }) => unit));
    expect(recent.size).toBeGreaterThanOrEqual(100);
  });

  it('a unit that comes back is answered at its next question', async () => {
    const units: Record<number, ModbusUnit> = { 1: bank(1) };
    let silent = true;
    const { clock, connector, connection } = await modbusRig(units, { trouble: () => (silent ? [] : null) });
    const link = connector.open(connection());
    await expect(settled(clock, link.read('holding', 0, 1))).rejects.toMatchObject({ code: 'TIMED_OUT' });
    silent = false;
    expect(await settled(clock, link.read('holding', 0, 1))).toEqual({ values: [1] });
  });

  it('RTU: a late answer is never that of the next question to the same unit, which waits until none can come any more', async () => {
    const unit = new RegisterBank({ holding: { 0: 111, 5: 555 } });
    // The first answer takes 1.5 s, the others 0.6 s: asked at once, the second would get the first one's.
    let takes = 1500;
    const { clock, connector, connection } = await modbusRig(
      { 1: unit },
      {
        trouble: (_, answer) => {
          const after = milliseconds(takes);
          takes = 600;
          return [{ bytes: answer, after }];
        },
      },
    );
    const link = connector.open(connection({ timeout: '1s' }));
    await expect(settled(clock, link.read('holding', 0, 1))).rejects.toMatchObject({ code: 'TIMED_OUT' });
    // The same function and the same length: by its frame alone the late one would fit.
    expect(await settled(clock, link.read('holding', 5, 1))).toEqual({ values: [555] });
  });

  it('the line is left silent before each question for as long as it is said', async () => {
    const { clock, connector, connection } = await modbusRig({ 1: bank(1), 2: bank(2) });
    const begun = clock.monotonic();
    const links = [1, 2, 1, 2].map((unit) => connector.open(connection({ unit, gap: '200ms' })));
    await settled(clock, Promise.all(links.map((link) => link.read('holding', 0, 1))));
    expect(clock.monotonic() - begun).toBeGreaterThanOrEqual(600);
  });

  it('where nobody listens, a hundred units do not knock a hundred times', async () => {
    const { clock, connector, connection } = await modbusRig({});
    const links = Array.from({ length: 100 }, (_, i) => connector.open(connection({ unit: i + 1, host: '10.9.0.9' })));
    const all = Promise.allSettled(links.map((link) => link.read('holding', 0, 1)));
    const codes = (await settled(clock, all)).map((one) => (one.status === 'rejected' ? one.reason.code : 'good'));
    expect(new Set(codes)).toEqual(new Set(['UNREACHABLE']));
  });

  it('a line that is full says so', async () => {
    const { clock, connector, connection } = await modbusRig({});
    const link = connector.open(connection({ unit: 7 }));
    const all = Array.from({ length: 300 }, () =>
      link.read('holding', 0, 1).then(
        () => 'good',
        (error: { code: string }) => error.code,
      ),
    );
    const codes = Promise.all(all);
    link.close();
    expect((await settled(clock, codes)).filter((code) => code === 'TOO_MANY').length).toBeGreaterThan(40);
  });
});
