import { describe, expect, it } from 'vitest';
import { milliseconds } from '#core/time.ts';
import { at, commands, outage, play, server, site, told, ups } from './small-site.ts';

/** What the swarm has found, each in the smallest site that shows it. */

describe('found by the swarm', () => {
  it('L2: three readings within two seconds confirm no outage, however small the battery', async () => {
    const draft = site({ upses: [ups({ runtimeS: 90, atLoad: 300 })], scenario: outage(60) });
    const run = await play(draft);
    const [first] = commands(run, 'shutdown');
    expect(first).toBeGreaterThanOrEqual(draft.startsAt + 60_000 + 8_000);
  });

  it('I1 I2: nobody is cut who was never told to go down, or whose own dependants still run', async () => {
    const chain = [1, 2, 3, 4].map((nth) =>
      server({
        id: `server-${nth}`,
        dependsOn: nth === 1 ? [] : [`server-${nth - 1}`],
        shutdownS: 150,
        estimateFactor: 1.6,
        otherwise: ['cut'],
      }),
    );
    const run = await play(
      site({
        upses: [ups({ runtimeS: 900, atLoad: 1200 })],
        machines: chain,
        scenario: outage(2400),
        plan: { sshAtOnce: 1 },
      }),
    );
    expect(run.result?.evidence.truth.transitions.filter((one) => one.dataLoss)).toEqual([]);
  });

  it('I6: a machine without a way to start it is named to people at the recovery', async () => {
    const run = await play(
      site({
        upses: [ups({ runtimeS: 600, atLoad: 600 })],
        machines: [server(), server({ id: 'server-2', start: 'none', powerOff: false })],
        scenario: outage(1500),
      }),
    );
    expect(told(run, 'server-2')).toBe(true);
    expect(run.result?.evidence.truth.machines.find((one) => one.device === 'server-1')?.state).toBe('running');
  });

  it('I5: what is told in a second outage of the same incident reaches people again', async () => {
    const draft = site({
      upses: [ups({ runtimeS: 420, atLoad: 400 })],
      machines: [server(), server({ id: 'server-2', dependsOn: ['server-1'] })],
      scenario: [
        at(40, { kind: 'fault', device: 'server-1', fault: 'boot-fails' }),
        ...outage(600),
        at(3000, { kind: 'mains', present: false }),
        at(3060, { kind: 'mains', present: true }),
      ],
      lastsMs: 3 * 3_600_000,
    });
    await play(draft);
  });

  it('L22: a plan that sheds nothing switches no screens on', async () => {
    const run = await play(
      site({
        machines: [server({ id: 'network-1', kind: 'network' }), server({ id: 'display-1', kind: 'display' })],
        plan: { without: ['shed', 'shutdown-network'] },
        scenario: outage(300),
      }),
    );
    expect(commands(run, 'outlet-on')).toEqual([]);
  });

  it('L22: what refused to go down and was left alone when mains came back is not started', async () => {
    const run = await play(
      site({
        upses: [ups({ runtimeS: 200, atLoad: 300 })],
        machines: [server({ id: 'storage-1', kind: 'storage' })],
        scenario: [at(20, { kind: 'fault', device: 'storage-1', fault: 'silent' }), ...outage(15)],
      }),
    );
    expect(commands(run, 'outlet-on')).toEqual([]);
  });

  it('L7: a machine that refuses its shutdown is not cut for another UPS’s end while its own has hours left', async () => {
    const run = await play(
      site({
        upses: [ups({ runtimeS: 900, atLoad: 330 }), ups({ id: 'ups-2', runtimeS: 7200, atLoad: 330 })],
        machines: [server(), server({ id: 'server-2', feeds: [1], otherwise: ['cut'] })],
        scenario: [at(20, { kind: 'fault', device: 'server-2', fault: 'login-refused' }), ...outage(2400)],
      }),
    );
    expect(commands(run, 'shutdown')).toHaveLength(1);
    expect(run.result?.evidence.truth.transitions.filter((one) => one.device === 'server-2')).toEqual([]);
  });

  it('I4 L22: what a person had switched off is not ordered off again, nor switched on when mains is back', async () => {
    const run = await play(
      site({
        upses: [ups({ runtimeS: 6000, atLoad: 500 })],
        machines: [server(), server({ id: 'display-1', kind: 'display' })],
        plan: { limitS: 300 },
        scenario: [at(9, { kind: 'outlet', device: 'pdu-1', outlet: 2, on: false }), ...outage(900)],
      }),
    );
    expect((run.result?.evidence.truth.commands ?? []).filter((one) => one.detail === '2')).toEqual([]);
  });

  it('I4 L22: nor when its board answered nobody just then: what is shed for the load’s sake waits for a word', async () => {
    const run = await play(
      site({
        upses: [ups({ runtimeS: 6000, atLoad: 500 })],
        machines: [server(), server({ id: 'display-1', kind: 'display' })],
        plan: { limitS: 300 },
        scenario: [
          at(9, { kind: 'outlet', device: 'pdu-1', outlet: 2, on: false }),
          at(100, { kind: 'network', device: 'pdu-1', down: true }),
          at(420, { kind: 'network', device: 'pdu-1' }),
          ...outage(900),
        ].sort((a, b) => a.atMs - b.atMs),
      }),
    );
    expect((run.result?.evidence.truth.commands ?? []).filter((one) => one.detail === '2')).toEqual([]);
  });

  it('I4: what was being looked at when the monitor was killed is looked at again after it, before anything is ordered', async () => {
    for (const nth of [24, 28, 32, 36]) {
      const run = await play(
        site({
          upses: [ups({ runtimeS: 6000, atLoad: 500 })],
          machines: [server({ powerOff: false, start: 'ipmi' }), server({ id: 'display-1', kind: 'display' })],
          plan: { limitS: 300 },
          scenario: [at(9, { kind: 'outlet', device: 'pdu-1', outlet: 2, on: false }), ...outage(900)],
          kills: [{ at: 'journal', nth, downMs: milliseconds(50_000), part: 'alerts' }],
        }),
      );
      expect((run.result?.evidence.truth.commands ?? []).filter((one) => one.detail === '2')).toEqual([]);
    }
  });

  it('I6: one machine that hangs on its way down does not keep the others off when mains is back', async () => {
    const run = await play(
      site({
        upses: [ups({ runtimeS: 300, atLoad: 650 })],
        machines: [
          server({ giveUpFactor: 8 }),
          server({ id: 'server-2' }),
          server({ id: 'display-1', kind: 'display' }),
        ],
        scenario: [at(20, { kind: 'fault', device: 'server-1', fault: 'shutdown-hangs' }), ...outage(120)],
      }),
    );
    const { machines = [] } = run.result?.evidence.truth ?? {};
    expect(machines.find((one) => one.device === 'server-2')?.state).toBe('running');
    expect(machines.find((one) => one.device === 'display-1')?.state).toBe('running');
    expect(run.result?.evidence.incidents.at(-1)?.phase).not.toBe('finishing');
  });

  it('I6: who took its shutdown and hangs is named to people when mains is back, and no other way is waited for in vain', async () => {
    for (const otherwise of [['soft'], ['cut'], ['soft', 'cut']] as const) {
      const run = await play(
        site({
          upses: [ups({ runtimeS: 300, atLoad: 650 })],
          machines: [server({ otherwise, giveUpFactor: 3 }), server({ id: 'server-2' })],
          scenario: [at(20, { kind: 'fault', device: 'server-1', fault: 'shutdown-hangs' }), ...outage(120)],
        }),
      );
      const { machines = [] } = run.result?.evidence.truth ?? {};
      expect(machines.find((one) => one.device === 'server-2')?.state).toBe('running');
      expect(told(run, 'server-1')).toBe(true);
      expect(run.result?.evidence.incidents.at(-1)?.phase).not.toBe('finishing');
    }
  });

  it('I1: who took its shutdown and is slow is not cut while the battery has hours left', async () => {
    const run = await play(
      site({
        upses: [ups({ runtimeS: 4 * 3600, atLoad: 330 })],
        machines: [server({ otherwise: ['cut'], shutdownS: 220, giveUpFactor: 1.5 })],
        plan: { limitS: 300 },
        scenario: [at(20, { kind: 'fault', device: 'server-1', fault: 'shutdown-slow' }), ...outage(5400)],
      }),
    );
    expect(run.result?.evidence.truth.transitions.map((one) => one.to)).toEqual([
      'stopping',
      'off',
      'starting',
      'running',
    ]);
  });

  it('I4: a backup left running when mains came back is looked for, not ordered again, when mains goes again', async () => {
    const run = await play(
      site({
        upses: [ups({ runtimeS: 3600, atLoad: 650 })],
        machines: [server({ backupS: 400 }), server({ id: 'server-2' })],
        plan: { limitS: 120, recoverySettleS: 600 },
        scenario: [
          ...outage(150),
          at(400, { kind: 'mains', present: false }),
          at(1600, { kind: 'mains', present: true }),
        ],
      }),
    );
    expect(commands(run, 'backup')).toHaveLength(1);
    expect(run.result?.evidence.truth.backups.at(-1)?.what).toBe('complete');
  });

  it('I1: who took the order while it was starting, and then runs, is ordered again by the gentle way and not cut', async () => {
    const run = await play(
      site({
        upses: [ups({ runtimeS: 2400, atLoad: 330 })],
        machines: [server({ otherwise: ['soft', 'cut'], bootS: 200 })],
        plan: { limitS: 20, settleS: 60 },
        scenario: [
          at(20, { kind: 'bypass', device: 'ups-1', bypass: 'manual' }),
          at(30, { kind: 'mains', present: false }),
          at(50, { kind: 'mains', present: true }),
          at(70, { kind: 'bypass', device: 'ups-1', bypass: 'none' }),
          at(80, { kind: 'mains', present: false }),
          at(3600, { kind: 'mains', present: true }),
        ],
      }),
    );
    const { transitions = [] } = run.result?.evidence.truth ?? {};
    const again = transitions.slice(transitions.findIndex((one) => one.to === 'running'));
    expect(commands(run, 'power-soft')).toHaveLength(1);
    expect(commands(run, 'shutdown')).toHaveLength(1);
    expect(again.map((one) => one.to).slice(0, 3)).toEqual(['running', 'stopping', 'off']);
  });

  it('I1: what was shut down, kept its outlet on and started by itself is shut down again when mains goes again', async () => {
    const run = await play(
      site({
        upses: [ups({ runtimeS: 600, atLoad: 330, chargerWatts: 60 })],
        machines: [server({ kind: 'storage', id: 'storage-1', powerOff: false, start: 'ipmi' })],
        plan: { chargeAbove: 60, limitS: 60 },
        scenario: [
          ...outage(9000),
          at(10_200, { kind: 'mains', present: false }),
          at(12_600, { kind: 'mains', present: true }),
        ],
      }),
    );
    expect(commands(run, 'shutdown')).toHaveLength(2);
    expect(run.result?.evidence.truth.transitions.filter((one) => one.dataLoss)).toEqual([]);
  });
});
