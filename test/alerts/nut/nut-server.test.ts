import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ActionOutcome } from '#core/ports.ts';
import { minutes, seconds } from '#core/time.ts';
import { withAbsent } from '#services/alerts/actions/absent-driver.ts';
import { withNutServer } from '#services/alerts/actions/nut-serve-driver.ts';
import { contextOf, LOGIN, NAS, nutRig, nutSite, ON_BATTERY, ON_LINE } from './rig.ts';

const STATUS = 'GET VAR ups ups.status\n';
const QNAP_STATUS = 'GET VAR qnapups ups.status\n';

async function running(points: Record<string, string | number | null> = ON_LINE) {
  const rig = nutRig();
  rig.read(points);
  await rig.start();
  return rig;
}

/** What a promise came to, or `waiting` for one that has not settled. */
async function now<T>(promise: Promise<T>): Promise<T | 'waiting'> {
  return Promise.race([promise, new Promise<'waiting'>((resolve) => setImmediate(resolve, 'waiting'))]);
}

describe('what a NUT client is told', () => {
  it('lists the UPSes that site.yaml names, with their descriptions', async () => {
    const { net } = await running();
    expect(net.connect('10.0.0.4').send('LIST UPS\n')).toBe(
      'BEGIN LIST UPS\nUPS ups "Storage group"\nUPS qnapups "UPS 1"\nEND LIST UPS\n',
    );
  });

  it('gives every reading that can be believed as a variable, in order, and older names beside', async () => {
    const { net } = await running({ ...ON_LINE, 'input.voltage': null });
    const lines = net.connect('10.0.0.4').send('LIST VAR ups\n').split('\n');
    expect(lines.filter((line) => !line.includes('driver.'))).toEqual([
      'BEGIN LIST VAR ups',
      'VAR ups battery.charge "100"',
      'VAR ups battery.runtime "3600"',
      'VAR ups device.mfr "Made up \\"Power\\""',
      'VAR ups device.type "ups"',
      'VAR ups ups.mfr "Made up \\"Power\\""',
      'VAR ups ups.status "OL"',
      'END LIST VAR ups',
      '',
    ]);
  });

  const rows: readonly [ask: string, answer: string, reason: string][] = [
    ['VER', 'Zhishou', 'any text'],
    ['NETVER', '1.3\n', 'the protocol of NUT 2.8'],
    ['PROTVER', '1.3\n', 'its newer name'],
    ['HELP', 'Commands:', 'for people'],
    ['get var UPS battery.charge', 'VAR UPS battery.charge "100"\n', 'commands and UPS names without regard to case'],
    ['GET VAR ups server.version', 'VAR ups server.version "', 'the server of itself'],
    ['GET TYPE ups battery.charge', 'TYPE ups battery.charge NUMBER\n', 'a number'],
    ['GET TYPE ups ups.status', 'TYPE ups ups.status STRING:200\n', 'a text'],
    ['GET DESC ups battery.charge', 'DESC ups battery.charge "Battery charge"\n', 'our own words'],
    ['GET DESC ups no.such', 'DESC ups no.such "Description unavailable"\n', 'as upsd has it'],
    ['GET UPSDESC ups', 'UPSDESC ups "Storage group"\n', 'the description'],
    ['GET NUMLOGINS ups', 'NUMLOGINS ups 0\n', 'nobody yet'],
    ['GET TRACKING', 'OFF\n', 'nothing to follow'],
    ['LIST RW ups', 'BEGIN LIST RW ups\nEND LIST RW ups\n', 'nothing can be set'],
    ['LIST CMD ups', 'BEGIN LIST CMD ups\nEND LIST CMD ups\n', 'nothing can be ordered'],
    ['LIST ENUM ups ups.status', 'BEGIN LIST ENUM ups ups.status\nEND LIST ENUM ups ups.status\n', 'no choices'],
    ['LIST RANGE ups ups.status', 'BEGIN LIST RANGE ups ups.status\nEND LIST RANGE ups ups.status\n', 'no ranges'],
    ['LIST CLIENT ups', 'BEGIN LIST CLIENT ups\nEND LIST CLIENT ups\n', 'nobody yet'],
    ['STARTTLS', 'ERR FEATURE-NOT-CONFIGURED\n', 'upsmon asks and goes on without'],
    ['GET VAR ups no.such', 'ERR VAR-NOT-SUPPORTED\n', 'no such variable'],
    ['GET VAR other ups.status', 'ERR UNKNOWN-UPS\n', 'no such UPS'],
    ['LIST VAR other', 'ERR UNKNOWN-UPS\n', 'no such UPS'],
    ['GET VAR ups', 'ERR INVALID-ARGUMENT\n', 'a word is missing'],
    ['GET NONSENSE ups x', 'ERR INVALID-ARGUMENT\n', 'a word too strange'],
    ['REQ ups.status@ups', 'ERR UNKNOWN-COMMAND\n', 'the protocol before 1.5.0'],
    ['', 'ERR UNKNOWN-COMMAND\n', 'an empty line'],
    ['GET VAR ups "open', 'ERR INVALID-ARGUMENT\n', 'no line at all'],
    ['LOGIN ups', 'ERR USERNAME-REQUIRED\n', 'nobody has said who it is'],
    ['FSD ups', 'ERR USERNAME-REQUIRED\n', 'nobody has said who it is'],
    ['INSTCMD ups load.off', 'ERR USERNAME-REQUIRED\n', 'nobody has said who it is'],
    ['GET CMDDESC ups load.off', 'ERR CMD-NOT-SUPPORTED\n', 'there is none'],
  ];
  it.each(rows)('%s → %s (%s)', async (ask, answer) => {
    const { net } = await running();
    const said = net.connect('10.0.0.4').send(`${ask}\n`);
    expect(answer.endsWith('\n') ? said : said.slice(0, answer.length)).toBe(answer);
  });

  it('says DATA-STALE when the UPS has fallen silent, and the truth again when it speaks (L1, L29)', async () => {
    const { net, clock, read } = await running(ON_BATTERY);
    const client = net.connect('10.0.0.4');
    expect(client.send(STATUS)).toBe('VAR ups ups.status "OB DISCHRG"\n');
    await clock.advanceByAsync(minutes(1));
    for (const ask of [STATUS, 'LIST VAR ups\n', 'GET TYPE ups ups.status\n'])
      expect(client.send(ask)).toBe('ERR DATA-STALE\n');
    read(ON_BATTERY);
    expect(client.send(STATUS)).toBe('VAR ups ups.status "OB DISCHRG"\n');
  });

  it('says DATA-STALE before the first reading: nothing that was read back counts as now', async () => {
    const rig = nutRig();
    await rig.start();
    expect(rig.net.connect('10.0.0.4').send(STATUS)).toBe('ERR DATA-STALE\n');
  });

  const lows: readonly [points: Record<string, string | number | null>, status: string, reason: string][] = [
    [{ 'ups.status': 'OB LB', 'battery.charge': 12, 'battery.runtime': 200 }, 'OB LB', 'low by both figures'],
    [{ 'ups.status': 'OB LB', 'battery.charge': 90, 'battery.runtime': 200 }, 'OB LB', 'low by its runtime'],
    [{ 'ups.status': 'OB LB' }, 'OB LB', 'no figures: the flag is all there is'],
    [{ 'ups.status': 'OB LB', 'battery.charge': 97, 'battery.runtime': 3000 }, 'OB', 'L4: a threshold set wrong'],
    [{ 'ups.status': 'OL FSD ALARM' }, 'OL ALARM', 'FSD is our word: the UPS has no say in who goes down'],
  ];
  it.each(lows)('%j is told as %s (%s)', async (points, status) => {
    const { net } = await running(points);
    expect(net.connect('10.0.0.4').send(STATUS)).toBe(`VAR ups ups.status "${status}"\n`);
  });
});

