import type { Config } from '#core/config/config.ts';
import { ZhishouError } from '#core/errors.ts';
import type {
  ActionDriver,
  Bus,
  Cancel,
  Clock,
  ReachProbe,
  SnmpTransport,
  Stop,
  Trap,
  TrapSource,
} from '#core/ports.ts';
import { Secret } from '#core/secret.ts';
import { milliseconds } from '#core/time.ts';
import type { IpmiReader } from '#platform/ipmi/ipmi-reader.ts';
import type { NutReader } from '#platform/nut/nut-reader.ts';
import type { RedfishReader } from '#platform/redfish/redfish-reader.ts';
import { inMemoryControllers } from './devices/bmc-sensors.ts';
import { snmpFaces } from './devices/faces.ts';
import { createInMemoryBmc } from './devices/in-memory-bmc.ts';
import { createInMemorySsh } from './devices/in-memory-ssh.ts';
import type { SnmpFace } from './devices/mib.ts';
import { createMibStore, encode, type MibStore } from './devices/mib-store.ts';
import { inMemoryNut } from './devices/nut-faces.ts';
import { type SensorBroker, startSensors } from './devices/sensors.ts';
import type { Room } from './room.ts';
import { linkGood, type Passage, passage } from './world/links.ts';
import { isReachable } from './world/machines.ts';

/** The room without sockets: the same tables, commands and messages as the live faces, deterministic on the room's clock. */
export interface InMemoryFaces {
  readonly snmp: SnmpTransport;
  readonly reach: ReachProbe;
  readonly traps: TrapSource;
  readonly ssh: ActionDriver;
  readonly ipmi: ActionDriver;
  readonly redfish: ActionDriver;
  readonly wake: ActionDriver;
  /** What reads in other ways than SNMP. */
  readonly readers: { readonly nut: NutReader; readonly ipmi: IpmiReader; readonly redfish: RedfishReader };
  /** Lets the sensors speak on this bus, as over the broker. */
  startSensors(bus: Bus): Stop;
  /** Every address that anything tried to reach, for I9: `tcp 127.0.0.1:20221`. */
  readonly touched: ReadonlySet<string>;
  stop(): void;
}

export interface InMemoryOptions {
  readonly config: Pick<Config, 'site' | 'devices'>;
  readonly clock: Clock;
}

interface Card {
  readonly face: SnmpFace;
  readonly store: MibStore;
  readonly community: string;
  readonly address: string;
  readonly host: string;
}

const textOf = (value: string | Secret | undefined): string =>
  value instanceof Secret ? value.reveal() : (value ?? '');

export function createInMemoryFaces(room: Room, { config, clock }: InMemoryOptions): InMemoryFaces {
  const touched = new Set<string>();
  const cards = snmpFaces(room, config, clock).map(
    ({ face, connection }): Card => ({
      face,
      store: createMibStore(face.mib),
      community: textOf(connection.community),
      address: `udp ${connection.host}:${connection.port}`,
      host: connection.host,
    }),
  );
  const trapHandlers = new Set<(trap: Trap) => void>();
  const cancels: Cancel[] = cards.map((card) =>
    card.face.watch((notification) => {
      const trap: Trap = {
        from: card.host,
        oid: notification.oid,
        varbinds: notification.varbinds.map((one) => ({ ...one, value: encode(one.type, one.value) })),
        version: '2c',
        name: textOf(config.site.traps?.community) || 'public',
        inform: false,
      };
      // Traps are datagrams: lost, late or twice as the network has it (L15).
      const way = passage(room.look(), card.face.device, 0);
      for (let times = way === null ? 0 : way.twice ? 2 : 1; times > 0; times--)
        later(clock, way?.delayMs ?? 0, () => {
          for (const handler of [...trapHandlers]) handler(trap);
        });
    }),
  );
  const stopSensors = new Set<Cancel>();
  return {
    snmp: inMemorySnmp(room, cards, clock, touched),
    reach: inMemoryReach(room, config, clock, touched),
    traps: {
      listen: async (handler) => {
        trapHandlers.add(handler);
        return async () => {
          trapHandlers.delete(handler);
        };
      },
    },
    ssh: createInMemorySsh(room, config, clock, touched),
    ...createInMemoryBmc(room, config, clock, touched),
    readers: { nut: inMemoryNut(room, config, touched), ...inMemoryControllers(room, config, touched) },
    startSensors: (bus) => {
      const cancel = startSensors(room, config, clock, brokerOn(bus));
      stopSensors.add(cancel);
      return async () => {
        cancel();
        stopSensors.delete(cancel);
      };
    },
    touched,
    stop: () => {
      for (const cancel of [...cancels, ...stopSensors]) cancel();
    },
  };
}

const later = (clock: Clock, delayMs: number, run: () => void): void => {
  if (delayMs === 0) run();
  else clock.after(milliseconds(delayMs), run);
};

const waitFor = (clock: Clock, delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    later(clock, delayMs, resolve);
  });

function brokerOn(bus: Bus): SensorBroker {
  return {
    // A bus that is down loses the message, as a broker would.
    publish: (topic, payload, retain) => {
      if (bus.publishValue === undefined) {
        bus.publish(topic, JSON.stringify(payload), { retain, qos: 1 }).catch(() => {});
        return;
      }
      try {
        bus.publishValue(topic, payload, { retain });
      } catch {
        // Lost.
      }
    },
    subscribe: (topic, handler) => {
      let ended = false;
      let stop: Stop | null = null;
      bus
        .subscribe(topic, (message) => {
          if (!ended) handler(new TextDecoder().decode(message.payload));
        })
        .then(async (made) => {
          stop = made;
          if (ended) await made();
        })
        .catch(() => {});
      return () => {
        ended = true;
        stop?.().catch(() => {});
      };
    },
  };
}

