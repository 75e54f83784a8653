import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SnmpConnection, snmpConnectionSchema } from '#core/config/connections.ts';
import { Secret } from '#core/secret.ts';
import { createSnmpTransport } from '#platform/snmp/snmp-transport.ts';
import { fromRaw } from '#platform/snmp/varbinds.ts';
import { CONTRACT_OBJECTS, snmpTransportContract, WRITABLE } from './contract/snmp-transport.contract.ts';
import { createFakeAgent } from './support/fake-agent.ts';
import { freeUdpPort, startRawAgent, startUdpAgent } from './support/udp-agent.ts';

const connection = (more: object = {}): SnmpConnection =>
  snmpConnectionSchema.parse({ host: '127.0.0.1', community: 'public', timeout: '500ms', retries: 1, ...more });
const quick = { timeout: '100ms', retries: 0 };

snmpTransportContract('in memory', async () => ({
  transport: createFakeAgent(CONTRACT_OBJECTS).transport,
  connection: connection(),
  dead: null,
  close: async () => {},
}));

for (const version of ['1', '2c'] as const) {
  snmpTransportContract(`UDP, v${version}`, async () => {
    const { port, stop } = await startUdpAgent(CONTRACT_OBJECTS, [WRITABLE]);
    const transport = createSnmpTransport();
    const dead = connection({ ...quick, port: await freeUdpPort() });
    return { transport, connection: connection({ version, port }), dead, close: stop };
  });
}

snmpTransportContract('UDP, v3 authPriv', async () => {
  const user = {
    name: 'zhishou',
    level: 3,
    authProtocol: '5',
    authKey: 'authentication',
    privProtocol: '4',
    privKey: 'privatesecret',
  };
  const { port, stop } = await startUdpAgent(CONTRACT_OBJECTS, [WRITABLE], user);
  const keys = {
    auth: 'sha256',
    auth_key: new Secret('authentication'),
    priv: 'aes',
    priv_key: new Secret('privatesecret'),
  };
  const secured = connection({ version: '3', user: 'zhishou', port, ...keys });
  const dead = connection({ ...quick, version: '3', user: 'zhishou', port: await freeUdpPort(), ...keys });
  return { transport: createSnmpTransport(), connection: secured, dead, close: stop };
});

/** BER, just enough to answer a v2c GET as one likes. */
const tlv = (tag: number, ...parts: Uint8Array[]): Uint8Array => {
  const body = Buffer.concat(parts);
  const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
};
const int = (n: number): Uint8Array =>
  tlv(2, Buffer.from(n < 128 ? [n] : [n >> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255]));
/** The parts of a v2c request, found from the end of its known beginning: version, community "public". */
function requestOf(request: Buffer): { id: Buffer; list: Buffer; oids: Buffer[] } {
  const at = request.indexOf('public') + 6;
  const pdu = request.subarray(at + (request[at + 1] === 0x82 ? 4 : request[at + 1]! & 0x80 ? 3 : 2));
  const id = pdu.subarray(0, 2 + pdu[1]!);
  const list = pdu.subarray(id.length + 6);
  const oids: Buffer[] = [];
  for (let i = list[1]! & 0x80 ? 2 + (list[1]! & 0x7f) : 2; i < list.length; ) {
    const length = list[i + 1]!;
    oids.push(list.subarray(i + 2, i + 2 + 2 + list[i + 3]!));
    i += 2 + length;
  }
  return { id, list, oids };
}
const answer = (request: Buffer, status: number, varbinds: Uint8Array): Uint8Array => {
  const { id } = requestOf(request);
  return tlv(0x30, int(1), tlv(4, Buffer.from('public')), tlv(0xa2, id, int(status), int(0), varbinds));
};

