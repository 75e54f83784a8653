import { expect, it } from 'vitest';
import type { CommandBody } from '#core/command.ts';
import { type Device, deviceSchema } from '#core/config/device.ts';
import { planSchema } from '#core/config/plan.ts';
import type { IncidentView, StepView } from '#core/incident.ts';
import type { ActionContext, ActionDriver } from '#core/ports.ts';
import { Secret } from '#core/secret.ts';
import { minutes } from '#core/time.ts';
import { createMemoryBus } from '#platform/bus/memory-bus.ts';
import { createPacedClock } from '#platform/clock/paced-clock.ts';
import { openJournal } from '#platform/journal.ts';
import { silentLog } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import { createReachProbe } from '#platform/net.ts';
import { createSnmpTransport } from '#platform/snmp/snmp-transport.ts';
import { openStateStore } from '#platform/state-store.ts';
import type { ActionDrivers } from '#services/alerts/actions/action-runner.ts';
import { createActionRunner } from '#services/alerts/actions/action-runner.ts';
import { createDrivers } from '#services/alerts/actions/create-drivers.ts';
import { createEvidenceChecker } from '#services/alerts/actions/evidence.ts';
import { createIpmiDriver } from '#services/alerts/actions/ipmi-driver.ts';
import { createIncidents } from '#services/alerts/plans/incidents.ts';
import { createRota } from '#services/alerts/rota/rota.ts';
import { startRedfishServer } from '#simulators/devices/redfish-server.ts';
import { describeReal } from '../../support/real.ts';
import { makeConfig, T0 } from '../support.ts';
import { benchMachine } from './bench-machine.ts';
import { IPMI_PASSWORD, IPMI_USER, startIpmiSim } from './ipmi-sim.ts';
import { startSshServer } from './support.ts';

/**
 * One server in an emergency power-off, over real sockets: its SSH takes the command and hangs, its IPMI controller refuses,
 * its Redfish service cuts the power. The engine decides; two kinds of evidence prove it. (A plain shutdown would give a
 * person the chance first, while the battery lasts: chain-in-an-outage.test.ts.)
 */
const PLAN = planSchema.parse({
  ...{ id: 'stop-server', version: '1', title: 'Stop the server', source: 'test', level: 'serious' },
  triggers: { alerts: [], button: true },
  steps: [
    {
      ...{ id: 'stop', title: 'Stop the server', stage: 'respond' },
      act: { operation: 'emergency_off', on: { devices: ['server-1'] } },
    },
  ],
});

async function startBench(clock: ReturnType<typeof createPacedClock>) {
  const ssh = await startSshServer(() => {}, 'ssh-pass-42');
  const bmc = await startIpmiSim();
  const machine = benchMachine();
  const redfish = await startRedfishServer({
    ...{ host: '127.0.0.1', port: 0, clock, user: 'zhishou', password: 'bmc-pass-42' },
    systems: [
      { id: '1', machine: { ...machine, power: machine.power, order }, resets: ['ForceOff', 'GracefulShutdown'] },
    ],
  });
  const state = { sshClosed: false };
  /** Without power nothing listens any more. */
  function order(...given: Parameters<typeof machine.order>): ReturnType<typeof machine.order> {
    const outcome = machine.order(...given);
    if (!machine.on && !state.sshClosed) {
      state.sshClosed = true;
      void ssh.close();
    }
    return outcome;
  }
  const account = { user: 'zhishou', password: new Secret('bmc-pass-42') };
  const server: Device = deviceSchema.parse({
    ...{ id: 'server-1', name: 'Server 1', kind: 'server' },
    emergency_off: {
      by: {
        ssh: {
          ...{ host: '127.0.0.1', port: ssh.port, user: 'zhishou', password: new Secret('ssh-pass-42') },
          ...{ host_key: ssh.hostKey, command: 'sudo shutdown -h now' },
        },
      },
      otherwise: [
        {
          ipmi: {
            ...{ host: '127.0.0.1', port: bmc.port, user: IPMI_USER, password: new Secret(IPMI_PASSWORD) },
            ...{ cipher: 3, power: 'soft' },
          },
        },
        { redfish: { ...account, url: redfish.url, reset: 'ForceOff' } },
      ],
      ...{ estimate: '20s', give_up_after: '40s', attempts: 1 },
      verify: [
        { tcp: { host: '127.0.0.1', port: ssh.port }, is: 'closed' },
        { redfish: { ...account, url: redfish.url }, is: 'off' },
      ],
    },
  });
  const stop = async (): Promise<void> => {
    await redfish.stop();
    await bmc.stop();
    if (!state.sshClosed) await ssh.close();
  };
  return { server, ssh, bmc, machine, redfish, stop };
}

