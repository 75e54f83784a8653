import type { Room } from '../room.ts';
import { type UpsFigures, upsFigures } from '../world/firmware.ts';
import type { UpsState } from '../world/state.ts';

/** upsAlarmTable: which well-known alarms of RFC 1628 are present, each with the id and time it was given when it came. */

const WELL_KNOWN = '1.3.6.1.2.1.33.1.6.3';

/** upsWellKnownAlarms that this UPS can raise. */
export const UPS_ALARMS = {
  batteryBad: `${WELL_KNOWN}.1`,
  onBattery: `${WELL_KNOWN}.2`,
  lowBattery: `${WELL_KNOWN}.3`,
  depletedBattery: `${WELL_KNOWN}.4`,
  inputBad: `${WELL_KNOWN}.6`,
  outputOverload: `${WELL_KNOWN}.8`,
  onBypass: `${WELL_KNOWN}.9`,
  outputOffAsRequested: `${WELL_KNOWN}.11`,
  chargerFailed: `${WELL_KNOWN}.13`,
  upsOutputOff: `${WELL_KNOWN}.14`,
  generalFault: `${WELL_KNOWN}.18`,
  diagnosticTestFailed: `${WELL_KNOWN}.19`,
  awaitingPower: `${WELL_KNOWN}.21`,
  shutdownPending: `${WELL_KNOWN}.22`,
  testInProgress: `${WELL_KNOWN}.24`,
} as const;

export interface UpsAlarm {
  readonly id: number;
  readonly descr: string;
  readonly upTime: number;
}

export interface UpsAlarms {
  present(): readonly UpsAlarm[];
  /** Their ids; the same list while they are the same. */
  ids(): readonly number[];
  /** Brings the table up to date; tells what came and what went since the last time. */
  refresh(): { added: readonly UpsAlarm[]; removed: readonly UpsAlarm[] };
}

export function createUpsAlarms(room: Room, index: number, upTime: () => number): UpsAlarms {
  let rows: UpsAlarm[] = [];
  let ids: readonly number[] = [];
  let nextId = 1;
  let lookedAt = -1;
  const update = (): { added: UpsAlarm[]; removed: UpsAlarm[] } => {
    const wanted = wantedAlarms(room, index);
    const removed = rows.filter((row) => !wanted.includes(row.descr));
    const kept = rows.filter((row) => wanted.includes(row.descr));
    const added = wanted
      .filter((descr) => !kept.some((row) => row.descr === descr))
      .map((descr): UpsAlarm => ({ id: nextId++, descr, upTime: upTime() }));
    if (removed.length > 0 || added.length > 0) {
      rows = [...kept, ...added];
      ids = rows.map(({ id }) => id);
    }
    return { added, removed };
  };
  // Reading brings the table up to date as well; what came and went is still told by the next refresh.
  let untoldAdded: UpsAlarm[] = [];
  let untoldRemoved: UpsAlarm[] = [];
  const look = (): void => {
    const running = room.look();
    // What an alarm follows from changes with the revision only: thresholds are judged by the world itself.
    if (running.revision === lookedAt) return;
    lookedAt = running.revision;
    const { added, removed } = update();
    untoldAdded.push(...added);
    untoldRemoved.push(...removed);
  };
  return {
    present: () => {
      look();
      return rows;
    },
    ids: () => {
      look();
      return ids;
    },
    refresh: () => {
      look();
      const told = { added: untoldAdded, removed: untoldRemoved };
      untoldAdded = [];
      untoldRemoved = [];
      return told;
    },
  };
}

function wantedAlarms(room: Room, index: number): string[] {
  const running = room.look();
  const figures: UpsFigures = upsFigures(running, index);
  const ups = running.world.upses[index] as UpsState;
  return UPS_ALARM_RULES.filter(([, present]) => present(figures, ups)).map(([descr]) => descr);
}

/** When each alarm is present, in the order in which they are raised together. */
export const UPS_ALARM_RULES: readonly (readonly [string, (figures: UpsFigures, ups: UpsState) => boolean])[] = [
  [UPS_ALARMS.batteryBad, (figures) => figures.replaceBattery],
  [UPS_ALARMS.onBattery, (figures) => figures.onBattery],
  [UPS_ALARMS.lowBattery, (figures) => figures.lowBattery],
  [UPS_ALARMS.depletedBattery, (figures) => figures.depleted],
  [UPS_ALARMS.inputBad, (figures) => !figures.inputGood],
  [UPS_ALARMS.outputOverload, (figures) => figures.loadPercent > 100],
  [UPS_ALARMS.onBypass, (figures) => figures.onBypass],
  [UPS_ALARMS.outputOffAsRequested, (figures, ups) => !figures.outputOn && ups.heldOff],
  [UPS_ALARMS.chargerFailed, (figures) => figures.chargerFailed],
  [UPS_ALARMS.upsOutputOff, (figures, ups) => !figures.outputOn && !ups.heldOff],
  [UPS_ALARMS.generalFault, (figures) => figures.bypassFault],
  [UPS_ALARMS.diagnosticTestFailed, (_, ups) => ups.lastTest === 2],
  [UPS_ALARMS.awaitingPower, (figures) => !figures.outputOn && !figures.inputGood],
  [UPS_ALARMS.shutdownPending, (_, ups) => ups.shutdownAt !== null],
  [UPS_ALARMS.testInProgress, (figures) => figures.testing],
];
