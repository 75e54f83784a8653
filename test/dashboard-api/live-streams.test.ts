import { get, type IncomingMessage } from 'node:http';
import { connect as openSocket } from 'node:net';
import { constants, gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { devicesFileSchema } from '#core/config/device.ts';
import { seconds } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { createMetrics } from '#platform/metrics.ts';
import { freePorts } from '#platform/net.ts';
import {
  createLiveHub,
  type LiveClient,
  MOST_CLIENTS,
  MOST_CLIENTS_PER_ADDRESS,
} from '#services/dashboard-api/live/hub.ts';
import { createStreamClient, type StreamSink, takesGzip } from '#services/dashboard-api/live/stream-client.ts';
import { GZIP_HEAD, streamPiece } from '#services/dashboard-api/live/stream-piece.ts';
import { alert, batch, makeConfig, reading, START, startDashboard, type TestDashboard } from './support.ts';

/** The stream to many at once: packed once, bounded for each, whatever one of them does. */

const unpack = (parts: readonly Buffer[]): string =>
  gunzipSync(Buffer.concat(parts), { finishFlush: constants.Z_SYNC_FLUSH }).toString();

describe('pieces packed once', () => {
  test('any run of them behind one head is a good gzip stream', () => {
    const texts = fc.array(fc.oneof(fc.string({ unit: 'grapheme', maxLength: 2000 }), fc.constant('x'.repeat(70_000))));
    fc.assert(
      fc.property(texts, (all) => {
        const parts = [GZIP_HEAD, ...all.map((text) => streamPiece(text).packed())];
        expect(unpack(parts)).toBe(all.join(''));
      }),
      { numRuns: 100 },
    );
  });

  test('bytes are made once for all who get them', () => {
    const piece = streamPiece('值守');
    expect(piece.plain()).toBe(piece.plain());
    expect(piece.packed()).toBe(piece.packed());
  });

  test.each<[string | undefined, boolean, string]>([
    ['gzip', true, 'plainly'],
    ['gzip, deflate, br', true, 'as browsers do'],
    ['br;q=1.0, GZIP;q=0.5', true, 'with a weight'],
    ['', false, 'nothing asked for'],
    [undefined, false, 'no header'],
    ['gzip;q=0', false, 'refused'],
    ['br, gzip; q=0.000', false, 'refused with spaces'],
    ['x-gzipper', false, 'another word'],
  ])('accept-encoding %j: %s, %s', (header, taken) => {
    expect(takesGzip(header)).toBe(taken);
  });
});

/** A connection that takes as much as told. */
function makeSink() {
  let waiting = 0;
  let ended: 'end' | 'destroy' | null = null;
  const sink = {
    destroyed: false,
    get writableLength() {
      return waiting;
    },
    write(bytes: Buffer) {
      waiting += bytes.length;
      return true;
    },
    end() {
      ended = 'end';
      return sink;
    },
    destroy() {
      ended = 'destroy';
      return sink;
    },
  };
  return {
    sink: sink as unknown as StreamSink,
    take(bytes: number) {
      waiting = Math.max(0, waiting - bytes);
    },
    waiting: () => waiting,
    ended: () => ended,
  };
}

describe('what waits for one client', () => {
  const wall = createVirtualClock(START);
  const bytes = (length: number) => streamPiece('x'.repeat(length));
  const open = (most = 1000) => {
    const parts = makeSink();
    return { ...parts, client: createStreamClient(parts.sink, { gzip: false, now: wall.monotonic, most }) };
  };

  test('is bounded, and its beginning does not count', () => {
    const { client, waiting } = open();
    client.begin([bytes(50_000)]);
    let told = 0;
    while (client.write(bytes(100)) && told < 1000) told++;
    expect(told).toBe(10);
    expect(waiting()).toBeLessThan(50_000 + 1000 + 200);
  });

  test('has the bound alone once the beginning has been taken', () => {
    const { client, take } = open();
    client.begin([bytes(50_000)]);
    take(1e9);
    expect(client.write(bytes(900))).toBe(true);
    expect(client.write(bytes(200))).toBe(false);
  });

  test('never grows by taking slowly: what was taken of the beginning is not given again', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3000), fc.nat(900)), { maxLength: 60 }), (turns) => {
        const { client, take, waiting } = open();
        client.begin([bytes(20_000)]);
        let before = Infinity;
        for (const [taken, next] of turns) {
          take(taken);
          if (!client.write(bytes(next))) break;
          const bound = Math.max(1000, waiting());
          expect(waiting()).toBeLessThanOrEqual(Math.max(before, 20_020 + 1000));
          before = bound;
        }
      }),
    );
  });

  test('and is not taken for a minute means that nobody is there', async () => {
    const { client, take } = open();
    client.begin([bytes(500)]);
    await wall.advanceByAsync(seconds(59));
    expect(client.write(bytes(1))).toBe(true);
    await wall.advanceByAsync(seconds(2));
    expect(client.write(bytes(1))).toBe(false);
    take(1e9);
    expect(client.write(bytes(1))).toBe(true);
  });

  test('is thrown away with the connection of a slow one, and sent to one who signs out', () => {
    const slow = open();
    slow.client.end(true);
    const other = open();
    other.client.end(false);
    expect([slow.ended(), other.ended()]).toEqual(['destroy', 'end']);
  });
});

