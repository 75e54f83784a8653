import type { Room } from '../room.ts';
import { type CoolingFigures, coolingFigures } from '../world/cooling-figures.ts';
import { outputOn } from '../world/supply.ts';
import { constant, type MibColumn, type MibScalar, type MibTable, type SnmpFace, systemGroup } from './mib.ts';
import { onceAMoment } from './once-a-moment.ts';

/** A Vertiv/Liebert air conditioner's card: LIEBERT-GP-AGENT-MIB identity and LIEBERT-GP-ENVIRONMENTAL-MIB. */

const LGP = '1.3.6.1.4.1.476.1.42';
const ENV = `${LGP}.3.4`;
/** lgpEnvTemperatureWellKnown and lgpEnvHumidityWellKnown: what a row measures. */
const CONTROL_TEMPERATURE = `${ENV}.1.1.1`;
const RETURN_TEMPERATURE = `${ENV}.1.1.2`;
const SUPPLY_TEMPERATURE = `${ENV}.1.1.3`;
const CONTROL_HUMIDITY = `${ENV}.2.1.1`;
const RETURN_HUMIDITY = `${ENV}.2.1.2`;
const ON = 1;
const OFF = 2;

export function liebertFace(room: Room, device: string): SnmpFace {
  const index = room.look().plan.cooling.findIndex((cooling) => cooling.id === device);
  const spec = room.look().plan.cooling[index];
  if (spec === undefined) throw new RangeError(`the world has no air conditioner ${device}`);
  const upTime = (): number => {
    const { world } = room.look();
    return Math.max(0, Math.round((world.at - world.startedAt) / 10)) % 4_294_967_296;
  };
  const air = onceAMoment(room, (running) => coolingFigures(running, index));
  return {
    device,
    upTime,
    // The unit hangs on mains, its card on the UPS.
    alive: () => room.look().world.upses.some(outputOn),
    watch: () => () => {},
    mib: {
      scalars: [
        ...systemGroup('Zhishou simulated Liebert air conditioner', LGP, device, upTime),
        constant(
          'LIEBERT-GP-AGENT-MIB::lgpAgentIdentManufacturer',
          `${LGP}.2.1.1`,
          'OctetString',
          'Vertiv (simulated)',
        ),
        constant('LIEBERT-GP-AGENT-MIB::lgpAgentIdentModel', `${LGP}.2.1.2`, 'OctetString', 'Simulated DS'),
        constant('LIEBERT-GP-AGENT-MIB::lgpAgentIdentFirmwareVersion', `${LGP}.2.1.3`, 'OctetString', '1.0'),
        constant('LIEBERT-GP-AGENT-MIB::lgpAgentIdentSerialNumber', `${LGP}.2.1.4`, 'OctetString', 'SIM-0001'),
        ...settings(spec.setpoint, spec.hysteresis),
        ...states(air),
      ],
      tables: [temperatureTable(air, spec.setpoint), humidityTable(air)],
    },
  };
}

const env = (name: string, oid: string, type: MibScalar['type'], read: () => number): MibScalar => ({
  name: `LIEBERT-GP-ENVIRONMENTAL-MIB::${name}`,
  oid: `${ENV}.${oid}`,
  type,
  read,
});

const settings = (setpoint: number, hysteresis: number): MibScalar[] => [
  env('lgpEnvTemperatureSettingDegC', '1.3.1', 'Integer', () => Math.round(setpoint)),
  env('lgpEnvTemperatureToleranceDegC', '1.3.2', 'Integer', () => Math.round(hysteresis * 10)),
  env('lgpEnvHumiditySettingRel', '2.2.1', 'Integer', () => 45),
  env('lgpEnvHumidityToleranceRel', '2.2.2', 'Integer', () => 5),
];

