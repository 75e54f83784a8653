import type { Device } from '#core/config/device.ts';
import type { BatteryTestLine, EquipmentReport, Figure, UpsReport } from '#core/paperwork/period-report.ts';
import type { Happening } from '#core/period-report/excursions.ts';
import type { Interval } from '#core/period-report/intervals.ts';
import { lengthOf, without } from '#core/period-report/intervals.ts';
import type { PeriodSpan } from '#core/period-report/periods.ts';
import { beginningsOf, timesOf } from '#core/period-report/states.ts';
import type { Value } from '#core/reading.ts';
import type { SeriesSample } from '#core/series.ts';
import type { Text } from '#core/text.ts';
import { type Instant, plus } from '#core/time.ts';
import { inTurns } from './gather-climate.ts';
import { type Kept, keyOf, type Measuring, wholeOf } from './measure.ts';

/** UPSes, air conditioners and what power goes through: some figures each, beside those of the period before. */

export interface EquipmentAsk {
  readonly measuring: Measuring;
  readonly devices: readonly Device[];
  readonly kept: Kept;
  readonly span: PeriodSpan;
  readonly before: PeriodSpan;
  readonly until: Instant;
  readonly happenings: readonly Happening[];
  /** Nothing at all was recorded: the monitor was away. */
  readonly unseen: readonly Interval[];
  readonly batteryTests: readonly BatteryTestLine[];
}

type Statistic = 'mean' | 'min' | 'max' | 'used';
interface Wanted {
  /** The first of them that was told. */
  readonly points: readonly string[];
  readonly statistic: Statistic;
  readonly unit: string;
  readonly label: Text;
}

const wanted = (points: string, statistic: Statistic, unit: string, zh: string, en: string): Wanted => ({
  ...{ points: points.split(' '), statistic, unit, label: { zh, en } },
});

const COOLING: readonly Wanted[] = [
  wanted('cooling.supply.temperature', 'mean', '°C', '送风温度 平均', 'Supply air, mean'),
  wanted('cooling.supply.temperature', 'max', '°C', '送风温度 最高', 'Supply air, highest'),
  wanted('cooling.return.temperature', 'mean', '°C', '回风温度 平均', 'Return air, mean'),
  wanted('cooling.return.humidity', 'mean', '%', '回风湿度 平均', 'Return air humidity, mean'),
  wanted('cooling.capacity', 'mean', '%', '制冷输出 平均', 'Cooling output, mean'),
  wanted('cooling.power', 'mean', 'W', '功率 平均', 'Power, mean'),
];
const POWER: readonly Wanted[] = [
  wanted('input.voltage input.L1.voltage input.1.voltage', 'min', 'V', '输入电压 最低', 'Input voltage, lowest'),
  wanted('input.voltage input.L1.voltage input.1.voltage', 'max', 'V', '输入电压 最高', 'Input voltage, highest'),
  wanted('input.frequency input.1.frequency', 'mean', 'Hz', '输入频率 平均', 'Input frequency, mean'),
  wanted('input.realpower output.realpower ups.realpower', 'mean', 'W', '有功功率 平均', 'Real power, mean'),
  wanted('input.realpower output.realpower ups.realpower', 'max', 'W', '有功功率 最高', 'Real power, highest'),
  wanted('input.current input.L1.current', 'max', 'A', '输入电流 最高', 'Input current, highest'),
  wanted('input.energy', 'used', 'Wh', '用电量', 'Energy used'),
];
const COOLING_KINDS: ReadonlySet<Device['kind']> = new Set(['cooling']);
const POWER_KINDS: ReadonlySet<Device['kind']> = new Set(['ups', 'pdu', 'feed']);

export async function gatherEquipment(ask: EquipmentAsk): Promise<{
  readonly ups: readonly UpsReport[];
  readonly cooling: readonly EquipmentReport[];
  readonly power: readonly EquipmentReport[];
}> {
  const of = (kinds: ReadonlySet<Device['kind']>): readonly Device[] =>
    ask.devices.filter(({ kind }) => kinds.has(kind));
  const ups = await inTurns(of(new Set(['ups'])), 2, (device) => upsOf(ask, device));
  const cooling = await inTurns(of(COOLING_KINDS), 2, (device) => equipmentOf(ask, device, COOLING));
  const power = await inTurns(of(POWER_KINDS), 2, (device) => equipmentOf(ask, device, POWER));
  return {
    ups: ups.filter((one) => one !== null),
    cooling: cooling.filter((one) => one !== null),
    power: power.filter((one) => one !== null),
  };
}

interface Whole {
  readonly mean: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly coveredS: number;
}

async function figuresOf(ask: EquipmentAsk, device: string, point: string, span: PeriodSpan): Promise<Whole | null> {
  if (!ask.kept.has(keyOf({ device, point }))) return null;
  const table = await wholeOf(ask.measuring, { device, point }, span, ['timeMean', 'min', 'max', 'coveredS']);
  let [area, coveredS, min, max] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let place = 0; place < table.length; place++) {
    const covered = table.figure(place, 'coveredS');
    coveredS += covered;
    if (covered > 0) area += table.figure(place, 'timeMean') * covered;
    min = Math.min(min, orElse(table.figure(place, 'min'), min));
    max = Math.max(max, orElse(table.figure(place, 'max'), max));
  }
  if (table.length === 0) return null;
  return {
    mean: coveredS === 0 ? null : area / coveredS,
    min: Number.isFinite(min) ? min : null,
    max: Number.isFinite(max) ? max : null,
    coveredS,
  };
}

