import type { SnmpType } from '#core/ports.ts';
import type { Room } from '../room.ts';
import { emptyFigures, fillFigures, type UpsFigures } from '../world/firmware.ts';
import type { Running } from '../world/state.ts';
import {
  constant,
  type MibColumn,
  type MibScalar,
  type MibTable,
  type MibValue,
  requireOneOf,
  systemGroup,
} from './mib.ts';
import { onceAMoment } from './once-a-moment.ts';
import type { UpsAlarms } from './ups-alarms.ts';

/** RFC 1628 UPS-MIB, all of it, for a single-phase UPS. */

export const UPS_MIB = '1.3.6.1.2.1.33';
const OBJECTS = `${UPS_MIB}.1`;

/** upsWellKnownTests. */
const TESTS = `${OBJECTS}.7.7`;
const NO_TEST = `${TESTS}.1`;
const ABORT_TEST = `${TESTS}.2`;
const GENERAL_TEST = `${TESTS}.3`;
const QUICK_TEST = `${TESTS}.4`;
const DEEP_CALIBRATION = `${TESTS}.5`;

const tenths = (value: number): number => Math.round(value * 10);

export const UPS_IDENT = { maker: 'Zhishou', model: 'Simulated UPS 6 kVA', firmware: '1.0' } as const;

/** The card's own memory: nothing of it is the world's. */
interface CardState {
  name: string;
  attached: string;
  testId: string;
  spinLock: number;
  shutdownType: number;
  audible: number;
  lowBatteryMinutes: number;
}

export interface UpsMibSource {
  readonly room: Room;
  readonly device: string;
  /** Its place in the world's plan. */
  readonly index: number;
  readonly alarms: UpsAlarms;
  readonly upTime: () => number;
  /** The address of its card, for the log of received commands. */
  readonly over: string;
}

