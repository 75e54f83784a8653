import { execFileSync } from 'node:child_process';
import { createDecipheriv, createECDH, createPublicKey, type ECDH, hkdfSync, randomBytes, verify } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { channelSchema } from '#core/config/channels.ts';
import type { Config } from '#core/config/config.ts';
import type { OutgoingMessage } from '#core/notification.ts';
import type { Bus, Channel } from '#core/ports.ts';
import { isPushService, PUSH_SERVICES } from '#core/push.ts';
import { Secret } from '#core/secret.ts';
import { topic } from '#core/topics.ts';
import { openAccounts } from '#platform/accounts-store.ts';
import { createMemoryBus } from '#platform/bus/memory-bus.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { makeTemporaryFolder } from '#platform/environment.ts';
import { silentLog } from '#platform/log.ts';
import { pushKeyOf } from '#platform/push-key.ts';
import { openStateStore } from '#platform/state-store.ts';
import { createChannels } from '#services/alerts/notify/channels/create-channels.ts';
import { createPushDesk, type PushDesk } from '#services/dashboard-api/push/push-desk.ts';
import { describeReal } from '../../../support/real.ts';
import { T0 } from '../../support.ts';
import { message } from './other-side.ts';

/** What was published has been heard. */
const heard = () => new Promise((resolve) => setImmediate(resolve));
const KEY = new Secret('the key that the services share');

/** A browser, as far as it decrypts what it is sent (RFC 8291, RFC 8188 with one record). */
interface Browser {
  readonly subscription: { endpoint: string; p256dh: string; auth: string; name: string };
  read(body: Buffer): unknown;
}

function browserAt(endpoint: string): Browser {
  const curve: ECDH = createECDH('prime256v1');
  const own = curve.generateKeys();
  const auth = randomBytes(16);
  return {
    subscription: { endpoint, p256dh: own.toString('base64url'), auth: auth.toString('base64url'), name: 'Firefox' },
    read(body) {
      const salt = body.subarray(0, 16);
      const keyLength = body[20]!;
      const theirs = body.subarray(21, 21 + keyLength);
      const content = body.subarray(21 + keyLength);
      const info = Buffer.concat([Buffer.from('WebPush: info\0'), own, theirs]);
      const material = Buffer.from(hkdfSync('sha256', curve.computeSecret(theirs), auth, info, 32));
      const key = Buffer.from(hkdfSync('sha256', material, salt, 'Content-Encoding: aes128gcm\0', 16));
      const nonce = Buffer.from(hkdfSync('sha256', material, salt, 'Content-Encoding: nonce\0', 12));
      const decipher = createDecipheriv('aes-128-gcm', key, nonce);
      decipher.setAuthTag(content.subarray(-16));
      const plain = Buffer.concat([decipher.update(content.subarray(0, -16)), decipher.final()]);
      return JSON.parse(plain.subarray(0, plain.lastIndexOf(2)).toString('utf8'));
    },
  };
}

it.each([
  ['https://fcm.googleapis.com/fcm/send/abc', true, 'Chromium'],
  ['https://updates.push.services.mozilla.com/wpush/v2/abc', true, 'Firefox'],
  ['https://web.push.apple.com/abc', true, 'Safari'],
  ['https://wns2-par02p.notify.windows.com/w/?token=x', true, 'Edge'],
  ['http://fcm.googleapis.com/fcm/send/abc', false, 'in clear'],
  ['https://fcm.googleapis.com.example.com/x', false, 'a name that only begins so'],
  ['https://evil-push.apple.com.example.com/', false, 'a name that only holds it'],
  ['https://push.apple.com/', false, 'the name itself is none under it'],
  ['https://user:secret@fcm.googleapis.com/', false, 'with credentials'],
  ['https://fcm.googleapis.com:8443/', false, 'another port'],
  ['https://192.0.2.1/', false, 'something in the house'],
  ['nonsense', false, 'no address'],
])('%s is a push service: %s (%s)', (endpoint, expected) => {
  expect(isPushService(endpoint, PUSH_SERVICES)).toBe(expected);
});

it('the site’s key is the same for the same secret, and another for another', () => {
  expect(pushKeyOf(KEY)).toEqual(pushKeyOf(new Secret(KEY.reveal())));
  expect(pushKeyOf(KEY).publicKey).not.toBe(pushKeyOf(new Secret('another')).publicKey);
  expect(Buffer.from(pushKeyOf(KEY).publicKey, 'base64url')).toHaveLength(65);
});