const orElse = (value: number, other: number): number => (Number.isNaN(value) ? other : value);

interface Compared {
  readonly now: Whole | null;
  readonly before: Whole | null;
}

/** Of the first of these points that was told now, or before. */
async function compared(ask: EquipmentAsk, device: string, points: readonly string[]): Promise<Compared> {
  let found: Compared = { now: null, before: null };
  for (const point of points) {
    const now = await figuresOf(ask, device, point, ask.span);
    const before = await figuresOf(ask, device, point, ask.before);
    if (now !== null) return { now, before };
    if (found.before === null) found = { now, before };
  }
  return found;
}

const statistic = (whole: Whole | null, name: Statistic): number | null => {
  if (whole === null) return null;
  if (name !== 'used') return whole[name];
  // A counter: what it went up by.
  return whole.min === null || whole.max === null ? null : whole.max - whole.min;
};
const figureOf = ({ now, before }: Compared, name: Statistic): Figure => ({
  value: statistic(now, name),
  before: statistic(before, name),
});

async function equipmentOf(
  ask: EquipmentAsk,
  device: Device,
  rows: readonly Wanted[],
): Promise<EquipmentReport | null> {
  const asked = new Map<string, Compared>();
  for (const { points } of rows) {
    const name = points.join(' ');
    if (!asked.has(name)) asked.set(name, await compared(ask, device.id, points));
  }
  const figures = rows.flatMap(({ points, statistic: name, unit, label }) => {
    const figure = figureOf(asked.get(points.join(' ')) ?? { now: null, before: null }, name);
    return figure.value === null && figure.before === null ? [] : [{ label, unit, figure }];
  });
  if (figures.length === 0) return null;
  const covered = [...asked.values()].map(({ now }) => now?.coveredS ?? 0);
  return {
    ...{ device: device.id, name: device.name, figures, faults: faultsOf(ask, device.id) },
    coverage: shareOf(Math.max(0, ...covered), ask),
  };
}

const faultsOf = ({ happenings, span, until }: EquipmentAsk, device: string): number =>
  happenings.filter(
    ({ kind, devices, from }) => kind === 'alert' && devices.includes(device) && from >= span.from && from < until,
  ).length;

const shareOf = (coveredS: number, { span, until }: EquipmentAsk): number =>
  until <= span.from ? 0 : Math.min(1, coveredS / ((until - span.from) / 1000));

const isOnBattery = (value: Value): boolean => String(value).split(' ').includes('OB');

async function upsOf(ask: EquipmentAsk, device: Device): Promise<UpsReport | null> {
  const load = await compared(ask, device.id, ['ups.load', 'output.1.load', 'output.L1.load']);
  const charge = await compared(ask, device.id, ['battery.charge']);
  const temperature = await compared(ask, device.id, ['battery.temperature', 'ups.temperature']);
  const onBattery = await onBatteryOf(ask, device.id);
  const all = [load, charge, temperature];
  if (all.every(({ now, before }) => now === null && before === null) && onBattery.known === 0) return null;
  const test = ask.batteryTests.find((one) => one.device === device.id && one.health !== null);
  return {
    ...{ device: device.id, name: device.name },
    load: { mean: figureOf(load, 'mean'), max: figureOf(load, 'max') },
    charge: { min: figureOf(charge, 'min') },
    temperature:
      temperature.now === null && temperature.before === null
        ? null
        : { mean: figureOf(temperature, 'mean'), max: figureOf(temperature, 'max') },
    onBatteryS: onBattery.seconds,
    transfers: onBattery.transfers,
    health: test?.health ?? null,
    coverage: shareOf(Math.max(0, ...all.map(({ now }) => now?.coveredS ?? 0)), ask),
  };
}

/** By its status words. */
async function onBatteryOf(
  { measuring, kept, span, before, until, unseen }: EquipmentAsk,
  device: string,
): Promise<{ seconds: Figure; transfers: Figure; known: number }> {
  const key = { device, point: 'ups.status' };
  const entry = kept.get(keyOf(key));
  if (entry === undefined) return { seconds: NONE, transfers: NONE, known: 0 };
  const toldUntil = plus(entry.lastAt, measuring.settings.hold(key));
  const within = async ({ from, to }: PeriodSpan, changes?: readonly SeriesSample[]) => {
    const found = changes ?? (await measuring.store.changes({ ...key, from, to }));
    const range = [from, Math.min(to, until, toldUntil)] as const;
    const { known, held } = timesOf(found, range, isOnBattery);
    return {
      known: lengthOf(known),
      seconds: lengthOf(without(held, unseen)) / 1000,
      transfers: beginningsOf(found, range, isOnBattery),
    };
  };
  const now = await within(span);
  const then = entry.firstAt < before.to ? await within(before) : null;
  const figure = (name: 'seconds' | 'transfers'): Figure => ({
    value: now.known > 0 ? now[name] : null,
    before: then !== null && then.known > 0 ? then[name] : null,
  });
  return { seconds: figure('seconds'), transfers: figure('transfers'), known: now.known };
}

const NONE: Figure = { value: null, before: null };
