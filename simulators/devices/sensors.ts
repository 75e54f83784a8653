import type { Config } from '#core/config/config.ts';
import type { Cancel, Clock } from '#core/ports.ts';
import { QUIET } from '#core/quiet.ts';
import { milliseconds } from '#core/time.ts';
import type { Room } from '../room.ts';
import { passage } from '../world/links.ts';
import { hashedUnit, nameHash } from '../world/noise.ts';
import { sensed } from '../world/senses.ts';
import type { SensorState } from '../world/state.ts';
import type { SensorPlan } from '../world/world-plan.ts';
import { sensorPayload, speaks } from './sensor-payload.ts';
import { readSirenOrder } from './siren-order.ts';

/**
 * The battery-powered Zigbee sensors and their bridge, as zigbee2mqtt publishes them; the same for a real broker and a bus in
 * memory. A message passes the sensor's own faults (late, lossy, twice) and then the network's.
 */

/** A message's JSON, before it is written. */
type Payload = Readonly<Record<string, unknown>>;

/** The broker's two sides, as the bridge uses them. */
export interface SensorBroker {
  /** Hands a message over; one that is lost is lost. */
  publish(topic: string, payload: Payload, retain: boolean): void;
  /** Hears what is said to a device. */
  subscribe(topic: string, handler: (payload: string) => void): Cancel;
}

const BASE = 'zigbee2mqtt';
/** A sensor that says nothing for so long is offline to zigbee2mqtt (passive devices: 25 hours by default; shorter here). */
const OFFLINE_AFTER_MS = 30 * 60_000;
const FIRST_AGAIN_MS = 1000;
/** How a siren is told over MQTT, for the log of received commands. */
const OVER = 'mqtt';

/** Starts the bridge and all sensors; the returned function stops them. */
export function startSensors(room: Room, config: Pick<Config, 'devices'>, clock: Clock, broker: SensorBroker): Cancel {
  broker.publish(`${BASE}/bridge/state`, { state: 'online' }, true);
  const cancels = room.look().plan.sensors.flatMap((spec, index) => {
    const topic = config.devices.find((device) => device.id === spec.id)?.mqtt?.topic;
    return topic === undefined ? [] : [startSensor({ room, clock, broker, topic, index, spec })];
  });
  return () => {
    for (const cancel of cancels) cancel();
  };
}

interface Sensor {
  readonly room: Room;
  readonly clock: Clock;
  readonly broker: SensorBroker;
  readonly topic: string;
  readonly index: number;
  readonly spec: SensorPlan;
}

/** What a sensor reports the moment it changes: its event, and how often its button was pressed. */
interface Shown {
  event: boolean;
  presses: number;
}

function startSensor(sensor: Sensor): Cancel {
  const { room, clock, index, spec } = sensor;
  const name = nameHash(spec.id);
  let cancelNext: Cancel = () => {};
  let silentSince: number | null = null;
  let online: boolean | null = null;
  let turn = 0;
  const stateOf = (): SensorState => room.look().world.sensors[index] as SensorState;
  const shown: Shown = { event: sensed(room.look(), index), presses: stateOf().presses };
  const availability = (now: boolean): void => {
    if (online === now) return;
    online = now;
    sensor.broker.publish(`${sensor.topic}/availability`, { state: now ? 'online' : 'offline' }, true);
  };
  const say = (more?: Readonly<Record<string, unknown>>): void => {
    const running = room.look();
    if (!speaks(running, index)) {
      silentSince ??= running.world.at;
      if (running.world.at - silentSince >= OFFLINE_AFTER_MS) availability(false);
      return;
    }
    silentSince = null;
    availability(true);
    const payload = sensorPayload(running, index);
    send(sensor, more === undefined ? payload : { ...more, ...payload });
  };
  const schedule = (delayMs: number): void => {
    cancelNext = clock.after(milliseconds(delayMs), () => {
      say();
      turn++;
      // Radios wake a little early or late, so that many sensors never speak at once.
      schedule(Math.round(spec.interval * (0.95 + 0.1 * hashedUnit(name, turn))));
      return QUIET;
    });
  };
  say();
  // The bridge asks each device for its state once more when it has come up: who subscribed a moment late has it too.
  schedule(Math.min(spec.interval, FIRST_AGAIN_MS + Math.round(FIRST_AGAIN_MS * hashedUnit(name, 0))));
  const cancelWatch = spec.kind === 'climate' ? () => {} : room.onChange(() => reportChange(sensor, shown, say));
  const cancelOrders = spec.kind === 'siren' ? hearOrders(sensor, say) : () => {};
  return () => {
    cancelNext();
    cancelWatch();
    cancelOrders();
  };
}

function reportChange(
  { room, index }: Sensor,
  shown: Shown,
  say: (more?: Readonly<Record<string, unknown>>) => void,
): void {
  const running = room.look();
  const { presses } = running.world.sensors[index] as SensorState;
  for (; shown.presses < presses; shown.presses++) say({ action: 'single' });
  const event = sensed(running, index);
  if (event === shown.event) return;
  shown.event = event;
  say();
}

/** Through the sensor's own faults, then through the network. */
function send(sensor: Sensor, payload: Payload): void {
  const running = sensor.room.look();
  const state = running.world.sensors[sensor.index] as SensorState;
  const { id } = sensor.spec;
  if (state.fault === 'lossy' && hashedUnit(nameHash(`${id}/lossy`), running.world.at) < state.amount) return;
  const times = state.fault === 'duplicate' ? 2 : 1;
  const lateMs = state.fault === 'late' ? state.amount * 1000 : 0;
  for (let nth = 0; nth < times; nth++) {
    const way = passage(running, id, nth);
    if (way === null) continue;
    deliver(sensor, payload, lateMs + way.delayMs);
    if (way.twice) deliver(sensor, payload, lateMs + way.delayMs);
  }
}

function deliver({ broker, clock, topic }: Sensor, payload: Payload, delayMs: number): void {
  if (delayMs === 0) broker.publish(topic, payload, false);
  else clock.after(milliseconds(delayMs), () => broker.publish(topic, payload, false));
}

/** Over the radio and back. */
const RADIO_MS = 200;

/** A siren is told on …/set, and tells its state back. */
function hearOrders({ broker, room, clock, topic, index, spec }: Sensor, say: () => void): Cancel {
  const obey = (on: boolean): void => {
    if (!speaks(room.look(), index) || passage(room.look(), spec.id, 7) === null) return;
    const before = room.look().world.sensors[index]?.sounding;
    room.orderSiren(spec.id, on, `${OVER} ${topic}/set`);
    // What was so already is told back as well: whoever asked wants to know.
    if (before === on) say();
  };
  return broker.subscribe(`${topic}/set`, (payload) => {
    const on = readSirenOrder(payload);
    if (on !== null) clock.after(milliseconds(RADIO_MS), () => obey(on));
  });
}
