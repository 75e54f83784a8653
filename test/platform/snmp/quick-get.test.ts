import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import snmp, { type Varbind as RawVarbind, type Request, type Session } from 'net-snmp';
import { describe, expect, it } from 'vitest';
import { snmpConnectionSchema } from '#core/config/connections.ts';
import type { SnmpType, Varbind } from '#core/ports.ts';
import { oidBytes } from '#platform/snmp/oid-bytes.ts';
import { takePlain } from '#platform/snmp/quick-get.ts';
import { openSession } from '#platform/snmp/session.ts';
import { fromRaw } from '#platform/snmp/varbinds.ts';
import { integer, oid as oidOf, response } from '../../fuzz/ber.ts';

/** Keeps what would be sent. */
class Socket extends EventEmitter {
  sent: Buffer = Buffer.alloc(0);
  send(bytes: Buffer, _from: number, _length: number, _port: number, _to: string, done: (e: null, n: number) => void) {
    this.sent = Buffer.from(bytes);
    done(null, bytes.length);
  }
  bind(): void {}
  unref(): void {}
  ref(): void {}
  close(): void {}
}

interface Asked {
  readonly session: Session;
  readonly request: Request;
  readonly sent: Buffer;
  /** What came of it. */
  readonly heard: () => readonly RawVarbind[] | Error | null;
}

function asking(version: '1' | '2c', community: string, oids: readonly string[]): Asked {
  const socket = new Socket();
  const connection = snmpConnectionSchema.parse({ host: '127.0.0.1', version, community, timeout: '30s', retries: 0 });
  const session = openSession(connection, { createSocket: () => socket as never });
  let heard: readonly RawVarbind[] | Error | null = null;
  session.get([...oids], (error, varbinds) => {
    heard = error ?? varbinds;
  });
  const request = Object.values(session.reqs)[0] as Request;
  return { session, request, sent: socket.sent, heard: () => heard };
}

const end = ({ session }: Asked): void => session.cancelRequests(new Error('the end'));

const arc = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
const oid = fc
  .tuple(
    fc.integer({ min: 0, max: 2 }),
    fc.integer({ min: 0, max: 39 }),
    fc.array(arc, { minLength: 1, maxLength: 18 }),
  )
  .map(([first, second, rest]) => [first, second, ...rest].join('.'));
const bytes = (most: number) => fc.uint8Array({ maxLength: most });
type Said = Pick<Varbind, 'type' | 'value'>;
const plainly: fc.Arbitrary<Said> = fc.oneof(
  fc.record({ type: fc.constant<SnmpType>('Integer'), value: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }) }),
  fc.record({
    type: fc.constantFrom<SnmpType>('Counter', 'Gauge', 'TimeTicks'),
    value: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  }),
  fc.record({ type: fc.constant<SnmpType>('OctetString'), value: bytes(300) }),
  fc.record({ type: fc.constant<SnmpType>('Counter64'), value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }),
  fc.record({
    type: fc.constantFrom<SnmpType>('Null', 'NoSuchObject', 'NoSuchInstance', 'EndOfMibView'),
    value: fc.constant(null),
  }),
);
const said: fc.Arbitrary<Said> = fc.oneof(
  { arbitrary: plainly, weight: 12 },
  { arbitrary: fc.record({ type: fc.constant<SnmpType>('OID'), value: oid }), weight: 1 },
  { arbitrary: fc.record({ type: fc.constant<SnmpType>('Opaque'), value: bytes(20) }), weight: 1 },
);
const version = fc.constantFrom('1' as const, '2c' as const);
const answers = fc.uniqueArray(fc.tuple(oid, said), { minLength: 1, maxLength: 12, selector: ([name]) => name });

