import { connect, type Socket } from 'node:net';
import { setTimeout as realSleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { milliseconds } from '#core/time.ts';
import {
  createTcpNutListener,
  NUT_LIMITS,
  type NutDoor,
  type NutLimits,
  type NutRejection,
} from '#platform/nut/nut-listener.ts';

/** A door that answers each line with its number of words, and lets in whoever says LOGIN. */
interface Rig {
  readonly port: number;
  readonly rejected: NutRejection[];
  readonly open: () => number;
  dial(): Promise<Socket>;
  stop(): Promise<void>;
}

let rig: Rig;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await rig.stop();
});

async function listening(limits: Partial<NutLimits>, answer = (words: number): string => `${words}\n`): Promise<Rig> {
  const rejected: NutRejection[] = [];
  let open = 0;
  const door: NutDoor = {
    rejected: (reason) => void rejected.push(reason),
    open: () => {
      open++;
      let settled = false;
      return {
        get settled() {
          return settled;
        },
        answer(line) {
          if ('problem' in line) return { text: 'ERR\n', close: false };
          if (line.words[0] === 'LOGIN') settled = true;
          return { text: answer(line.words.length), close: line.words[0] === 'LOGOUT' };
        },
        ended: () => void open--,
      };
    },
  };
  const { port, stop } = await createTcpNutListener({ ...NUT_LIMITS, ...limits }).listen(
    { host: '127.0.0.1', port: 0 },
    door,
  );
  rig = { port, rejected, stop, open: () => open, dial: () => dial(port) };
  return rig;
}

function dial(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => resolve(socket));
    sockets.push(socket);
    socket.on('error', () => reject(new Error('refused')));
  });
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries++) {
    if (tries > 500) throw new Error('it never came about');
    await realSleep(10);
  }
}

async function talk(socket: Socket, text: string): Promise<string> {
  const answer = new Promise<string>((resolve) => socket.once('data', (data) => resolve(String(data))));
  socket.write(text);
  return answer;
}

const closed = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once('close', () => resolve()));

describe('the port for NUT clients', () => {
  it('answers line by line and hangs up when told to', async () => {
    const { dial: call } = await listening({});
    const client = await call();
    expect(await talk(client, 'GET VAR ups\n')).toBe('3\n');
    const end = closed(client);
    expect(await talk(client, 'LOGOUT\n')).toBe('1\n');
    await end;
    await until(() => rig.open() === 0);
  });

  it('holds at most its number of connections, whoever comes: thousands of them leave it working', async () => {
    const limits = { connections: 40, perAddress: 10_001 };
    const { port, rejected } = await listening(limits);
    const known = await rig.dial();
    await talk(known, 'LOGIN ups\n');
    let most = 0;
    for (let wave = 0; wave < 20; wave++) {
      const crowd = await Promise.all(Array.from({ length: 100 }, () => dial(port).catch(() => null)));
      most = Math.max(most, rig.open());
      for (const socket of crowd) socket?.destroy();
    }
    expect(most).toBeLessThanOrEqual(40);
    expect(rejected.length).toBeGreaterThan(0);
    expect(await talk(known, 'GET VAR ups\n')).toBe('3\n');
    await until(() => rig.open() <= 1);
  });

  it('makes room for a newcomer by throwing out who has been silent longest and never logged in', async () => {
    const { dial: call, rejected } = await listening({ connections: 2 });
    const known = await call();
    await talk(known, 'LOGIN ups\n');
    const silent = await call();
    const end = closed(silent);
    const late = await call();
    await end;
    expect(rejected).toEqual(['made-room']);
    expect(await talk(late, 'VER\n')).toBe('1\n');
    expect(await talk(known, 'VER\n')).toBe('1\n');
  });

  it('turns everybody away when all places are taken by clients that have logged in', async () => {
    const { dial: call, rejected } = await listening({ connections: 1 });
    await talk(await call(), 'LOGIN ups\n');
    await closed(await call());
    expect(rejected).toEqual(['full']);
  });

  it('gives one address its share and no more', async () => {
    const { dial: call, rejected } = await listening({ perAddress: 2 });
    const first = await call();
    await call();
    await closed(await call());
    expect(rejected).toEqual(['full-for-address']);
    expect(await talk(first, 'VER\n')).toBe('1\n');
  });

  it('closes a connection that sends bytes and never a line (slowloris), and one that sends nothing', async () => {
    const { dial: call, rejected } = await listening({ idle: milliseconds(60) });
    const slow = await call();
    const drip = setInterval(() => slow.writable && slow.write('x'), 10);
    const mute = await call();
    await Promise.all([closed(slow), closed(mute)]);
    clearInterval(drip);
    expect(rejected).toEqual(['idle', 'idle']);
  });

  it('drops a client that asks and never reads', async () => {
    const { dial: call, rejected } = await listening({ unreadBytes: 64 * 1024 }, () => `${'x'.repeat(16_000)}\n`);
    const client = await call();
    client.pause();
    const ask = setInterval(() => client.writable && client.write('LIST VAR ups\n'.repeat(20)), 5);
    await until(() => rejected.includes('slow-reader'));
    clearInterval(ask);
    await until(() => rig.open() === 0);
  });

  it('drops a client that floods it with lines', async () => {
    const { dial: call, rejected } = await listening({ lines: 100, unreadBytes: 1_000_000 });
    const client = await call();
    client.resume();
    client.write('VER\n'.repeat(1000));
    await closed(client);
    expect(rejected).toEqual(['flood']);
  });

  it('drops who speaks another language: TLS, HTTP with long lines, noise', async () => {
    const { dial: call, rejected } = await listening({ garbage: 2 });
    const noise = [
      Buffer.from([0x16, 3, 1, 0x0a, 1, 2, 0x0a, 3, 0x0a]),
      Buffer.from(`${'y'.repeat(5000)}\n`.repeat(4)),
    ];
    for (const bytes of noise) {
      const client = await call();
      client.resume();
      const end = closed(client);
      client.write(bytes);
      await end;
    }
    expect(rejected).toEqual(['garbage', 'garbage']);
  });

  it('rejects with a reason when the port is taken', async () => {
    const { port } = await listening({});
    const second = createTcpNutListener().listen({ host: '127.0.0.1', port }, {} as NutDoor);
    await expect(second).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });
});
