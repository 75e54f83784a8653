import { afterEach, describe, expect, it } from 'vitest';
import { nutReadConnectionSchema } from '#core/config/connections.ts';
import { Secret } from '#core/secret.ts';
import { seconds } from '#core/time.ts';
import { createMemoryNutNet } from '#platform/nut/memory-nut.ts';
import { createNutConnector, type NutConnector } from '#platform/nut/nut-client.ts';
import { createTcpNutListener, type NutDoor } from '#platform/nut/nut-listener.ts';
import { createNutReader } from '#platform/nut/nut-reader.ts';
import { createSnmpTransport } from '#platform/snmp/snmp-transport.ts';
import { createNutDriver } from '#services/collector/drivers/nut-driver.ts';
import { probe } from '#services/collector/probe.ts';
import { parseNutUrl } from '#services/collector/probe-nut.ts';
import { profileOfFile } from './support/profiles.ts';

const profiles = [profileOfFile('nut-ups')];

/** A NUT server of a few lines: answers by the question, counts its connections, hangs up when told. */
interface Fake {
  readonly answers: Map<string, string>;
  readonly asked: string[];
  opened: number;
  hangUpAfter: string | null;
  readonly door: NutDoor;
}

function fakeServer(): Fake {
  const fake: Fake = {
    answers: new Map([
      ['LIST UPS', 'BEGIN LIST UPS\nUPS ups "Serverraum \\"A\\""\nUPS rack2 ""\nEND LIST UPS\n'],
      ['LIST VAR ups', list('ups', 'VAR ups ups.status "OB"', 'VAR ups battery.charge "97"')],
      ['LIST VAR rack2', list('rack2', 'VAR rack2 ups.status "OL"')],
      ['USERNAME reader', 'OK\n'],
      ['PASSWORD right', 'OK\n'],
    ]),
    asked: [],
    opened: 0,
    hangUpAfter: null,
    door: {
      rejected: () => {},
      open: () => {
        fake.opened++;
        return {
          settled: false,
          ended: () => {},
          answer: (line) => {
            const question = 'words' in line ? line.words.join(' ') : '';
            fake.asked.push(question);
            const close = question === 'LOGOUT' || question === fake.hangUpAfter;
            return { text: fake.answers.get(question) ?? 'ERR UNKNOWN-UPS\n', close };
          },
        };
      },
    },
  };
  return fake;
}

const list = (ups: string, ...rows: string[]): string =>
  [`BEGIN LIST VAR ${ups}`, ...rows, `END LIST VAR ${ups}`, ''].join('\n');

const stops: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

const ways: readonly [name: string, open: (fake: Fake) => Promise<{ connector: NutConnector; port: number }>][] = [
  [
    'over TCP',
    async ({ door }) => {
      const { port, stop } = await createTcpNutListener().listen({ host: '127.0.0.1', port: 0 }, door);
      stops.push(stop);
      return { connector: createNutConnector(), port };
    },
  ],
  [
    'in memory',
    async ({ door }) => {
      const net = createMemoryNutNet();
      const { stop } = await net.listener.listen({ host: 'memory', port: 3493 }, door);
      stops.push(stop);
      return { connector: net.connector, port: 3493 };
    },
  ],
];

