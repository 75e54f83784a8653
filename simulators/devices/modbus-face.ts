import type { Room } from '../room.ts';
import { upsFigures } from '../world/firmware.ts';
import { outputOn, upsInputGood } from '../world/supply.ts';
import type { ModbusUnit } from './modbus-server.ts';
import { emptySensorFigures, fillSensor, speaks } from './sensor-payload.ts';

/** The room's climate sensors and UPSes as Modbus units, in the layouts that config/profiles read as renke-rs-ws and huawei-ups2000-modbus. */

/** Humidity, then temperature, in tenths; below zero in two's complement. */
export function modbusClimateFace(room: Room, sensor: string): ModbusUnit {
  const index = room.look().plan.sensors.findIndex(({ id, kind }) => id === sensor && kind === 'climate');
  if (index < 0) throw new RangeError(`the world has no climate sensor ${sensor}`);
  const figures = emptySensorFigures();
  return {
    alive: () => speaks(room.look(), index),
    read: (table, address) => {
      if (table !== 'holding' || address > 1) return undefined;
      const { humidity, temperatureC } = fillSensor(room.look(), index, figures);
      return Math.round((address === 0 ? humidity : temperatureC) * 10) & 0xffff;
    },
  };
}

/** What the guide calls no value. */
const NONE = 0x7fff;
/** The blocks that a card answers; what is not named in them reads 0. */
const BLOCKS = [
  [11_000, 11_043],
  [12_000, 12_033],
  [19_009, 19_009],
  [41_180, 41_206],
] as const;

export function modbusUpsFace(room: Room, device: string): ModbusUnit {
  const index = room.look().plan.upses.findIndex(({ id }) => id === device);
  const spec = room.look().plan.upses[index];
  if (spec === undefined) throw new RangeError(`the world has no UPS ${device}`);
  const tenths = (value: number): number => Math.round(value * 10);
  const registers = (): Readonly<Record<number, number>> => {
    const now = upsFigures(room.look(), index);
    const volts = (line: number): number => (line < spec.lines.length ? tenths(now.inputVolts[line] ?? 0) : NONE);
    const runtime = Math.round(now.runtimeMinutes * 60);
    const route = !now.outputOn ? 0 : now.onBypass ? 1 : now.onBattery ? 3 : 2;
    return {
      11000: volts(0),
      11001: volts(1),
      11002: volts(2),
      11003: tenths(now.inputHertz),
      11008: tenths(now.outputVolts),
      11011: now.outputVolts === 0 ? 0 : tenths(now.loadWatts / now.outputVolts),
      11014: now.outputOn ? 500 : 0,
      11015: tenths(now.loadWatts / 1000),
      11021: tenths(now.loadPercent),
      11024: route,
      11026: spec.lines.length > 1 ? 1 : 0,
      11027: tenths(now.batteryTemperatureC),
      11043: (now.testing ? 1 << 2 : 0) | (now.lowBattery ? 1 << 6 : 0),
      12000: tenths(now.batteryVolts),
      12002: now.onBattery ? 5 : now.chargePercent < 100 ? 4 : 3,
      12003: Math.round(now.chargePercent),
      12004: runtime >> 16,
      12005: runtime & 0xffff,
      41188: now.replaceBattery ? 1 << 1 : 0,
      41204: now.chargerFailed ? 1 << 13 : 0,
    };
  };
  return {
    identity: new Map([
      [135, '1'],
      [136, '1=UPS2000;2=simulated;3=1.0;4=SIMULATED'],
    ]),
    alive: () => {
      const ups = room.look().world.upses[index];
      return ups !== undefined && (outputOn(ups) || upsInputGood(room.look(), index));
    },
    read: (table, address) => {
      if (table !== 'holding' || !BLOCKS.some(([from, to]) => address >= from && address <= to)) return undefined;
      return (registers()[address] ?? 0) & 0xffff;
    },
  };
}
