import { afterAll, beforeAll, expect, it } from 'vitest';
import { type SnmpConnection, snmpConnectionSchema } from '#core/config/connections.ts';
import { Secret } from '#core/secret.ts';
import { createSnmpTransport } from '#platform/snmp/snmp-transport.ts';
import { describeReal } from '../../support/real.ts';
import { program, type Running, run, startSnmpd } from '../support/programs.ts';

const SYS_NAME = '1.3.6.1.2.1.1.5.0';
const CONTACT = '1.3.6.1.2.1.1.4.0';

/** Every hash with every cipher that snmpd and we both have, as snmpd and as we call them. */
const STRONGER = [
  ['MD5', 'DES', 'md5', 'des'],
  ['SHA', 'DES', 'sha', 'des'],
  ['SHA-224', 'AES', 'sha224', 'aes'],
  ['SHA-256', 'AES-256', 'sha256', 'aes256b'],
  ['SHA-384', 'AES-256', 'sha384', 'aes256b'],
  ['SHA-512', 'AES-256', 'sha512', 'aes256b'],
] as const;

describeReal(['snmpd', 'snmpget'], 'the SNMP transport against Debian’s snmpd', () => {
  let snmpd: Running;
  beforeAll(async () => {
    const authentication = 'SHA "authentication"';
    snmpd = await startSnmpd([
      'rocommunity public 127.0.0.1',
      'rwcommunity secret 127.0.0.1',
      'sysName real-peer',
      `createUser plain MD5 "authentication"`,
      `createUser private ${authentication} AES "privatesecret"`,
      `createUser strong SHA-256 "authentication" AES "privatesecret"`,
      ...STRONGER.map(([auth, priv]) => `createUser ${auth}-${priv} ${auth} "authentication" ${priv} "privatesecret"`),
      ...STRONGER.map(([auth, priv]) => `rouser ${auth}-${priv} priv`),
      'rouser plain auth',
      'rouser private priv',
      'rouser strong priv',
    ]);
  });
  afterAll(() => snmpd.stop());

  const open = (more: object) => {
    const connection: SnmpConnection = snmpConnectionSchema.parse({
      host: '127.0.0.1',
      port: snmpd.port,
      timeout: '1s',
      ...more,
    });
    return createSnmpTransport().open(connection);
  };
  const keys = { auth_key: new Secret('authentication'), priv_key: new Secret('privatesecret') };

  it.each([
    ['v1', { version: '1', community: 'public' }],
    ['v2c', { version: '2c', community: new Secret('public') }],
    ['v3 authNoPriv, MD5', { version: '3', user: 'plain', level: 'authNoPriv', auth: 'md5', auth_key: keys.auth_key }],
    ['v3 authPriv, SHA and AES', { version: '3', user: 'private', auth: 'sha', priv: 'aes', ...keys }],
    ['v3 authPriv, SHA-256 and AES', { version: '3', user: 'strong', auth: 'sha256', priv: 'aes', ...keys }],
    ...STRONGER.map(
      ([theirs, cipher, auth, priv]) =>
        [
          `v3 authPriv, ${theirs} and ${cipher}`,
          { version: '3', user: `${theirs}-${cipher}`, auth, priv, ...keys },
        ] as const,
    ),
  ] as const)('%s: GET of present and absent objects, walk, and the same answer as snmpget', async (_title, more) => {
    const link = open(more);
    const [name, absent] = await link.get([SYS_NAME, '1.3.6.1.2.1.99.1.0']);
    expect(new TextDecoder().decode(name?.value as Uint8Array)).toBe('real-peer');
    expect(absent?.value).toBeNull();
    const system = await link.walk('1.3.6.1.2.1.1', 200);
    expect(system.length).toBeGreaterThan(8);
    expect(system.every(({ oid }) => oid.startsWith('1.3.6.1.2.1.1.'))).toBe(true);
    const theirs = await run(program('snmpget'), [
      '-v2c',
      '-c',
      'public',
      '-Oqvn',
      `127.0.0.1:${snmpd.port}`,
      '1.3.6.1.2.1.1.2.0',
    ]);
    const [ours] = await link.get(['1.3.6.1.2.1.1.2.0']);
    expect(`.${String(ours?.value)}`).toBe(theirs.stdout.trim());
    link.close();
  });

  it('a hundred objects in one question are answered over several packets', async () => {
    const link = open({ community: 'public' });
    const wanted = Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? SYS_NAME : `1.3.6.1.2.1.99.${i}.0`));
    const answers = await link.get(wanted);
    expect(answers.map(({ oid }) => oid)).toEqual(wanted);
    link.close();
  });

  it('a wrong community is silence, a wrong user or key is a refusal', async () => {
    const links = [
      open({ community: 'wrong', timeout: '200ms', retries: 0 }),
      open({ version: '3', user: 'nobody', auth: 'sha', auth_key: keys.auth_key }),
      open({ version: '3', user: 'private', auth: 'sha', priv: 'aes', ...keys, auth_key: new Secret('wrong-secret') }),
    ];
    const codes = await Promise.all(
      links.map((link) =>
        link.get([SYS_NAME]).then(
          () => 'answered',
          (error) => error.code,
        ),
      ),
    );
    expect(codes).toEqual(['TIMED_OUT', 'REFUSED', 'REFUSED']);
    for (const link of links) link.close();
  });

  it('SET changes what may be written and is refused otherwise', async () => {
    const [writer, reader] = [open({ community: 'secret' }), open({ community: 'public' })];
    await writer.set([{ oid: CONTACT, type: 'OctetString', value: '值班室' }]);
    const [contact] = await reader.get([CONTACT]);
    expect(new TextDecoder().decode(contact?.value as Uint8Array)).toBe('值班室');
    await expect(reader.set([{ oid: CONTACT, type: 'OctetString', value: 'x' }])).rejects.toMatchObject({
      code: 'REFUSED',
    });
    await expect(writer.set([{ oid: CONTACT, type: 'Integer', value: 1 }])).rejects.toMatchObject({ code: 'REFUSED' });
    writer.close();
    reader.close();
  });
});
