import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer, connect as openSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { openAccounts } from '#platform/accounts-store.ts';
import { freePorts } from '#platform/net.ts';
import { DEFAULT_LIMITS } from '#services/dashboard-api/server.ts';
import { alert, makeConfig, ms, startDashboard, type TestDashboard } from './support.ts';

let running: TestDashboard | null = null;
const start: typeof startDashboard = async (options) => {
  running = await startDashboard(options);
  return running;
};
afterEach(async () => {
  await running?.dashboard.stop();
  running = null;
});

describe('too much of it', () => {
  test('an address that asks too often is told to wait, and others are not', async () => {
    const site = await start({ limits: { reading: 3, changing: 1, signIn: 2 } });
    const get = (remoteAddress: string) => site.dashboard.inject({ url: '/api/v1/health', remoteAddress });
    for (let i = 0; i < 3; i++) expect((await get('192.0.2.1')).statusCode).toBe(200);
    const refused = await get('192.0.2.1');
    expect(refused.statusCode).toBe(429);
    expect(refused.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(refused.json()).toMatchObject({ code: 'TOO_MANY', retryAfterS: expect.any(Number) });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await get('192.0.2.2')).statusCode).toBe(200);
  });

  test('signing in has a limit of its own, below that of other changes', async () => {
    expect(DEFAULT_LIMITS.signIn).toBeLessThan(DEFAULT_LIMITS.changing);
    const site = await start({ limits: { reading: 1e9, changing: 1e9, signIn: 2 } });
    const statuses: number[] = [];
    for (const user of ['a', 'b', 'c']) {
      const payload = { user, password: 'x' };
      statuses.push((await site.dashboard.inject({ method: 'POST', url: '/api/v1/session', payload })).statusCode);
    }
    expect(statuses).toEqual([401, 401, 429]);
  });

  test('a page that stops reading its stream is cut off and the others get everything', async () => {
    const [port] = await freePorts(1);
    const site = await start({ config: makeConfig({ port: port ?? 0 }), listen: true });
    const stuck = openSocket(port ?? 0, '127.0.0.1');
    stuck.on('error', () => {});
    stuck.write('GET /api/v1/live HTTP/1.1\r\nhost: localhost\r\n\r\n');
    stuck.pause();
    const clients = async (): Promise<number> => (await site.dashboard.inject('/api/v1/health')).json().liveClients;
    while ((await clients()) < 1) await new Promise((resolve) => setImmediate(resolve));
    const big = 'x'.repeat(200_000);
    let sent = 0;
    while ((await clients()) > 0 && sent < 500) {
      await site.publish('alert/+', 'a', alert({ consequence: { zh: big, en: big } }));
      sent++;
    }
    expect(await clients()).toBe(0);
    expect(site.metrics.render()).toMatch(/zhishou_live_clients_dropped_total\{reason="slow"\} 1/);
    stuck.destroy();
  });
});

describe('starting and stopping', () => {
  test('a port that is taken is said plainly, and nothing stays behind', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const failing = startDashboard({ config: makeConfig({ port }), listen: true });
    await expect(failing).rejects.toMatchObject({ code: 'UNREACHABLE', subject: `http 127.0.0.1:${port}` });
    await new Promise((resolve) => taken.close(resolve));
  });

  test('stopping ends open streams and leaves no timer', async () => {
    const [port] = await freePorts(1);
    const site = await start({ config: makeConfig({ port: port ?? 0 }), listen: true });
    const response = await fetch(`${site.url}/api/v1/live`);
    const reader = response.body!.getReader();
    await reader.read();
    await site.dashboard.stop();
    for (let end = await reader.read(); !end.done; ) end = await reader.read();
    await site.wall.advanceByAsync(ms(1));
    await site.history.close();
    expect([site.wall.pending, site.clock.pending]).toEqual([0, 0]);
    running = null;
  });

  test("the accounts' file is for its owner's eyes only", () => {
    const folder = mkdtempSync(join(tmpdir(), 'zhishou-accounts-'));
    const file = join(folder, 'accounts.sqlite');
    const accounts = openAccounts(file);
    expect(['', '-wal', '-shm'].map((side) => statSync(file + side).mode & 0o777)).toEqual([0o600, 0o600, 0o600]);
    accounts.close();
    rmSync(folder, { recursive: true });
  });
});
