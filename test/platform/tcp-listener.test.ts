import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { milliseconds } from '#core/time.ts';
import { createReachProbe, freePorts } from '#platform/net.ts';
import { listenTcp } from '#platform/tcp-listener.ts';

const HOST = '127.0.0.1';

it('is open to a reach probe while it listens, and closed afterwards', async () => {
  const [port = 0] = await freePorts(1);
  const stop = await listenTcp(HOST, port);
  const look = () => createReachProbe().tcp(HOST, port, milliseconds(2000));
  expect(await look()).toBe('open');
  await stop();
  expect(await look()).toBe('closed');
});

it('takes whatever it is sent, says nothing, and its end does not wait for those who stay connected', async () => {
  const [port = 0] = await freePorts(1);
  const stop = await listenTcp(HOST, port);
  const client = connect(port, HOST);
  await once(client, 'connect');
  let heard = 0;
  client.on('data', (bytes) => {
    heard += bytes.length;
  });
  client.on('error', () => {});
  const closed = new Promise((resolve) => client.on('close', resolve));
  client.write('GET / HTTP/1.1\r\n\r\n'.repeat(100));
  await stop();
  await closed;
  expect(heard).toBe(0);
});

it('rejects with UNREACHABLE when the port is taken', async () => {
  const [port = 0] = await freePorts(1);
  const stop = await listenTcp(HOST, port);
  await expect(listenTcp(HOST, port)).rejects.toMatchObject({ code: 'UNREACHABLE' });
  await stop();
});