export function upsMib(source: UpsMibSource): { scalars: MibScalar[]; tables: MibTable[] } {
  const { room, index } = source;
  const running = (): Running => room.look();
  const known = emptyFigures();
  const figures = onceAMoment(room, (now) => fillFigures(now, index, known));
  const spec = running().plan.upses[index];
  if (spec === undefined) throw new RangeError(`the world has no UPS ${index}`);
  const card: CardState = {
    name: source.device,
    attached: 'simulated machine room',
    testId: NO_TEST,
    spinLock: 1,
    shutdownType: 1,
    audible: 2,
    lowBatteryMinutes: spec.firmware.low_battery_minutes,
  };
  const integer = (name: string, oid: string, read: () => number, type: SnmpType = 'Integer'): MibScalar => ({
    name: `UPS-MIB::${name}`,
    oid: `${OBJECTS}.${oid}`,
    type,
    read,
  });
  const text = (name: string, oid: string, value: string): MibScalar =>
    constant(`UPS-MIB::${name}`, `${OBJECTS}.${oid}`, 'OctetString', value);
  const scalars: MibScalar[] = [
    ...systemGroup('Zhishou simulated UPS, RFC 1628 agent', UPS_MIB, source.device, source.upTime),
    text('upsIdentManufacturer', '1.1', UPS_IDENT.maker),
    text('upsIdentModel', '1.2', UPS_IDENT.model),
    text('upsIdentUPSSoftwareVersion', '1.3', UPS_IDENT.firmware),
    text('upsIdentAgentSoftwareVersion', '1.4', '1.0'),
    setText('upsIdentName', '1.5', card, 'name'),
    setText('upsIdentAttachedDevices', '1.6', card, 'attached'),
    integer('upsBatteryStatus', '2.1', () => batteryStatus(figures())),
    integer('upsSecondsOnBattery', '2.2', () => figures().secondsOnBattery),
    // Its syntax is PositiveInteger: never 0.
    integer('upsEstimatedMinutesRemaining', '2.3', () => Math.max(1, figures().runtimeMinutes)),
    integer('upsEstimatedChargeRemaining', '2.4', () => figures().chargePercent),
    integer('upsBatteryVoltage', '2.5', () => tenths(figures().batteryVolts)),
    integer('upsBatteryCurrent', '2.6', () => tenths(figures().batteryAmperes)),
    integer('upsBatteryTemperature', '2.7', () => Math.round(figures().batteryTemperatureC)),
    integer('upsInputLineBads', '3.1', () => running().world.upses[index]?.lineBads ?? 0, 'Counter'),
    integer('upsInputNumLines', '3.2', () => spec.lines.length),
    integer('upsOutputSource', '4.1', () => outputSource(figures())),
    integer('upsOutputFrequency', '4.2', () => (figures().outputOn ? 500 : 0)),
    integer('upsOutputNumLines', '4.3', () => spec.lines.length),
    integer('upsBypassFrequency', '5.1', () => tenths(figures().inputHertz)),
    integer('upsBypassNumLines', '5.2', () => spec.lines.length),
    integer('upsAlarmsPresent', '6.1', () => source.alarms.present().length, 'Gauge'),
    ...testScalars(source, card, figures, integer),
    ...controlScalars(source, card),
    integer('upsConfigInputVoltage', '9.1', () => running().plan.mainsVoltage),
    integer('upsConfigInputFreq', '9.2', () => tenths(running().plan.mainsFrequency)),
    integer('upsConfigOutputVoltage', '9.3', () => running().plan.mainsVoltage),
    integer('upsConfigOutputFreq', '9.4', () => tenths(running().plan.mainsFrequency)),
    integer('upsConfigOutputVA', '9.5', () => Math.round(spec.rated_watts / 0.9)),
    integer('upsConfigOutputPower', '9.6', () => spec.rated_watts),
    setNumber('upsConfigLowBattTime', '9.7', card, 'lowBatteryMinutes', [...Array(121).keys()]),
    setNumber('upsConfigAudibleStatus', '9.8', card, 'audible', [1, 2, 3]),
    integer('upsConfigLowVoltageTransferPoint', '9.9', () => Math.round(running().plan.mainsVoltage * 0.8)),
    integer('upsConfigHighVoltageTransferPoint', '9.10', () => Math.round(running().plan.mainsVoltage * 1.15)),
  ];
  return { scalars, tables: lineTables(source, figures, spec.lines.length) };
}

/** unknown(1) batteryNormal(2) batteryLow(3) batteryDepleted(4). */
const batteryStatus = (figures: UpsFigures): number => (figures.depleted ? 4 : figures.lowBattery ? 3 : 2);

/** upsOutputSource: other(1) none(2) normal(3) bypass(4) battery(5) booster(6) reducer(7). */
export const outputSource = (figures: UpsFigures): number =>
  !figures.outputOn ? 2 : figures.onBypass ? 4 : figures.onBattery || figures.testing ? 5 : 3;

/** As its objects have it: whole volts, tenths of amperes, per cent up to 200 (RFC 1628's syntax). */
export const tenthAmperes = (watts: number, volts: number): number => (volts < 1 ? 0 : tenths(watts / volts));
export const lineVolts = (figures: UpsFigures, row: number): number => Math.round(figures.inputVolts[row - 1] ?? 0);
export const lineInputTenthAmperes = (figures: UpsFigures, row: number, lines: number): number =>
  tenthAmperes(figures.inputWatts / lines, figures.inputVolts[row - 1] ?? 0);
export const lineBypassWatts = (figures: UpsFigures, lines: number): number =>
  figures.onBypass ? Math.round(figures.loadWatts / lines) : 0;
export const lineBypassTenthAmperes = (figures: UpsFigures, row: number, lines: number): number =>
  figures.onBypass ? tenthAmperes(figures.loadWatts / lines, figures.inputVolts[row - 1] ?? 0) : 0;
export const shownLoadPercent = (figures: UpsFigures): number => Math.min(200, Math.round(figures.loadPercent));

/** By the world's word: never, passed, failed, left off. */
const TEST_SUMMARY = [6, 1, 3, 4];

type Integer = (name: string, oid: string, read: () => number, type?: SnmpType) => MibScalar;

