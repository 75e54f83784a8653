import { UPS_STATUS_TOKENS, type UpsStatusToken } from '#core/points.ts';
import type { Value } from '#core/reading.ts';
import {
  lineBypassTenthAmperes,
  lineBypassWatts,
  lineInputTenthAmperes,
  lineVolts,
  outputSource,
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
  'output.source.status',
  'device.alarms',
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
  values[place++] = SOURCES[outputSource(figures)] ?? null;
  values[place++] = alarmNames(figures, ups);
}

/** upsOutputSource's numbers as the profile's words. */
const SOURCES: Readonly<Record<number, string>> = { 2: 'none', 3: 'normal', 4: 'bypass', 5: 'battery' };

const TEST_RESULTS = ['no test yet', 'passed', 'failed', 'aborted'] as const;

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

/** A bit for each of `UPS_ALARM_RULES`, so that nothing is made at each look. */
function alarmBits(figures: UpsFigures, ups: UpsState): number {
  const off = !figures.outputOn;
  return (
    Number(figures.replaceBattery) |
    (Number(figures.onBattery) << 1) |
    (Number(figures.lowBattery) << 2) |
    (Number(figures.depleted) << 3) |
    (Number(!figures.inputGood) << 4) |
    (Number(figures.loadPercent > 100) << 5) |
    (Number(figures.onBypass) << 6) |
    (Number(off && ups.heldOff) << 7) |
    (Number(figures.chargerFailed) << 8) |
    (Number(off && !ups.heldOff) << 9) |
    (Number(figures.bypassFault) << 10) |
    (Number(ups.lastTest === 2) << 11) |
    (Number(off && !figures.inputGood) << 12) |
    (Number(ups.shutdownAt !== null) << 13) |
    (Number(figures.testing) << 14)
  );
}

/** The profile's names of them, by bit. */
const ALARM_NAMES = [
  'battery-bad',
  'on-battery',
  'low-battery',
  'depleted-battery',
  'input-bad',
  'output-overload',
  'on-bypass',
  'output-off-as-requested',
  'charger-failed',
  'output-off',
  'general-fault',
  'diagnostic-test-failed',
  'awaiting-power',
  'shutdown-pending',
  'test-in-progress',
];

function countAlarms(figures: UpsFigures, ups: UpsState): number {
  let count = 0;
  for (let bits = alarmBits(figures, ups); bits > 0; bits &= bits - 1) count++;
  return count;
}

const alarmTexts = new Map<number, string>();

/** The profile's set `device.alarms`. */
function alarmNames(figures: UpsFigures, ups: UpsState): string {
  const bits = alarmBits(figures, ups);
  let text = alarmTexts.get(bits);
  if (text === undefined) {
    const names = ALARM_NAMES.filter((_, bit) => (bits & (1 << bit)) !== 0).sort();
    text = names.join(' ') || 'none';
    alarmTexts.set(bits, text);
  }
  return text;
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
    (Number(figures.testing && !figures.calibrating) << 6) |
    (Number(off) << 7) |
    (Number(figures.loadPercent > 100) << 8) |
    (Number(alarm) << 9) |
    (Number(figures.calibrating) << 10);
  let text = known.get(key);
  if (text === undefined) {
    const tokens = TOKENS.filter((_, bit) => (key & (1 << bit)) !== 0);
    text = UPS_STATUS_TOKENS.filter((token) => tokens.includes(token)).join(' ');
    known.set(key, text);
  }
  return text;
}

const TOKENS: readonly UpsStatusToken[] = [
  'OL',
  'OB',
  'LB',
  'RB',
  'DISCHRG',
  'BYPASS',
  'TEST',
  'OFF',
  'OVER',
  'ALARM',
  'CAL',
];
