import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Secret } from '#core/secret.ts';
import { minutes, seconds } from '#core/time.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { freePorts } from '#platform/net.ts';
import { createSshDriver } from '#services/alerts/actions/ssh-driver.ts';
import { describeReal, findProgram } from '../../support/real.ts';
import { sshAction } from './support.ts';

const context = { run: 'r', limit: minutes(1), values: { run: 'r-1' } };

describeReal(['sshd', 'ssh-keygen'], "the ssh driver against Debian's sshd", () => {
  const driver = createSshDriver({ clock: createSystemClock() });
  const folder = mkdtempSync(join(tmpdir(), 'zhishou-sshd-'));
  const server = { port: 0, hostKey: '' };
  let sshd: ReturnType<typeof spawn> | null = null;
  const key = (): Secret => new Secret(readFileSync(join(folder, 'user'), 'utf8'));
  const action = (command: string, more: Parameters<typeof sshAction>[2] = {}) => {
    const made = sshAction(server, command, { user: userInfo().username, key: key(), ...more });
    if ('ssh' in made) delete made.ssh.password;
    return made;
  };

  beforeAll(async () => {
    const keygen = findProgram('ssh-keygen')!;
    for (const name of ['host', 'user', 'other'])
      execFileSync(keygen, ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
    server.hostKey = execFileSync(keygen, ['-l', '-f', join(folder, 'host.pub')], { encoding: 'utf8' }).split(' ')[1]!;
    writeFileSync(join(folder, 'authorized'), readFileSync(join(folder, 'user.pub')), { mode: 0o600 });
    [server.port] = (await freePorts(1)) as [number];
    const config = [
      `Port ${server.port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${join(folder, 'host')}`,
      `AuthorizedKeysFile ${join(folder, 'authorized')}`,
      `PidFile ${join(folder, 'pid')}`,
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin prohibit-password',
      'StrictModes no',
      'UsePAM no',
    ];
    writeFileSync(join(folder, 'config'), `${config.join('\n')}\n`);
    // sshd wants its privilege separation folder when it runs as root.
    if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true });
    sshd = spawn(findProgram('sshd')!, ['-D', '-e', '-f', join(folder, 'config')], { stdio: 'ignore' });
    await listening(server.port);
  });
  afterAll(() => {
    sshd?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it('logs in with a key, runs the command, and reads its exit code and output', async () => {
    expect(await driver.run(action('echo "run {run}"'), context)).toMatchObject({
      result: 'ok',
      exitCode: 0,
      output: 'run r-1\n',
    });
    expect(await driver.run(action('exit 7'), context)).toMatchObject({ result: 'failed', exitCode: 7 });
  });

  it('refuses the server when its key is another than configured', async () => {
    const outcome = await driver.run(action('true', { host_key: `SHA256:${'B'.repeat(43)}` }), context);
    expect(outcome).toMatchObject({ result: 'failed', detail: expect.stringMatching(/another host key/) });
  });

  it('tells a refused login from the rest', async () => {
    const other = new Secret(readFileSync(join(folder, 'other'), 'utf8'));
    expect(await driver.run(action('true', { key: other }), context)).toMatchObject({
      result: 'failed',
      detail: expect.stringMatching(/^login refused/),
    });
  });

  it('its test logs in and runs nothing, not even where the key starts a command of its own', async () => {
    const file = join(folder, 'ran');
    const forced = `command="touch ${file}" ${readFileSync(join(folder, 'user.pub'), 'utf8')}`;
    writeFileSync(join(folder, 'authorized'), forced, { mode: 0o600 });
    expect(await driver.test!(action('sudo shutdown -h now'), context)).toEqual({
      result: 'ok',
      detail: `logged in as ${userInfo().username} at 127.0.0.1:${server.port}; the command was not tried`,
    });
    expect(existsSync(file)).toBe(false);
    // So it is when something is run.
    await driver.run(action('true'), context);
    expect(existsSync(file)).toBe(true);
    writeFileSync(join(folder, 'authorized'), readFileSync(join(folder, 'user.pub')), { mode: 0o600 });
  });

  it.each([
    ['another host key', () => ({ host_key: `SHA256:${'B'.repeat(43)}` }), /another host key/],
    [
      'a key that it does not take',
      () => ({ key: new Secret(readFileSync(join(folder, 'other'), 'utf8')) }),
      /^login refused/,
    ],
  ])('its test fails with %s', async (_title, more, detail) => {
    expect(await driver.test!(action('true', more()), context)).toMatchObject({
      result: 'failed',
      detail: expect.stringMatching(detail),
    });
  });

  it('leaves a command running that runs out of time (L20)', async () => {
    const file = join(folder, 'went-on');
    const outcome = await driver.run(action(`sleep 1; echo done > ${file}`), { ...context, limit: seconds(0.6) });
    expect(outcome).toMatchObject({ result: 'unknown', detail: expect.stringMatching(/may still run/) });
    await eventually(() => readFileSync(file, 'utf8').trim() === 'done');
  });

  it('does not know what became of a command whose connection is cut by it (L16)', async () => {
    const outcome = await driver.run(action('kill -9 $PPID; sleep 5'), context);
    expect(outcome.result).toBe('unknown');
  });
});

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

async function eventually(check: () => boolean): Promise<void> {
  for (let i = 0; i < 500; i++) {
    try {
      if (check()) return;
    } catch {
      // not yet
    }
    await pause();
  }
  throw new Error('it did not come about');
}

async function listening(port: number): Promise<void> {
  for (let i = 0; i < 500; i++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port }, () => resolve(true));
      socket.on('error', () => resolve(false));
      socket.on('close', () => {});
      socket.unref();
      setTimeout(() => socket.destroy(), 200).unref();
    });
    if (open) return;
    await pause();
  }
  throw new Error('sshd does not listen');
}
