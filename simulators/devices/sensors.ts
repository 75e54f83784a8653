import type { Config } from '#core/config/config.ts';
import type { Cancel, Clock } from '#core/ports.ts';
import { milliseconds } from '#core/time.ts';
import type { Room } from '../room.ts';
import { humidityAt } from '../world/climate.ts';
import { hashUnit, noise } from '../world/noise.ts';
import type { SensorSpec } from '../world/spec.ts';
import type { Running, SensorState } from '../world/state.ts';

/** The battery-powered Zigbee sensors and their bridge, as zigbee2mqtt publishes them; the same for a real broker and a bus in memory. */

/** Hands a message to the broker. */
export type PublishSensor = (topic: string, payload: string, retain: boolean) => void;

const BASE = 'zigbee2mqtt';
/** A sensor that says nothing for so long is offline to zigbee2mqtt (passive devices: 25 hours by default; shorter here). */
const OFFLINE_AFTER_MS = 30 * 60_000;
const FIRST_AGAIN_MS = 1000;

/** Starts the bridge and all sensors; the returned function stops them. */
export function startSensors(
  room: Room,
  config: Pick<Config, 'devices'>,
  clock: Clock,
  publish: PublishSensor,
): Cancel {
  publish(`${BASE}/bridge/state`, JSON.stringify({ state: 'online' }), true);
  const cancels = room.look().plan.sensors.flatMap((spec, index) => {
    const topic = config.devices.find((device) => device.id === spec.id)?.mqtt?.topic;
    return topic === undefined ? [] : [startSensor({ room, clock, publish, topic, index, spec })];
  });
  return () => {
    for (const cancel of cancels) cancel();
  };
}

interface Sensor {
  readonly room: Room;
  readonly clock: Clock;
  readonly publish: PublishSensor;
  readonly topic: string;
  readonly index: number;
  readonly spec: SensorSpec & { readonly id: string };
}

function startSensor(sensor: Sensor): Cancel {
  const { room, clock, publish, topic, index, spec } = sensor;
  let cancelNext: Cancel = () => {};
  let silentSince: number | null = null;
  let online: boolean | null = null;
  let shownEvent = eventOf(room.look(), spec);
  let turn = 0;
  const availability = (now: boolean): void => {
    if (online === now) return;
    online = now;
    publish(`${topic}/availability`, JSON.stringify({ state: now ? 'online' : 'offline' }), true);
  };
  const say = (): void => {
    const running = room.look();
    const state = running.world.sensors[index] as SensorState;
    if (state.fault === 'dropout') {
      silentSince ??= running.world.at;
      if (running.world.at - silentSince >= OFFLINE_AFTER_MS) availability(false);
      return;
    }
    silentSince = null;
    availability(true);
    const payload = JSON.stringify(sensorPayload(running, index));
    publish(topic, payload, false);
    if (state.fault === 'duplicate') publish(topic, payload, false);
  };
  const schedule = (delayMs: number): void => {
    cancelNext = clock.after(milliseconds(delayMs), () => {
      say();
      turn++;
      // Radios wake a little early or late, so that many sensors never speak at once.
      schedule(Math.round(spec.interval * (0.95 + 0.1 * hashUnit(spec.id, turn))));
    });
  };
  say();
  // The bridge asks each device for its state once more when it has come up: who subscribed a moment late has it too.
  schedule(Math.min(spec.interval, FIRST_AGAIN_MS + Math.round(FIRST_AGAIN_MS * hashUnit(spec.id, 0))));
  const cancelWatch = room.onChange(() => {
    const event = eventOf(room.look(), spec);
    if (event === shownEvent) return;
    shownEvent = event;
    say();
  });
  return () => {
    cancelNext();
    cancelWatch();
  };
}

/** What a sensor reports the moment it changes. */
function eventOf(running: Running, spec: SensorSpec): boolean {
  const { world } = running;
  return spec.kind === 'smoke'
    ? world.smoke
    : spec.kind === 'leak'
      ? world.leak
      : spec.kind === 'contact' && world.doorOpen;
}

/** The JSON that zigbee2mqtt publishes for this sensor now: its whole cached state. */
export function sensorPayload(running: Running, index: number): Record<string, unknown> {
  const { world, plan } = running;
  const spec = plan.sensors[index];
  const state = world.sensors[index];
  if (spec === undefined || state === undefined) throw new RangeError(`the world has no sensor ${index}`);
  const days = (world.at - world.startedAt) / 86_400_000;
  const battery =
    state.fault === 'flat-battery' ? 4 : Math.max(0, Math.round((state.batteryPercent - days * 0.05) * 10) / 10);
  const common = {
    battery,
    linkquality: Math.min(
      255,
      Math.max(0, Math.round(spec.linkquality + noise(`${spec.id}/lqi`, seconds(world.at), 6))),
    ),
    voltage: Math.round(2500 + battery * 5),
  };
  if (spec.kind === 'climate') return { ...climateOf(running, index), ...common };
  if (spec.kind === 'smoke') return { smoke: world.smoke, tamper: false, battery_low: battery < 10, ...common };
  if (spec.kind === 'leak') return { water_leak: world.leak, tamper: false, battery_low: battery < 10, ...common };
  // The magnet is there: contact is true when the door is closed.
  return { contact: !world.doorOpen, ...common };
}

const seconds = (ms: number): number => Math.floor(ms / 1000);

function climateOf(running: Running, index: number): { temperature: number; humidity: number } {
  const { world, plan } = running;
  const spec = plan.sensors[index] as SensorSpec & { id: string };
  const state = world.sensors[index] as SensorState;
  // A stuck sensor repeats one moment's noise and the room's temperature at rest.
  const stuck = state.stuckAt !== null;
  const moment = seconds(state.stuckAt ?? world.at);
  const kilowatts = world.machines.reduce((sum, machine) => sum + machine.watts, 0) / 1000;
  const drift = (spec.drift_per_day * (world.at - world.startedAt)) / 86_400_000;
  const base = stuck ? plan.room.temperature : world.climate.temperatureC + spec.heat_gain * kilowatts + drift;
  const temperatureC = base + spec.offset + noise(`${spec.id}/t`, moment, spec.noise);
  const humidity =
    (stuck ? plan.room.humidity : humidityAt(world.climate, temperatureC)) + noise(`${spec.id}/h`, moment, 0.3);
  return {
    temperature: Math.round(temperatureC * 100) / 100,
    humidity: Math.round(Math.min(100, Math.max(0, humidity)) * 100) / 100,
  };
}