describe('an SNMP agent with limits or faults', () => {
  it('that answers tooBig is asked for less, and that is remembered', async () => {
    const sizes: number[] = [];
    const agent = await startRawAgent((request, send) => {
      const { oids } = requestOf(request);
      sizes.push(oids.length);
      const list = tlv(0x30, ...oids.map((oid) => tlv(0x30, oid, oids.length > 5 ? tlv(5) : int(1))));
      send(answer(request, oids.length > 5 ? 1 : 0, list));
    });
    const link = createSnmpTransport().open(connection({ port: agent.port }));
    const wanted = Array.from({ length: 20 }, (_, i) => `1.3.6.1.4.1.5.${i + 1}.0`);
    expect(await link.get(wanted)).toHaveLength(20);
    expect(Math.max(...sizes)).toBe(20);
    sizes.length = 0;
    await link.get(wanted);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(5);
    link.close();
    await agent.stop();
  });

  it('that fails a whole packet for one object loses that object only (L36)', async () => {
    const guilty = Buffer.from([6, 8, 0x2b, 6, 1, 4, 1, 5, 7, 0]);
    const agent = await startRawAgent((request, send) => {
      const { oids } = requestOf(request);
      const bad = oids.some((oid) => oid.equals(guilty));
      send(answer(request, bad ? 5 : 0, tlv(0x30, ...oids.map((oid) => tlv(0x30, oid, bad ? tlv(5) : int(1))))));
    });
    const link = createSnmpTransport().open(connection({ port: agent.port }));
    const answers = await link.get(Array.from({ length: 16 }, (_, i) => `1.3.6.1.4.1.5.${i}.0`));
    expect(answers.filter(({ value }) => value === null).map(({ oid }) => oid)).toEqual(['1.3.6.1.4.1.5.7.0']);
    link.close();
    await agent.stop();
  });

  it('whose value cannot be parsed costs that value only, at once and not after a time-out (L36)', async () => {
    const guilty = Buffer.from([6, 8, 0x2b, 6, 1, 4, 1, 5, 3, 0]);
    const agent = await startRawAgent((request, send) => {
      const { oids } = requestOf(request);
      // An IpAddress of three bytes.
      const broken = tlv(0x40, Buffer.from([1, 2, 3]));
      send(answer(request, 0, tlv(0x30, ...oids.map((oid) => tlv(0x30, oid, oid.equals(guilty) ? broken : int(1))))));
    });
    const link = createSnmpTransport().open(connection({ port: agent.port, timeout: '20s' }));
    const answers = await link.get(Array.from({ length: 6 }, (_, i) => `1.3.6.1.4.1.5.${i}.0`));
    expect(answers.map(({ value }) => value)).toEqual([1, 1, 1, null, 1, 1]);
    link.close();
    await agent.stop();
  });

  it('that sends garbage, truncated answers or answers of others never does more than fail its own question', async () => {
    let garbage: Uint8Array = new Uint8Array();
    const agent = await startRawAgent((_request, send) => send(garbage));
    const transport = createSnmpTransport();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 80 }), async (bytes) => {
        garbage = bytes;
        const link = transport.open(connection({ ...quick, timeout: '20ms', port: agent.port }));
        const result = await link.get(['1.3.6.1.2.1.1.1.0']).catch((error: { code: string }) => error.code);
        link.close();
        return Array.isArray(result) || ['TIMED_OUT', 'BAD_ANSWER'].includes(String(result));
      }),
      { numRuns: 60 },
    );
    await agent.stop();
  });

  it('that walks in a circle is left after the first repeated row', async () => {
    let count = 0;
    const agent = await startRawAgent((request, send) => {
      count++;
      const rows = [1, 2, 1].map((n) => tlv(0x30, Buffer.from([6, 8, 0x2b, 6, 1, 4, 1, 9, 9, n]), int(n)));
      send(answer(request, 0, tlv(0x30, ...rows)));
    });
    const link = createSnmpTransport().open(connection({ port: agent.port }));
    const rows = await link.walk('1.3.6.1.4.1.9.9', 1000);
    expect(rows.map(({ value }) => value)).toEqual([1, 2]);
    expect(count).toBe(1);
    link.close();
    await agent.stop();
  });

  it('v3 with an unknown user is REFUSED, not silence', async () => {
    const user = { name: 'zhishou', level: 2, authProtocol: '3', authKey: 'authentication' };
    const { port, stop } = await startUdpAgent(CONTRACT_OBJECTS, [], user);
    const open = (more: object) => createSnmpTransport().open(connection({ version: '3', auth: 'sha', port, ...more }));
    const stranger = open({ user: 'stranger', auth_key: new Secret('authentication') });
    const right = open({ user: 'zhishou', auth_key: new Secret('authentication') });
    await expect(stranger.get(['1.3.6.1.4.1.99999.1.0'])).rejects.toMatchObject({ code: 'REFUSED' });
    expect((await right.get(['1.3.6.1.4.1.99999.1.0']))[0]?.value).toBe(-42);
    for (const link of [stranger, right]) link.close();
    await stop();
  });
});

describe('a varbind of net-snmp', () => {
  it.each<[{ type: number; value: unknown }, { type: string; value: unknown }, string]>([
    [{ type: 70, value: Buffer.from([1, 0]) }, { type: 'Counter64', value: 256 }, 'bytes to a number'],
    [
      { type: 70, value: Buffer.from('00ffffffffffffffff', 'hex') },
      { type: 'Counter64', value: 2n ** 64n - 1n },
      'beyond 2^53',
    ],
    [{ type: 70, value: Buffer.alloc(0) }, { type: 'Counter64', value: null }, 'no bytes'],
    [{ type: 6, value: null }, { type: 'OID', value: null }, 'a truncated OID'],
    [{ type: 99, value: 1 }, { type: 'Null', value: 1 }, 'an unknown type'],
  ])('%o becomes %o (%s)', (raw, expected) => {
    expect(fromRaw({ oid: '1.3', ...raw })).toMatchObject({ type: expected.type, value: expected.value });
  });

  it('of any kind is read without throwing', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 255 }),
        fc.anything(),
        (type, value) => void fromRaw({ oid: '1.3', type, value }),
      ),
    );
  });
});
