import type { FastifyInstance, FastifyReply } from 'fastify';

/** The chassis of simulated servers as Redfish services show them (DSP2046; shaped after DMTF's published mock-ups): sensors and supplies. */
export interface RedfishChassis {
  /** `thermal`: the older Thermal and Power · `sensors`: Sensors, ThermalSubsystem, PowerSubsystem and EnvironmentMetrics. */
  readonly style: 'thermal' | 'sensors';
  readonly temperatures: readonly RedfishTemperature[];
  readonly fanRpm: readonly number[];
  /** Null: it does not tell. */
  readonly watts: number | null;
  readonly supplies: readonly RedfishSupply[];
}

export interface RedfishTemperature {
  readonly name: string;
  readonly context: 'Intake' | 'Exhaust' | 'CPU' | 'SystemBoard';
  /** Null: the sensor is there and disabled. */
  readonly celsius: number | null;
  readonly health?: 'OK' | 'Warning' | 'Critical';
}

export interface RedfishSupply {
  readonly state: 'Enabled' | 'Absent' | 'UnavailableOffline';
  readonly health: 'OK' | 'Warning' | 'Critical' | null;
  readonly inputVolts?: number;
  readonly line?: 'Normal' | 'LossOfInput' | 'OutOfRange';
}

const link = (path: string): object => ({ '@odata.id': path });
const collection = (members: readonly string[]): object => ({
  'Members@odata.count': members.length,
  Members: members.map(link),
});

/** Every resource of one chassis, by its path. */
export function chassisResources(id: string, system: string, chassis: RedfishChassis): ReadonlyMap<string, object> {
  const path = `/redfish/v1/Chassis/${id}`;
  const base = {
    ...{ '@odata.type': '#Chassis.v1_22_0.Chassis', '@odata.id': path, Id: id, ChassisType: 'RackMount' },
    Links: { ComputerSystems: [link(`/redfish/v1/Systems/${system}`)] },
  };
  return chassis.style === 'thermal' ? olderResources(path, base, chassis) : newerResources(path, base, chassis);
}

const statusOf = ({ celsius, health = 'OK' }: RedfishTemperature): object =>
  celsius === null ? { State: 'Disabled' } : { State: 'Enabled', Health: health };
const supplyStatus = ({ state, health }: RedfishSupply): object => ({
  State: state,
  ...(health === null ? {} : { Health: health }),
});

function olderResources(path: string, base: object, chassis: RedfishChassis): ReadonlyMap<string, object> {
  const { temperatures, fanRpm, watts, supplies } = chassis;
  const thermal = {
    '@odata.id': `${path}/Thermal`,
    '@odata.type': '#Thermal.v1_7_1.Thermal',
    Temperatures: temperatures.map((one, i) => ({
      ...{ '@odata.id': `${path}/Thermal#/Temperatures/${i}`, MemberId: String(i), Name: one.name },
      ...{ Status: statusOf(one), PhysicalContext: one.context },
      ...(one.celsius === null ? {} : { ReadingCelsius: one.celsius }),
    })),
    Fans: fanRpm.map((rpm, i) => ({
      ...{ '@odata.id': `${path}/Thermal#/Fans/${i}`, MemberId: String(i), Name: `System Fan ${i + 1}` },
      ...{ Reading: rpm, ReadingUnits: 'RPM', Status: { State: 'Enabled', Health: 'OK' } },
    })),
  };
  const power = {
    '@odata.id': `${path}/Power`,
    '@odata.type': '#Power.v1_7_1.Power',
    PowerControl: [{ MemberId: '0', Name: 'System Input Power', PowerConsumedWatts: watts }],
    Voltages: [{ MemberId: '0', Name: 'VRM1 Voltage', ReadingVolts: 12, Status: { State: 'Enabled', Health: 'OK' } }],
    PowerSupplies: supplies.map((one, i) => ({
      ...{ '@odata.id': `${path}/Power#/PowerSupplies/${i}`, MemberId: String(i), Name: 'Power Supply Bay' },
      ...{ Status: supplyStatus(one), LineInputVoltage: one.inputVolts ?? null },
    })),
  };
  return new Map<string, object>([
    [path, { ...base, Thermal: link(`${path}/Thermal`), Power: link(`${path}/Power`) }],
    [`${path}/Thermal`, thermal],
    [`${path}/Power`, power],
  ]);
}

