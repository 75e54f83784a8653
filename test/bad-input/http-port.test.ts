import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Problem } from '#core/api.ts';
import { minutes, seconds } from '#core/time.ts';
import { type BadDay, diaryOf, openBadDay, until } from './support/house.ts';

let day: BadDay;
let port: number;
const sockets: Socket[] = [];
beforeAll(async () => {
  day = await openBadDay({ page: true });
  port = day.config.site.http.port;
  await day.clock.advanceByAsync(seconds(30));
});
afterAll(async () => {
  // With requests half sent, too, the house stops.
  await day.stop();
  for (const socket of sockets) socket.destroy();
});

const url = (path: string): string => `http://127.0.0.1:${port}${path}`;
const answered = (status: number, route: string): number =>
  day.count('zhishou_http_requests_total', { status: String(status), route });

/** Writes what no HTTP client would and gives back all that comes until the other side closes or `enough` was read. */
function raw(parts: readonly (string | Buffer)[], enough: RegExp | null = null): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    let text = '';
    const done = (): void => resolve(text);
    socket.on('error', done).on('close', done);
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      if (enough?.test(text)) socket.destroy();
    });
    for (const part of parts) socket.write(part);
  });
}

const head = (method: string, path: string, ...more: readonly string[]): string =>
  `${[`${method} ${path} HTTP/1.1`, 'host: 127.0.0.1', 'content-type: application/json', ...more].join('\r\n')}\r\n\r\n`;

describe('a body that is wrong', () => {
  it.each<[string, () => Promise<string>]>([
    [
      'announced',
      () => raw([head('POST', '/api/v1/session', 'content-length: 10485760'), '{"user":"'], /\r\n\r\n.*\}/s),
    ],
    [
      'in chunks',
      () => {
        const chunk = `100000\r\n${'x'.repeat(0x100000)}\r\n`;
        const parts = [head('POST', '/api/v1/session', 'transfer-encoding: chunked'), ...Array<string>(10).fill(chunk)];
        return raw(parts, /\r\n\r\n.*\}/s);
      },
    ],
  ])('10 MB, %s: 413 and counted, without being taken in', async (_how, ask) => {
    const before = answered(413, '/api/v1/session');
    const text = await ask();
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
    expect(text).toContain('"code":"TOO_LARGE"');
    await until(() => expect(answered(413, '/api/v1/session') - before).toBe(1));
  });

  it.each<[string, string]>([
    ['cut off', '{"user":"admin","password":'],
    ['no JSON', 'user=admin'],
    ['empty', ''],
    ['a list', '[]'],
    ['of wrong types', '{"user":7,"password":{}}'],
    ['with keys of the prototype', '{"__proto__":{"role":"administrator"},"user":"a","password":"b"}'],
    ['of brackets without an end', '['.repeat(60_000)],
  ])('%s: 400 as a problem that says what is wrong, and counted', async (_what, body) => {
    const before = answered(400, '/api/v1/session');
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(url('/api/v1/session'), { method: 'POST', headers, body });
    expect([response.status, response.headers.get('content-type')]).toEqual([
      400,
      'application/problem+json; charset=utf-8',
    ]);
    const problem = (await response.json()) as Problem;
    expect(problem).toMatchObject({ code: 'BAD_REQUEST', status: 400 });
    expect(problem.detail).not.toBe('');
    await until(() => expect(answered(400, '/api/v1/session') - before).toBe(1));
  });
});

describe('a request that is wrong', () => {
  it.each([
    ['GET', '/api/v1/nothing', 404],
    ['DELETE', '/api/v1/health', 405],
    ['POST', '/api/v1/readings/latest', 405],
    ['GET', '/api/v1/../../etc/passwd', 404],
    ['GET', '/api/v1/devices/ups-1/../../../secrets', 404],
  ])('%s %s is a %s, and counted', async (method, path, status) => {
    const counted = () => day.count('zhishou_http_requests_total', { status: String(status) });
    const before = counted();
    const response = await fetch(url(path), { method });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code: status === 405 ? 'BAD_REQUEST' : 'NOT_FOUND' });
    await until(() => expect(counted() - before).toBe(1));
  });

  it.each<[string, string, RegExp]>([
    ['no HTTP', 'hello\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['an SNMP packet', '\u0030\u0082\u0001\u0000\u0002\u0001', /^HTTP\/1\.1 400 /],
    ['a path that decodes to nothing', head('GET', '/api/v1/devices/%ff', 'connection: close'), /^HTTP\/1\.1 400 /],
    ['a header of 100 KB', head('GET', '/', `x: ${'y'.repeat(100_000)}`), /^HTTP\/1\.1 431 /],
    ['two lengths', head('POST', '/api/v1/session', 'content-length: 5', 'content-length: 6'), /^HTTP\/1\.1 400 /],
    [
      'a length and chunks',
      head('POST', '/api/v1/session', 'content-length: 5', 'transfer-encoding: chunked'),
      /^HTTP\/1\.1 400 /,
    ],
  ])('%s is told so and closed', async (_what, text, status) => {
    expect(await raw([Buffer.from(text, 'latin1')])).toMatch(status);
  });
});

describe('three hundred requests half sent', () => {
  it('hold up nobody: pages are answered, every device is read to the millisecond, an alarm is out at once (L38)', async () => {
    const quiet = await openBadDay();
    try {
      await quiet.clock.advanceByAsync(seconds(30));
      await quiet.clock.advanceByAsync(minutes(2));
      for (let i = 0; i < 300; i++) {
        const socket = connect(port, '127.0.0.1').on('error', () => {});
        sockets.push(socket);
        socket.write(
          i % 2 === 0
            ? 'GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx-slow: '
            : head('POST', '/api/v1/session', 'content-length: 60'),
        );
      }
      const response = await fetch(url('/api/v1/readings/latest?device=ups-1'));
      expect(response.status).toBe(200);
      await day.clock.advanceByAsync(minutes(2));
      expect(diaryOf(day)).toEqual(diaryOf(quiet));
      const at = day.clock.now();
      const sensor = await day.stranger();
      await sensor.publishAsync('zigbee2mqtt/smoke-1', '{"smoke":true}', { qos: 1 });
      await until(() => expect(day.sent.some(({ alert }) => alert !== null)).toBe(true));
      expect([day.firing(), day.clock.now()]).toEqual([['smoke'], at]);
      expect((await fetch(url('/api/v1/health'))).status).toBe(200);
    } finally {
      await quiet.stop();
    }
  });
});