function testScalars(source: UpsMibSource, card: CardState, figures: () => UpsFigures, integer: Integer): MibScalar[] {
  const last = (): number => source.room.look().world.upses[source.index]?.lastTest ?? 0;
  return [
    {
      name: 'UPS-MIB::upsTestId',
      oid: `${OBJECTS}.7.1`,
      type: 'OID',
      // While it tests: what it tests, whoever ordered it (at the panel, say).
      read: () =>
        figures().calibrating
          ? DEEP_CALIBRATION
          : figures().testing && card.testId === DEEP_CALIBRATION
            ? QUICK_TEST
            : card.testId,
      write: (value, commit) => {
        requireOneOf('upsTestId', value, [NO_TEST, ABORT_TEST, GENERAL_TEST, QUICK_TEST, DEEP_CALIBRATION]);
        if (!commit) return;
        card.testId = String(value);
        if (value === GENERAL_TEST || value === QUICK_TEST)
          source.room.orderUps(source.device, 'self-test', 0, source.over);
        if (value === DEEP_CALIBRATION) source.room.orderUps(source.device, 'deep-test', 0, source.over);
        if (value === ABORT_TEST) source.room.orderUps(source.device, 'abort-test', 0, source.over);
      },
    },
    setNumber('upsTestSpinLock', '7.2', card, 'spinLock', null),
    // donePass(1) doneWarning(2) doneError(3) aborted(4) inProgress(5) noTestsInitiated(6).
    integer('upsTestResultsSummary', '7.3', () => (figures().testing ? 5 : (TEST_SUMMARY[last()] ?? 6))),
    constant('UPS-MIB::upsTestResultsDetail', `${OBJECTS}.7.4`, 'OctetString', ''),
    integer('upsTestStartTime', '7.5', () => 0, 'TimeTicks'),
    integer('upsTestElapsedTime', '7.6', () => 0),
  ];
}

/** upsShutdownAfterDelay and upsStartupAfterDelay as they are read: −1 when nothing counts down. */
export const secondsUntil = (at: number | null, nowMs: number): number =>
  at === null ? -1 : Math.max(0, Math.round((at - nowMs) / 1000));

function controlScalars(source: UpsMibSource, card: CardState): MibScalar[] {
  const world = (): Running['world'] => source.room.look().world;
  const delay = (
    name: string,
    oid: string,
    order: 'shutdown' | 'start',
    read: () => number | null | undefined,
  ): MibScalar => ({
    name: `UPS-MIB::${name}`,
    oid: `${OBJECTS}.${oid}`,
    type: 'Integer',
    read: () => secondsUntil(read() ?? null, world().at),
    write: (value, commit) => {
      if (typeof value !== 'number' || value < -1 || value > 2_147_483_648) requireOneOf(name, value, [-1, 0]);
      if (commit) source.room.orderUps(source.device, order, Number(value), source.over);
    },
  });
  return [
    setNumber('upsShutdownType', '8.1', card, 'shutdownType', [1, 2]),
    delay('upsShutdownAfterDelay', '8.2', 'shutdown', () => world().upses[source.index]?.shutdownAt),
    delay('upsStartupAfterDelay', '8.3', 'start', () => world().upses[source.index]?.startAt),
    {
      name: 'UPS-MIB::upsRebootWithDuration',
      oid: `${OBJECTS}.8.4`,
      type: 'Integer',
      read: () => -1,
      write: (value, commit) => {
        if (typeof value !== 'number' || value < -1 || value > 300) requireOneOf('upsRebootWithDuration', value, [-1]);
        if (!commit || value === -1) return;
        source.room.orderUps(source.device, 'shutdown', 0, source.over);
        source.room.orderUps(source.device, 'start', Number(value), source.over);
      },
    },
    {
      name: 'UPS-MIB::upsAutoRestart',
      oid: `${OBJECTS}.8.5`,
      type: 'Integer',
      // on(1) off(2)
      read: () => (world().upses[source.index]?.autoRestart === false ? 2 : 1),
      write: (value, commit) => {
        requireOneOf('upsAutoRestart', value, [1, 2]);
        if (commit) source.room.setAutoRestart(source.device, value === 1);
      },
    },
  ];
}