/** UDP with the manager's own retries: a request or its answer may be lost, and a SET whose answer was lost arrives again. */
function inMemorySnmp(room: Room, cards: readonly Card[], clock: Clock, touched: Set<string>): SnmpTransport {
  return {
    open: (connection) => {
      const address = `udp ${connection.host}:${connection.port}`;
      const card = cards.find((one) => one.address === address);
      const known = card?.community === '' || card?.community === textOf(connection.community);
      const waitedMs = connection.timeout * (connection.retries + 1);
      const ask = async <T>(request: (store: MibStore) => T): Promise<T> => {
        touched.add(address);
        const well = card !== undefined && linkGood(room.look(), card.face.device);
        if (well && known && card.face.alive()) return request(card.store);
        if (card === undefined || well || !known) {
          await waitFor(clock, waitedMs);
          throw silence(address, waitedMs);
        }
        let arrived = false;
        for (let attempt = 0; attempt <= connection.retries; attempt++) {
          const leftMs = connection.timeout;
          const there = passage(room.look(), card.face.device, attempt * 2);
          if (there !== null && there.delayMs > 0) await waitFor(clock, Math.min(there.delayMs, leftMs));
          if (!fits(there, leftMs) || !card.face.alive()) {
            await waitFor(clock, leftMs - Math.min(there?.delayMs ?? 0, leftMs));
            continue;
          }
          const serve = (): T => request(card.store);
          const answer = arrived ? repeated(room, serve) : serve();
          if (there?.twice === true) repeated(room, serve);
          arrived = true;
          const back = passage(room.look(), card.face.device, attempt * 2 + 1);
          const restMs = leftMs - (there?.delayMs ?? 0);
          if (!fits(back, restMs)) await waitFor(clock, restMs);
          else {
            if ((back?.delayMs ?? 0) > 0) await waitFor(clock, back?.delayMs ?? 0);
            return answer;
          }
        }
        throw silence(address, waitedMs);
      };
      return {
        get: (oids) => ask((store) => oids.map(store.get)),
        read: (oids) => {
          if (card === undefined || !known) return null;
          return room.still((running) => {
            if (!linkGood(running, card.face.device) || !card.face.alive()) return null;
            touched.add(address);
            return card.store.read(oids);
          });
        },
        walk: (oid, limit) => ask((store) => store.walk(oid, limit)),
        set: (varbinds) => ask((store) => store.set(varbinds)),
        close: () => {},
      };
    },
  };
}

const silence = (address: string, waitedMs: number): ZhishouError =>
  new ZhishouError('TIMED_OUT', address, `no answer within ${waitedMs} ms`);

const fits = (way: Passage | null, withinMs: number): boolean => way !== null && way.delayMs < withinMs;

/** The same datagram once more. What the repetition is refused, the first was not. */
function repeated<T>(room: Room, serve: () => T): T {
  let answer: T | undefined;
  room.again(() => {
    answer = serve();
  });
  return answer as T;
}

/** SYN is sent again after one and three seconds (RFC 6298); a way that is cut gives nothing until the caller's time is up. */
const SYN_AGAIN_MS = [0, 1000, 3000];

function inMemoryReach(room: Room, config: Pick<Config, 'devices'>, clock: Clock, touched: Set<string>): ReachProbe {
  const devices = new Map(
    config.devices.flatMap((one) => (one.reach === undefined ? [] : [[`${one.reach.host}:${one.reach.port}`, one.id]])),
  );
  const machines = new Map(room.look().world.machines.map(({ id }, index) => [id, index]));
  const byHost = new Map<string, Map<number, { device: string; machine: number }>>();
  for (const { id, reach } of config.devices) {
    if (reach === undefined) continue;
    const ports = byHost.get(reach.host) ?? new Map<number, { device: string; machine: number }>();
    byHost.set(reach.host, ports.set(reach.port, { device: id, machine: machines.get(id) ?? -1 }));
  }
  const asked = new Set<string>();
  return {
    tcpNow: (host, port) => {
      const there = byHost.get(host)?.get(port);
      if (there === undefined) return null;
      const running = room.look();
      if (!linkGood(running, there.device)) return null;
      if (!asked.has(there.device)) {
        asked.add(there.device);
        touched.add(`tcp ${host}:${port}`);
      }
      const machine = running.world.machines[there.machine];
      return machine !== undefined && isReachable(machine) ? 'open' : 'closed';
    },
    tcp: async (host, port, limit) => {
      const address = `${host}:${port}`;
      touched.add(`tcp ${address}`);
      const device = devices.get(address);
      if (device === undefined) return 'closed';
      if (linkGood(room.look(), device)) return room.reachable(device) ? 'open' : 'closed';
      for (const [nth, sentMs] of SYN_AGAIN_MS.entries()) {
        if (sentMs >= limit) break;
        await waitFor(clock, sentMs - (SYN_AGAIN_MS[nth - 1] ?? 0));
        const way = passage(room.look(), device, 10 + nth);
        if (way === null || 2 * way.delayMs >= limit - sentMs) continue;
        await waitFor(clock, 2 * way.delayMs);
        return room.reachable(device) ? 'open' : 'closed';
      }
      await waitFor(clock, Math.max(0, limit - (SYN_AGAIN_MS.findLast((ms) => ms < limit) ?? 0)));
      return 'closed';
    },
  };
}