function newerResources(path: string, base: object, chassis: RedfishChassis): ReadonlyMap<string, object> {
  const { temperatures, fanRpm, watts, supplies } = chassis;
  const sensors = temperatures.map((one, i) => ({
    ...{ '@odata.id': `${path}/Sensors/t${i}`, Id: `t${i}`, Name: one.name, PhysicalContext: one.context },
    ...{ ReadingType: 'Temperature', ReadingUnits: 'Cel', Reading: one.celsius, Status: statusOf(one) },
  }));
  const fans = fanRpm.map((rpm, i) => ({
    ...{ '@odata.id': `${path}/Sensors/f${i}`, Id: `f${i}`, Name: `System Fan ${i + 1}` },
    ...{
      ReadingType: 'Rotational',
      ReadingUnits: '{rev}/min',
      Reading: rpm,
      Status: { State: 'Enabled', Health: 'OK' },
    },
  }));
  const members = [...sensors, ...fans];
  const metrics = {
    '@odata.id': `${path}/ThermalSubsystem/ThermalMetrics`,
    TemperatureReadingsCelsius: temperatures.flatMap(({ name, celsius }, i) =>
      celsius === null ? [] : [{ Reading: celsius, DeviceName: name, DataSourceUri: `${path}/Sensors/t${i}` }],
    ),
  };
  const bay = (i: number): string => `${path}/PowerSubsystem/PowerSupplies/Bay${i + 1}`;
  return new Map<string, object>([
    [
      path,
      {
        ...base,
        Sensors: link(`${path}/Sensors`),
        ThermalSubsystem: link(`${path}/ThermalSubsystem`),
        PowerSubsystem: link(`${path}/PowerSubsystem`),
        EnvironmentMetrics: link(`${path}/EnvironmentMetrics`),
      },
    ],
    [`${path}/Sensors`, collection(members.map((one) => one['@odata.id']))],
    [`${path}/Sensors?$expand=.($levels=1)`, { 'Members@odata.count': members.length, Members: members }],
    [`${path}/ThermalSubsystem`, { ThermalMetrics: link(`${path}/ThermalSubsystem/ThermalMetrics`) }],
    [`${path}/ThermalSubsystem/ThermalMetrics`, metrics],
    [
      `${path}/EnvironmentMetrics`,
      {
        PowerWatts: { Reading: watts },
        FanSpeedsPercent: fanRpm.map((rpm, i) => ({ DeviceName: `System Fan ${i + 1}`, Reading: 45, SpeedRPM: rpm })),
      },
    ],
    [`${path}/PowerSubsystem`, { PowerSupplies: link(`${path}/PowerSubsystem/PowerSupplies`) }],
    [`${path}/PowerSubsystem/PowerSupplies`, collection(supplies.map((_, i) => bay(i)))],
    ...supplies.map((one, i): [string, object] => [
      bay(i),
      { '@odata.id': bay(i), Id: `Bay${i + 1}`, Status: supplyStatus(one), LineInputStatus: one.line ?? 'Normal' },
    ]),
  ]);
}

/** Serves the chassis beside the systems; `find` gives null for a chassis that there is none of. */
export function addChassis(
  app: FastifyInstance,
  ids: readonly string[],
  find: (id: string) => ReadonlyMap<string, object> | null,
  missing: (reply: FastifyReply) => FastifyReply,
): void {
  app.get('/redfish/v1/Chassis', async () => collection(ids.map((id) => `/redfish/v1/Chassis/${id}`)));
  app.get<{ Params: { '*': string } }>('/redfish/v1/Chassis/*', async (request, reply) => {
    const resources = find(request.params['*'].split('/')[0] ?? '');
    const path = decodeURIComponent(request.url);
    return resources?.get(path) ?? resources?.get(path.split('?')[0] ?? '') ?? missing(reply);
  });
}
