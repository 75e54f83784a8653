import { UPS_STATUS_TOKENS, type UpsStatusToken } from '#core/points.ts';
import type { Value } from '#core/reading.ts';
import {
  lineBypassTenthAmperes,
  lineBypassWatts,
  lineInputTenthAmperes,
  lineVolts,
  secondsUntil,
  shownLoadPercent,
  tenthAmperes,
  UPS_IDENT,
} from '../devices/rfc1628-ups.ts';
import { emptyFigures, fillFigures, type UpsFigures } from '../world/firmware.ts';
import { type Running, type UpsState, upsAt } from '../world/state.ts';
import type { UpsPlan } from '../world/world-plan.ts';
import type { PointReader, PointTable } from './point-table.ts';

/** A UPS as config/profiles/rfc1628-ups.yaml reads it. A test holds this against the way through SNMP and the profile. */

/** The profile's cap: above it a runtime is a ceiling of the firmware. */
const RUNTIME_CAP_S = 86_400;
/** `n / 10` is what the profile's `scale: 0.1` gives, without its detour over a text. */
const tenth = (value: number): number => Math.round(value * 10) / 10;

const SINGLE = [
  'device.mfr',
  'device.model',
  'device.firmware',
  'battery.status',
  'battery.on_battery_time',
  'battery.runtime',
  'battery.charge',
  'battery.voltage',
  'battery.current',
  'battery.temperature',
  'output.frequency',
  'bypass.frequency',
  'ups.alarm.count',
  'ups.test.result',
  'ups.power.nominal',
  'ups.realpower.nominal',
  'ups.status',
  'ups.timer.shutdown',
  'ups.timer.start',
] as const;
/** Of all phases together, and of each when there are more than one. */
const LINES = [
  ['input.frequency', 'input.L#.frequency', 'max'],
  ['input.voltage', 'input.L#.voltage', 'max'],
  ['input.current', 'input.L#.current', 'sum'],
  ['input.realpower', 'input.L#.realpower', 'sum'],
  ['output.voltage', 'output.L#.voltage', 'max'],
  ['output.current', 'output.L#.current', 'sum'],
  ['ups.realpower', 'output.L#.realpower', 'sum'],
  ['ups.load', 'output.L#.load', 'max'],
  ['bypass.voltage', 'bypass.L#.voltage', 'max'],
  ['bypass.current', 'bypass.L#.current', 'sum'],
  ['bypass.realpower', 'bypass.L#.realpower', 'sum'],
] as const;

export function upsPoints(running: Running, index: number): PointReader {
  const spec = running.plan.upses[index];
  if (spec === undefined) throw new RangeError(`the world has no UPS ${index}`);
  const lines = spec.lines.length;
  const each = lines === 1 ? [] : Array.from({ length: lines }, (_, line) => line + 1);
  const names: string[] = [
    ...SINGLE,
    ...LINES.flatMap(([all, one]) => [all, ...each.map((row) => one.replace('#', String(row)))]),
  ];
  const table: PointTable = { names, values: names.map(() => null) };
  const figures = emptyFigures();
  const rows: number[] = [];
  return () => {
    const ups = upsAt(running, index);
    fillFigures(running, index, figures);
    fillSingle(table.values, spec, ups, figures, running.world.at);
    let place = SINGLE.length;
    for (let quantity = 0; quantity < LINES.length; quantity++) {
      for (let row = 1; row <= lines; row++) rows[row - 1] = lineValue(quantity, figures, row, lines);
      table.values[place++] = LINES[quantity]?.[2] === 'sum' ? tenth(sumOf(rows)) : mostOf(rows);
      if (lines > 1) for (const value of rows) table.values[place++] = value;
    }
    return table;
  };
}

