import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Action } from '#core/config/device.ts';
import type { ActionOutcome } from '#core/ports.ts';
import { minutes } from '#core/time.ts';
import { createSshDriver } from '#services/alerts/actions/ssh-driver.ts';
import { ensureSimulatorSecrets } from '#simulators/devices/secrets.ts';
import { describeReal, findProgram } from '../support/real.ts';
import { type LiveRoom, run, startLiveRoom, until } from './live-room.ts';

/** Virtual seconds in a real one: a five-minute backup takes a second and a half. */
const SPEED = 200;

describe('the simulated servers over real SSH', () => {
  let live: LiveRoom;
  beforeAll(async () => {
    live = await startLiveRoom(SPEED);
  });
  afterAll(async () => {
    await live.stop();
  });
  const target = (id: string) =>
    (live.config.devices.find((one) => one.id === id)!.shutdown!.by as Extract<Action, { ssh: unknown }>).ssh;
  const ssh = (id: string, command: string, changes: Record<string, unknown> = {}): Promise<ActionOutcome> =>
    createSshDriver({ clock: live.clock }).run({ ssh: { ...target(id), command, ...changes } } as Action, {
      run: 'r1',
      limit: minutes(30),
      values: { run: 'inc/backup/1' },
    });
  const isOpen = (id: string): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect(target(id).port, '127.0.0.1');
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });

  it('run a backup, verify it, and answer an unknown command with 127', async () => {
    expect(await ssh('server-1', 'zhishou-backup verify {run}')).toMatchObject({ result: 'failed', exitCode: 1 });
    expect(await ssh('server-1', 'zhishou-backup run {run}')).toMatchObject({
      result: 'ok',
      output: expect.stringContaining('complete'),
    });
    expect(await ssh('server-1', 'zhishou-backup verify {run}')).toMatchObject({ result: 'ok' });
    expect(await ssh('server-1', 'rm -rf /')).toMatchObject({ result: 'failed', exitCode: 127 });
  });

  it('whose SSH hangs open their port and say nothing, until they are well again', async () => {
    live.room.apply({ kind: 'fault', device: 'server-3', fault: 'ssh-hangs' });
    const banner = (): Promise<string> =>
      new Promise((resolve) => {
        const socket = connect(target('server-3').port, '127.0.0.1');
        socket.once('data', (data: Buffer) => {
          socket.destroy();
          resolve(data.toString('latin1'));
        });
        socket.once('close', () => resolve(''));
        socket.once('error', () => resolve('refused'));
        // Half a second of silence is not proof of much, but a healthy one speaks at once.
        socket.setTimeout(500, () => socket.destroy());
      });
    await until(() => isOpen('server-3'));
    await until(async () => (await banner()) === '');
    expect(await isOpen('server-3')).toBe(true);
    live.room.apply({ kind: 'fault', device: 'server-3', fault: 'none' });
    await until(async () => (await banner()).startsWith('SSH-2.0-'));
  });

  it('show one host key only, and refuse a wrong password and a wrong user', async () => {
    expect(await ssh('server-1', 'uptime', { host_key: `SHA256:${'B'.repeat(43)}` })).toMatchObject({
      result: 'failed',
    });
    expect(await ssh('server-1', 'uptime', { user: 'root' })).toMatchObject({
      result: 'failed',
      detail: expect.stringContaining('refused'),
    });
    live.room.apply({ kind: 'fault', device: 'server-2', fault: 'login-refused' });
    expect(await ssh('server-2', 'uptime')).toMatchObject({
      result: 'failed',
      detail: expect.stringContaining('login refused'),
    });
    live.room.apply({ kind: 'fault', device: 'server-2', fault: 'none' });
    expect(await ssh('server-2', 'uptime')).toMatchObject({ result: 'ok', output: expect.stringContaining('up') });
  });

  it('drop the connection when their power goes, and close the port until they have booted again', async () => {
    const backup = ssh('server-2', 'zhishou-backup run x');
    await until(() => live.room.state().devices.find((one) => one.device === 'server-2')?.backup === 'running');
    live.room.orderOutlet('pdu-1', 2, false, 'test');
    expect(await backup).toMatchObject({ result: 'unknown' });
    await until(async () => !(await isOpen('server-2')));
    live.room.orderOutlet('pdu-1', 2, true, 'test');
    expect(await isOpen('server-2')).toBe(false);
    await until(() => isOpen('server-2'));
    expect(live.room.state().devices.find((one) => one.device === 'server-2')?.state).toBe('running');
  });

  it('shut down when told to: port closed, then nothing drawn', async () => {
    expect(await ssh('array-1', 'system shutdown --flush')).toMatchObject({ result: 'ok' });
    await until(async () => !(await isOpen('array-1')));
    await until(() => live.room.state().devices.find((one) => one.device === 'array-1')?.state === 'off');
  });
});

describe('the secrets of the simulated servers', () => {
  it('are made once, kept for their owner only, and the same at the next start', async () => {
    const live = await startLiveRoom(1);
    try {
      expect(statSync(live.secrets.hostKeyFile).mode & 0o777).toBe(0o600);
      expect(statSync(live.secrets.passwordFile).mode & 0o777).toBe(0o600);
      expect(ensureSimulatorSecrets(live.directory)).toEqual(live.secrets);
      writeFileSync(live.secrets.fingerprintFile, `SHA256:${'C'.repeat(43)}\n`);
      expect(() => ensureSimulatorSecrets(live.directory)).toThrow(/remove it/);
    } finally {
      await live.stop();
    }
  });
});

describeReal('ssh-keygen', 'OpenSSH’s own client and key tools with the simulated servers', () => {
  it('print the same fingerprint, and log in with a key to run a command', async () => {
    const live = await startLiveRoom(SPEED, async (directory) => {
      await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(directory, 'ssh-client-key')]);
    });
    try {
      const printed = await run('ssh-keygen', ['-l', '-f', live.secrets.hostKeyFile]);
      expect(printed.out).toContain(live.secrets.fingerprint);
      const client = findProgram('ssh-keygen')?.replace(/-keygen$/, '') ?? 'ssh';
      const by = live.config.devices.find((one) => one.id === 'server-1')?.shutdown?.by as Extract<
        Action,
        { ssh: unknown }
      >;
      const key = join(live.directory, 'ssh-client-key');
      chmodSync(key, 0o600);
      const options = [
        '-o',
        'StrictHostKeyChecking=no',
        '-o',
        // Not /dev/null: as root ssh may put a file in its place.
        `UserKnownHostsFile=${join(live.directory, 'known-hosts')}`,
        '-o',
        'BatchMode=yes',
        '-o',
        'IdentitiesOnly=yes',
        '-i',
        key,
      ];
      const login = (user: string, command: string) =>
        run(client, ['-F', '/dev/null', ...options, '-p', String(by.ssh.port), `${user}@127.0.0.1`, command]);
      expect(await login('zhishou', 'zhishou-backup run k1')).toMatchObject({
        code: 0,
        out: expect.stringContaining('k1: complete'),
      });
      expect(await login('zhishou', 'nonsense')).toMatchObject({ code: 127 });
      expect(await login('root', 'uptime')).toMatchObject({ code: 255 });
      expect(await login('zhishou', 'sudo shutdown -h now')).toMatchObject({ code: 0 });
    } finally {
      await live.stop();
    }
  });
});
