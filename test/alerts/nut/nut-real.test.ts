import { existsSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Action } from '#core/config/device.ts';
import { Secret } from '#core/secret.ts';
import { seconds } from '#core/time.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { createNutConnector } from '#platform/nut/nut-client.ts';
import { createTcpNutListener } from '#platform/nut/nut-listener.ts';
import { createNutDriver } from '#services/alerts/actions/nut-driver.ts';
import { describeReal } from '../../support/real.ts';
import { startUpsd, startUpsmon, type Upsd, type Upsmon, until, upsc } from './real-nut.ts';
import { contextOf, type NutRig, nutRig, nutSite, ON_BATTERY, ON_LINE } from './rig.ts';

/** Our server on TCP; what its clock says is virtual, so readings age only when told. */
async function serving(): Promise<NutRig & { port: number }> {
  const listener = createTcpNutListener();
  const anyPort: typeof listener = { listen: ({ host }, door) => listener.listen({ host, port: 0 }, door) };
  const rig = nutRig({ listener: anyPort, site: nutSite() });
  rig.read(ON_LINE);
  await rig.start();
  await until(() => rig.server.port !== null, 'our server listens');
  return { ...rig, port: rig.server.port ?? 0 };
}

describeReal('upsc', "Debian's upsc against our server", () => {
  let rig: Awaited<ReturnType<typeof serving>>;
  beforeAll(async () => {
    rig = await serving();
  });
  afterAll(() => rig.server.stop());

  it('lists our UPSes', async () => {
    expect(await upsc('-L', `127.0.0.1:${rig.port}`)).toBe('ups: Storage group\nqnapups: UPS 1\n');
  });

  it('prints all variables, and each one asked for by name', async () => {
    const all = await upsc(`ups@127.0.0.1:${rig.port}`);
    const wanted = {
      'battery.charge': '100',
      'battery.runtime': '3600',
      'device.mfr': 'Made up "Power"',
      'device.type': 'ups',
      'ups.mfr': 'Made up "Power"',
      'ups.status': 'OL',
    };
    expect(all.split('\n').filter((line) => line !== '' && !line.startsWith('driver.'))).toEqual(
      Object.entries(wanted).map(([name, value]) => `${name}: ${value}`),
    );
    for (const [name, value] of Object.entries(wanted)) {
      expect(await upsc(`ups@127.0.0.1:${rig.port}`, name)).toBe(`${value}\n`);
    }
  });

  it('is refused what is not there', async () => {
    expect(await upsc(`other@127.0.0.1:${rig.port}`)).toContain('Unknown UPS');
    expect(await upsc(`ups@127.0.0.1:${rig.port}`, 'no.such')).toContain('Variable not supported');
    expect(await upsc('-c', `ups@127.0.0.1:${rig.port}`)).toBe('');
  });

  it('is told that data is stale when the UPS has fallen silent', async () => {
    await rig.clock.advanceByAsync(seconds(40));
    expect(await upsc(`ups@127.0.0.1:${rig.port}`)).toContain('Data stale');
    rig.read(ON_LINE);
    expect(await upsc(`ups@127.0.0.1:${rig.port}`, 'ups.status')).toBe('OL\n');
  });
});

describeReal(['upsc', 'upsmon'], "Debian's upsmon as a secondary of our server", () => {
  let rig: Awaited<ReturnType<typeof serving>>;
  let ours: Upsmon;
  let others: Upsmon;
  const loggedIn = (ups: string): boolean => rig.server.test(ups).result === 'ok';

  beforeEach(async () => {
    rig = await serving();
    ours = await startUpsmon('ups', rig.port, 'monuser', 'secret');
    others = await startUpsmon('qnapups', rig.port, 'admin', '123456');
    await until(() => loggedIn('ups') && loggedIn('qnapups'), 'both log in');
  });
  afterEach(async () => {
    await Promise.all([ours.stop(), others.stop()]);
    await rig.server.stop();
  });

  it('runs its SHUTDOWNCMD when its group is told to, not on battery alone, and another group goes on (L18)', async () => {
    rig.read(ON_BATTERY);
    await until(() => /ONBATT/.test(ours.said()), 'it has seen the outage');
    expect(existsSync(ours.shutdownFile)).toBe(false);

    const told = rig.server.tellShutdown('ups', contextOf());
    expect(await told).toEqual({ result: 'ok', detail: 'FSD on ups, told to 127.0.0.1' });
    await until(() => existsSync(ours.shutdownFile), `it shuts down:\n${ours.said()}`);
    await until(() => !loggedIn('ups'), 'it is logged out');
    // The other has looked again since.
    const looks = (): number => others.said().split('pollups').length;
    const before = looks();
    await until(() => looks() > before + 1, 'the other looks again');
    expect(existsSync(others.shutdownFile)).toBe(false);
    expect(loggedIn('qnapups')).toBe(true);
  });

  it('goes down on low battery by itself: the last safety net, when no plan has spoken', async () => {
    rig.read({ ...ON_BATTERY, 'ups.status': 'OB LB DISCHRG', 'battery.charge': 8 });
    await until(() => existsSync(ours.shutdownFile), `it shuts down:\n${ours.said()}`);
  });

  it('stays up while our data is stale on mains (L1)', async () => {
    await rig.clock.advanceByAsync(seconds(40));
    await until(() => /[Ss]tale/.test(ours.said()), 'it hears that data is stale');
    expect(existsSync(ours.shutdownFile)).toBe(false);
    rig.read(ON_LINE);
    expect(loggedIn('ups')).toBe(true);
  });
});

