import { describe, expect, it } from 'vitest';
import { ZhishouError } from '#core/errors.ts';
import { createSharedLines, type Line } from '#platform/shared-line.ts';

interface Made extends Line {
  readonly place: string;
  break(): void;
}

/** Lines that can be broken, and who is on them at a time. */
function rig(fails: () => boolean = () => false) {
  const made: Made[] = [];
  let opening = 0;
  const lines = createSharedLines<string, Made>(
    async (place) => {
      opening++;
      await Promise.resolve();
      if (fails()) throw new ZhishouError('UNREACHABLE', place);
      let closed = false;
      const line: Made = {
        place,
        break: () => {
          closed = true;
        },
        get closed() {
          return closed;
        },
        close: () => {
          closed = true;
        },
      };
      made.push(line);
      return line;
    },
    (place) => place,
  );
  return { lines, made, opening: () => opening };
}

const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await Promise.resolve();
};

describe('a connection that several speak over in turn', () => {
  it('one at a time, in the order of asking, over one connection a place', async () => {
    const { lines, made } = rig();
    const [a, b] = [lines.join('x:1'), lines.join('x:1')];
    const told: string[] = [];
    let speaking = 0;
    const speak = (name: string) => async (): Promise<string> => {
      expect(++speaking).toBe(1);
      await turns(5);
      speaking--;
      told.push(name);
      return name;
    };
    expect(await Promise.all([a.turn(speak('1')), b.turn(speak('2')), a.turn(speak('3'))])).toEqual(['1', '2', '3']);
    expect(told).toEqual(['1', '2', '3']);
    expect(made).toHaveLength(1);
    await lines.join('x:2').turn(speak('4'));
    expect(made.map(({ place }) => place)).toEqual(['x:1', 'x:2']);
  });

  it('a turn that goes wrong is told to its own and to nobody else', async () => {
    const { lines } = rig();
    const line = lines.join('x');
    const results = await Promise.allSettled([
      line.turn(() => Promise.reject(new Error('mine'))),
      line.turn(() => {
        throw new Error('thrown at once');
      }),
      line.turn(() => Promise.resolve('well')),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
  });

  it('is opened anew when it was found closed', async () => {
    const { lines, made } = rig();
    const line = lines.join('x');
    await line.turn(() => Promise.resolve());
    made[0]?.break();
    await line.turn((connection) => Promise.resolve(expect(connection).toBe(made[1])));
    expect(made).toHaveLength(2);
  });

  it('that cannot be opened costs all who wait one try, not one each', async () => {
    const { lines, opening } = rig(() => true);
    const joined = Array.from({ length: 30 }, () => lines.join('x'));
    const results = await Promise.allSettled(joined.map((line) => line.turn(() => Promise.resolve())));
    expect(results.every((one) => one.status === 'rejected' && one.reason.code === 'UNREACHABLE')).toBe(true);
    expect(opening()).toBe(1);
    await expect(joined[0]?.turn(() => Promise.resolve())).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(opening()).toBe(2);
  });

  it('is closed when the last one leaves; who has left is refused', async () => {
    const { lines, made } = rig();
    const [a, b] = [lines.join('x'), lines.join('x')];
    await a.turn(() => Promise.resolve());
    a.leave();
    a.leave();
    expect(made[0]?.closed).toBe(false);
    await expect(a.turn(() => Promise.resolve())).rejects.toMatchObject({ code: 'UNREACHABLE' });
    b.leave();
    expect(made[0]?.closed).toBe(true);
    await lines.join('x').turn(() => Promise.resolve());
    expect(made).toHaveLength(2);
  });

  it('takes so many who wait and no more', async () => {
    const { lines } = rig();
    const line = lines.join('x');
    let go = (): void => {};
    const first = line.turn(() => new Promise<void>((resolve) => (go = resolve)));
    await turns(10);
    const waiting = Array.from({ length: 512 }, () => line.turn(() => Promise.resolve()));
    await expect(line.turn(() => Promise.resolve())).rejects.toMatchObject({ code: 'TOO_MANY' });
    go();
    await Promise.all([first, ...waiting]);
  });
});
