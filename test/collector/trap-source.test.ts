import { createSocket } from 'node:dgram';
import fc from 'fast-check';
import snmp from 'net-snmp';
import { afterEach, describe, expect, it } from 'vitest';
import { snmpConnectionSchema } from '#core/config/connections.ts';
import type { Log, Stop, Trap } from '#core/ports.ts';
import { Secret } from '#core/secret.ts';
import { createMetrics } from '#platform/metrics.ts';
import { createTrapSource } from '#platform/snmp/trap-source.ts';

const stops: Stop[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function listen(mostPerSecond?: number) {
  const metrics = createMetrics();
  const warnings: string[] = [];
  const log: Log = {
    debug: () => {},
    info: () => {},
    warn: (fields) => void warnings.push(String(fields.reason)),
    error: () => {},
    child: () => log,
  };
  const v3 = snmpConnectionSchema.parse({
    host: '10.0.0.1',
    version: '3',
    user: 'zhishou',
    auth: 'sha',
    auth_key: new Secret('authentication'),
    priv: 'aes',
    priv_key: new Secret('privatesecret'),
  });
  const own = snmpConnectionSchema.parse({ host: '10.0.0.2', community: new Secret('own') });
  const source = createTrapSource({
    host: '127.0.0.1',
    port: 0,
    community: 'public',
    connections: [v3, own],
    log,
    metrics,
    ...(mostPerSecond === undefined ? {} : { mostPerSecond }),
  });
  const traps: Trap[] = [];
  const waiting: (() => void)[] = [];
  const stop = await source.listen((trap) => {
    traps.push(trap);
    for (const wake of waiting.splice(0)) wake();
  });
  stops.push(stop);
  const port = source.listeningPort() ?? 0;
  const until = async (count: number) => {
    while (traps.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
  };
  return { traps, until, port, metrics, warnings };
}

const send = (port: number, bytes: Uint8Array): Promise<void> =>
  new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.send(bytes, port, '127.0.0.1', () => socket.close(() => resolve()));
  });

const trapOver = (port: number, community: string, version: 0 | 1, inform = false): Promise<void> =>
  new Promise((resolve, reject) => {
    const session = snmp.createSession('127.0.0.1', community, { trapPort: port, version, timeout: 500, retries: 0 });
    const done = (error: Error | null): void => {
      session.close();
      if (error === null) resolve();
      else reject(error);
    };
    const varbinds = [{ oid: '1.3.6.1.2.1.33.1.2.3.0', type: 2, value: 42 }];
    if (inform) session.inform('1.3.6.1.2.1.33.2.1', varbinds, done);
    else if (version === 0) session.trap('1.3.6.1.2.1.33.2.0.1', varbinds, done);
    else session.trap('1.3.6.1.2.1.33.2.1', varbinds, done);
  });

const rejected = (metrics: { render(): string }, reason: string): number =>
  Number(new RegExp(`zhishou_traps_rejected_total\\{reason="${reason}"\\} (\\d+)`).exec(metrics.render())?.[1] ?? 0);

describe('the trap source', () => {
  it('hears v2c traps and acknowledges informs', async () => {
    const { traps, until, port } = await listen();
    await trapOver(port, 'public', 1);
    await trapOver(port, 'own', 1, true);
    await until(2);
    expect(traps[0]).toMatchObject({
      from: '127.0.0.1',
      oid: '1.3.6.1.2.1.33.2.1',
      version: '2c',
      name: 'public',
      inform: false,
    });
    expect(traps[0]?.varbinds).toEqual([{ oid: '1.3.6.1.2.1.33.1.2.3.0', type: 'Integer', value: 42 }]);
    expect(traps[1]).toMatchObject({ inform: true, name: 'own' });
  });

  it('drops a wrong community, counts it and keeps the word out of the log', async () => {
    const { traps, until, port, metrics, warnings } = await listen();
    await trapOver(port, 'guess', 1);
    await trapOver(port, 'public', 1);
    await until(1);
    expect(traps).toHaveLength(1);
    expect(rejected(metrics, 'community')).toBe(1);
    expect(warnings).toEqual(['community']);
  });

  it('garbage and truncated BER are counted and dropped, with one log line and not a thousand', async () => {
    const { traps, until, port, metrics, warnings } = await listen(100_000);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), (bytes) => send(port, bytes)),
      { numRuns: 200 },
    );
    await trapOver(port, 'public', 1);
    await until(1);
    expect(traps).toHaveLength(1);
    expect(rejected(metrics, 'malformed')).toBeGreaterThan(150);
    expect(warnings.length).toBeLessThanOrEqual(4);
  });

  it('every cut of a real trap is survived', async () => {
    const { traps, until, port } = await listen(100_000);
    const whole = await captured();
    for (let length = 0; length < whole.length; length++) await send(port, whole.subarray(0, length));
    for (let i = 0; i < whole.length; i++) {
      const twisted = Uint8Array.from(whole);
      twisted[i] = (twisted[i] ?? 0) ^ 0xff;
      await send(port, twisted);
    }
    const before = traps.length;
    await trapOver(port, 'public', 1);
    await until(before + 1);
    expect(traps.at(-1)?.oid).toBe('1.3.6.1.2.1.33.2.1');
  });

  it('a flood is cut to its limit', async () => {
    const { until, port, metrics } = await listen(5);
    for (let i = 0; i < 200; i++) await send(port, new Uint8Array([1, 2, 3]));
    await trapOver(port, 'public', 1);
    while (rejected(metrics, 'flood') === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    expect(rejected(metrics, 'malformed')).toBeLessThan(100);
    void until;
  });

  it('a port that is taken is told as an error, not as a crash', async () => {
    const { port } = await listen();
    const again = createTrapSource({ host: '127.0.0.1', port, log: { warn() {} } as never, metrics: createMetrics() });
    await expect(again.listen(() => {})).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });
});

/** The bytes of a v2c trap as net-snmp sends it. */
async function captured(): Promise<Uint8Array> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const bytes = new Promise<Uint8Array>((resolve) => socket.once('message', resolve));
  await trapOver(socket.address().port, 'public', 1);
  const whole = await bytes;
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return whole;
}
