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
import { snmpFaces } from './devices/faces.ts';
import { createInMemorySsh } from './devices/in-memory-ssh.ts';
import type { SnmpFace } from './devices/mib.ts';
import { createMibStore, encode, type MibStore } from './devices/mib-store.ts';
import { startSensors } from './devices/sensors.ts';
import type { Room } from './room.ts';

/** The room without sockets: the same tables, commands and messages as the live faces, deterministic on the room's clock. */
export interface InMemoryFaces {
  readonly snmp: SnmpTransport;
  readonly reach: ReachProbe;
  readonly traps: TrapSource;
  readonly ssh: ActionDriver;
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
      for (const handler of [...trapHandlers]) handler(trap);
    }),
  );
  const stopSensors = new Set<Cancel>();
  return {
    snmp: inMemorySnmp(cards, clock, touched),
    reach: inMemoryReach(room, config, touched),
    traps: {
      listen: async (handler) => {
        trapHandlers.add(handler);
        return async () => {
          trapHandlers.delete(handler);
        };
      },
    },
    ssh: createInMemorySsh(room, config, clock, touched),
    startSensors: (bus) => {
      const cancel = startSensors(room, config, clock, (topic, payload, retain) => {
        // A bus that is down loses the message, as a broker would.
        bus.publish(topic, payload, { retain, qos: 1 }).catch(() => {});
      });
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

function inMemorySnmp(cards: readonly Card[], clock: Clock, touched: Set<string>): SnmpTransport {
  return {
    open: (connection) => {
      const address = `udp ${connection.host}:${connection.port}`;
      const card = cards.find((one) => one.address === address);
      /** The card, or the silence of one that is not there, has no power or does not know the community. */
      const answer = async (): Promise<MibStore> => {
        touched.add(address);
        const known = card?.community === '' || card?.community === textOf(connection.community);
        if (card !== undefined && known && card.face.alive()) return card.store;
        const waitMs = connection.timeout * (connection.retries + 1);
        await new Promise<void>((resolve) => {
          clock.after(milliseconds(waitMs), resolve);
        });
        throw new ZhishouError('TIMED_OUT', address, `no answer within ${waitMs} ms`);
      };
      return {
        get: async (oids) => {
          const store = await answer();
          return oids.map(store.get);
        },
        walk: async (oid, limit) => (await answer()).walk(oid, limit),
        set: async (varbinds) => (await answer()).set(varbinds),
        close: () => {},
      };
    },
  };
}

function inMemoryReach(room: Room, config: Pick<Config, 'devices'>, touched: Set<string>): ReachProbe {
  return {
    tcp: async (host, port) => {
      touched.add(`tcp ${host}:${port}`);
      const device = config.devices.find((one) => one.reach?.host === host && one.reach.port === port);
      return device !== undefined && room.reachable(device.id) ? 'open' : 'closed';
    },
  };
}
