import { describe, expect, it } from 'vitest';
import { type BlueprintRun, runBlueprint } from '#commands/simulate/run-seed.ts';
import { milliseconds } from '#core/time.ts';
import type { Blueprint } from '#simulators/swarm/blueprint.ts';
import { drawBlueprint } from '#simulators/swarm/generate.ts';
import { at, outage, sample, server, site, ups } from './small-site.ts';

/** What the swarm has found, each in the smallest site that shows it. */

async function play(draft: Blueprint): Promise<BlueprintRun> {
  const run = await runBlueprint(draft, sample, undefined, false);
  expect(run.violations).toEqual([]);
  return run;
}
const commands = (run: BlueprintRun, what: string): number[] =>
  (run.result?.evidence.truth.commands ?? []).filter((one) => one.command === what).map((one) => one.at);
const told = (run: BlueprintRun, text: string): boolean =>
  (run.result?.evidence.deliveries ?? []).some((one) => `${one.subject} ${one.body}`.includes(text));

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

/** Whole nights that once broke something, drawn by their seed; too entangled to be had smaller. */
const NIGHTS: readonly (readonly [seed: number, kept: string])[] = [
  [1187, 'I1 I6: on bypass and flapping mains: who started anew is ordered again; what was found off is named'],
  [2764, 'I1: started by itself between two outages'],
  [2898, 'I1 I2: a crashed machine that draws power is not known to be off and holds what it needs'],
  [1255, 'I4: a backup that was given up and completed is not made again by another incident'],
  [1327, 'I4: a backup whose fate a restart hid keeps its id while it may not be asked after'],
  [2358, 'I4: a backup that was given up and still runs is looked for at the relapse'],
  [2651, 'I4: a display whose order was lost is on, and not switched on again'],
  [2598, 'I3: mains came back while the monitor was dead and the UPS out of reach: nobody could know'],
  [1090, 'I6 L23: a UPS with an empty battery goes and comes with flapping mains, and says OL each time it is heard'],
  [1558, 'I6 L23: the same on bypass'],
  [628, 'I4: a slow network that looks like a closed port is no restart of the machine'],
  [2090, 'I3: judged by what was left before the shedding, which the sequence begins with'],
  [1901, 'I3: what a UPS said before the monitor was dead for minutes is refuted by its still answering'],
  [2637, 'I2: a silent UPS is empty by the site’s own setting: no time is left for backups'],
];

describe('whole nights', () => {
  it.each(NIGHTS)('seed %i — %s', async (seed) => {
    await play(drawBlueprint(seed, sample));
  });
});
