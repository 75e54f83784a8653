import { ZhishouError } from '#core/errors.ts';
import type { SnmpLink, SnmpTransport, SnmpType, Varbind } from '#core/ports.ts';

/** An SNMP agent in memory: a map of objects, and ways to misbehave. */
export interface FakeAgent {
  readonly objects: Map<string, Varbind>;
  put(oid: string, type: SnmpType, value: Varbind['value']): void;
  /** Each GET or walk goes through here first; rejects or waits to misbehave. */
  behave: () => Promise<void>;
  readonly asked: { gets: number; walks: number; varbinds: number };
  readonly transport: SnmpTransport;
}

const compare = (a: string, b: string): number => {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? -1) - (right[i] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
};

export function createFakeAgent(objects: Iterable<Varbind> = []): FakeAgent {
  const held = new Map([...objects].map((varbind) => [varbind.oid, varbind]));
  const asked = { gets: 0, walks: 0, varbinds: 0 };
  const agent: FakeAgent = {
    objects: held,
    put: (oid, type, value) => void held.set(oid, { oid, type, value }),
    behave: async () => {},
    asked,
    transport: {
      open: (connection): SnmpLink => {
        let closed = false;
        const guard = async (): Promise<void> => {
          if (closed) throw new ZhishouError('UNREACHABLE', connection.host, 'the link is closed');
          await agent.behave();
        };
        return {
          get: async (oids) => {
            await guard();
            asked.gets++;
            asked.varbinds += oids.length;
            return oids.map((oid) => held.get(oid) ?? { oid, type: 'NoSuchObject', value: null });
          },
          walk: async (oid, limit) => {
            await guard();
            asked.walks++;
            const below = [...held.values()].filter((varbind) => varbind.oid.startsWith(`${oid}.`));
            return below.sort((a, b) => compare(a.oid, b.oid)).slice(0, limit);
          },
          set: async (varbinds) => {
            await guard();
            for (const { oid } of varbinds) if (!held.has(oid)) throw new ZhishouError('REFUSED', oid, 'NoCreation');
            for (const { oid, type, value } of varbinds) held.set(oid, { oid, type, value });
          },
          close: () => {
            closed = true;
          },
        };
      },
    },
  };
  return agent;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const octets = (oid: string, text: string): Varbind => ({ oid, type: 'OctetString', value: bytes(text) });
export const integer = (oid: string, value: number): Varbind => ({ oid, type: 'Integer', value });
export const oidValue = (oid: string, value: string): Varbind => ({ oid, type: 'OID', value });

/** A small RFC 1628 UPS on mains: 60 minutes, 100 %, 231 V in, 230 V out, 44 %. */
export function upsObjects(): Varbind[] {
  const ups = '1.3.6.1.2.1.33.1';
  return [
    octets('1.3.6.1.2.1.1.1.0', 'A UPS'),
    oidValue('1.3.6.1.2.1.1.2.0', '1.3.6.1.4.1.99999.1'),
    { oid: '1.3.6.1.2.1.1.3.0', type: 'TimeTicks', value: 1000 },
    octets(`${ups}.1.2.0`, 'Model 5'),
    integer(`${ups}.2.1.0`, 2),
    integer(`${ups}.2.2.0`, 0),
    integer(`${ups}.2.3.0`, 60),
    integer(`${ups}.2.4.0`, 100),
    integer(`${ups}.2.5.0`, 2730),
    integer(`${ups}.3.2.0`, 1),
    integer(`${ups}.3.3.1.2.1`, 500),
    integer(`${ups}.3.3.1.3.1`, 231),
    integer(`${ups}.4.1.0`, 3),
    integer(`${ups}.4.2.0`, 500),
    integer(`${ups}.4.4.1.2.1`, 230),
    integer(`${ups}.4.4.1.4.1`, 2400),
    integer(`${ups}.4.4.1.5.1`, 44),
    { oid: `${ups}.6.1.0`, type: 'Gauge', value: 0 },
    integer(`${ups}.7.3.0`, 6),
  ];
}
