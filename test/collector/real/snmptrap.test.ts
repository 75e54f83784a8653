import { afterAll, beforeAll, expect, it } from 'vitest';
import { snmpConnectionSchema } from '#core/config/connections.ts';
import type { Stop, Trap } from '#core/ports.ts';
import { Secret } from '#core/secret.ts';
import { silentLog } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import { createTrapSource } from '#platform/snmp/trap-source.ts';
import { describeReal } from '../../support/real.ts';
import { program, run } from '../support/programs.ts';

const ON_BATTERY = '1.3.6.1.2.1.33.2.1';
const MINUTES = ['1.3.6.1.2.1.33.1.2.3.0', 'i', '42'];

describeReal('snmptrap', 'the trap source against Debian’s snmptrap', () => {
  const traps: Trap[] = [];
  let wake: () => void = () => {};
  let stop: Stop;
  let address: string;
  beforeAll(async () => {
    const v3 = snmpConnectionSchema.parse({
      host: '10.0.0.1',
      version: '3',
      user: 'zhishou',
      auth: 'sha',
      auth_key: new Secret('authentication'),
      priv: 'aes',
      priv_key: new Secret('privatesecret'),
    });
    const source = createTrapSource({
      host: '127.0.0.1',
      port: 0,
      community: 'public',
      connections: [v3],
      log: silentLog,
      metrics: createMetrics(),
    });
    stop = await source.listen((trap) => {
      traps.push(trap);
      wake();
    });
    address = `127.0.0.1:${source.listeningPort()}`;
  });
  afterAll(() => stop());

  /** Runs snmptrap and gives the next trap heard. */
  async function next(options: string[], rest: string[]): Promise<Trap> {
    const heard = new Promise<void>((resolve) => {
      wake = resolve;
    });
    await run(program('snmptrap'), [...options, address, ...rest]);
    await heard;
    return traps.at(-1)!;
  }
  const user = [
    '-v3',
    '-u',
    'zhishou',
    '-l',
    'authPriv',
    '-a',
    'SHA',
    '-A',
    'authentication',
    '-x',
    'AES',
    '-X',
    'privatesecret',
  ];

  it('v2c', async () => {
    const trap = await next(['-v2c', '-c', 'public'], ['', ON_BATTERY, ...MINUTES]);
    expect(trap).toMatchObject({ oid: ON_BATTERY, version: '2c', name: 'public', inform: false, from: '127.0.0.1' });
    expect(trap.varbinds).toEqual([{ oid: MINUTES[0], type: 'Integer', value: 42 }]);
  });

  it('v1, as RFC 3584 translates it', async () => {
    const trap = await next(['-v1', '-c', 'public'], ['1.3.6.1.2.1.33.2', '10.0.0.5', '6', '1', '', ...MINUTES]);
    expect(trap).toMatchObject({ oid: '1.3.6.1.2.1.33.2.0.1', version: '1', name: 'public' });
    const cold = await next(['-v1', '-c', 'public'], ['1.3.6.1.4.1.9', '10.0.0.5', '0', '0', '']);
    expect(cold.oid).toBe('1.3.6.1.6.3.1.1.5.1');
  });

  it('an inform, which is acknowledged', async () => {
    // -Ci: snmptrap itself fails when the inform is not acknowledged.
    const trap = await next(['-v2c', '-c', 'public', '-Ci', '-r', '0'], ['', ON_BATTERY, ...MINUTES]);
    expect(trap).toMatchObject({ oid: ON_BATTERY, inform: true });
  });

  it('v3 authPriv', async () => {
    const trap = await next(['-e', '0x80001f8801020304', ...user], ['', ON_BATTERY, ...MINUTES]);
    expect(trap).toMatchObject({ oid: ON_BATTERY, version: '3', name: 'zhishou' });
  });

  it('a wrong community and a wrong key are dropped', async () => {
    const before = traps.length;
    await run(program('snmptrap'), ['-v2c', '-c', 'guess', address, '', ON_BATTERY]);
    const wrong = user.map((option) => (option === 'authentication' ? 'another-secret' : option));
    await run(program('snmptrap'), ['-e', '0x80001f8801020304', ...wrong, address, '', ON_BATTERY]);
    await next(['-v2c', '-c', 'public'], ['', ON_BATTERY]);
    expect(traps.length).toBe(before + 1);
  });
});
