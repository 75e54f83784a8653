import type { Config } from '#core/config/config.ts';
import type { Site } from '#core/config/site.ts';
import { messageOf } from '#core/errors.ts';
import type { Bus, Cancel, Clock, Log, Stop } from '#core/ports.ts';
import type { Random } from '#core/random.ts';
import { type CaughtMessage, simulatorCommandSchema } from '#core/simulator.ts';
import { milliseconds } from '#core/time.ts';
import { topic, topicFilter } from '#core/topics.ts';
import { startSmtpCatcher } from '#simulators/catchers/smtp-catcher.ts';
import { startWebhookCatcher } from '#simulators/catchers/webhook-catcher.ts';
import type { SimulatorSecrets } from '#simulators/devices/secrets.ts';
import { startLiveFaces } from '#simulators/live.ts';
import { createRoom, type Room } from '#simulators/room.ts';
import type { WorldOverrides } from '#simulators/world/create-world.ts';
import type { SimulationSpec } from '#simulators/world/spec.ts';

/** The simulated room behind real sockets, its panel on the bus, and the catchers that stand in for phone and mailbox. */
export interface SimulatedSiteOptions {
  readonly config: Config;
  readonly simulation: SimulationSpec;
  readonly clock: Clock;
  /** Real time: how often the panel is shown does not grow with the speed. */
  readonly wall: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly bus: Bus;
  readonly secrets: SimulatorSecrets;
  /** Where the room goes on from, and what is called after each change of it; null where nothing is kept. */
  readonly memory: { readonly snapshot: unknown; readonly save: (room: Room) => void } | null;
  readonly overrides?: WorldOverrides;
  readonly onSpeed?: (factor: number) => void;
  /** Another address for the catchers than the channels' own hosts: inside a container. */
  readonly catchOn?: string;
}

export interface SimulatedSite {
  readonly room: Room;
  readonly stop: Stop;
}

const STATE_EVERY = milliseconds(500);

export async function startSimulatedSite(options: SimulatedSiteOptions): Promise<SimulatedSite> {
  const { config, clock, log } = options;
  const stops: Stop[] = [];
  const stop = async (): Promise<void> => {
    for (const one of stops.splice(0).reverse()) await one();
  };
  try {
    const room = createRoom({
      config,
      simulation: options.simulation,
      clock,
      random: options.random,
      log,
      ...(options.memory === null ? {} : { snapshot: options.memory.snapshot }),
      ...(options.overrides === undefined ? {} : { overrides: options.overrides }),
      ...(options.onSpeed === undefined ? {} : { onSpeed: options.onSpeed }),
    });
    stops.push(async () => room.stop());
    stops.push(...(await startCatchers(options)));
    stops.push(await startLiveFaces(room, { config, clock, log, secrets: options.secrets }));
    stops.push(await startPanel(room, options));
    return { room, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Takes the panel's commands and shows the world's state twice a second and after each change. */
async function startPanel(room: Room, { config, wall, log, bus, memory }: SimulatedSiteOptions): Promise<Stop> {
  const site = config.site.id;
  let cancelTick: Cancel = () => {};
  const show = (): void => {
    bus.publish(topic(site, 'simulator/state'), JSON.stringify(room.state()), { retain: true, qos: 0 }).catch(() => {});
  };
  const tick = (): void => {
    show();
    memory?.save(room);
    cancelTick = wall.after(STATE_EVERY, tick);
  };
  const cancelChange = room.onChange(() => {
    // What a device was told must not be forgotten by the world when this process is killed the moment after.
    memory?.save(room);
    show();
  });
  const unsubscribe = await bus.subscribe(topicFilter(site, 'simulator/command'), (message) => {
    try {
      room.apply(simulatorCommandSchema.parse(JSON.parse(new TextDecoder().decode(message.payload))));
    } catch (error) {
      log.warn({ error: messageOf(error) }, 'the simulator did not take a command');
    }
  });
  tick();
  return async () => {
    cancelTick();
    cancelChange();
    await unsubscribe();
    memory?.save(room);
  };
}

/** A catcher for each channel that goes to this machine: nothing else could be reached from a simulated room anyway. */
async function startCatchers(options: SimulatedSiteOptions): Promise<Stop[]> {
  const { config, clock, log, bus } = options;
  let caught = 0;
  const onMessage = (message: CaughtMessage): void => {
    caught++;
    bus
      .publish(topic(config.site.id, 'simulator/caught/+', String(caught)), JSON.stringify(message))
      .catch((error: unknown) => log.warn({ error: messageOf(error) }, 'a caught message could not be shown'));
  };
  const stops: Stop[] = [];
  for (const channel of Object.values(config.site.channels)) {
    const address = addressOf(channel);
    if (address === null) continue;
    const at = { host: options.catchOn ?? address.host, port: address.port, clock, log, onMessage };
    stops.push((await (channel.kind === 'smtp' ? startSmtpCatcher(at) : startWebhookCatcher(at))).stop);
  }
  return stops;
}

/** Where a catcher stands in for the other side; null: this kind goes where it says, also from a simulated room. */
function addressOf(channel: Site['channels'][string]): { host: string; port: number } | null {
  if (channel.kind === 'smtp') return { host: channel.host, port: channel.port };
  if (channel.kind !== 'webhook' || typeof channel.url !== 'string') return null;
  const url = new URL(channel.url);
  return { host: url.hostname, port: Number(url.port || (url.protocol === 'https:' ? 443 : 80)) };
}
