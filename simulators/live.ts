import mqtt from 'mqtt';
import type { Config } from '#core/config/config.ts';
import type { Cancel, Clock, Log, Stop } from '#core/ports.ts';
import { Secret } from '#core/secret.ts';
import { milliseconds } from '#core/time.ts';
import { serveTcp } from '#platform/modbus/byte-stream.ts';
import { listenTcp } from '#platform/tcp-listener.ts';
import { sshAddressOf } from './devices/addresses.ts';
import { snmpFaces } from './devices/faces.ts';
import { startNutFaces } from './devices/nut-faces.ts';
import { startRedfishFaces } from './devices/redfish-faces.ts';
import type { SimulatorSecrets } from './devices/secrets.ts';
import { type SensorBroker, startSensors } from './devices/sensors.ts';
import { type Datagrams, startSnmpAgent } from './devices/snmp-agent.ts';
import { createSshFace } from './devices/ssh-server.ts';
import { createTrapSender } from './devices/trap-sender.ts';
import { startYdtLines } from './devices/ydt-lines.ts';
import type { Room } from './room.ts';
import { passage } from './world/links.ts';

/** The room's live faces: real SNMP agents, traps, SSH servers, Redfish services, NUT servers, TCP ports and MQTT sensors on the configured addresses. */
export interface LiveOptions {
  readonly config: Pick<Config, 'site' | 'devices'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly secrets: SimulatorSecrets;
}

/** Starts all faces; rejects, with all of them stopped again, when an address is taken. */
export async function startLiveFaces(room: Room, options: LiveOptions): Promise<Stop> {
  const stops: Stop[] = [];
  const stopAll = async (): Promise<void> => {
    for (const stop of stops.splice(0).reverse()) await stop();
  };
  try {
    await startSnmp(room, options, stops);
    await startMachines(room, options, stops);
    stops.push(await startRedfishFaces(room, options));
    stops.push(await startNutFaces(room, options.config));
    stops.push(await startMqtt(room, options));
    stops.push(await startYdtLines(room, { ...options, serve: serveTcp }));
  } catch (error) {
    await stopAll();
    throw error;
  }
  return stopAll;
}

async function startSnmp(room: Room, { config, clock, log }: LiveOptions, stops: Stop[]): Promise<void> {
  const sender = config.site.traps === undefined ? null : createTrapSender(config.site.traps, log);
  if (sender !== null) stops.push(async () => sender.close());
  for (const { face, connection } of snmpFaces(room, config, clock)) {
    const network = datagramsOf(room, face.device, clock);
    const agent = await startSnmpAgent(face, connection, log, network);
    stops.push(agent.stop);
    const cancels: Cancel[] = [room.onChange(agent.refresh)];
    if (sender !== null)
      cancels.push(face.watch((notification) => network(() => sender.send(notification, face.upTime()))));
    stops.push(async () => {
      for (const cancel of cancels) cancel();
    });
  }
}

/** The simulated network's ways with this device's datagrams. */
function datagramsOf(room: Room, device: string, clock: Clock): Datagrams {
  let nth = 0;
  return (deliver) => {
    nth = (nth + 1) % 8;
    const way = passage(room.look(), device, nth);
    if (way === null) return;
    for (let times = way.twice ? 2 : 1; times > 0; times--)
      if (way.delayMs === 0) deliver();
      else clock.after(milliseconds(way.delayMs), deliver);
  };
}

/** Servers and arrays answer on SSH, everything else with an address on a bare port. */
async function startMachines(room: Room, { config, log, secrets }: LiveOptions, stops: Stop[]): Promise<void> {
  for (const device of config.devices) {
    if (!room.look().world.machines.some((machine) => machine.id === device.id)) continue;
    const address = sshAddressOf(device);
    const face =
      address !== null
        ? createSshFace(room, address, secrets, log)
        : device.reach === undefined
          ? null
          : createPortFace(room, device.id, device.reach);
    if (face === null) continue;
    await face.refresh();
    stops.push(face.stop);
    const cancel = room.onChange(() => {
      face.refresh().catch((error: unknown) => log.error({ err: error, device: device.id }, 'a simulated port failed'));
    });
    stops.push(async () => cancel());
  }
}

function createPortFace(
  room: Room,
  device: string,
  address: { host: string; port: number },
): { refresh(): Promise<void>; stop: Stop } {
  let open: Stop | null = null;
  let working: Promise<void> = Promise.resolve();
  const change = (wanted: boolean): Promise<void> => {
    working = working.then(async () => {
      if (wanted && open === null) open = await listenTcp(address.host, address.port);
      else if (!wanted && open !== null) {
        const close = open;
        open = null;
        await close();
      }
    });
    return working;
  };
  return { refresh: () => change(room.reachable(device)), stop: () => change(false) };
}

/** Connects as the Zigbee bridge does, with its own last will. */
async function startMqtt(room: Room, { config, clock, log }: LiveOptions): Promise<Stop> {
  const { bus } = config.site;
  const url = bus.url ?? `mqtt://${bus.listen.host}:${bus.listen.port}`;
  const password = bus.password instanceof Secret ? bus.password.reveal() : undefined;
  const client = mqtt.connect(url, {
    clientId: `zigbee2mqtt-simulated-${config.site.id}`,
    reconnectPeriod: 1000,
    ...(bus.user === undefined ? {} : { username: bus.user }),
    ...(password === undefined ? {} : { password }),
    ...(bus.ca === undefined ? {} : { ca: bus.ca }),
    will: {
      topic: 'zigbee2mqtt/bridge/state',
      payload: Buffer.from(JSON.stringify({ state: 'offline' })),
      qos: 1,
      retain: true,
    },
  });
  client.on('error', (error) => log.warn({ error: error.message }, 'the simulated Zigbee bridge has no broker'));
  const cancel = startSensors(room, config, clock, brokerOf(client, log));
  return async () => {
    cancel();
    await client.endAsync(true);
  };
}

function brokerOf(client: mqtt.MqttClient, log: Log): SensorBroker {
  const handlers = new Map<string, (payload: string) => void>();
  client.on('message', (topic, payload) => handlers.get(topic)?.(payload.toString('utf8')));
  return {
    publish: (topic, payload, retain) => {
      client.publish(topic, JSON.stringify(payload), { qos: 1, retain }, (error) => {
        if (error) log.debug({ error: error.message, topic }, 'a simulated sensor was not heard');
      });
    },
    subscribe: (topic, handler) => {
      handlers.set(topic, handler);
      client.subscribe(topic, { qos: 1 }, (error) => {
        if (error !== null) log.debug({ error: error.message, topic }, 'a simulated siren hears nothing');
      });
      return () => handlers.delete(topic);
    },
  };
}