/** lgpEnvState: on(1) off(2); capacities in percent. */
function states(air: () => CoolingFigures): MibScalar[] {
  const turning = (one: CoolingFigures): boolean => one.powered && one.working;
  return [
    // Without mains the unit is off. Broken it stays switched on, in alarm, with a fan that stands still.
    env('lgpEnvStateSystem', '3.1', 'Integer', () => (air().powered ? ON : OFF)),
    env('lgpEnvStateCooling', '3.2', 'Integer', () => (air().on ? ON : OFF)),
    env('lgpEnvStateHeating', '3.3', 'Integer', () => OFF),
    env('lgpEnvStateHumidifying', '3.4', 'Integer', () => OFF),
    env('lgpEnvStateDehumidifying', '3.5', 'Integer', () => OFF),
    env('lgpEnvStateFan', '3.7', 'Integer', () => (turning(air()) ? ON : OFF)),
    env('lgpEnvStateGeneralAlarmOutput', '3.8', 'Integer', () => (turning(air()) ? OFF : ON)),
    env('lgpEnvStateCoolingCapacity', '3.9', 'Gauge', () => Math.round(air().output * 100)),
    env('lgpEnvStateHeatingCapacity', '3.10', 'Gauge', () => 0),
    env('lgpEnvStateAudibleAlarm', '3.11', 'Integer', () => OFF),
    env('lgpEnvStateOperatingReason', '3.14', 'Integer', () => 1),
    env('lgpEnvStateOperatingMode', '3.15', 'Integer', () => 1),
    env('lgpEnvStateFanCapacity', '3.16', 'Gauge', () => (turning(air()) ? Math.round(50 + 50 * air().output) : 0)),
    env('lgpEnvStateFreeCoolingCapacity', '3.17', 'Gauge', () => 0),
    env('lgpEnvStateDehumidifyingCapacity', '3.18', 'Gauge', () => 0),
    env('lgpEnvStateHumidifyingCapacity', '3.19', 'Gauge', () => 0),
    env('lgpEnvStateElectricHeater', '3.21', 'Integer', () => OFF),
  ];
}

const TEMPERATURE_ROWS = [1, 2, 3];
const HUMIDITY_ROWS = [1, 2];

/** Rows: 1 control, 2 return air, 3 supply air. */
function temperatureTable(air: () => CoolingFigures, setpoint: number): MibTable {
  const measured = (index: number): number => (index === 3 ? air().supplyC : air().returnC);
  const describe = (index: number): string =>
    index === 1 ? CONTROL_TEMPERATURE : index === 2 ? RETURN_TEMPERATURE : SUPPLY_TEMPERATURE;
  const column = (name: string, number: number, read: (index: number) => number): MibColumn => ({
    name: `LIEBERT-GP-ENVIRONMENTAL-MIB::${name}`,
    number,
    type: 'Integer',
    read,
  });
  return {
    name: 'LIEBERT-GP-ENVIRONMENTAL-MIB::lgpEnvTemperatureTableDegC',
    entry: `${ENV}.1.3.3.1`,
    rows: () => TEMPERATURE_ROWS,
    columns: [
      { ...column('lgpEnvTemperatureIdDegC', 1, (index) => index), type: 'Gauge' },
      { name: 'LIEBERT-GP-ENVIRONMENTAL-MIB::lgpEnvTemperatureDescrDegC', number: 2, type: 'OID', read: describe },
      column('lgpEnvTemperatureMeasurementDegC', 3, (index) => Math.round(measured(index))),
      column('lgpEnvTemperatureHighThresholdDegC', 4, () => 30),
      column('lgpEnvTemperatureLowThresholdDegC', 5, () => 15),
      column('lgpEnvTemperatureSetPointDegC', 6, () => Math.round(setpoint)),
      column('lgpEnvTemperatureMeasurementTenthsDegC', 50, (index) => Math.round(measured(index) * 10)),
      column('lgpEnvTemperatureHighThresholdTenthsDegC', 51, () => 300),
      column('lgpEnvTemperatureLowThresholdTenthsDegC', 52, () => 150),
      column('lgpEnvTemperatureSetPointTenthsDegC', 53, () => Math.round(setpoint * 10)),
    ],
  };
}

/** Rows: 1 control, 2 return air. */
function humidityTable(air: () => CoolingFigures): MibTable {
  const measured = (index: number): number => (index === 2 ? air().returnHumidity : air().roomHumidity);
  const column = (name: string, number: number, read: (index: number) => number): MibColumn => ({
    name: `LIEBERT-GP-ENVIRONMENTAL-MIB::${name}`,
    number,
    type: 'Integer',
    read,
  });
  return {
    name: 'LIEBERT-GP-ENVIRONMENTAL-MIB::lgpEnvHumidityTableRel',
    entry: `${ENV}.2.2.3.1`,
    rows: () => HUMIDITY_ROWS,
    columns: [
      { ...column('lgpEnvHumidityIdRel', 1, (index) => index), type: 'Gauge' },
      {
        name: 'LIEBERT-GP-ENVIRONMENTAL-MIB::lgpEnvHumidityDescrRel',
        number: 2,
        type: 'OID',
        read: (index) => (index === 1 ? CONTROL_HUMIDITY : RETURN_HUMIDITY),
      },
      column('lgpEnvHumidityMeasurementRel', 3, (index) => Math.round(measured(index))),
      column('lgpEnvHumidityHighThresholdRel', 4, () => 60),
      column('lgpEnvHumidityLowThresholdRel', 5, () => 20),
      column('lgpEnvHumiditySetPoint', 6, () => 45),
      column('lgpEnvHumidityMeasurementRelTenths', 50, (index) => Math.round(measured(index) * 10)),
    ],
  };
}