describe.each(ways)('a device read by NUT (%s)', (_name, open) => {
  async function rig() {
    const fake = fakeServer();
    const { connector, port } = await open(fake);
    const reader = createNutReader(connector);
    const driver = (ups: string, more: object = {}) => {
      const connection = nutReadConnectionSchema.parse({ host: '127.0.0.1', port, ups, timeout: '1s', ...more });
      const made = createNutDriver({ device: ups, connection, profile: null, profiles, reader });
      stops.push(made.close);
      return made;
    };
    return { fake, reader, driver, port };
  }

  it('tells what the server knows of it, by one question a poll', async () => {
    const { fake, driver } = await rig();
    const values = await driver('ups').poll();
    expect(values.map(({ point, decoded }) => [point, decoded.value])).toEqual([
      ['ups.status', 'OB'],
      ['device.alarms', 'none'],
      ['battery.charge', 97],
    ]);
    expect(fake.asked).toEqual(['LIST VAR ups']);
  });

  it('two UPSes of one server share one connection, asked at once', async () => {
    const { fake, driver } = await rig();
    const [one, two] = [driver('ups'), driver('rack2')];
    const statuses = await Promise.all([one.poll(), two.poll(), one.poll()]);
    expect(statuses.map(([first]) => first?.decoded.value)).toEqual(['OB', 'OL', 'OB']);
    expect(fake.opened).toBe(1);
  });

  const refusals: readonly [word: string, code: string, text: RegExp][] = [
    ['DATA-STALE', 'UNREACHABLE', /has lost contact with the UPS ups \(DATA-STALE\)/],
    ['DRIVER-NOT-CONNECTED', 'UNREACHABLE', /driver of ups .* does not run/],
    ['UNKNOWN-UPS', 'REFUSED', /knows no UPS ups/],
    ['ACCESS-DENIED', 'REFUSED', /does not let this address or user read ups/],
    ['SOMETHING-NEW', 'REFUSED', /refuses to tell of ups \(SOMETHING-NEW\)/],
  ];
  it.each(refusals)('ERR %s is %s with its reason, and the connection serves on', async (word, code, text) => {
    const { fake, driver } = await rig();
    fake.answers.set('LIST VAR ups', `ERR ${word}\n`);
    await expect(driver('ups').poll()).rejects.toMatchObject({ code, message: expect.stringMatching(text) });
    expect((await driver('rack2').poll())[0]?.decoded.value).toBe('OL');
    expect(fake.opened).toBe(1);
  });

  it('a connection that the server has hung up meanwhile is opened anew, unnoticed', async () => {
    const { fake, driver } = await rig();
    const device = driver('ups');
    fake.hangUpAfter = 'LIST VAR ups';
    await device.poll();
    fake.hangUpAfter = null;
    await new Promise((resolve) => setImmediate(resolve));
    expect((await device.poll())[0]?.decoded.value).toBe('OB');
    expect(fake.opened).toBe(2);
  });

  it('signs in where a user is given; a wrong password is a refusal and not a silence', async () => {
    const { fake, driver } = await rig();
    await driver('ups', { user: 'reader', password: new Secret('right') }).poll();
    expect(fake.asked).toEqual(['USERNAME reader', 'PASSWORD right', 'LIST VAR ups']);
    fake.answers.set('PASSWORD wrong', 'ERR INVALID-PASSWORD\n');
    const wrong = driver('ups', { user: 'reader', password: new Secret('wrong') }).poll();
    await expect(wrong).rejects.toMatchObject({ code: 'REFUSED', message: expect.not.stringContaining('wrong') });
  });

  it('one row of wild bytes spoils no other (L36)', async () => {
    const { fake, driver } = await rig();
    fake.answers.set(
      'LIST VAR ups',
      list(
        'ups',
        'VAR ups ups.status "OL"',
        'VAR ups ups.serial "\u0001\u0002',
        'garbage',
        'VAR ups',
        'VAR ups ups.load "9"',
      ),
    );
    const values = await driver('ups').poll();
    expect(values.map(({ point }) => point)).toEqual(['ups.status', 'device.alarms', 'ups.load']);
  });

  it('what is no list is a wrong answer, and the next poll begins on a new connection', async () => {
    const { fake, driver } = await rig();
    const device = driver('ups');
    const good = fake.answers.get('LIST VAR ups') ?? '';
    fake.answers.set('LIST VAR ups', 'HTTP/1.1 400 Bad Request\n');
    await expect(device.poll()).rejects.toMatchObject({ code: 'BAD_ANSWER' });
    fake.answers.set('LIST VAR ups', good);
    expect((await device.poll())[0]?.decoded.value).toBe('OB');
    expect(fake.opened).toBe(2);
  });

  it('probe reads one UPS by its address alone, and lists them where none is named', async () => {
    const { reader, port } = await rig();
    const deps = { snmp: createSnmpTransport(), profiles, links: { nut: reader } };
    const one = await probe(`nut://127.0.0.1:${port}/ups`, deps);
    expect(one.recognised).toBe('nut-ups');
    expect(one.points.find(({ name }) => name === 'battery.charge')).toMatchObject({ value: 97, unit: '%', raw: 97 });
    expect((await probe(`nut://127.0.0.1:${port}`, deps)).behind).toEqual([
      { address: `nut://127.0.0.1:${port}/ups`, description: 'Serverraum "A"' },
      { address: `nut://127.0.0.1:${port}/rack2`, description: '' },
    ]);
  });
});

describe('a NUT server that is no help', () => {
  it('that says nothing at all is given up after its time', async () => {
    const { port, stop } = await createTcpNutListener().listen(
      { host: '127.0.0.1', port: 0 },
      {
        rejected: () => {},
        open: () => ({ settled: false, answer: () => ({ text: '', close: false }), ended: () => {} }),
      },
    );
    stops.push(stop);
    const server = createNutReader(createNutConnector()).open({ host: '127.0.0.1', port }, seconds(0.2));
    await expect(server.variables('ups')).rejects.toMatchObject({ code: 'TIMED_OUT' });
    server.close();
  });

  it('that is not there is unreachable, for both of its UPSes', async () => {
    const reader = createNutReader(createNutConnector());
    const asked = ['a', 'b'].map((ups) => reader.open({ host: '127.0.0.1', port: 1 }, seconds(1)).variables(ups));
    for (const one of asked) await expect(one).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });
});

describe('the address of a UPS behind a NUT server', () => {
  it.each([
    ['nut://10.0.0.5/ups', { host: '10.0.0.5', port: 3493, ups: 'ups' }],
    ['nut://10.0.0.5:3500/a%20b', { port: 3500, ups: 'a b' }],
    ['nut://[fd00::5]/ups', { host: 'fd00::5' }],
    ['nut://monitor:p%40ss@nas', { user: 'monitor', ups: '' }],
  ])('%s is understood', (url, expected) => {
    expect(parseNutUrl(url)).toMatchObject(expected);
  });
  it.each(['nut://', 'nut://host/a/b', 'nut://host/ups?x=1', 'nut://host:0/ups', 'nut://host/%ff'])(
    '%s is refused',
    (url) => {
      expect(() => parseNutUrl(url)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
    },
  );
});