function fillSingle(values: (Value | null)[], spec: UpsPlan, ups: UpsState, figures: UpsFigures, nowMs: number): void {
  const runtimeS = Math.max(1, figures.runtimeMinutes) * 60;
  let place = 0;
  values[place++] = UPS_IDENT.maker;
  values[place++] = UPS_IDENT.model;
  values[place++] = UPS_IDENT.firmware;
  values[place++] = figures.depleted ? 'depleted' : figures.lowBattery ? 'low' : 'normal';
  values[place++] = figures.secondsOnBattery;
  values[place++] = runtimeS > RUNTIME_CAP_S ? null : runtimeS;
  values[place++] = figures.chargePercent;
  values[place++] = tenth(figures.batteryVolts);
  values[place++] = tenth(figures.batteryAmperes);
  values[place++] = Math.round(figures.batteryTemperatureC);
  values[place++] = figures.outputOn ? 50 : 0;
  values[place++] = tenth(figures.inputHertz);
  values[place++] = countAlarms(figures, ups);
  values[place++] = figures.testing ? 'in progress' : (TEST_RESULTS[ups.lastTest] ?? null);
  values[place++] = Math.round(spec.rated_watts / 0.9);
  values[place++] = spec.rated_watts;
  values[place++] = upsStatus(figures, ups);
  values[place++] = secondsUntil(ups.shutdownAt, nowMs);
  values[place++] = secondsUntil(ups.startAt, nowMs);
}

const TEST_RESULTS = ['no test yet', 'passed', 'failed'] as const;

function lineValue(quantity: number, figures: UpsFigures, row: number, lines: number): number {
  switch (quantity) {
    case 0:
      return tenth(figures.inputHertz);
    case 1:
    case 8:
      return lineVolts(figures, row);
    case 2:
      return lineInputTenthAmperes(figures, row, lines) / 10;
    case 3:
      return Math.round(figures.inputWatts / lines);
    case 4:
      return Math.round(figures.outputVolts);
    case 5:
      return tenthAmperes(figures.loadWatts / lines, figures.outputVolts) / 10;
    case 6:
      return Math.round(figures.loadWatts / lines);
    case 7:
      return shownLoadPercent(figures);
    case 9:
      return lineBypassTenthAmperes(figures, row, lines) / 10;
    default:
      return lineBypassWatts(figures, lines);
  }
}

function mostOf(rows: readonly number[]): number {
  let most = rows[0] ?? 0;
  for (const row of rows) if (row > most) most = row;
  return most;
}

function sumOf(rows: readonly number[]): number {
  let sum = 0;
  for (const row of rows) sum += row;
  return sum;
}

/** As `UPS_ALARM_RULES` has them, without a list. */
function countAlarms(figures: UpsFigures, ups: UpsState): number {
  const off = !figures.outputOn;
  return (
    Number(figures.replaceBattery) +
    Number(figures.onBattery) +
    Number(figures.lowBattery) +
    Number(figures.depleted) +
    Number(!figures.inputGood) +
    Number(figures.loadPercent > 100) +
    Number(figures.onBypass) +
    Number(off) +
    Number(figures.chargerFailed) +
    Number(figures.bypassFault) +
    Number(ups.lastTest === 2) +
    Number(off && !figures.inputGood) +
    Number(ups.shutdownAt !== null) +
    Number(figures.testing)
  );
}

const known = new Map<number, string>();

/** The profile's set `ups.status`: source, battery, alarms, then its rules. */
export function upsStatus(figures: UpsFigures, ups: UpsState): string {
  const off = !figures.outputOn;
  const selfTest = figures.testing && !figures.onBattery;
  const alarm =
    figures.replaceBattery ||
    figures.depleted ||
    !figures.inputGood ||
    figures.loadPercent > 100 ||
    figures.chargerFailed ||
    figures.bypassFault ||
    ups.lastTest === 2 ||
    ups.shutdownAt !== null;
  const key =
    Number(!off && !figures.onBattery) |
    (Number(!off && figures.onBattery) << 1) |
    (Number(figures.lowBattery || figures.depleted) << 2) |
    (Number(figures.replaceBattery) << 3) |
    (Number(!off && (figures.onBattery || selfTest)) << 4) |
    (Number(figures.onBypass) << 5) |
    (Number(figures.testing) << 6) |
    (Number(off) << 7) |
    (Number(figures.loadPercent > 100) << 8) |
    (Number(alarm) << 9);
  let text = known.get(key);
  if (text === undefined) {
    const tokens = TOKENS.filter((_, bit) => (key & (1 << bit)) !== 0);
    text = UPS_STATUS_TOKENS.filter((token) => tokens.includes(token)).join(' ');
    known.set(key, text);
  }
  return text;
}

const TOKENS: readonly UpsStatusToken[] = ['OL', 'OB', 'LB', 'RB', 'DISCHRG', 'BYPASS', 'TEST', 'OFF', 'OVER', 'ALARM'];
