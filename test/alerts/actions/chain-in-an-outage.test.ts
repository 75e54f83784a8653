import { describe, expect, it } from 'vitest';
import type { Config } from '#core/config/config.ts';
import { type Device, deviceSchema } from '#core/config/device.ts';
import { hours, minutes, seconds } from '#core/time.ts';
import { judge } from '#simulators/checkers/judge.ts';
import { type Rig, sampleConfig, startRig } from '../plans/outage-rig.ts';
import { IPMI, REDFISH } from './simulated-subjects.ts';

/** The sample room in a long outage; server-1 can also be switched by its management controller. */
function config(): Config {
  const sample = sampleConfig();
  const withController = (device: Device): Device => {
    if (device.id !== 'server-1' || device.shutdown === undefined) return device;
    const { shutdown } = deviceSchema.parse({
      ...{ id: device.id, name: 'x', kind: 'server' },
      shutdown: {
        ...{ by: device.shutdown.by, estimate: '2m', attempts: 1 },
        otherwise: [{ ipmi: { ...IPMI, power: 'soft' } }, { redfish: { ...REDFISH, reset: 'ForceOff' } }],
        verify: [
          { tcp: { host: device.reach?.host, port: device.reach?.port }, is: 'closed' },
          { ipmi: IPMI, is: 'off' },
        ],
      },
    });
    return shutdown === undefined ? device : { ...device, shutdown };
  };
  return { ...sample, devices: sample.devices.map(withController) };
}

async function outage(prepare: (rig: Rig) => void, length = minutes(60)): Promise<Rig> {
  const rig = await startRig({ config: config() });
  prepare(rig);
  rig.mains(false);
  await rig.run(seconds(40));
  expect(rig.answer('over-limit')).toMatchObject({ ok: true });
  await rig.run(length);
  rig.mains(true);
  await rig.until((view) => view.phase === 'closed', hours(4));
  return rig;
}

/** What server-1 was told, in order: `shutdown accepted over ssh 127.0.0.1:20221`. */
const told = (rig: Rig): string[] =>
  rig.room
    .truth()
    .commands.filter(({ device, command }) => device === 'server-1' && command !== 'backup')
    .map(({ command, effect, over }) => `${command} ${effect} over ${over.split(' ')[0] ?? ''}`);

const stepOf = (rig: Rig) => rig.view().steps.find((one) => one.operation === 'shutdown' && one.device === 'server-1');

describe('otherwise chains in an outage of the simulated room', () => {
  it('L16: what shuts down over SSH is proven by its port and by its controller; no other way is taken', async () => {
    const rig = await outage(() => {});
    expect(told(rig).filter((one) => !one.startsWith('power-on'))).toEqual(['shutdown accepted over ssh']);
    expect(stepOf(rig)?.state).toBe('done');
    await rig.stop();
  });

  it('L20: a shutdown that hangs: the controller refuses too, a person is asked, and at the last moment the power is cut', async () => {
    const rig = await outage(({ room }) => {
      room.apply({ kind: 'fault', device: 'server-1', fault: 'shutdown-hangs' });
      room.apply({ kind: 'bmc', device: 'server-1', fault: 'refuses-soft' });
    }, hours(6));
    // However often the refused way is tried: in this order, and none left out.
    expect([...new Set(told(rig).filter((one) => !one.startsWith('power-on')))]).toEqual([
      'shutdown accepted over ssh',
      'power-soft refused over ipmi',
      'power-off accepted over redfish',
    ]);
    expect(stepOf(rig)?.state).toBe('done');
    expect(rig.told.map(({ subject }) => subject.en)).toContain('Shut down by hand: Server 1 (business system)');
    const broken = judge({
      ...{ config: config(), truth: rig.room.truth(), incidents: [rig.view()], deliveries: [] },
    }).filter((one) => !one.kept && one.id !== 'I5');
    expect(broken).toEqual([]);
    await rig.stop();
  });

  it('a login that is refused: the controller’s soft shutdown brings the server down in order', async () => {
    const rig = await outage(({ room }) => {
      room.apply({ kind: 'fault', device: 'server-1', fault: 'login-refused' });
    });
    expect(told(rig).filter((one) => !one.startsWith('power-on'))).toEqual(['power-soft accepted over ipmi']);
    expect(rig.room.truth().transitions.filter(({ dataLoss }) => dataLoss)).toEqual([]);
    await rig.stop();
  });
});
