import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Action } from '#core/config/device.ts';
import type { ActionOutcome, Trap } from '#core/ports.ts';
import { minutes, seconds } from '#core/time.ts';
import { createInMemoryFaces } from '#simulators/in-memory.ts';
import { sampleConfig, sampleRoom } from './sample-room.ts';

const config = sampleConfig();
const device = (id: string) => config.devices.find((one) => one.id === id)!;

function bench(options: Parameters<typeof sampleRoom>[0] = {}) {
  const { room, clock } = sampleRoom(options);
  const faces = createInMemoryFaces(room, { config, clock });
  const ssh = (id: string, command: string, limitMinutes = 10): Promise<ActionOutcome> => {
    const by = device(id).shutdown!.by as Extract<Action, { ssh: unknown }>;
    return faces.ssh.run(
      { ssh: { ...by.ssh, command } },
      { run: 'test', limit: minutes(limitMinutes), values: { run: 'inc-1/backup/1' } },
    );
  };
  return { room, clock, faces, ssh };
}

describe('SNMP in memory', () => {
  it.each([
    ['ups-1', 'rfc1628-ups'],
    ['ac-1', 'liebert-lgp-cooling'],
    ['pdu-1', 'apc-rpdu2'],
  ])('serves what the profile of %s reads (%s)', async (id, profile) => {
    const { faces } = bench();
    const link = faces.snmp.open(device(id).snmp!);
    const yaml = parse(readFileSync(join(import.meta.dirname, `../../config/profiles/${profile}.yaml`), 'utf8')) as {
      snmp: { points: { oid: string; table?: boolean; row?: { oid: string; is: string }; point: string }[] };
    };
    const missing: string[] = [];
    for (const point of yaml.snmp.points) {
      const found =
        point.table === true || point.row !== undefined ? await link.walk(point.oid, 10) : await link.get([point.oid]);
      if (found.length === 0 || found.some((one) => one.type.startsWith('NoSuch')))
        missing.push(`${point.point} ${point.oid}`);
    }
    // A PDU without a probe plugged in has no rows of temperature and humidity; this one has no banks and no second supply.
    expect(missing.filter((one) => !/^(ambient|bank|pdu)\./.test(one))).toEqual([]);
    expect(readdirSync(join(import.meta.dirname, '../../config/profiles'))).toContain(`${profile}.yaml`);
  });

  it('tells a missing instance from a missing object, and walks in order', async () => {
    const { faces } = bench();
    const link = faces.snmp.open(device('pdu-1').snmp!);
    const answers = await link.get(['1.3.6.1.4.1.318.1.1.26.9.2.3.1.5.9', '1.3.6.1.4.1.9.9.9.0']);
    expect(answers.map((one) => one.type)).toEqual(['NoSuchInstance', 'NoSuchObject']);
    const walked = await link.walk('1.3.6.1.4.1.318.1.1.26.9.2.3.1.5', 100);
    expect(walked.map((one) => Number(one.oid.split('.').at(-1)))).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('switches an outlet, and refuses what cannot be written', async () => {
    const { faces, room } = bench();
    const link = faces.snmp.open(device('pdu-1').snmp!);
    await link.set([{ oid: '1.3.6.1.4.1.318.1.1.26.9.2.4.1.5.6', type: 'Integer', value: 2 }]);
    expect(room.state().devices.find((one) => one.device === 'display-1')?.powered).toBe(false);
    await expect(
      link.set([{ oid: '1.3.6.1.4.1.318.1.1.26.9.2.3.1.5.6', type: 'Integer', value: 2 }]),
    ).rejects.toMatchObject({ code: 'REFUSED' });
    await expect(
      link.set([{ oid: '1.3.6.1.4.1.318.1.1.26.9.2.4.1.5.6', type: 'Integer', value: 77 }]),
    ).rejects.toMatchObject({ code: 'REFUSED' });
    expect(room.truth().commands).toHaveLength(1);
  });

  it('sends the traps of an outage, and falls silent with its power', async () => {
    const { faces, room, clock } = bench();
    const traps: Trap[] = [];
    await faces.traps.listen((trap) => traps.push(trap));
    room.apply({ kind: 'mains', present: false });
    expect(traps.map((trap) => trap.oid)).toEqual(['1.3.6.1.2.1.33.2.1', '1.3.6.1.2.1.33.2.3', '1.3.6.1.2.1.33.2.3']);
    clock.advanceBy(minutes(3));
    expect(traps.filter((trap) => trap.oid.endsWith('.2.1'))).toHaveLength(4);
    clock.advanceBy(minutes(90));
    const asked = faces.snmp.open(device('ups-1').snmp!).get(['1.3.6.1.2.1.33.1.2.4.0']);
    const answer = expect(asked).rejects.toMatchObject({ code: 'TIMED_OUT' });
    clock.advanceBy(seconds(10));
    await answer;
  });
});

describe('SSH in memory', () => {
  it('runs a backup that takes its time, can be verified afterwards, and is not made twice for one run', async () => {
    const { clock, ssh, room } = bench();
    const early = ssh('server-1', 'zhishou-backup verify {run}');
    await clock.advanceByAsync(seconds(5));
    expect(await early).toMatchObject({ result: 'failed', exitCode: 1 });
    const backup = ssh('server-1', 'zhishou-backup run {run}');
    await clock.advanceByAsync(minutes(2));
    expect(room.state().devices[0]?.backup).toBe('running');
    await clock.advanceByAsync(minutes(5));
    expect(await backup).toMatchObject({
      result: 'ok',
      output: expect.stringMatching(/complete, \d+ bytes, sha256 [0-9a-f]{64}/),
    });
    const verified = ssh('server-1', 'zhishou-backup verify {run}');
    await clock.advanceByAsync(seconds(5));
    expect(await verified).toMatchObject({ result: 'ok', output: expect.stringContaining('"run":"inc-1/backup/1"') });
    const again = ssh('server-1', 'zhishou-backup run {run}');
    await clock.advanceByAsync(seconds(5));
    expect(await again).toMatchObject({ result: 'ok' });
    expect(room.truth().backups.map((one) => one.what)).toEqual(['started', 'complete']);
  });

  it('leaves the backup running when the session ends before it (L20)', async () => {
    const { clock, ssh, room } = bench();
    const cut = ssh('server-1', 'zhishou-backup run r1', 1);
    await clock.advanceByAsync(minutes(1));
    expect(await cut).toMatchObject({ result: 'unknown' });
    await clock.advanceByAsync(minutes(6));
    expect(room.state().devices[0]?.backup).toBe('done');
  });

  it.each([
    ['backup-fails', 'zhishou-backup run r1', { result: 'failed', exitCode: 1 }, 'failed'],
    ['backup-hangs', 'zhishou-backup run r1', { result: 'unknown' }, 'hung'],
    [
      'login-refused',
      'zhishou-backup run r1',
      { result: 'failed', detail: expect.stringContaining('login refused') },
      'idle',
    ],
    [
      'silent',
      'zhishou-backup run r1',
      { result: 'failed', detail: expect.stringContaining('did not answer') },
      'idle',
    ],
  ] as const)('with the fault %s shows it as a real server would', async (fault, command, outcome, backup) => {
    const { clock, ssh, room } = bench();
    room.apply({ kind: 'fault', device: 'server-1', fault });
    const run = ssh('server-1', command, 15);
    await clock.advanceByAsync(minutes(16));
    expect(await run).toMatchObject(outcome);
    expect(room.state().devices[0]?.backup).toBe(backup);
  });

  it('lets a new backup take over from one that hangs, and from no other', async () => {
    const { clock, ssh, room } = bench();
    room.apply({ kind: 'fault', device: 'server-1', fault: 'backup-hangs' });
    const first = ssh('server-1', 'zhishou-backup run r1', 20);
    await clock.advanceByAsync(minutes(10));
    const second = ssh('server-1', 'zhishou-backup run r2', 20);
    await clock.advanceByAsync(minutes(1));
    const third = ssh('server-1', 'zhishou-backup run r3', 20);
    await clock.advanceByAsync(minutes(8));
    expect(await first).toMatchObject({ result: 'failed', exitCode: 143 });
    expect(await third).toMatchObject({ result: 'failed', exitCode: 75 });
    expect(await second).toMatchObject({ result: 'ok' });
  });

  it('shuts a server down: answers, closes its port, then draws nothing; and refuses connections from then on', async () => {
    const { clock, ssh, room, faces } = bench();
    const { host, port } = device('server-1').reach!;
    expect(await faces.reach.tcp(host, port, seconds(1))).toBe('open');
    const down = ssh('server-1', 'sudo shutdown -h now');
    await clock.advanceByAsync(seconds(2));
    expect(await down).toMatchObject({ result: 'ok' });
    expect(await faces.reach.tcp(host, port, seconds(1))).toBe('open');
    const watts = async (): Promise<number> =>
      Number((await faces.snmp.open(device('pdu-1').snmp!).get(['1.3.6.1.4.1.318.1.1.26.9.4.3.1.7.1']))[0]?.value);
    expect(await watts()).toBeGreaterThan(300);
    await clock.advanceByAsync(minutes(2));
    expect(room.state().devices[0]?.state).toBe('off');
    expect(await faces.reach.tcp(host, port, seconds(1))).toBe('closed');
    expect(await watts()).toBeLessThan(15);
    const later = ssh('server-1', 'uptime');
    await clock.advanceByAsync(seconds(2));
    expect(await later).toMatchObject({ result: 'failed', detail: expect.stringContaining('refused') });
  });

  it('hangs in its shutdown when told to: the port stays open, the watts stay, a second order is refused', async () => {
    const { clock, ssh, room, faces } = bench();
    room.apply({ kind: 'fault', device: 'server-1', fault: 'shutdown-hangs' });
    const down = ssh('server-1', 'sudo shutdown -h now');
    await clock.advanceByAsync(minutes(20));
    expect(await down).toMatchObject({ result: 'ok' });
    const { host, port } = device('server-1').reach!;
    expect(await faces.reach.tcp(host, port, seconds(1))).toBe('open');
    const again = ssh('server-1', 'sudo shutdown -h now');
    await clock.advanceByAsync(seconds(5));
    expect(await again).toMatchObject({ result: 'failed', exitCode: 1 });
    room.orderOutlet('pdu-1', 1, false, 'test');
    expect(room.state().devices[0]?.state).toBe('off');
    expect(room.truth().transitions.some((one) => one.dataLoss)).toBe(false);
  });

  it('answers an unknown command with 127, and drops every session when its power goes', async () => {
    const { clock, ssh, room } = bench();
    const unknown = ssh('array-1', 'zhishou-backup run r1');
    await clock.advanceByAsync(seconds(2));
    expect(await unknown).toMatchObject({ result: 'failed', exitCode: 127 });
    const backup = ssh('server-2', 'zhishou-backup run r1');
    await clock.advanceByAsync(minutes(1));
    room.orderOutlet('pdu-1', 2, false, 'test');
    expect(await backup).toMatchObject({ result: 'unknown' });
    expect(room.truth().transitions.at(-1)).toMatchObject({ device: 'server-2', to: 'crashed', dataLoss: true });
  });
});
