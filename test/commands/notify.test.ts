import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { zhishou } from '../support/command-line.ts';

/** The sample site's telephone is a webhook; its address comes from the environment. */
describe('zhishou notify test', () => {
  const taken: { subject: string; body: string; to: string }[] = [];
  const orders: { path: string; token: string | undefined; body: unknown }[] = [];
  let deliveries: object[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const path = request.url ?? '';
      response.setHeader('content-type', 'application/json');
      if (path === '/message') taken.push(JSON.parse(body));
      if (path.startsWith('/api/')) {
        orders.push({ path, token: request.headers.authorization, body: body === '' ? null : JSON.parse(body) });
        response.end(JSON.stringify(path.includes('/commands') ? { created: 't1-0' } : { deliveries, next: null }));
      } else response.end('{}');
    });
  });

  beforeEach(async () => {
    taken.length = orders.length = 0;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    process.env.ZHISHOU_WEBHOOK_PORT = String((server.address() as AddressInfo).port);
    // Nothing listens there.
    process.env.ZHISHOU_SMTP_PORT = '9';
  });
  afterEach(async () => {
    for (const name of ['ZHISHOU_WEBHOOK_PORT', 'ZHISHOU_SMTP_PORT', 'ZHISHOU_TOKEN']) delete process.env[name];
    server.close();
    await once(server, 'close');
  });

  it('directly: sends a marked message over each way, says that it is direct, and what came of each', async () => {
    const { code, output } = await zhishou(['notify', 'test', 'zhou-min', '--direct']);
    expect(taken).toHaveLength(1);
    expect(taken[0]).toMatchObject({ to: 'zhou-min', subject: expect.stringContaining('【模拟】') });
    expect(output).toContain('directly');
    expect(output).toMatch(/ok {4}phone +zhou-min +taken after/);
    expect(output).toMatch(/FAIL {2}email +zhou\.min@example\.com .*127\.0\.0\.1/);
    expect(code).toBe(1);
  });

  it('directly over one channel: exit 0 when it is taken', async () => {
    const { code, output } = await zhishou(['notify', 'test', 'zhou-min', '--direct', '--channel', 'phone', '--json']);
    expect(JSON.parse(output)).toMatchObject({ ok: true, direct: true, ways: [{ channel: 'phone', ok: true }] });
    expect(code).toBe(0);
  });

  it('through the service: orders a test with the token and tells what the outbox made of it', async () => {
    process.env.ZHISHOU_TOKEN = 'secret-of-an-operator';
    const delivery = {
      channel: 'phone',
      to: 'zhou-min',
      attempts: 1,
      error: null,
      queuedAt: '2026-11-22T00:00:00.000Z',
    };
    deliveries = [{ ...delivery, state: 'sent', sentAt: '2026-11-22T00:00:00.400Z' }];
    const url = `http://127.0.0.1:${process.env.ZHISHOU_WEBHOOK_PORT}`;
    const { code, output } = await zhishou(['notify', 'test', 'zhou-min', '--url', url]);
    expect(orders[0]).toMatchObject({
      path: '/api/v1/commands',
      token: 'Bearer secret-of-an-operator',
      body: { kind: 'contact.test', person: 'zhou-min' },
    });
    expect(orders[1]?.path).toBe('/api/v1/deliveries?test=t1-0');
    expect(output).toContain('ok    phone  zhou-min  sent after 0.4 s');
    expect(code).toBe(0);
  });

  it.each([
    ['somebody who is not there', ['notify', 'test', 'nobody', '--direct'], /nobody of this id; it has zhou-min/],
    ['no token', ['notify', 'test', 'zhou-min'], /ZHISHOU_TOKEN.*--direct/],
    [
      'a way that the person does not have',
      ['notify', 'test', 'zhou-min', '--direct', '--channel', 'fax'],
      /no such way/,
    ],
  ])('%s is told in words, with exit 1', async (_why, args, words) => {
    const { code, errors, output } = await zhishou(args);
    expect(`${errors}${output}`).toMatch(words);
    expect(code).toBe(1);
  });
});
