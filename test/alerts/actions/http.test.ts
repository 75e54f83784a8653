import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { httpRequestSchema } from '#core/config/connections.ts';
import type { Action } from '#core/config/device.ts';
import { Secret } from '#core/secret.ts';
import { minutes } from '#core/time.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { createHttpDriver } from '#services/alerts/actions/http-driver.ts';
import { T0 } from '../support.ts';

type Http = Extract<Action, { http: unknown }>['http'];
const context = { run: 'i1/siren/1', limit: minutes(1), values: { device: 'lamp 1/a', run: 'r-1' } };
const driver = createHttpDriver({ clock: createSystemClock() });

describe('the http driver', () => {
  const heard: { method: string; url: string; body: string; headers: IncomingMessage['headers'] }[] = [];
  let status = 200;
  let server: Server;
  let url = '';
  beforeEach(async () => {
    heard.length = 0;
    status = 200;
    server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      request.on('end', () => {
        heard.push({ method: request.method ?? '', url: request.url ?? '', body, headers: request.headers });
        if (request.url !== '/hang') response.writeHead(status, { location: '/elsewhere' }).end('said');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(
    () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  const http = (more: Partial<Http> = {}): Action => ({
    http: { url: `${url}/relay/{device}`, method: 'POST', headers: {}, accept: [200, 204], ...more },
  });

  it('sends method, headers with secrets, and the body with the values of the run; a value cannot change the address', async () => {
    const headers = { authorization: new Secret('Bearer key-4242'), 'x-run': '{run}' };
    const outcome = await driver.run(http({ method: 'PUT', headers, body: '{"run":"{run}"}' }), context);
    expect(outcome).toMatchObject({ result: 'ok', output: 'said' });
    expect(heard).toMatchObject([{ method: 'PUT', url: '/relay/lamp%201%2Fa', body: '{"run":"r-1"}' }]);
    expect(heard[0]!.headers).toMatchObject({
      ...{ authorization: 'Bearer key-4242', 'x-run': 'r-1', 'content-type': 'application/json' },
    });
  });

  it.each<[number, 'ok' | 'failed' | 'unknown', string]>([
    [200, 'ok', 'accepted'],
    [201, 'failed', 'not among those accepted'],
    [302, 'failed', 'a redirect is not followed'],
    [404, 'failed', 'no such thing'],
    [500, 'unknown', 'it may have been done'],
    [503, 'unknown', 'so may this'],
  ])('%s is %s: %s', async (given, result) => {
    status = given;
    expect(await driver.run(http(), context)).toMatchObject({ result, detail: expect.stringContaining(String(given)) });
    expect(heard).toHaveLength(1);
  });

  it('does not know what became of a request whose answer does not come in time (L20)', async () => {
    const clock = createVirtualClock(T0);
    const asking = createHttpDriver({ clock }).run(http({ url: `${url}/hang` }), context);
    while (heard.length === 0) await new Promise((resolve) => setImmediate(resolve));
    clock.advanceBy(minutes(1));
    expect(await asking).toMatchObject({ result: 'unknown', detail: expect.stringContaining('no answer') });
  });

  it('its test asks test.url with the same credentials; 401 is a refusal, 500 is down', async () => {
    const test = { url: `${url}/status` };
    const look = http({ test, headers: { authorization: new Secret('Bearer key-4242') } });
    expect(await driver.test!(look, context)).toMatchObject({ result: 'ok', output: 'up' });
    status = 401;
    expect(await driver.test!(look, context)).toEqual({
      result: 'failed',
      detail: `${url}/status answered 401: the credentials are refused`,
    });
    status = 500;
    expect(await driver.test!(look, context)).toMatchObject({ result: 'failed', output: 'down' });
    expect(heard.map((one) => `${one.method} ${one.url} ${String(one.headers.authorization)}`)).toEqual(
      Array.from({ length: 3 }, () => 'GET /status Bearer key-4242'),
    );
  });

  it('without test.url it only connects, and says that the credentials were not tried', async () => {
    expect(await driver.test!(http(), context)).toMatchObject({
      result: 'ok',
      detail: expect.stringContaining('its credentials are not tried'),
    });
    expect(heard).toEqual([]);
  });
});

describe('an HTTP request in the configuration', () => {
  it.each([
    ['a password in the URL, which is shown to people', { url: 'http://user:pass@relay.example/' }],
    ['another protocol', { url: 'ftp://relay.example/' }],
    ['a fingerprint that is none', { url: 'https://relay.example/', fingerprint: 'AA:BB' }],
  ])('is refused with %s', (_title, request) => {
    expect(httpRequestSchema.safeParse(request).success).toBe(false);
  });

  it('takes a fingerprint as openssl prints it', () => {
    const hex = Array.from({ length: 32 }, () => 'AB').join(':');
    const { fingerprint } = httpRequestSchema.parse({
      url: 'https://relay.example/',
      fingerprint: `sha256 Fingerprint=${hex}`,
    });
    expect(fingerprint).toBe(hex);
  });
});