describeReal('openssl', 'Web Push over HTTPS', () => {
  const folder = makeTemporaryFolder('zhishou-push-');
  const before = getCACertificates('default');
  let server: Server;
  let origin = '';
  let answers: (path: string) => { status: number; echo?: boolean };
  let seen: { path: string; headers: IncomingHttpHeaders; body: Buffer }[] = [];
  let bus: Bus;
  let desk: PushDesk;
  let accounts: ReturnType<typeof openAccounts>;
  let channel: Channel;
  const state = openStateStore(':memory:');
  const out: OutgoingMessage = { ...message, to: 'browsers', person: 'ann' };

  beforeAll(async () => {
    const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: folder.path, stdio: 'pipe' });
    const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
    openssl(
      'req',
      '-x509',
      ...fresh,
      '-subj',
      '/CN=push',
      '-addext',
      'subjectAltName=DNS:localhost',
      '-keyout',
      'key.pem',
      '-out',
      'cert.pem',
    );
    const file = (name: string) => readFileSync(join(folder.path, name), 'utf8');
    setDefaultCACertificates([...before, file('cert.pem')]);
    server = createServer({ key: file('key.pem'), cert: file('cert.pem') }, async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const path = request.url ?? '';
      seen.push({ path, headers: request.headers, body: Buffer.concat(chunks) });
      const { status, echo } = answers(path);
      response.writeHead(status).end(echo === true ? `${path} ${JSON.stringify(request.headers)}` : '');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `https://localhost:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    setDefaultCACertificates(before);
    server?.closeAllConnections();
    server?.close();
    folder.remove();
  });

  function makeChannel(on: Bus): Channel {
    const config = channelSchema.parse({
      kind: 'web-push',
      contact: 'mailto:room@example.com',
      services: [new URL(origin).host],
    });
    const parts = {
      clock: createVirtualClock(T0),
      wall: createVirtualClock(T0),
      log: silentLog,
      memory: state,
      key: KEY,
    };
    const made = createChannels({ id: 'lab', channels: { browsers: config } }, { ...parts, bus: on }).browsers!;
    made.listen!(() => {});
    return made;
  }

  beforeEach(async () => {
    seen = [];
    answers = () => ({ status: 201 });
    bus = createMemoryBus();
    accounts = openAccounts(':memory:');
    const account = { role: 'duty', disabled: false, createdAt: T0, lastSignInAt: null, passwordHash: 'x' } as const;
    for (const person of ['ann', 'bob']) {
      accounts.addUser({
        ...account,
        user: person,
        name: person,
        person,
        passwordChangedAt: T0,
        mustChangePassword: false,
      });
    }
    const channels = {
      browsers: channelSchema.parse({
        kind: 'web-push',
        contact: 'mailto:room@example.com',
        services: [new URL(origin).host],
      }),
    };
    const config = { site: { id: 'lab', channels }, people: { people: [] } } as unknown as Config;
    desk = createPushDesk({ config, accounts, bus, wall: createVirtualClock(T0), log: silentLog, key: KEY });
    await desk.start();
    channel = makeChannel(bus);
  });

  it('reaches each browser of the person, readable by that browser alone, signed as this site', async () => {
    const phone = browserAt(`${origin}/push/phone`);
    const desktop = browserAt(`${origin}/push/desktop`);
    desk.add('ann', phone.subscription);
    desk.add('ann', desktop.subscription);
    desk.add('bob', browserAt(`${origin}/push/bob`).subscription);
    await heard();
    await channel.send(out);
    expect(seen.map(({ path }) => path).sort()).toEqual(['/push/desktop', '/push/phone']);
    const first = seen.find(({ path }) => path === '/push/phone')!;
    expect(phone.read(first.body)).toMatchObject({
      ...{ title: message.subject, tag: 'inc-1', path: '/incidents/inc-1', urgent: true, again: true },
      body: expect.stringContaining('后果：设备过热关机'),
    });
    expect(() => desktop.read(first.body)).toThrow();
    expect(first.headers).toMatchObject({ 'content-encoding': 'aes128gcm', ttl: '14400', urgency: 'high' });
    expect(first.headers.topic).toMatch(/^[\w-]{1,32}$/);

    const [, token = '', publicKey = ''] = /^vapid t=([^,]+), ?k=(.+)$/.exec(String(first.headers.authorization)) ?? [];
    expect(publicKey).toBe(desk.publicKey);
    const [head = '', claims = '', signature = ''] = token.split('.');
    const point = Buffer.from(publicKey, 'base64url');
    const [x, y] = [point.subarray(1, 33).toString('base64url'), point.subarray(33).toString('base64url')];
    const verifier = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
    const signed = Buffer.from(`${head}.${claims}`);
    const key = { key: verifier, dsaEncoding: 'ieee-p1363' } as const;
    expect(verify('sha256', signed, key, Buffer.from(signature, 'base64url'))).toBe(true);
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      aud: origin,
      sub: 'mailto:room@example.com',
    });
  });

  it('a recovery takes the place of the notice before it, quietly', async () => {
    const phone = browserAt(`${origin}/push/phone`);
    desk.add('ann', phone.subscription);
    await heard();
    await channel.send({ ...out, phase: 'recovered' });
    expect(phone.read(seen[0]!.body)).toMatchObject({ tag: 'inc-1', urgent: false, again: false });
  });

  it.each([404, 410])(
    'a browser that is no more (%i) is forgotten, and the message is handed over by the other',
    async (status) => {
      answers = (path) => ({ status: path.endsWith('gone') ? status : 201 });
      desk.add('ann', browserAt(`${origin}/push/gone`).subscription);
      desk.add('ann', browserAt(`${origin}/push/phone`).subscription);
      await heard();
      await channel.send(out);
      expect(desk.of('ann').map(({ endpoint }) => endpoint)).toEqual([`${origin}/push/phone`]);
      seen = [];
      await heard();
      await channel.send(out);
      expect(seen.map(({ path }) => path)).toEqual(['/push/phone']);
    },
  );

  it.each([
    [429, 'TOO_MANY', true],
    [500, 'BAD_ANSWER', true],
    [403, 'REFUSED', false],
  ])(
    'HTTP %i from the only browser is %s, retryable %s, and keeps it; nothing secret is in the error',
    async (status, code, retryable) => {
      answers = () => ({ status, echo: true });
      const phone = browserAt(`${origin}/push/a-secret-address`);
      desk.add('ann', phone.subscription);
      await heard();
      const failure = await channel.send(out).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code, retryable });
      expect(desk.of('ann')).toHaveLength(1);
      const shown = inspect(failure, { depth: 6 });
      for (const secret of ['a-secret-address', phone.subscription.auth, 'SIGNED-LINK-1'])
        expect(shown).not.toContain(secret);
    },
  );

  it('somebody without a browser is told over another way: refused at once', async () => {
    await expect(channel.send(out)).rejects.toMatchObject({ code: 'REFUSED', retryable: false });
  });

  it('an account that is closed, or nobody’s, is told nothing; an address of no push service is not taken', async () => {
    desk.add('ann', browserAt(`${origin}/push/phone`).subscription);
    accounts.updateUser('ann', { disabled: true });
    desk.tell();
    await heard();
    await expect(channel.send(out)).rejects.toMatchObject({ code: 'REFUSED' });
    accounts.updateUser('bob', { person: null });
    expect(() => desk.add('bob', browserAt(`${origin}/push/b`).subscription)).toThrow(/people\.yaml/);
    expect(() => desk.add('ann', browserAt('https://192.0.2.7/metadata').subscription)).toThrow(/push service/);
    expect(seen).toEqual([]);
  });

  it('one browser tells one person: whoever asked last', async () => {
    const shared = browserAt(`${origin}/push/shared`);
    desk.add('ann', shared.subscription);
    desk.add('bob', shared.subscription);
    expect([desk.of('ann').length, desk.of('bob').length]).toEqual([0, 1]);
  });

  it('is known after a restart with the bus silent; a list that is not sealed by us changes nothing', async () => {
    desk.add('ann', browserAt(`${origin}/push/phone`).subscription);
    await heard();
    const again = makeChannel(createMemoryBus());
    await heard();
    await again.send(out);
    expect(seen).toHaveLength(1);
    await bus.publish(topic('lab', 'push-browsers'), JSON.stringify({ sealed: 'bm90aGluZyBvZiBvdXJz' }), {
      retain: true,
    });
    await bus.publish(topic('lab', 'push-browsers'), 'no JSON');
    await heard();
    await channel.send(out);
    expect(seen).toHaveLength(2);
  });
});
