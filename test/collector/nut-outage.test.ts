import { afterEach, expect, it } from 'vitest';
import type { Config } from '#core/config/config.ts';
import { nutReadConnectionSchema } from '#core/config/connections.ts';
import { hours, minutes, seconds } from '#core/time.ts';
import { inMemoryNut } from '#simulators/devices/nut-faces.ts';
import { type Rig, sampleConfig, startRig } from '../alerts/plans/outage-rig.ts';

/** The sample room with its UPS behind a NUT server instead of on SNMP: the same plan decides by the same points. */
function nutConfig(): Config {
  const config = sampleConfig();
  const devices = config.devices.map((device) => {
    if (device.id !== 'ups-1') return device;
    const { snmp: _, profile: __, ...rest } = device;
    return { ...rest, nut: nutReadConnectionSchema.parse({ host: '127.0.0.1', ups: 'ups' }) };
  });
  return { ...config, devices };
}

let rig: Rig | null = null;
afterEach(async () => {
  await rig?.stop();
  rig = null;
});

it('a UPS read by NUT drives the outage plan: on battery an incident begins, servers go down before their storage, and mains brings all back (O-PWR-2, O-PWR-4)', async () => {
  const config = nutConfig();
  rig = await startRig({
    config,
    armed: true,
    links: (room) => ({ nut: inMemoryNut(room, config, new Set()) }),
  });
  await rig.run(minutes(1));
  expect(rig.views.size).toBe(0);

  rig.mains(false);
  await rig.run(seconds(40));
  expect(rig.views.size).toBe(1);
  // The clocks run by what the server tells: charge and runtime of the battery.
  expect(rig.view().clocks).toMatchObject({ exhaustion: expect.anything() });
  expect(rig.answer('over-limit')).toMatchObject({ ok: true });
  await rig.run(minutes(29));
  rig.mains(true);
  await rig.until((view) => view.outcome === 'recovered', hours(4));
  expect(rig.view().outcome).toBe('recovered');

  const { transitions } = rig.room.truth();
  const off = transitions.filter((one) => one.to === 'off').map((one) => one.device);
  for (const server of ['server-1', 'server-2', 'server-3'])
    expect(off.indexOf(server)).toBeLessThan(off.indexOf('array-1'));
  expect(off).toContain('array-1');
  expect(transitions.filter((one) => one.dataLoss)).toEqual([]);
}, 60_000);
