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
  outputOffAsRequested: `${WELL_KNOWN}.11`,
  upsOutputOff: `${WELL_KNOWN}.14`,
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
  /** Brings the table up to date; tells what came and what went since the last time. */
  refresh(): { added: readonly UpsAlarm[]; removed: readonly UpsAlarm[] };
}

/** A battery older than this is worn out (VRLA design life 5 years, Eurobat "standard commercial"). */
const WORN_OUT_YEARS = 5;

export function createUpsAlarms(room: Room, index: number, upTime: () => number): UpsAlarms {
  let rows: UpsAlarm[] = [];
  let nextId = 1;
  let lookedAt = '';
  const update = (): { added: UpsAlarm[]; removed: UpsAlarm[] } => {
    const wanted = wantedAlarms(room, index);
    const removed = rows.filter((row) => !wanted.includes(row.descr));
    const kept = rows.filter((row) => wanted.includes(row.descr));
    const added = wanted
      .filter((descr) => !kept.some((row) => row.descr === descr))
      .map((descr): UpsAlarm => ({ id: nextId++, descr, upTime: upTime() }));
    rows = [...kept, ...added];
    return { added, removed };
  };
  // Reading brings the table up to date as well; what came and went is still told by the next refresh.
  let untoldAdded: UpsAlarm[] = [];
  let untoldRemoved: UpsAlarm[] = [];
  const look = (): void => {
    const running = room.look();
    const now = `${running.world.physicsAt}/${running.revision}`;
    if (now === lookedAt) return;
    lookedAt = now;
    const { added, removed } = update();
    untoldAdded.push(...added);
    untoldRemoved.push(...removed);
  };
  return {
    present: () => {
      look();
      return rows;
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
  const age = running.plan.upses[index]?.battery.age_years ?? 0;
  const table: readonly (readonly [boolean, string])[] = [
    [age > WORN_OUT_YEARS, UPS_ALARMS.batteryBad],
    [figures.onBattery, UPS_ALARMS.onBattery],
    [figures.lowBattery, UPS_ALARMS.lowBattery],
    [figures.depleted, UPS_ALARMS.depletedBattery],
    [!figures.inputGood, UPS_ALARMS.inputBad],
    [figures.loadPercent > 100, UPS_ALARMS.outputOverload],
    [!figures.outputOn && ups.heldOff, UPS_ALARMS.outputOffAsRequested],
    [!figures.outputOn && !ups.heldOff, UPS_ALARMS.upsOutputOff],
    [ups.lastTest === 2, UPS_ALARMS.diagnosticTestFailed],
    [!figures.outputOn && !figures.inputGood, UPS_ALARMS.awaitingPower],
    [ups.shutdownAt !== null, UPS_ALARMS.shutdownPending],
    [figures.testing, UPS_ALARMS.testInProgress],
  ];
  return table.filter(([present]) => present).map(([, descr]) => descr);
}
