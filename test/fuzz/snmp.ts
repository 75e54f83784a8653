import { EventEmitter } from 'node:events';
import type { Varbind as RawVarbind, Session } from 'net-snmp';
import { snmpConnectionSchema } from '#core/config/connections.ts';
import type { Varbind } from '#core/ports.ts';
import type { Random } from '#core/random.ts';
import { MALFORMED, openSession } from '#platform/snmp/session.ts';
import { fromRaw } from '#platform/snmp/varbinds.ts';
import { discover, toMap } from '#services/collector/snmp-discovery.ts';
import { compile, evaluate, type SnmpPlan } from '#services/collector/snmp-plan.ts';
import { createFakeAgent, upsObjects } from '../collector/support/fake-agent.ts';
import { profileOfFile } from '../collector/support/profiles.ts';
import { requestId, response } from './ber.ts';
import type { FuzzRun, FuzzTarget } from './fuzz-target.ts';
import { mutateBytes } from './mutate.ts';
import { checkValue } from './nut.ts';

/** An agent's answer to a GET, from the datagram to the points: net-snmp behind our shield, our decoding behind that. */
export const snmpTarget: FuzzTarget = { name: 'snmp', begin };

const OBJECTS = upsObjects();
const PLAN = await planOfUps();
const MOST_VARBINDS = 24;
/** Now and then values that no UPS says, of every type. */
type Told = Pick<Varbind, 'type' | 'value'>;
const ODD: readonly [Told, ...Told[]] = [
  { type: 'Counter64', value: new Uint8Array([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]) },
  { type: 'Opaque', value: new Uint8Array([0x9f, 0x78, 4, 0x42, 0xf6, 0xe9, 0x79]) },
  { type: 'Opaque', value: new Uint8Array([0x9f, 0x79, 8, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0]) },
  { type: 'Integer', value: -2_147_483_648 },
  { type: 'Gauge', value: 4_294_967_295 },
  { type: 'IpAddress', value: '10.0.0.1' },
  { type: 'OID', value: '1.3.6.1.2.1.33.1.6.3.2' },
  { type: 'OctetString', value: new Uint8Array(2000).fill(0x41) },
  { type: 'OctetString', value: new Uint8Array([0xff, 0xfe, 0, 0x1b]) },
  { type: 'NoSuchObject', value: null },
  { type: 'EndOfMibView', value: null },
  { type: 'Null', value: null },
];

async function planOfUps(): Promise<SnmpPlan> {
  const profile = profileOfFile('rfc1628-ups');
  const connection = snmpConnectionSchema.parse({ host: '127.0.0.1' });
  return compile(profile, await discover(createFakeAgent(OBJECTS).transport.open(connection), profile));
}

function begin(random: Random): FuzzRun {
  const links = [openLink('2c'), openLink('1')];
  const objects = new Map(OBJECTS.map((varbind) => [varbind.oid, varbind]));
  const counts = { whole: 0, foreign: 0, unanswered: 0 };
  return {
    tryOne: () => {
      const link = links[random.integer(0, 1)] ?? links[0];
      if (link === undefined) throw new Error('no link');
      const from = random.integer(0, Math.max(0, PLAN.oids.length - 2));
      const oids = PLAN.oids.slice(from, from + random.integer(1, MOST_VARBINDS));
      // Either the values are odd and the datagram is whole, or the other way round.
      const odd = random.chance(0.5) ? 0.3 : 0.02;
      const told = oids.map((oid): Varbind => {
        if (random.chance(odd)) return { oid, ...random.pick(ODD) };
        return objects.get(oid) ?? { oid, type: 'NoSuchObject', value: null };
      });
      const answer = link.ask(oids, (id) => {
        const good = response(link.version, 'public', id, told);
        return odd > 0.1 ? good : mutateBytes(new Uint8Array(good), random, 8192);
      });
      if (answer === null) counts.unanswered++;
      if (answer === null) return 'refused';
      // As the transport does: an answer about other objects is none.
      const varbinds = answer.map(fromRaw);
      if (varbinds.some((varbind, place) => varbind.oid !== oids[place])) {
        counts.foreign++;
        return 'refused';
      }
      counts.whole++;
      // A set is told by its first object, of which this may be another part.
      const values = evaluate(PLAN, toMap(varbinds));
      for (const value of values)
        checkValue(value, value.decoded.quality === 'good' && !isSet(value.point) ? new Set(oids) : null);
      return values.some(({ decoded }) => decoded.quality === 'good') ? 'read' : 'refused';
    },
    finish: () => {
      for (const { session } of links) session.close();
      return `${counts.whole} answers taken, ${counts.foreign} about other objects, ${counts.unanswered} none`;
    },
  };
}

const isSet = (point: string): boolean => PLAN.profile.snmp.sets.some((set) => set.point === point);

/** A session over a socket of ours: what is asked is answered before `ask` returns, or it is given up. */
function openLink(version: '1' | '2c') {
  const socket = new Loose();
  const session: Session = openSession(
    snmpConnectionSchema.parse({ host: '127.0.0.1', version, community: 'public', timeout: '30s', retries: 0 }),
    { createSocket: () => socket as never },
  );
  return {
    session,
    version: version === '1' ? (0 as const) : (1 as const),
    ask: (oids: readonly string[], reply: (id: Buffer) => Uint8Array): readonly RawVarbind[] | null => {
      let came: readonly RawVarbind[] | Error | null = null;
      let times = 0;
      session.get([...oids], (error, varbinds) => {
        times++;
        came = error ?? varbinds;
      });
      // As `ask` does: a request that the library lost while it threw is ended by the session's word.
      const onMalformed = (error: Error): void => {
        if (times > 0) return;
        times++;
        came = error;
      };
      session.once(MALFORMED, onMalformed);
      socket.emit('message', Buffer.from(reply(requestId(socket.sent, 'public'))), { address: '127.0.0.1', port: 161 });
      session.off(MALFORMED, onMalformed);
      if (times === 0) session.cancelRequests(new Error('given up'));
      if (times !== 1) throw new Error(`a question was settled ${times} times`);
      return Array.isArray(came) ? came : null;
    },
  };
}

class Loose extends EventEmitter {
  sent: Buffer = Buffer.alloc(0);
  send(bytes: Buffer, _from: number, _length: number, _port: number, _to: string, done?: (e: null, n: number) => void) {
    this.sent = Buffer.from(bytes);
    done?.(null, bytes.length);
  }
  bind(): void {}
  unref(): void {}
  ref(): void {}
  close(): void {}
}