describe('a GET beside net-snmp’s own', () => {
  it('is asked with the same bytes', () => {
    fc.assert(
      fc.property(version, fc.string({ maxLength: 200 }), fc.array(oid, { maxLength: 40 }), (one, community, oids) => {
        const asked = asking(one, community === '' ? 'public' : community, oids);
        const { message } = asked.request as unknown as { message: { buffer: Buffer | undefined; toBuffer(): Buffer } };
        message.buffer = undefined;
        expect(asked.sent.toString('hex')).toBe(message.toBuffer().toString('hex'));
        end(asked);
      }),
    );
  });

  it('is understood in the same way, whatever is wrong with the answer', () => {
    const spoilt = fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 2 });
    let plain = 0;
    fc.assert(
      fc.property(version, answers, spoilt, fc.option(fc.nat(300), { freq: 1 }), (one, told, spoils, cut) => {
        const [quick, own] = [0, 1].map(() =>
          asking(
            one,
            'public',
            told.map(([name]) => name),
          ),
        ) as [Asked, Asked];
        const datagram = ({ request }: Asked): Buffer => {
          const varbinds = told.map(([name, rest]) => ({ oid: name, ...rest }));
          const made = response(one === '1' ? 0 : 1, 'public', integer(request.message.pdu.id), varbinds);
          // From the end: the numbers of the two requests may be of different lengths.
          for (const [place, byte] of spoils) if (place < made.length - 25) made[made.length - 1 - place] = byte;
          return cut === null ? made : made.subarray(0, Math.max(0, made.length - cut));
        };
        own.session.on('error', () => {});
        if (takePlain(quick.session, datagram(quick))) {
          plain++;
          try {
            own.session.onMsg(datagram(own));
          } catch {
            // A reader that throws has understood nothing.
          }
          expect(quick.heard()).toEqual(own.heard());
          expect(Object.keys(quick.session.reqs)).toEqual([]);
        } else expect(quick.heard()).toBe(null);
        end(quick);
        end(own);
      }),
      { numRuns: 1000 },
    );
    expect(plain).toBeGreaterThan(100);
  });

  const asked = '1.3.6.1.4.1.32473.1.7.0';
  const answer = (id: number, varbinds: readonly Varbind[], community = 'public', of: 0 | 1 = 1): Buffer =>
    response(of, community, integer(id), varbinds);
  const good: Varbind = { oid: asked, type: 'Gauge', value: 4_294_967_295 };

  it('takes a plain answer', () => {
    const one = asking('2c', 'public', [asked]);
    expect(takePlain(one.session, answer(one.request.message.pdu.id, [good]))).toBe(true);
    expect((one.heard() as RawVarbind[]).map(fromRaw)).toEqual([good]);
  });

  it.each<[what: string, bytes: (id: number) => Buffer]>([
    ['another number', (id) => answer(id + 1, [good])],
    ['another community', (id) => answer(id, [good], 'private')],
    ['another version', (id) => answer(id, [good], 'public', 0)],
    ['another object', (id) => answer(id, [{ ...good, oid: '1.3.6.1.4.1.32473.1.8.0' }])],
    ['an object too many', (id) => answer(id, [good, good])],
    ['no object', (id) => answer(id, [])],
    ['a byte behind it', (id) => Buffer.concat([answer(id, [good]), Buffer.of(0)])],
    ['an address', (id) => answer(id, [{ oid: asked, type: 'IpAddress', value: '10.0.0.1' }])],
    ['nothing', () => Buffer.alloc(0)],
  ])('leaves to net-snmp: %s', (_what, datagram) => {
    const one = asking('2c', 'public', [asked]);
    expect(takePlain(one.session, datagram(one.request.message.pdu.id))).toBe(false);
    expect(one.heard()).toBe(null);
    expect(Object.keys(one.session.reqs)).toHaveLength(1);
    end(one);
  });

  it('leaves v3 to net-snmp', () => {
    const user = { name: 'zhishou', level: snmp.SecurityLevel.noAuthNoPriv };
    const session = snmp.createV3Session('127.0.0.1', user, {
      dgramModule: { createSocket: () => new Socket() as never },
    });
    expect(takePlain(session, answer(1, [good]))).toBe(false);
  });
});

describe('an object identifier as bytes', () => {
  it('is what BER says', () => {
    expect([...(oidBytes('1.3.6.1.4.1.32473.1') ?? [])]).toEqual([...oidOf('1.3.6.1.4.1.32473.1')]);
  });

  it.each([
    '',
    '1',
    '1.3.06',
    '1.3.x',
    '3.1.1',
    '1.40.1',
    '1.3.-1',
    '1.3.4294967296',
    `1.3${'.4294967295'.repeat(30)}`,
  ])('is left to net-snmp: %s', (text) => {
    expect(oidBytes(text)).toBe(null);
  });
});
