import { chargePercent } from './battery.ts';
import { bearsMs } from './overload.ts';
import { type Bypass, type Running, type UpsState, upsAt } from './state.ts';
import { tell, upsInputGood } from './supply.ts';

/** One UPS: transfers, bypass, overload, self-test, off and on by command. The caller settles the power afterwards. */

/** Hold-up time of a computer's supply at full load (ITIC/CBEMA curve: 20 ms). */
const HOLD_UP_MS = 20;
/** The load must be right for so long before it leaves the bypass. */
const OVERLOAD_OVER_MS = 60_000;
/** A battery with less than this of its capacity fails a self-test; so does one with less charge. */
const TEST_HEALTH = 0.6;
const TEST_CHARGE = 30;
/** No battery of these rooms lasts longer. */
const LONGEST_CALIBRATION_MS = 12 * 3_600_000;

/** Its input came or went. */
export function onInput(running: Running, index: number, good: boolean, nowMs: number): void {
  const ups = upsAt(running, index);
  const spec = running.plan.upses[index];
  if (spec === undefined) return;
  if (!good) {
    ups.restartAt = null;
    ups.lineBads++;
    // On bypass there is nothing between mains and the load.
    if (ups.mode === 'bypass') goOff(running, ups, false, nowMs);
    if (ups.mode !== 'online') return;
    ups.mode = 'battery';
    ups.testUntilAt = null;
    ups.deepTest = false;
    ups.onBatterySinceAt = nowMs;
    tell(running, ups.id, 'ups-on-battery', nowMs);
    if (spec.transfer_ms > HOLD_UP_MS) running.kept.blinks.push(index);
    return;
  }
  if (ups.mode === 'battery') {
    ups.mode = 'online';
    ups.onBatterySinceAt = null;
    ups.lowBattery = false;
    tell(running, ups.id, 'ups-on-mains', nowMs);
    if (ups.bypass !== 'none') toBypass(running, ups, nowMs);
  } else if (ups.mode === 'off' && !ups.heldOff && ups.restartAt === null && ups.startAt === null) {
    // RFC 1628 upsAutoRestart: not before a start-up countdown is over.
    ups.restartAt = nowMs + spec.restart_delay;
  }
}

function toBypass(running: Running, ups: UpsState, nowMs: number): void {
  if (ups.mode === 'bypass') return;
  ups.mode = 'bypass';
  ups.testUntilAt = null;
  ups.deepTest = false;
  ups.onBatterySinceAt = null;
  tell(running, ups.id, 'ups-on-bypass', nowMs);
}

/** Manual, or by a fault of the inverter; `none` ends it. */
export function setBypass(running: Running, index: number, bypass: Bypass, nowMs: number): void {
  const ups = upsAt(running, index);
  ups.bypass = bypass;
  if (bypass === 'none') {
    if (ups.mode !== 'bypass') return;
    ups.mode = 'online';
    tell(running, ups.id, 'ups-on-mains', nowMs);
    return;
  }
  if (ups.mode === 'off') return;
  if (upsInputGood(running, index)) toBypass(running, ups, nowMs);
  // Without mains the failed inverter drops the load; who services it waits until mains is back.
  else if (bypass !== 'manual') goOff(running, ups, false, nowMs);
}

function goOff(running: Running, ups: UpsState, held: boolean, nowMs: number): void {
  if (ups.mode === 'off') return;
  ups.mode = 'off';
  ups.heldOff = held;
  ups.onBatterySinceAt = null;
  ups.testUntilAt = null;
  ups.deepTest = false;
  ups.shutdownAt = null;
  ups.overloadEndsAt = null;
  ups.overloadSinceAt = null;
  tell(running, ups.id, 'ups-off', nowMs);
}

/** Battery empty: the output goes off and returns with mains. */
export function runOut(running: Running, index: number, nowMs: number): void {
  const ups = upsAt(running, index);
  goOff(running, ups, false, nowMs);
  const spec = running.plan.upses[index];
  if (spec !== undefined && upsInputGood(running, index)) ups.restartAt = nowMs + spec.restart_delay;
}

/**
 * Told to: the output goes off. RFC 1628 upsAutoRestart: when this was during an outage the UPS starts by itself with
 * mains; otherwise it stays off until told.
 */
export function switchOff(running: Running, index: number, nowMs: number): void {
  const ups = upsAt(running, index);
  const outage = !upsInputGood(running, index);
  ups.shutdownAt = null;
  goOff(running, ups, !(outage && ups.autoRestart), nowMs);
}

/** The output comes back, on mains only; told to without mains it waits for it. */
export function switchOn(running: Running, index: number, nowMs: number): void {
  const ups = upsAt(running, index);
  ups.restartAt = null;
  if (ups.mode !== 'off') return;
  if (!upsInputGood(running, index)) {
    ups.heldOff = false;
    return;
  }
  ups.mode = ups.bypass === 'none' ? 'online' : 'bypass';
  ups.heldOff = false;
  ups.lowBattery = false;
  tell(running, ups.id, 'ups-on', nowMs);
}