describeReal(['ipmitool', 'ipmi_sim'], 'otherwise chains over real sockets', () => {
  it('L16 L20: ssh hangs → the controller refuses → Redfish cuts the power → two kinds of evidence prove it', async () => {
    const clock = createPacedClock({ start: T0, speed: 30 });
    const bench = await startBench(clock);
    const config = makeConfig({ devices: [bench.server], plans: [PLAN] });
    const drivers: ActionDrivers = {
      ...createDrivers({ config, clock, bus: createMemoryBus(), snmp: createSnmpTransport() }),
      ipmi: createIpmiDriver({ clock, patience: { timeoutS: 1, retries: 2 } }),
    };
    await ready(drivers.ipmi, bench.server);
    bench.bmc.setMood('refuses');
    const runner = createActionRunner({ config, drivers, mode: null, log: silentLog, metrics: createMetrics() });
    const views: IncidentView[] = [];
    const incidents = createIncidents({
      ...{ config, clock, log: silentLog, metrics: createMetrics(), actions: runner, rota: createRota(config) },
      journal: openJournal(':memory:'),
      state: openStateStore(':memory:'),
      evidence: createEvidenceChecker({
        ...{ clock, runner, reach: createReachProbe() },
        latest: { reading: () => null, interval: () => minutes(1) },
        pollNow: () => {},
      }),
      notify: () => {},
      publish: (view) => views.push(view),
      poll: () => {},
      armed: () => true,
      forcedMode: null,
    });
    incidents.start();
    open(incidents, T0);
    const step = (): StepView | undefined => views.at(-1)?.steps.find((one) => one.id.startsWith('stop'));
    while (step()?.state !== 'done' && step()?.state !== 'failed')
      await new Promise((resolve) => setTimeout(resolve, 20));

    expect(step()?.state).toBe('done');
    // Each way reached its target, and only after the one before had verifiably failed; a refused fallback is tried twice.
    expect(bench.ssh.commands).toEqual(['sudo shutdown -h now']);
    expect(bench.bmc.orders()).toEqual(['set shutdown 1', 'set shutdown 1']);
    expect(bench.machine.orders).toEqual(['off']);
    const said = (views.at(-1)?.timeline ?? []).map(({ kind, what, why }) => `${kind}: ${what.en} ${why?.en ?? ''}`);
    const order = ['command outcome unknown', 'command failed', 'command accepted'].map((words) =>
      said.findIndex((line) => line.startsWith('action') && line.includes(words)),
    );
    expect(order.every((at) => at >= 0)).toBe(true);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    const proof = said.filter((line) => line.startsWith('evidence')).at(-1);
    expect(proof).toMatch(/is closed/);
    expect(proof).toMatch(/power of \/redfish\/v1\/Systems\/1 is off/);
    expect(JSON.stringify(views)).not.toMatch(/(ssh|bmc|ipmi)-pass-42/);
    await incidents.stop();
    await bench.stop();
  }, 60_000);
});

/** The simulated controller listens a moment after it was started. */
async function ready(driver: ActionDriver, server: Device): Promise<void> {
  const context: ActionContext = { run: 'ready', limit: minutes(5), values: {} };
  const action = server.emergency_off?.otherwise[0];
  while (action !== undefined && (await driver.test!(action, context)).result !== 'ok');
}

function open(incidents: ReturnType<typeof createIncidents>, at: number): void {
  const body: CommandBody = { kind: 'incident.open', plan: PLAN.id, reason: 'test' };
  const by = { user: 'ann', name: 'Ann', role: 'operator' } as const;
  expect(incidents.onCommand({ id: 'c-1', at, by, body, signature: '' })).toMatchObject({ ok: true });
}
