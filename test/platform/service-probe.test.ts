import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer as createTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Check, checksSchema } from '#core/config/checks.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { makeTemporaryFolder } from '#platform/environment.ts';
import { createServiceProbe } from '#platform/service-probe.ts';
import { describeReal } from '../support/real.ts';

const probe = createServiceProbe(createSystemClock());
const ask = (check: object) => probe.ask(checksSchema.parse([{ name: 'x', timeout: '2s', ...check }])[0] as Check);
const HOST = '127.0.0.1';

const servers: Server[] = [];
const sockets = new Set<Socket>();
async function listening(server: Server): Promise<number> {
  servers.push(server);
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})));
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  return (server.address() as AddressInfo).port;
}
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});
/** A port on which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  await new Promise((resolve) => servers.pop()?.close(resolve));
  return port;
}

describe('looking at a service over the network', () => {
  it('a connection, and what it says first', async () => {
    const port = await listening(createServer((socket) => socket.write('SSH-2.0-test\r\n')));
    expect(await ask({ tcp: { host: HOST, port } })).toMatchObject({ result: 'answered' });
    const greeted = await ask({ tcp: { host: HOST, port, greets: 'SSH-2.0' } });
    expect(greeted).toMatchObject({ result: 'answered', text: expect.stringMatching(/^SSH-2\.0-test/) });
  });

  it('a port that is closed, one that closes at once, one that says nothing', async () => {
    expect(await ask({ tcp: { host: HOST, port: await closedPort() } })).toMatchObject({ result: 'refused' });
    const shut = await listening(createServer((socket) => socket.end()));
    expect(await ask({ tcp: { host: HOST, port: shut, greets: 'x' } })).toMatchObject({ result: 'broken-off' });
    const mute = await listening(createServer(() => {}));
    expect(await ask({ timeout: '100ms', tcp: { host: HOST, port: mute, greets: 'x' } })).toMatchObject({
      result: 'timed-out',
    });
  });

  it('a page with its status and text; headers go along; one that hangs', async () => {
    const page = createHttp((request, response) => {
      if (request.url !== '/hang') response.writeHead(request.headers['x-key'] === 'k' ? 200 : 401).end('Welcome');
    });
    const port = await listening(page);
    const url = `http://${HOST}:${port}`;
    expect(await ask({ http: { url, headers: { 'x-key': 'k' } } })).toMatchObject({
      ...{ result: 'answered', status: 200, text: 'Welcome' },
    });
    expect(await ask({ http: { url } })).toMatchObject({ result: 'answered', status: 401 });
    expect(await ask({ timeout: '100ms', http: { url: `${url}/hang` } })).toMatchObject({ result: 'timed-out' });
    expect(await ask({ http: { url: `http://${HOST}:${await closedPort()}` } })).toMatchObject({ result: 'refused' });
  });
});

describeReal('openssl', 'certificates', () => {
  const folder = makeTemporaryFolder('zhishou-check-');
  const file = (name: string): string => readFileSync(join(folder.path, name), 'utf8');
  beforeAll(() => {
    const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '20'];
    const words = ['req', '-x509', ...fresh, '-subj', '/CN=x', '-addext', 'subjectAltName=DNS:localhost'];
    execFileSync('openssl', [...words, '-keyout', 'key.pem', '-out', 'cert.pem'], { cwd: folder.path, stdio: 'pipe' });
  });
  afterAll(() => folder.remove());

  it('how long it is valid and why it is not believed', async () => {
    const server = createTls({ key: file('key.pem'), cert: file('cert.pem') });
    server.on('tlsClientError', () => {});
    const port = await listening(server);
    const seen = await ask({ tls: { host: HOST, port, server_name: 'localhost' } });
    expect(seen).toMatchObject({ result: 'answered', certificate: { doubt: 'untrusted' } });
    const until = seen.result === 'answered' ? (seen.certificate?.until ?? 0) : 0;
    const days = (until - createSystemClock().now()) / 86_400_000;
    expect(Math.round(days)).toBe(20);
    expect(await ask({ http: { url: `https://${HOST}:${port}` } })).toMatchObject({ result: 'certificate-untrusted' });
  });

  it('a port without TLS', async () => {
    const port = await listening(createServer((socket) => socket.end('SSH-2.0\r\n')));
    const seen = await ask({ tls: { host: HOST, port } });
    expect(seen.result).not.toBe('answered');
  });
});

describeReal('ping', 'ping', () => {
  it('a host that answers, and a name that nobody knows', async () => {
    expect(await ask({ ping: { host: HOST } })).toMatchObject({ result: 'answered' });
    const nobody = await ask({ timeout: '1s', ping: { host: 'nobody.invalid' } });
    expect(nobody).toMatchObject({ result: 'name-unknown' });
  });
});
