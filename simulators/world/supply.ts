import type { Running, UpsState } from './state.ts';
import { type PowerEvent, record } from './truth.ts';

/** Who has mains: each phase, each UPS with its own feed, the room as a whole. */

/** Input that a double-conversion UPS works with, as shares of nominal (IEC 62040-3 leaves it to the maker; ±20 % is usual). */
const INPUT_LOW = 0.8;
const INPUT_HIGH = 1.15;
/** Motors give up earlier. */
const MOTOR_LOW = 0.85;

export const tell = (running: Running, device: string, what: PowerEvent['what'], nowMs: number): void => {
  record(running.world.truth, running.world.truth.power, { at: nowMs, device, what });
  running.revision++;
};

export const lineGood = (running: Running, line: number): boolean => {
  const share = (running.world.mains.voltages[line] ?? 0) / running.plan.mainsVoltage;
  return share >= INPUT_LOW && share <= INPUT_HIGH;
};

/** Mains at a plug in the wall. */
export const wallGood = (running: Running): boolean => lineGood(running, 0);

/** This UPS has its input: its own feed, and every phase that it needs. */
export function upsInputGood(running: Running, index: number): boolean {
  if (running.world.upses[index]?.feedPresent !== true) return false;
  for (const line of running.plan.upses[index]?.lines ?? []) if (!lineGood(running, line - 1)) return false;
  return true;
}

/** At least one UPS has its mains; without UPSes, the wall. */
export function inputGood(running: Running): boolean {
  const count = running.world.upses.length;
  for (let i = 0; i < count; i++) if (upsInputGood(running, i)) return true;
  return count === 0 && wallGood(running);
}

/** An air conditioner's motors have what they need. */
export function motorsRunAt(running: Running, cooling: number): boolean {
  for (const line of running.plan.cooling[cooling]?.lines ?? [])
    if ((running.world.mains.voltages[line - 1] ?? 0) / running.plan.mainsVoltage < MOTOR_LOW) return false;
  return true;
}

/** Runs on its battery: no mains, or a self-test. */
export const discharging = (ups: UpsState): boolean => ups.mode === 'battery' || ups.testUntilAt !== null;
export const outputOn = (ups: UpsState): boolean => ups.mode !== 'off';