describeReal('upsmon', "Debian's upsmon with a wrong password", () => {
  it('is not logged in, and is not counted as somebody who would hear', async () => {
    const rig = await serving();
    const stranger = await startUpsmon('ups', rig.port, 'monuser', 'guess');
    try {
      await until(() => /ACCESS-DENIED/.test(stranger.said()), 'it is refused');
      expect(rig.server.test('ups')).toMatchObject({ result: 'failed' });
    } finally {
      await stranger.stop();
      await rig.server.stop();
    }
  });
});

describeReal(['upsc', 'upsd', 'dummy-ups'], "our client against Debian's upsd", () => {
  let upsd: Upsd;
  const driver = createNutDriver({ clock: createSystemClock(), connector: createNutConnector() });
  beforeAll(async () => {
    upsd = await startUpsd();
  });
  afterAll(() => upsd.stop());

  const action = (more: Record<string, unknown> = {}): Extract<Action, { nut: unknown }> => ({
    nut: {
      ...{ host: '127.0.0.1', port: upsd.port, ups: 'dummy', command: 'load.off' },
      ...{ user: 'operator', password: new Secret('right') },
      ...more,
    },
  });
  const context = { ...contextOf(), limit: seconds(15) };

  it('follows an order to the answer of the UPS’s own driver: the dummy lists load.off and then does not know it', async () => {
    expect(await driver.run(action(), context)).toEqual({
      result: 'failed',
      detail: "load.off: the UPS's driver reports UNKNOWN",
    });
  });

  const refused: readonly [more: Record<string, unknown>, detail: RegExp, reason: string][] = [
    [{ password: new Secret('wrong') }, /ACCESS-DENIED/, 'a wrong password'],
    [{ user: 'follower' }, /ACCESS-DENIED/, 'a user without the right'],
    [{ user: undefined, password: undefined }, /USERNAME-REQUIRED/, 'nobody'],
    [{ ups: 'other' }, /UNKNOWN-UPS/, 'no such UPS'],
    [{ command: 'shutdown.return' }, /CMD-NOT-SUPPORTED/, 'no such command'],
  ];
  it.each(refused)('%j is refused with its reason', async (more, detail) => {
    const outcome = await driver.run(action(more), context);
    expect(outcome.result).toBe('failed');
    expect(outcome.detail).toMatch(detail);
  });

  const tests: readonly [more: Record<string, unknown>, result: string, detail: string, reason: string][] = [
    [{}, 'ok', 'dummy has load.off, the password is right', 'may set variables'],
    [{ user: 'follower' }, 'ok', 'dummy has load.off, the password is right', 'may log in'],
    [{ password: new Secret('wrong') }, 'failed', 'user operator is refused', 'a wrong password'],
    [
      { user: 'commander' },
      'failed',
      'neither "actions = SET" nor "upsmon secondary"',
      'right, but it cannot be tested',
    ],
    [{ user: undefined, password: undefined }, 'ok', 'dummy has load.off', 'no password to test'],
    [{ command: 'shutdown.return' }, 'failed', 'no command shutdown.return; it has: load.off', 'no such command'],
    [{ ups: 'other' }, 'failed', 'UNKNOWN-UPS', 'no such UPS'],
    [{ port: 1 }, 'failed', 'ECONNREFUSED', 'nothing listens there'],
  ];
  it.each(tests)('the test of %j comes to %s: %s (%s)', async (more, result, detail) => {
    const outcome = await driver.test?.(action(more), context);
    expect(outcome?.result).toBe(result);
    expect(outcome?.detail).toContain(detail);
  });

  it('leaves nobody logged in after a test', async () => {
    await driver.test?.(action({ user: 'follower' }), context);
    const link = await createNutConnector().open({ host: '127.0.0.1', port: upsd.port }, seconds(5));
    await until(async () => (await link.ask('GET', 'NUMLOGINS', 'dummy'))[2] === '0', 'nobody is logged in');
    link.close();
  });

  it('is told DATA-STALE when the UPS’s driver stands still, and why when it is gone', async () => {
    const fresh = await startUpsd();
    try {
      fresh.driver.kill('SIGSTOP');
      const stale = action({ port: fresh.port });
      await until(
        async () => (await upsc(`dummy@127.0.0.1:${fresh.port}`)).includes('Data stale'),
        'upsd notices that its driver stands still',
      );
      expect(await driver.run(stale, context)).toMatchObject({
        result: 'failed',
        detail: expect.stringContaining('DATA-STALE'),
      });
      fresh.driver.kill('SIGKILL');
      await until(
        async () => (await upsc(`dummy@127.0.0.1:${fresh.port}`)).includes('Driver not connected'),
        'upsd notices that its driver is gone',
      );
      expect(await driver.test?.(stale, context)).toMatchObject({
        result: 'failed',
        detail: expect.stringContaining('DRIVER-NOT-CONNECTED'),
      });
    } finally {
      await fresh.stop();
    }
    expect(await driver.run(action({ port: fresh.port }), context)).toMatchObject({ result: 'failed' });
  });
});