describe('many at once', () => {
  const makeHub = () => {
    const wall = createVirtualClock(START);
    let made = 0;
    const snapshot = (whole: boolean) => ({ whole, number: ++made }) as never;
    const hub = createLiveHub({ wall, siteNow: wall.now, metrics: createMetrics(), epoch: 'e', snapshot });
    const join = (change: Partial<LiveClient> = {}) => {
      const texts: string[] = [];
      const client: LiveClient = {
        place: 'address a',
        mostAtPlace: MOST_CLIENTS_PER_ADDRESS,
        audience: 'all',
        begin: (pieces) => void texts.push(...pieces.map(({ text }) => text)),
        write: ({ text }) => texts.push(text) > 0,
        mayStay: () => true,
        end: () => {},
        ...change,
      };
      const leave = hub.join(client, null);
      return { leave, texts, names: () => texts.map((text) => /^event: (\S+)/m.exec(text)?.[1]) };
    };
    return { wall, hub, join, made: () => made };
  };

  test('two hundred pages that come back together cost one snapshot, with what has happened since behind it', () => {
    const { hub, join, made } = makeHub();
    const pages = Array.from({ length: 200 }, () => join());
    expect(made()).toBe(1);
    hub.publish('alert', alert());
    const late = join();
    expect(made()).toBe(1);
    expect(late.names()).toEqual(['snapshot', 'alert']);
    // Both know the same, by the same id.
    expect(late.texts.at(-1)).toBe(pages[0]?.texts.at(-1));
  });

  test('a snapshot serves for half a second, and not for another audience', async () => {
    const { wall, join, made } = makeHub();
    join();
    join({ audience: 'viewer', place: 'session s' });
    expect(made()).toBe(2);
    await wall.advanceByAsync(seconds(1));
    join();
    expect(made()).toBe(3);
  });

  test('places are bounded for an address and for all together', () => {
    const { join } = makeHub();
    const at = (address: string) => join({ place: `address ${address}` }).leave !== null;
    for (let i = 0; i < MOST_CLIENTS_PER_ADDRESS; i++) expect(at('a')).toBe(true);
    expect(at('a')).toBe(false);
    for (let i = MOST_CLIENTS_PER_ADDRESS; i < MOST_CLIENTS; i++) expect(at(`b${i}`)).toBe(true);
    expect(at('c')).toBe(false);
  });
});

