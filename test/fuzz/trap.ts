import { EventEmitter } from 'node:events';
import snmp, { type Session } from 'net-snmp';
import { snmpConnectionSchema } from '#core/config/connections.ts';
import { deviceSchema } from '#core/config/device.ts';
import type { Trap } from '#core/ports.ts';
import type { Random } from '#core/random.ts';
import { Secret } from '#core/secret.ts';
import { silentLog } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import { openSession } from '#platform/snmp/session.ts';
import { startReceiver } from '#platform/snmp/trap-source.ts';
import { decode, fromVarbind } from '#services/collector/decode.ts';
import { matchTrap, type TrapTarget } from '#services/collector/traps.ts';
import { profileOfFile } from '../collector/support/profiles.ts';
import type { FuzzRun, FuzzTarget } from './fuzz-target.ts';
import { mutateBytes } from './mutate.ts';

/** Notifications as they come in by UDP, from the datagram to the device that is looked at for them. */
export const trapTarget: FuzzTarget = { name: 'trap', begin };

const UPS = '1.3.6.1.2.1.33';
const USER = snmpConnectionSchema.parse({
  ...{ host: '127.0.0.1', version: '3', user: 'zhishou', auth: 'sha256', priv: 'aes' },
  ...{ auth_key: new Secret('authentication'), priv_key: new Secret('privatesecret') },
});
const PLAIN = snmpConnectionSchema.parse({ host: '127.0.0.1', version: '2c', community: 'public' });
const OLD = snmpConnectionSchema.parse({ host: '127.0.0.1', version: '1', community: 'public' });
const DEVICES: readonly TrapTarget[] = [
  ['ups-1', PLAIN],
  ['ups-2', USER],
].map(([id, snmpOf]) => ({
  device: { ...deviceSchema.parse({ id, name: 'UPS', kind: 'ups' }), snmp: snmpOf as typeof PLAIN },
  profile: profileOfFile('rfc1628-ups'),
}));

function begin(random: Random): FuzzRun {
  const socket = new Loose();
  const reasons = new Map<string, number>();
  let came: Trap | null = null;
  const options = { host: '127.0.0.1', port: 0, community: 'public', connections: [PLAIN, USER] };
  const receiver = startReceiver(
    socket as never,
    { ...options, log: silentLog, metrics: createMetrics(), mostPerSecond: Number.POSITIVE_INFINITY },
    (trap) => {
      came = trap;
    },
    (reason) => void reasons.set(reason, (reasons.get(reason) ?? 0) + 1),
  );
  const seeds = [...notifications(OLD), ...notifications(PLAIN), ...notifications(USER)];
  return {
    tryOne: () => {
      came = null;
      const seed = seeds[random.integer(0, seeds.length - 1)] ?? Buffer.alloc(0);
      const bytes = random.chance(0.05) ? seed : Buffer.from(mutateBytes(new Uint8Array(seed), random));
      socket.emit('message', bytes, { address: '127.0.0.1', port: 50_000, family: 'IPv4', size: bytes.length });
      const trap = came as Trap | null;
      if (trap === null) return 'refused';
      check(trap);
      return matchTrap(trap, DEVICES, 'public').length > 0 ? 'read' : 'refused';
    },
    finish: () => {
      receiver.close();
      return [...reasons].map(([reason, count]) => `${count} ${reason}`).join(', ');
    },
  };
}

function check(trap: Trap): void {
  if (!/^\d+(\.\d+)*$/.test(trap.oid)) throw new Error(`not an OID: ${trap.oid}`);
  if (trap.name !== 'public' && trap.name !== 'zhishou') throw new Error(`a stranger was let in: ${trap.name}`);
  const definitions = DEVICES.flatMap(({ profile }) => profile?.traps ?? []).flatMap(({ points }) => points);
  for (const varbind of trap.varbinds) {
    const raw = fromVarbind(varbind);
    for (const spec of definitions) decode(raw, spec);
  }
}

/** One trap and one inform as this sender makes them. */
function notifications(connection: typeof PLAIN): Buffer[] {
  const socket = new Loose();
  const session: Session = openSession(connection, { createSocket: () => socket as never });
  const varbinds = [
    { oid: `${UPS}.1.2.3.0`, type: snmp.ObjectType.Integer, value: 12 },
    { oid: `${UPS}.1.9.7.0`, type: snmp.ObjectType.Integer, value: 2 },
    { oid: `${UPS}.1.1.5.0`, type: snmp.ObjectType.OctetString, value: 'UPS of row 3' },
  ];
  const sent: Buffer[] = [];
  session.trap(`${UPS}.2.1`, varbinds, () => {});
  sent.push(socket.sent);
  if (connection.version === '2c') {
    session.inform(`${UPS}.2.3`, varbinds, () => {});
    sent.push(socket.sent);
  }
  session.close();
  return sent.filter((bytes) => bytes.length > 0);
}

class Loose extends EventEmitter {
  sent: Buffer = Buffer.alloc(0);
  send(bytes: Buffer, _from: number, _length: number, _port: number, _to: string, done?: (e: null, n: number) => void) {
    this.sent = Buffer.from(bytes);
    done?.(null, bytes.length);
  }
  address(): object {
    return { address: '127.0.0.1', port: 162, family: 'IPv4' };
  }
  bind(): void {}
  unref(): void {}
  ref(): void {}
  close(done?: () => void): void {
    done?.();
  }
}
