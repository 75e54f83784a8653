import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '#core/secret.ts';
import { minutes, seconds } from '#core/time.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { createSshDriver } from '#services/alerts/actions/ssh-driver.ts';
import { T0 } from '../support.ts';
import { sshAction, startSshServer, type TestSshServer } from './support.ts';

const context = { run: 'i1/backup/1', limit: minutes(5), values: { run: 'i1-1', device: 'server-1' } };
const driver = createSshDriver({ clock: createSystemClock() });

describe('the ssh driver against a server', () => {
  let server: TestSshServer;
  beforeAll(async () => {
    server = await startSshServer((channel, command, end) => {
      if (command.startsWith('exit')) {
        channel.write('said something\n');
        channel.stderr.write('and complained\n');
        channel.exit(Number(command.split(' ')[1]));
        channel.end();
      } else if (command === 'killed') {
        channel.exit('TERM' as never);
        channel.end();
      } else if (command === 'shutdown') {
        end();
      } else if (command === 'no exit code') {
        channel.end();
      } else if (command === 'flood') {
        channel.write('x'.repeat(100_000));
        channel.exit(0);
        channel.end();
      }
      // anything else hangs
    });
  });
  afterAll(() => server.close());

  it('is ok with exit code 0, and keeps what the command said', async () => {
    const outcome = await driver.run(sshAction(server, 'exit 0'), context);
    expect(outcome).toMatchObject({ result: 'ok', exitCode: 0 });
    expect(outcome.output).toContain('said something');
    expect(outcome.output).toContain('and complained');
  });

  it('fails with any other exit code', async () => {
    expect(await driver.run(sshAction(server, 'exit 3'), context)).toMatchObject({
      result: 'failed',
      exitCode: 3,
      detail: 'exit code 3',
    });
  });

  it('fills in the values of the run', async () => {
    await driver.run(sshAction(server, 'exit 0 {run} {device} {unknown}'), context);
    expect(server.commands.at(-1)).toBe('exit 0 i1-1 server-1 {unknown}');
  });

  it('does not know the fate of a command whose connection drops: a host that shuts down (L16)', async () => {
    expect(await driver.run(sshAction(server, 'shutdown'), context)).toMatchObject({ result: 'unknown' });
  });

  it('does not know the fate of a command that ends without an exit code', async () => {
    expect(await driver.run(sshAction(server, 'no exit code'), context)).toMatchObject({ result: 'unknown' });
  });

  it('does not take running out of time for a stop (L20)', async () => {
    const clock = createVirtualClock(T0);
    const running = createSshDriver({ clock }).run(sshAction(server, 'hang'), context);
    const before = server.commands.length;
    while (server.commands.length === before && server.commands.at(-1) !== 'hang') {
      await new Promise((resolve) => setImmediate(resolve));
    }
    clock.advanceBy(minutes(5));
    expect(await running).toMatchObject({ result: 'unknown', detail: expect.stringMatching(/may still run/) });
  });

  it('cuts what a command says at 4,000 characters', async () => {
    const outcome = await driver.run(sshAction(server, 'flood'), context);
    expect(outcome.output).toHaveLength(4000);
  });

  it('fails when the server refuses to run the command', async () => {
    expect(await driver.run(sshAction(server, 'forbidden'), context)).toMatchObject({
      result: 'failed',
      detail: expect.stringMatching(/refused the command/),
    });
  });

  it('refuses a server with another host key, and sends it neither password nor command', async () => {
    const count = server.commands.length;
    const other = sshAction({ ...server, hostKey: `SHA256:${'A'.repeat(43)}` }, 'exit 0');
    const outcome = await driver.run(other, context);
    expect(outcome).toMatchObject({ result: 'failed', detail: expect.stringMatching(/another host key/) });
    expect(outcome.detail).toContain(server.hostKey);
    expect(server.commands.length).toBe(count);
  });

  it('tells a refused login from a refused connection', async () => {
    const login = await driver.run(sshAction(server, 'exit 0', { password: new Secret('wrong') }), context);
    expect(login).toMatchObject({ result: 'failed', detail: expect.stringMatching(/^login refused for zhishou/) });
    expect(login.detail).not.toContain('wrong');
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as { port: number };
    await new Promise<void>((resolve) => closed.close(() => resolve()));
    const connection = await driver.run(sshAction({ ...server, port }, 'exit 0'), context);
    expect(connection).toMatchObject({ result: 'failed', detail: expect.stringMatching(/^connection refused/) });
  });

  it('fails with a key that it cannot read', async () => {
    const outcome = await driver.run(sshAction(server, 'exit 0', { key: new Secret('not a key') }), context);
    expect(outcome).toMatchObject({ result: 'failed' });
    expect(outcome.detail).not.toContain('not a key');
  });
});

describe('the ssh driver against what is no ssh server', () => {
  it.each([
    ['speaks another protocol', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['says nothing', ''],
  ])('fails in time when the other side %s', async (_title, greeting) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.resume();
      if (greeting !== '') socket.end(greeting);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const quick = createSshDriver({ clock: createSystemClock(), handshakeLimit: seconds(0.3) });
    const outcome = await quick.run(sshAction({ port, hostKey: `SHA256:${'A'.repeat(43)}` }, 'exit 0'), context);
    expect(outcome.result).toBe('failed');
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
});