type NumberKey = { [K in keyof CardState]: CardState[K] extends number ? K : never }[keyof CardState];
type TextKey = { [K in keyof CardState]: CardState[K] extends string ? K : never }[keyof CardState];

const setNumber = (
  name: string,
  oid: string,
  card: CardState,
  key: NumberKey,
  allowed: readonly number[] | null,
): MibScalar => ({
  name: `UPS-MIB::${name}`,
  oid: `${OBJECTS}.${oid}`,
  type: 'Integer',
  read: () => card[key],
  write: (value: MibValue, commit: boolean) => {
    if (allowed !== null) requireOneOf(name, value, allowed);
    if (commit) card[key] = Number(value);
  },
});

const setText = (name: string, oid: string, card: CardState, key: TextKey): MibScalar => ({
  name: `UPS-MIB::${name}`,
  oid: `${OBJECTS}.${oid}`,
  type: 'OctetString',
  read: () => card[key],
  write: (value, commit) => {
    if (commit) card[key] = String(value).slice(0, 63);
  },
});

/** Input, output and bypass, a row for each phase, and the alarms. Index columns cannot be read (not-accessible). */
function lineTables(source: UpsMibSource, figures: () => UpsFigures, lines: number): MibTable[] {
  const column = (name: string, number: number, read: (row: number) => number): MibColumn => ({
    name: `UPS-MIB::${name}`,
    number,
    type: 'Integer',
    read,
  });
  const rows = Array.from({ length: lines }, (_, index) => index + 1);
  const each = (): readonly number[] => rows;
  return [
    {
      name: 'UPS-MIB::upsInputTable',
      entry: `${OBJECTS}.3.3.1`,
      rows: each,
      columns: [
        column('upsInputFrequency', 2, () => tenths(figures().inputHertz)),
        column('upsInputVoltage', 3, (row) => lineVolts(figures(), row)),
        column('upsInputCurrent', 4, (row) => lineInputTenthAmperes(figures(), row, lines)),
        column('upsInputTruePower', 5, () => Math.round(figures().inputWatts / lines)),
      ],
    },
    {
      name: 'UPS-MIB::upsOutputTable',
      entry: `${OBJECTS}.4.4.1`,
      rows: each,
      columns: [
        column('upsOutputVoltage', 2, () => Math.round(figures().outputVolts)),
        column('upsOutputCurrent', 3, () => tenthAmperes(figures().loadWatts / lines, figures().outputVolts)),
        column('upsOutputPower', 4, () => Math.round(figures().loadWatts / lines)),
        column('upsOutputPercentLoad', 5, () => shownLoadPercent(figures())),
      ],
    },
    {
      name: 'UPS-MIB::upsBypassTable',
      entry: `${OBJECTS}.5.3.1`,
      rows: each,
      columns: [
        column('upsBypassVoltage', 2, (row) => lineVolts(figures(), row)),
        column('upsBypassCurrent', 3, (row) => lineBypassTenthAmperes(figures(), row, lines)),
        column('upsBypassPower', 4, () => lineBypassWatts(figures(), lines)),
      ],
    },
    {
      name: 'UPS-MIB::upsAlarmTable',
      entry: `${OBJECTS}.6.2.1`,
      rows: source.alarms.ids,
      columns: [
        {
          name: 'UPS-MIB::upsAlarmDescr',
          number: 2,
          type: 'OID',
          constant: true,
          read: (id) => source.alarms.present().find((alarm) => alarm.id === id)?.descr ?? '0.0',
        },
        {
          name: 'UPS-MIB::upsAlarmTime',
          number: 3,
          type: 'TimeTicks',
          constant: true,
          read: (id) => source.alarms.present().find((alarm) => alarm.id === id)?.upTime ?? 0,
        },
      ],
    },
  ];
}
