import { batteryLow, emptySensorFigures, fillSensor, speaks } from '../devices/sensor-payload.ts';
import { coolingFigures } from '../world/cooling-figures.ts';
import {
  energyTenthsKwh,
  fillOutlets,
  hundredthKilovoltAmperes,
  hundredthKilowatts,
  PDU_VOLTS,
  tenthAmperes,
} from '../world/pdu-figures.ts';
import type { Running } from '../world/state.ts';
import type { PointReader, PointTable } from './point-table.ts';

/** PDUs, air conditioners and sensors as their profiles read them. A test holds this against the way through SNMP, MQTT and the profiles. */

const tableOf = (names: readonly string[]): PointTable => ({ names, values: names.map(() => null) });

export function pduPoints(running: Running, index: number): PointReader {
  const outlets = running.plan.pdus[index]?.plugged.length ?? 0;
  const head = [
    'device.firmware',
    'device.model',
    'device.serial',
    'input.realpower',
    'input.energy',
    'input.power',
    'input.current',
    'input.voltage',
  ];
  const numbers = Array.from({ length: outlets }, (_, outlet) => outlet + 1);
  const each = numbers.flatMap((outlet) =>
    ['status', 'current', 'realpower'].map((what) => `outlet.${outlet}.${what}`),
  );
  const table = tableOf([...head, ...each]);
  const watts: number[] = [];
  let energy = 0;
  let energyAt = Number.NaN;
  return () => {
    const { values } = table;
    fillOutlets(running, index, watts);
    // Energy is counted on the world's grid.
    if (energyAt !== running.world.physicsAt) {
      energyAt = running.world.physicsAt;
      energy = energyTenthsKwh(running, index, null) * 100;
    }
    const total = watts[0] ?? 0;
    values[0] = 'v6.8.0';
    values[1] = 'AP8959EU3';
    values[2] = 'SIM000000001';
    values[3] = hundredthKilowatts(total) * 10;
    values[4] = energy;
    values[5] = hundredthKilovoltAmperes(total) * 10;
    values[6] = tenthAmperes(total) / 10;
    values[7] = PDU_VOLTS;
    const states = running.world.pdus[index]?.outlets ?? [];
    for (let outlet = 1; outlet <= outlets; outlet++) {
      const place = head.length + (outlet - 1) * 3;
      values[place] = states[outlet - 1]?.on === true ? 'on' : 'off';
      values[place + 1] = tenthAmperes(watts[outlet] ?? 0) / 10;
      values[place + 2] = watts[outlet] ?? 0;
    }
    return table;
  };
}

const tenth = (value: number): number => Math.round(value * 10) / 10;

export function coolingPoints(running: Running, index: number): PointReader {
  const table = tableOf([
    'cooling.capacity',
    'cooling.fan.speed',
    'cooling.supply.temperature',
    'cooling.return.temperature',
    'cooling.setpoint',
    'cooling.return.humidity',
    'cooling.setpoint.humidity',
    'cooling.status',
  ]);
  const setpoint = tenth(running.plan.cooling[index]?.setpoint ?? 0);
  return () => {
    const { values } = table;
    const air = coolingFigures(running, index);
    values[0] = Math.round(air.output * 100);
    values[1] = air.powered && air.working ? Math.round(50 + 50 * air.output) : 0;
    values[2] = tenth(air.supplyC);
    values[3] = tenth(air.returnC);
    values[4] = setpoint;
    values[5] = tenth(air.returnHumidity);
    values[6] = 45;
    values[7] = !air.powered ? 'off' : air.working ? 'on' : 'fault';
    return table;
  };
}

const EVENT_POINTS: Readonly<Record<string, string>> = {
  smoke: 'room.smoke',
  heat: 'room.smoke',
  leak: 'room.leak',
  contact: 'room.door',
  motion: 'room.motion',
  siren: 'room.siren',
};
const GUARDED: readonly string[] = ['smoke', 'heat', 'leak', 'motion'];

/** What its next message would tell; a button's press is an event and in no table. */
export function sensorPoints(running: Running, index: number): PointReader {
  const kind = running.plan.sensors[index]?.kind ?? '';
  const event = EVENT_POINTS[kind];
  const guarded = GUARDED.includes(kind);
  const table = tableOf([
    'sensor.battery',
    'sensor.linkquality',
    'sensor.voltage',
    ...(kind === 'climate' ? ['ambient.temperature', 'ambient.humidity'] : []),
    ...(event === undefined ? [] : [event]),
    ...(guarded ? ['sensor.tamper', 'sensor.battery.low'] : []),
  ]);
  const figures = emptySensorFigures();
  return () => {
    if (!speaks(running, index)) return null;
    const { values } = table;
    fillSensor(running, index, figures);
    let place = 0;
    values[place++] = figures.battery;
    values[place++] = figures.linkquality;
    values[place++] = figures.millivolts / 1000;
    if (kind === 'climate') {
      values[place++] = figures.temperatureC;
      values[place++] = figures.humidity;
    }
    if (event !== undefined) values[place++] = figures.event;
    if (guarded) {
      values[place++] = false;
      values[place++] = batteryLow(figures);
    }
    return table;
  };
}