describe('over real connections', () => {
  let running: TestDashboard | null = null;
  const responses: IncomingMessage[] = [];
  afterEach(async () => {
    for (const response of responses.splice(0)) response.destroy();
    await running?.dashboard.stop();
    running = null;
  });

  const start = async (devices: number) => {
    const [port] = await freePorts(1);
    const base = makeConfig({ port: port ?? 0 });
    const more = devicesFileSchema.parse({
      devices: Array.from({ length: devices }, (_, index) => ({
        ...{ id: `device-${index}`, name: `Device ${index}`, kind: 'sensor', mqtt: { topic: `z/${index}` } },
      })),
    }).devices;
    running = await startDashboard({ config: { ...base, devices: [...base.devices, ...more] }, listen: true });
    return running;
  };
  const follow = (url: string, headers: Record<string, string> = {}) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      get(`${url}/api/v1/live`, { headers, agent: false }, (response) => {
        responses.push(response);
        response.on('error', () => {});
        resolve(response);
      }).on('error', reject);
    });
  /** All that came, once this is among it. */
  const readUntil = async (response: IncomingMessage, wanted: string): Promise<string> => {
    const parts: Buffer[] = [];
    let tail = '';
    const packed = response.headers['content-encoding'] === 'gzip';
    for await (const chunk of response) {
      parts.push(chunk);
      tail = packed ? unpack(parts) : `${tail.slice(-200)}${chunk}`;
      if (tail.includes(wanted)) return packed ? tail : Buffer.concat(parts).toString();
    }
    throw new Error('the stream ended');
  };
  const big = (id: string) => alert({ id, consequence: { zh: 'x'.repeat(100_000), en: id } });

  test.each([
    ['packed', { 'accept-encoding': 'gzip' }],
    ['plain', {}],
  ])('a page of a large room begins, though its snapshot is larger than what may wait: %s', async (how, headers) => {
    const site = await start(200);
    for (let device = 0; device < 200; device++) {
      const readings = Array.from({ length: 30 }, (_, point) =>
        reading({ device: `device-${device}`, point: `ambient.${point + 1}.temperature`, value: device }),
      );
      await site.publish('reading/+', `device-${device}`, batch(readings));
    }
    const response = await follow(site.url, headers);
    expect(response.headers['content-encoding']).toBe(how === 'packed' ? 'gzip' : undefined);
    await site.publish('alert/+', 'a', alert({ id: 'after-all' }));
    const [, first = ''] = (await readUntil(response, 'after-all')).split('event: snapshot\ndata: ');
    const end = first.indexOf('\n');
    expect(end).toBeGreaterThan(1_000_000);
    expect(JSON.parse(first.slice(0, end)).readings).toHaveLength(6000);
  });

  test('who missed more than may wait is told all of it, as long as it is kept', async () => {
    const site = await start(1);
    const first = await follow(site.url);
    await site.publish('alert/+', 'a', alert({ id: 'seen' }));
    const id = /id: (\S+)\nevent: alert/.exec(await readUntil(first, 'seen'))?.[1] ?? '';
    for (let i = 0; i < 25; i++) await site.publish('alert/+', 'a', big(`missed-${i}`));
    const again = await follow(site.url, { 'last-event-id': id });
    const text = await readUntil(again, 'missed-24","rule');
    expect(text).not.toContain('event: snapshot');
    expect([...text.matchAll(/"id":"missed-(\d+)"/g)].map(([, n]) => Number(n))).toEqual(
      Array.from({ length: 25 }, (_, i) => i),
    );
  });

  test('whatever is asked of the stream, it begins or refuses by a problem, and nobody who has gone is kept', async () => {
    const site = await start(1);
    const text = fc.oneof(
      fc.string({ unit: fc.constantFrom(...'abc-0189._ !~'), maxLength: 120 }),
      fc.constantFrom('', '-', '-1', 'x-99999999999999999999', `${'9'.repeat(15)}-1`, '__proto__-1', 'x'.repeat(4000)),
    );
    const query = fc.constantFrom(
      '',
      '?lastEventId=x-1',
      '?lastEventId=%00',
      '?lastEventId=a&lastEventId=b',
      '?x=1',
      '?=',
    );
    await fc.assert(
      fc.asyncProperty(text, query, text, async (id, asked, encoding) => {
        const { status, type } = await new Promise<{ status: number; type: string }>((resolve, reject) => {
          const headers = { 'last-event-id': id, 'accept-encoding': encoding };
          get(`${site.url}/api/v1/live${asked}`, { headers, agent: false }, (response) => {
            response.destroy();
            resolve({ status: response.statusCode ?? 0, type: String(response.headers['content-type']) });
          }).on('error', reject);
        });
        expect([status, type.split(';')[0]]).toEqual(
          status === 200 ? [200, 'text/event-stream'] : [400, 'application/problem+json'],
        );
      }),
      { numRuns: 60 },
    );
    const clients = async (): Promise<number> => (await site.dashboard.inject('/api/v1/health')).json().liveClients;
    while ((await clients()) > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  test('one that does not read is cut off and counted, at a bound, and another is told everything meanwhile', async () => {
    const site = await start(1);
    const stuck = openSocket(new URL(site.url).port as unknown as number, '127.0.0.1');
    stuck.on('error', () => {});
    stuck.write('GET /api/v1/live HTTP/1.1\r\nhost: localhost\r\n\r\n');
    stuck.pause();
    const clients = async (): Promise<number> => (await site.dashboard.inject('/api/v1/health')).json().liveClients;
    while ((await clients()) < 1) await new Promise((resolve) => setImmediate(resolve));
    const good = await follow(site.url);
    const told: string[] = [];
    let rest = '';
    good.on('data', (chunk: Buffer) => {
      rest += chunk;
      const whole = rest.lastIndexOf('\n\n');
      told.push(...[...rest.slice(0, whole + 1).matchAll(/"id":"(all-\d+)"/g)].map(([, id]) => id ?? ''));
      rest = rest.slice(whole + 1);
    });
    let sent = 0;
    while ((await clients()) > 1 && sent < 500) {
      await site.publish('alert/+', 'a', big(`all-${sent++}`));
      while (told.length < sent) await new Promise((resolve) => setImmediate(resolve));
    }
    // What the two kernels take, and a megabyte here: not what was told in all.
    expect(sent).toBeLessThan(500);
    expect(told).toEqual(Array.from({ length: sent }, (_, i) => `all-${i}`));
    expect(site.metrics.render()).toMatch(/zhishou_live_clients_dropped_total\{reason="slow"\} 1/);
    stuck.destroy();
  });
});