describe('who may log in', () => {
  it('counts those that are logged in, names them, and forgets who has gone', async () => {
    const { net } = await running();
    const nas = net.connect('10.0.0.4');
    expect(nas.send(LOGIN)).toBe('OK\nOK\nOK\n');
    expect(nas.send('LOGIN ups\n')).toBe('ERR ALREADY-LOGGED-IN\n');
    const other = net.connect('10.0.0.9');
    expect(other.send('GET NUMLOGINS ups\nLIST CLIENT ups\nGET NUMLOGINS qnapups\n')).toBe(
      'NUMLOGINS ups 1\nBEGIN LIST CLIENT ups\nCLIENT ups 10.0.0.4\nEND LIST CLIENT ups\nNUMLOGINS qnapups 0\n',
    );
    expect(nas.send('LOGOUT\n')).toBe('OK Goodbye\n');
    expect(nas.closed).toBe(true);
    expect(other.send('GET NUMLOGINS ups\n')).toBe('NUMLOGINS ups 0\n');
  });

  const wrong: readonly [talk: string, answer: string, reason: string][] = [
    ['USERNAME monuser\nPASSWORD guess\nLOGIN ups\n', 'OK\nOK\nERR ACCESS-DENIED\n', 'a wrong password'],
    ['USERNAME nobody\nPASSWORD secret\nLOGIN ups\n', 'OK\nOK\nERR ACCESS-DENIED\n', 'an unknown user'],
    ['USERNAME admin\nPASSWORD secret\nLOGIN ups\n', 'OK\nOK\nERR ACCESS-DENIED\n', "another user's password"],
    ['USERNAME monuser\nLOGIN ups\n', 'OK\nERR PASSWORD-REQUIRED\n', 'no password'],
    ['USERNAME monuser\nUSERNAME admin\n', 'OK\nERR ALREADY-SET-USERNAME\n', 'a second name'],
    ['PASSWORD a\nPASSWORD b\n', 'OK\nERR ALREADY-SET-PASSWORD\n', 'a second password'],
    ['USERNAME ""\nPASSWORD ""\n', 'ERR INVALID-USERNAME\nERR INVALID-PASSWORD\n', 'empty ones'],
    ['USERNAME monuser\nPASSWORD secret\nLOGIN other\n', 'OK\nOK\nERR UNKNOWN-UPS\n', 'no such UPS'],
  ];
  it.each(wrong)('%j → %j (%s)', async (talk, answer) => {
    const { net } = await running();
    expect(net.connect('10.0.0.4').send(talk)).toBe(answer);
  });

  it('hangs up after three wrong logins', async () => {
    const { net } = await running();
    const client = net.connect('10.0.0.4');
    client.send('USERNAME monuser\nPASSWORD guess\nLOGIN ups\nLOGIN ups\n');
    expect(client.closed).toBe(false);
    client.send('LOGIN ups\n');
    expect(client.closed).toBe(true);
  });

  it('gives no client a right over the others: not primary, no FSD, no command, no setting', async () => {
    const { net } = await running();
    const client = net.connect('10.0.0.4');
    client.send(LOGIN);
    const talk = 'MASTER ups\nPRIMARY ups\nFSD ups\nINSTCMD ups load.off\nSET VAR ups ups.status OL\nSET VAR ups x y\n';
    expect(client.send(talk)).toBe(
      'ERR ACCESS-DENIED\nERR ACCESS-DENIED\nERR ACCESS-DENIED\nERR CMD-NOT-SUPPORTED\nERR READONLY\nERR VAR-NOT-SUPPORTED\n',
    );
    expect(client.send(STATUS)).toBe('VAR ups ups.status "OL"\n');
  });
});

