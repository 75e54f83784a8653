import type { Random } from '#core/random.ts';
import { findPages, type RedfishKind } from '#services/collector/redfish-pages.ts';
import { readRedfish } from '#services/collector/redfish-plan.ts';
import { chassisResources, type RedfishChassis } from '#simulators/devices/redfish-chassis.ts';
import type { FuzzRun, FuzzTarget } from './fuzz-target.ts';
import { mutateBytes, mutateJson } from './mutate.ts';
import { checkValue } from './nut.ts';

/** A Redfish service's resources, as JSON that nobody expects, to points; and its links, followed where they lead. */
export const redfishTarget: FuzzTarget = { name: 'redfish', begin };

const CHASSIS: Omit<RedfishChassis, 'style'> = {
  temperatures: [
    { name: 'Chassis Intake Temp', context: 'Intake', celsius: 24.8 },
    { name: 'CPU1 Temp', context: 'CPU', celsius: 91, health: 'Critical' },
    { name: 'CPU2 Temp', context: 'CPU', celsius: null },
  ],
  fanRpm: [2100],
  watts: 344,
  supplies: [
    { state: 'Enabled', health: 'OK', inputVolts: 230 },
    { state: 'Enabled', health: 'Warning', line: 'LossOfInput' },
  ],
};
const SYSTEM = {
  ...{ PowerState: 'On', Manufacturer: 'Made up', Model: 'Model 5', Status: { Health: 'Warning', State: 'Enabled' } },
  Links: { Chassis: [{ '@odata.id': '/redfish/v1/Chassis/1' }] },
};

/** Each resource that is read, with its kind. */
const SEEDS: readonly (readonly [RedfishKind, unknown])[] = (['thermal', 'sensors'] as const).flatMap((style) =>
  [...chassisResources('1', '1', { style, ...CHASSIS })].flatMap(([path, body]): [RedfishKind, unknown][] => {
    const kind = kinds().find(([end]) => end.test(path))?.[1];
    return kind === undefined ? [] : [[kind, body]];
  }),
);

function kinds(): readonly (readonly [RegExp, RedfishKind])[] {
  return [
    [/\/Thermal$/, 'thermal'],
    [/\/Power$/, 'power'],
    [/\$expand/, 'sensors'],
    [/ThermalMetrics$/, 'metrics'],
    [/EnvironmentMetrics$/, 'environment'],
    [/PowerSupplies\/./, 'supply'],
  ];
}

function begin(random: Random): FuzzRun {
  let broken = 0;
  return {
    tryOne: () => {
      const [kind, body] = SEEDS[random.integer(0, SEEDS.length - 1)] ?? ['thermal', {}];
      const bodies = [
        { kind: 'system', path: '/redfish/v1/Systems/1', body: damaged(SYSTEM, random) },
        { kind, path: '/redfish/v1/Chassis/1/x', body: damaged(body, random) },
      ] as const;
      const values = readRedfish(bodies);
      for (const value of values) checkValue(value, null);
      if (bodies.some((one) => one.body === null)) broken++;
      return values.some(({ decoded, point }) => decoded.quality === 'good' && point !== 'device.alarms')
        ? 'read'
        : 'refused';
    },
    finish: () => `${broken} with a body that is none`,
  };
}

function damaged(body: unknown, random: Random): unknown {
  if (random.chance(0.7)) return mutateJson(body, random);
  try {
    return JSON.parse(
      new TextDecoder().decode(mutateBytes(new TextEncoder().encode(JSON.stringify(body)), random)),
    ) as unknown;
  } catch {
    return null;
  }
}

/** Follows damaged links; how many pages were found, and how many resources were asked for on the way. */
export async function followDamaged(random: Random): Promise<{ readonly pages: number; readonly asked: number }> {
  const style = random.pick(['thermal', 'sensors'] as const);
  const resources = new Map<string, unknown>([
    ['/redfish/v1/', { Systems: { '@odata.id': '/redfish/v1/Systems' } }],
    ['/redfish/v1/Systems', { Members: [{ '@odata.id': '/redfish/v1/Systems/1' }] }],
    ['/redfish/v1/Systems/1', SYSTEM],
    ...chassisResources('1', '1', { style, ...CHASSIS }),
  ]);
  let asked = 0;
  const get = async (path: string): Promise<unknown> => {
    asked++;
    return mutateJson(resources.get(path) ?? null, random);
  };
  const layout = await findPages(get, 'server-1').catch(() => null);
  return { pages: layout?.pages.length ?? 0, asked };
}