/** RFC 1628 upsShutdownAfterDelay, upsStartupAfterDelay: seconds, −1 calls it off. */
export function scheduleOff(running: Running, index: number, seconds: number, nowMs: number): void {
  const ups = upsAt(running, index);
  running.revision++;
  if (seconds < 0) ups.shutdownAt = null;
  else if (seconds === 0) switchOff(running, index, nowMs);
  else ups.shutdownAt = nowMs + seconds * 1000;
}

export function scheduleOn(running: Running, index: number, seconds: number, nowMs: number): void {
  const ups = upsAt(running, index);
  running.revision++;
  if (seconds < 0) ups.startAt = null;
  else if (seconds === 0) switchOn(running, index, nowMs);
  else ups.startAt = nowMs + seconds * 1000;
}

/** On the battery for a short while, mains present. */
export function beginSelfTest(running: Running, index: number, nowMs: number): boolean {
  const ups = upsAt(running, index);
  const spec = running.plan.upses[index];
  if (spec === undefined || ups.mode !== 'online' || ups.testUntilAt !== null) return false;
  ups.testUntilAt = nowMs + spec.self_test;
  running.revision++;
  return true;
}

/** A calibration: on the battery, mains present, until the firmware's own end or until it is told to leave off. */
export function beginDeepTest(running: Running, index: number, nowMs: number): boolean {
  const ups = upsAt(running, index);
  if (ups.mode !== 'online' || ups.testUntilAt !== null) return false;
  ups.testUntilAt = nowMs + LONGEST_CALIBRATION_MS;
  ups.deepTest = true;
  running.revision++;
  return true;
}

/** Told to leave off. False: there is no test, or it does not listen. */
export function abortTest(running: Running, index: number): boolean {
  const ups = upsAt(running, index);
  if (ups.testUntilAt === null || ups.ignoresStop) return false;
  ups.testUntilAt = null;
  ups.deepTest = false;
  ups.lowBattery = false;
  ups.lastTest = 3;
  running.revision++;
  return true;
}

/** Its battery is as low as a calibration goes. */
export function endDeepTest(running: Running, index: number): void {
  const ups = upsAt(running, index);
  endSelfTest(running, ups);
  ups.lowBattery = false;
}

function endSelfTest(running: Running, ups: UpsState): void {
  const deep = ups.deepTest;
  ups.testUntilAt = null;
  ups.deepTest = false;
  const health = ups.battery.capacityWh / ups.newCapacityWh;
  const passed = (deep || chargePercent(ups.battery) > TEST_CHARGE) && health >= TEST_HEALTH;
  ups.lastTest = passed ? 1 : 2;
  if (health < TEST_HEALTH) ups.replaceBattery = true;
  running.revision++;
}

/** Its load has changed: how long will it bear that? On the battery an overload ends in darkness, on mains on the bypass. */
export function judgeLoad(running: Running, index: number, nowMs: number): void {
  const ups = upsAt(running, index);
  const spec = running.plan.upses[index];
  if (spec === undefined) return;
  const percent = ups.mode === 'off' ? 0 : (ups.loadWatts / spec.rated_watts) * 100;
  if (ups.bypass === 'overload') {
    if (percent > 100) ups.overloadEndsAt = null;
    else ups.overloadEndsAt ??= nowMs + OVERLOAD_OVER_MS;
    return;
  }
  const bears = bearsMs(percent);
  if (bears === null || ups.mode === 'bypass' || ups.mode === 'off') {
    ups.overloadSinceAt = null;
    ups.overloadEndsAt = null;
    return;
  }
  ups.overloadSinceAt ??= nowMs;
  ups.overloadEndsAt = Math.max(nowMs, ups.overloadSinceAt + bears);
}

function endOverload(running: Running, index: number, nowMs: number): void {
  const ups = upsAt(running, index);
  ups.overloadEndsAt = null;
  ups.overloadSinceAt = null;
  if (ups.bypass === 'overload') setBypass(running, index, 'none', nowMs);
  else setBypass(running, index, 'overload', nowMs);
  if (ups.mode === 'off') ups.bypass = 'none';
}

const MOMENTS = ['restartAt', 'startAt', 'shutdownAt', 'testUntilAt', 'overloadEndsAt'] as const;

/** The next moment at which this UPS changes by itself. */
export function upsEventAt(ups: UpsState): number {
  let next = Number.POSITIVE_INFINITY;
  for (const moment of MOMENTS) {
    const at = ups[moment];
    if (at !== null && at < next) next = at;
  }
  return next;
}

const due = (at: number | null, nowMs: number): boolean => at !== null && at <= nowMs;

export function runUpsEvents(running: Running, index: number, nowMs: number): void {
  const ups = upsAt(running, index);
  if (due(ups.shutdownAt, nowMs)) switchOff(running, index, nowMs);
  if (due(ups.restartAt, nowMs)) switchOn(running, index, nowMs);
  if (due(ups.startAt, nowMs)) {
    ups.startAt = null;
    switchOn(running, index, nowMs);
    running.revision++;
  }
  if (due(ups.testUntilAt, nowMs)) endSelfTest(running, ups);
  if (due(ups.overloadEndsAt, nowMs)) endOverload(running, index, nowMs);
}