describe('telling a group to shut down', () => {
  it('says FSD to that group alone, with OB and LB even while mains is there, as Synology needs it', async () => {
    const { net, server } = await running();
    const nas = net.connect('10.0.0.4');
    nas.send(LOGIN);
    const told = server.tellShutdown('ups', contextOf());
    expect(nas.send(STATUS)).toBe('VAR ups ups.status "FSD OB LB"\n');
    expect(net.connect('10.0.0.5').send(QNAP_STATUS)).toBe('VAR qnapups ups.status "OL"\n');
    expect(await told).toEqual({ result: 'ok', detail: 'FSD on ups, told to 10.0.0.4' });
  });

  it('is done only when every client that is logged in has asked, and tells who has not (saying so is not doing so)', async () => {
    const { net, server, clock } = await running();
    const [one, two] = [net.connect('10.0.0.4'), net.connect('10.0.0.5')];
    for (const client of [one, two]) client.send(LOGIN);
    const told = server.tellShutdown('ups', contextOf());
    one.send('LIST VAR ups\n');
    expect(await now(told)).toBe('waiting');
    await clock.advanceByAsync(seconds(20));
    expect(await told).toEqual({ result: 'ok', detail: 'FSD on ups, told to 10.0.0.4; not yet asked: 10.0.0.5' });
    expect(two.send(STATUS)).toContain('FSD');
  });

  it('fails at once in words when nobody follows the UPS, so that the plan takes its other way', async () => {
    const { server, clock } = await running();
    const told = server.tellShutdown('ups', contextOf());
    await clock.advanceByAsync(seconds(20));
    expect(await told).toEqual({ result: 'failed', detail: 'no NUT client follows ups; the order stands' });
  });

  it('waits for a client that comes back after this monitor was away', async () => {
    const { server, clock, net } = await running();
    const told = server.tellShutdown('ups', contextOf());
    await clock.advanceByAsync(seconds(5));
    const late = net.connect('10.0.0.4');
    late.send(LOGIN);
    expect(await now(told)).toBe('waiting');
    late.send(STATUS);
    expect(await told).toMatchObject({ result: 'ok' });
  });

  it('goes on saying so when the UPS itself has fallen silent: it is our word and not the UPS’s', async () => {
    const { net, server, clock } = await running(ON_BATTERY);
    void server.tellShutdown('ups', contextOf());
    await clock.advanceByAsync(minutes(5));
    const client = net.connect('10.0.0.4');
    expect(client.send(STATUS)).toBe('VAR ups ups.status "FSD OB LB"\n');
    expect(client.send(QNAP_STATUS)).toBe('ERR DATA-STALE\n');
  });

  it('is remembered by a restarted monitor until it is taken back (L22)', async () => {
    const before = await running();
    const nas = before.net.connect('10.0.0.4');
    nas.send(LOGIN);
    const told = before.server.tellShutdown('ups', contextOf());
    nas.send(STATUS);
    await told;
    await before.server.stop();
    expect(nas.closed).toBe(true);

    const after = nutRig({ state: before.state, clock: before.clock });
    after.read(ON_LINE);
    await after.start();
    const client = after.net.connect('10.0.0.4');
    expect(client.send(STATUS)).toBe('VAR ups ups.status "FSD OB LB"\n');
    expect(after.server.takeBack('ups', 'test')).toMatchObject({ result: 'ok' });
    expect(client.send(STATUS)).toBe('VAR ups ups.status "OL"\n');

    const last = nutRig({ state: before.state, clock: before.clock });
    last.read(ON_LINE);
    await last.start();
    expect(last.net.connect('10.0.0.4').send(STATUS)).toBe('VAR ups ups.status "OL"\n');
  });

  it('repeated after a restart it is done at once when the clients had heard it: they are on their way down and not deaf (I4)', async () => {
    const before = await running();
    const nas = before.net.connect('10.0.0.4');
    nas.send(LOGIN);
    const told = before.server.tellShutdown('ups', contextOf());
    nas.send(STATUS);
    await told;
    await before.server.stop();
    const after = nutRig({ state: before.state, clock: before.clock });
    await after.start();
    expect(await now(after.server.tellShutdown('ups', contextOf()))).toMatchObject({ result: 'ok' });
  });

  it('is taken back when a plan starts a device that it had shut down (L21: else it goes down as soon as it is up)', async () => {
    const { net, server } = await running();
    const order = server.tellShutdown('ups', contextOf());
    const client = net.connect('10.0.0.4');
    client.send(LOGIN + STATUS);
    await order;
    const woken: ActionOutcome = { result: 'ok', detail: 'woken' };
    const statusAtWake: string[] = [];
    const wake = {
      run: () => {
        statusAtWake.push(client.send(STATUS));
        return Promise.resolve(woken);
      },
    };
    const drivers = withNutServer(withAbsent({ wake }), server);
    const { by } = NAS.start ?? { by: null };
    if (by === null) throw new Error('the NAS can be started');
    await drivers.wake.run(by, contextOf({ device: 'server-9' }));
    await drivers.wake.run(structuredClone(by), contextOf({ device: 'nas-1' }));
    expect(statusAtWake).toEqual(['VAR ups ups.status "FSD OB LB"\n', 'VAR ups ups.status "OL"\n']);
  });

  it('is taken back when its incident is closed, and only then', async () => {
    const { net, server, clock } = await running();
    void server.tellShutdown('ups', contextOf());
    const client = net.connect('10.0.0.4');
    for (const view of [
      { id: 'i1', closedAt: null },
      { id: 'i2', closedAt: clock.now() },
    ]) {
      server.onIncident(view as Parameters<typeof server.onIncident>[0]);
      expect(client.send(STATUS)).toContain('FSD');
    }
    server.onIncident({ id: 'i1', closedAt: clock.now() } as unknown as Parameters<typeof server.onIncident>[0]);
    expect(client.send(STATUS)).toBe('VAR ups ups.status "OL"\n');
  });

  it('can be tested without side effects: somebody must be logged in', async () => {
    const { net, server } = await running();
    expect(server.test('ups')).toEqual({ result: 'failed', detail: 'no NUT client is logged in to ups' });
    net.connect('10.0.0.4').send(LOGIN);
    expect(server.test('ups')).toEqual({ result: 'ok', detail: '1 logged in to ups: 10.0.0.4' });
    expect(server.test('qnapups').result).toBe('failed');
    expect(server.test('other').result).toBe('failed');
    expect(net.connect('10.0.0.5').send(STATUS)).toBe('VAR ups ups.status "OL"\n');
  });
});

