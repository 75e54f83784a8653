import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Action } from '#core/config/device.ts';
import { Secret } from '#core/secret.ts';
import { seconds } from '#core/time.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { createNutConnector } from '#platform/nut/nut-client.ts';
import { createNutDriver } from '#services/alerts/actions/nut-driver.ts';
import { contextOf } from './rig.ts';

/** A server that says what it is told to: for what Debian's upsd with its dummy cannot be made to do. */
interface Scripted {
  readonly port: number;
  readonly heard: string[];
  stop(): Promise<void>;
}

type Answer = string | null | ((socket: Socket) => void);

function scripted(answers: Readonly<Record<string, Answer>>): Promise<Scripted> {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    let kept = '';
    socket.on('data', (data) => {
      kept += String(data);
      for (let end = kept.indexOf('\n'); end >= 0; end = kept.indexOf('\n')) {
        const line = kept.slice(0, end);
        kept = kept.slice(end + 1);
        heard.push(line);
        const answer = Object.entries(answers).find(([start]) => line.startsWith(start))?.[1] ?? null;
        if (typeof answer === 'function') answer(socket);
        else if (answer !== null) socket.write(`${answer}\n`);
      }
    });
  });
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve({
        port: typeof address === 'object' && address !== null ? address.port : 0,
        heard,
        stop: () =>
          new Promise((done) => {
            server.close(() => done());
            for (const socket of sockets) socket.destroy();
          }),
      });
    }),
  );
}

let server: Scripted;
afterEach(() => server.stop());

const driver = createNutDriver({ clock: createSystemClock(), connector: createNutConnector() });
const MODERN = { USERNAME: 'OK', PASSWORD: 'OK', 'SET TRACKING': 'OK', NETVER: '1.3', INSTCMD: 'OK TRACKING 12-ab' };
const OLD = {
  USERNAME: 'OK',
  PASSWORD: 'OK',
  'SET TRACKING': 'ERR INVALID-ARGUMENT',
  NETVER: '1.2',
  INSTCMD: 'OK',
  'SET VAR': 'OK',
};

function action(more: Record<string, unknown> = {}): Action {
  const base = { host: '127.0.0.1', port: server.port, ups: 'ups', command: 'shutdown.return' };
  return { nut: { ...base, user: 'operator', password: new Secret('right'), ...more } };
}

const run = (more: Record<string, unknown> = {}, limit = seconds(2)) =>
  driver.run(action(more), { ...contextOf({ incident: 'i1' }), limit });

describe('an instant command behind another NUT server', () => {
  it('is done when the UPS’s driver reports success, however long it was pending', async () => {
    let asked = 0;
    server = await scripted({
      ...MODERN,
      'GET TRACKING': (socket) => socket.write(++asked < 3 ? 'PENDING\n' : 'SUCCESS\n'),
    });
    expect(await run()).toEqual({ result: 'ok', detail: "shutdown.return: the UPS's driver reports success" });
    expect(server.heard.slice(0, 4)).toEqual([
      'USERNAME operator',
      'PASSWORD right',
      'SET TRACKING ON',
      'INSTCMD ups shutdown.return',
    ]);
    expect(server.heard.filter((line) => line === 'GET TRACKING 12-ab')).toHaveLength(3);
  });

  it('passes a value on as the third word where the protocol has it', async () => {
    server = await scripted({ ...MODERN, 'GET TRACKING': 'SUCCESS' });
    expect(await run({ value: '120' })).toMatchObject({ result: 'ok' });
    expect(server.heard).toContain('INSTCMD ups shutdown.return 120');
  });

  it('sets the delay before, with servers older than 2.8, and says that it was only handed on', async () => {
    server = await scripted(OLD);
    expect(await run({ value: '120' })).toMatchObject({ result: 'ok', detail: 'shutdown.return handed on to ups' });
    const order = server.heard.filter((line) => /^(SET VAR|INSTCMD)/.test(line));
    expect(order).toEqual(['SET VAR ups ups.delay.shutdown 120', 'INSTCMD ups shutdown.return']);
  });

  it('orders nothing when an older server has no way to pass the value on', async () => {
    server = await scripted(OLD);
    expect(await run({ command: 'test.panel.start', value: '9' })).toMatchObject({ result: 'failed' });
    expect(server.heard.some((line) => line.startsWith('INSTCMD'))).toBe(false);
  });

  const fates: readonly [answers: Record<string, Answer>, result: string, reason: string][] = [
    [{ ...MODERN, 'GET TRACKING': 'ERR FAILED' }, 'failed', 'the driver says it failed'],
    [{ ...MODERN, 'GET TRACKING': 'ERR INVALID-ARGUMENT' }, 'failed', 'the driver says it cannot'],
    [{ ...MODERN, 'GET TRACKING': 'PENDING' }, 'unknown', 'L20: still pending at the limit is not failed'],
    [{ ...MODERN, 'GET TRACKING': (socket) => socket.destroy() }, 'unknown', 'it hung up after the order'],
    [{ ...MODERN, INSTCMD: (socket) => socket.destroy() }, 'unknown', 'it hung up on the order: it may be under way'],
    [{ ...MODERN, INSTCMD: null }, 'unknown', 'no answer to the order'],
    [{ ...MODERN, INSTCMD: 'ERR INSTCMD-FAILED' }, 'failed', 'it could not hand it on'],
    [{ ...MODERN, PASSWORD: null }, 'unknown', 'no answer before the order, at the limit'],
    [{ ...MODERN, USERNAME: (socket) => socket.destroy() }, 'failed', 'it hung up before anything was ordered'],
    [
      { USERNAME: 'HTTP/1.1 400 Bad Request', PASSWORD: (socket) => socket.write(Buffer.alloc(50_000, 7)) },
      'failed',
      'no NUT server at all',
    ],
  ];
  it.each(fates)('%j: %s (%s)', async (answers, result) => {
    server = await scripted(answers);
    expect((await run({}, seconds(1))).result).toBe(result);
  });
});

describe('the test of such a command', () => {
  const test = () => driver.test?.(action(), { ...contextOf(), limit: seconds(2) });

  it('orders nothing', async () => {
    server = await scripted({
      ...{ USERNAME: 'OK', PASSWORD: 'OK', 'SET VAR': 'ERR VAR-NOT-SUPPORTED' },
      'LIST CMD': 'BEGIN LIST CMD ups\nCMD ups shutdown.return\nEND LIST CMD ups',
    });
    expect(await test()).toMatchObject({ result: 'ok' });
    expect(server.heard.some((line) => line.startsWith('INSTCMD'))).toBe(false);
  });

  it('does not believe a list that never ends', async () => {
    server = await scripted({
      ...{ USERNAME: 'OK', PASSWORD: 'OK' },
      'LIST CMD': `BEGIN LIST CMD ups\n${'CMD ups shutdown.return\n'.repeat(20_000)}`,
    });
    expect(await test()).toMatchObject({ result: 'failed' });
  });
});
