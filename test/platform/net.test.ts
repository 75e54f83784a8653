import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { milliseconds, seconds } from '#core/time.ts';
import { createReachProbe, freePorts, postJson } from '#platform/net.ts';

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

async function serve(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUps.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/robot?key=hush`;
}

it('gives free ports that differ', async () => {
  const ports = await freePorts(20);
  expect(new Set(ports).size).toBe(20);
  expect(ports.every((port) => port > 1023)).toBe(true);
});

describe('the reach probe', () => {
  it('tells an open port from a closed one and from a name that is none', async () => {
    const server = createTcpServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const probe = createReachProbe();
    expect(await probe.tcp('127.0.0.1', port, seconds(2))).toBe('open');
    await new Promise((resolve) => server.close(resolve));
    expect(await probe.tcp('127.0.0.1', port, seconds(2))).toBe('closed');
    expect(await probe.tcp('no-such-host.invalid', 80, seconds(2))).toBe('closed');
  });

  it('does not wait longer than its limit for a machine that swallows everything', async () => {
    // TEST-NET-1 (RFC 5737) answers nobody.
    expect(await createReachProbe().tcp('192.0.2.1', 80, milliseconds(50))).toBe('closed');
  });
});

describe('posting JSON', () => {
  it('sends body and headers, and gives the answer', async () => {
    const seen: unknown[] = [];
    const url = await serve((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => {
        seen.push(request.method, request.headers['content-type'], request.headers['x-signature'], body);
        response.end('{"ok":true}');
      });
    });
    expect(await postJson(url, { n: '值' }, { 'x-signature': 's' }, 2000)).toEqual({
      status: 200,
      body: '{"ok":true}',
    });
    expect(seen).toEqual(['POST', 'application/json', 's', '{"n":"值"}']);
  });

  it.each([
    [400, 'REFUSED'],
    [401, 'REFUSED'],
    [408, 'BAD_ANSWER'],
    [429, 'TOO_MANY'],
    [500, 'BAD_ANSWER'],
    [302, 'BAD_ANSWER'],
  ])('HTTP %i is %s', async (status, code) => {
    const url = await serve((_request, response) => response.writeHead(status, { location: '/x' }).end('why'));
    await expect(postJson(url, {}, {}, 2000)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(`HTTP ${status}`),
    });
  });

  it('is TIMED_OUT when no answer comes, or its body never ends', async () => {
    const silent = await serve(() => {});
    await expect(postJson(silent, {}, {}, 50)).rejects.toMatchObject({ code: 'TIMED_OUT' });
    const endless = await serve((_request, response) => void response.write('x'));
    await expect(postJson(endless, {}, {}, 80)).rejects.toMatchObject({ code: 'TIMED_OUT' });
  });

  it('is UNREACHABLE where nobody listens, and tells neither path nor key', async () => {
    const [port] = await freePorts(1);
    const failed = postJson(`http://127.0.0.1:${port}/robot?key=hush`, {}, {}, 2000);
    await expect(failed).rejects.toMatchObject({ code: 'UNREACHABLE', message: expect.stringMatching(/ECONNREFUSED/) });
    await expect(failed).rejects.toMatchObject({ message: expect.not.stringMatching(/hush|robot/) });
  });

  it('reads no more of an answer than it keeps', async () => {
    const url = await serve((_request, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', more);
      more();
    });
    expect((await postJson(url, {}, {}, 5000)).body).toHaveLength(64 * 1024);
  });
});
