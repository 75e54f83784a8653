import { join } from 'node:path';
import { expect, it } from 'vitest';
import { planDrill } from '#commands/drill-plan.ts';
import { runVirtualDrill } from '#commands/virtual-drill.ts';
import type { Config } from '#core/config/config.ts';
import { ydtConnectionSchema } from '#core/config/connections.ts';
import type { Device } from '#core/config/device.ts';
import { judge } from '#simulators/checkers/judge.ts';
import { planOf, sampleConfig, simulationOfRoom, WEDNESDAY } from './support.ts';

/** Read over a serial line instead of by SNMP: no charge, no load, only what Liebert GXE's table has. */
const overLine = (device: Device): Device => {
  const line = (address: number, profile: string): Device => {
    const { snmp: _, ...rest } = device;
    return { ...rest, profile, ydt: ydtConnectionSchema.parse({ host: '127.0.0.1', port: 20_400, address }) };
  };
  if (device.id === 'ups-1') return line(1, 'ydt-liebert-gxe');
  return device.id === 'ac-1' ? line(2, 'ydt-air-conditioner') : device;
};

it('an outage is carried out as written with a UPS that is read over YD/T 1363.3, every invariant kept', async () => {
  const whole = sampleConfig();
  const config: Config = { ...whole, devices: whole.devices.map(overLine) };
  const scenario = join(import.meta.dirname, 'outage-50m.yaml');
  const options = { config: null, state: '', speed: 1, language: 'en', seed: 1, scenario, answer: '>90m' } as const;
  const plan = planDrill(planOf('power-outage'), options, WEDNESDAY);
  const { evidence, ended } = await runVirtualDrill(config, simulationOfRoom(), plan);
  expect(judge(evidence).filter((one) => !one.kept)).toEqual([]);
  expect(ended).toBe(true);
  const outage = evidence.incidents.find((view) => view.plan.id === 'power-outage');
  expect(outage?.outcome).toBe('recovered');
  // The load came over the line; a charge is not in the table.
  const [ups] = outage?.clocks?.upses ?? [];
  expect(ups).toMatchObject({ ups: 'ups-1', status: 'mains', chargePercent: null });
  expect(ups?.loadWatts).toBeGreaterThan(500);
}, 120_000);
