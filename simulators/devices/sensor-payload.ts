import { humidityAt } from '../world/climate.ts';
import { temperatureNow, vapourNow } from '../world/flows.ts';
import { hashedNoise, nameHash } from '../world/noise.ts';
import { sensed } from '../world/senses.ts';
import type { Running, SensorState } from '../world/state.ts';
import type { SensorPlan } from '../world/world-plan.ts';

/** What each sensor would say now: as zigbee2mqtt's JSON, and as plain figures for whoever needs no JSON. */
export interface SensorFigures {
  /** Climate sensors only. */
  temperatureC: number;
  humidity: number;
  /** What a yes-or-no sensor reports: smoke, water, an open door, motion, a siren that sounds. */
  event: boolean;
  battery: number;
  linkquality: number;
  millivolts: number;
}

export const emptySensorFigures = (): SensorFigures => ({
  temperatureC: 0,
  humidity: 0,
  event: false,
  battery: 0,
  linkquality: 0,
  millivolts: 0,
});

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** A battery loses so many per cent a day. */
const BATTERY_PER_DAY = 0.05;
const FLAT_PERCENT = 4;
const BATTERY_LOW = 10;

interface Names {
  readonly temperature: number;
  readonly humidity: number;
  readonly link: number;
}
const known = new WeakMap<SensorPlan, Names>();
function namesOf(spec: SensorPlan): Names {
  const names = known.get(spec);
  if (names !== undefined) return names;
  const made = {
    temperature: nameHash(`${spec.id}/t`),
    humidity: nameHash(`${spec.id}/h`),
    link: nameHash(`${spec.id}/lqi`),
  };
  known.set(spec, made);
  return made;
}

const seconds = (ms: number): number => Math.floor(ms / 1000);
const hundredths = (value: number): number => Math.round(value * 100) / 100;

/** Fills in what this sensor measures at the world's moment, its own faults included. */
export function fillSensor(running: Running, index: number, into: SensorFigures): SensorFigures {
  const { world, plan } = running;
  const spec = plan.sensors[index];
  const state = world.sensors[index];
  if (spec === undefined || state === undefined) throw new RangeError(`the world has no sensor ${index}`);
  const flat = state.fault === 'flat-battery';
  const used = ((world.at - world.startedAt) / DAY_MS) * BATTERY_PER_DAY;
  into.battery = flat ? FLAT_PERCENT : Math.max(0, Math.round((state.batteryPercent - used) * 10) / 10);
  into.millivolts = Math.round(2500 + into.battery * 5);
  const link = spec.linkquality + hashedNoise(namesOf(spec).link, seconds(world.at), 6);
  into.linkquality = Math.min(255, Math.max(0, Math.round(link)));
  if (spec.kind === 'climate') fillClimate(running, spec, state, into);
  else into.event = state.stuck === null ? sensed(running, index) : state.stuck.event;
  return into;
}

function fillClimate(running: Running, spec: SensorPlan, state: SensorState, into: SensorFigures): void {
  const { world, kept } = running;
  const names = namesOf(spec);
  if (state.stuck !== null) {
    // A stuck sensor repeats one moment, its noise included.
    const moment = seconds(state.faultSinceAt ?? world.at);
    into.temperatureC = hundredths(
      state.stuck.temperatureC + spec.offset + hashedNoise(names.temperature, moment, spec.noise),
    );
    into.humidity = hundredths(state.stuck.humidity);
    return;
  }
  const moment = seconds(world.at);
  const drift = (spec.drift_per_day * (world.at - world.startedAt)) / DAY_MS + ownDrift(state, world.at);
  const noise = state.fault === 'noisy' ? Math.max(spec.noise, state.amount) : spec.noise;
  const room = temperatureNow(running) + spec.heat_gain * (kept.machineWatts / 1000) + spec.offset;
  const here = room + drift + hashedNoise(names.temperature, moment, noise);
  into.temperatureC = hundredths(here);
  // The air is as it is; only the reading of its temperature errs.
  const humidity = humidityAt(vapourNow(running), room) + hashedNoise(names.humidity, moment, 0.3);
  into.humidity = hundredths(Math.min(100, Math.max(0, humidity)));
}

const ownDrift = (state: SensorState, atMs: number): number =>
  state.fault === 'drift' && state.faultSinceAt !== null ? (state.amount * (atMs - state.faultSinceAt)) / HOUR_MS : 0;

/** Its radio says something: it has not dropped out, and its battery is not yet empty. */
export function speaks(running: Running, index: number): boolean {
  const state = running.world.sensors[index];
  if (state === undefined || state.fault === 'dropout') return false;
  const since = state.faultSinceAt ?? running.world.at;
  return state.fault !== 'flat-battery' || running.world.at - since < state.amount * 60_000;
}

export const batteryLow = (figures: SensorFigures): boolean => figures.battery < BATTERY_LOW;

const scratch = emptySensorFigures();

/** The JSON that zigbee2mqtt publishes for this sensor now: its whole cached state. A button's press is no state. */
export function sensorPayload(running: Running, index: number): Record<string, unknown> {
  const kind = running.plan.sensors[index]?.kind;
  const figures = fillSensor(running, index, scratch);
  const common = { battery: figures.battery, linkquality: figures.linkquality, voltage: figures.millivolts };
  const guarded = { tamper: false, battery_low: batteryLow(figures), ...common };
  switch (kind) {
    case 'climate':
      return { temperature: figures.temperatureC, humidity: figures.humidity, ...common };
    case 'smoke':
    case 'heat':
      // A heat detector reports its alarm as smoke detectors do.
      return { smoke: figures.event, ...guarded };
    case 'leak':
      return { water_leak: figures.event, ...guarded };
    case 'motion':
      return { occupancy: figures.event, ...guarded };
    case 'siren':
      return { alarm: figures.event, state: figures.event ? 'ON' : 'OFF', ...common };
    case 'contact':
      // The magnet is there: contact is true when the door is closed.
      return { contact: !figures.event, ...common };
    default:
      return common;
  }
}