describe('a server that cannot listen', () => {
  it('tries again until it can, and says meanwhile that nobody can hear it', async () => {
    const taken = nutRig();
    await taken.start();
    const rig = nutRig({ listener: taken.net.listener, clock: taken.clock });
    await rig.start();
    expect(rig.server.port).toBeNull();
    expect(rig.server.test('ups')).toMatchObject({ result: 'failed' });
    await taken.server.stop();
    await rig.clock.advanceByAsync(seconds(10));
    expect(rig.server.port).toBe(34_930);
  });

  it('is nothing where site.yaml has none: the action fails in words', async () => {
    const drivers = withNutServer(withAbsent({}), null);
    const by = NAS.shutdown?.by;
    if (by === undefined) throw new Error('the NAS can be shut down');
    expect(await drivers.nut_serve.run(by, contextOf())).toEqual({
      result: 'failed',
      detail: 'site.yaml has no nut_server',
    });
  });
});

describe('hostile input', () => {
  it('never makes the server throw, forget who it is talking to, or say FSD', async () => {
    const { net } = await running();
    const words = [
      'GET',
      'LIST',
      'SET',
      'VAR',
      'UPS',
      'FSD',
      'LOGIN',
      'USERNAME',
      'PASSWORD',
      'ups',
      'qnapups',
      'ups.status',
    ];
    const word = fc.oneof(fc.constantFrom(...words, 'monuser', 'secret', '""', '"'), fc.string({ maxLength: 12 }));
    const line = fc.array(word, { maxLength: 6 }).map((list) => `${list.join(' ')}\n`);
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
        const client = net.connect('10.0.0.66');
        for (const answer of client.send(lines.join('')).split('\n')) expect(answer).not.toMatch(/FSD/);
        client.close();
      }),
      { numRuns: 300 },
    );
    expect(net.connect('10.0.0.4').send(STATUS)).toBe('VAR ups ups.status "OL"\n');
  });

  it('a UPS or variable name that would break a line stays inside its quotes', async () => {
    const { net } = await running();
    expect(net.connect('x').send('GET DESC ups "a b"\n')).toBe('DESC ups "a b" "Description unavailable"\n');
  });
});

it('refuses user names and passwords that the configuration does not have when there are no users at all', async () => {
  const rig = nutRig({ site: nutSite({ users: [] }) });
  rig.read(ON_LINE);
  await rig.start();
  expect(rig.net.connect('x').send(LOGIN)).toBe('OK\nOK\nERR ACCESS-DENIED\n');
  expect(rig.net.connect('x').send(STATUS)).toBe('VAR ups ups.status "OL"\n');
});
