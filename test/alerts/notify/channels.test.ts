import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, describe, expect, it } from 'vitest';
import { channelSchema } from '#core/config/channels.ts';
import type { OutgoingMessage } from '#core/notification.ts';
import type { Channel } from '#core/ports.ts';
import { Secret } from '#core/secret.ts';
import { createMemoryBus } from '#platform/bus/memory-bus.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { createChannels } from '#services/alerts/notify/channels/create-channels.ts';
import { T0 } from '../support.ts';

const message: OutgoingMessage = {
  id: 'd1-1',
  to: 'ann@example.com',
  person: 'ann',
  language: 'zh',
  subject: '【模拟】紧急：市电中断（UPS 一号）',
  body: '第一行\n第二行',
  severity: 'high',
  phase: 'raised',
  conversation: 'inc-1',
  incident: 'inc-1',
  alert: null,
  act: null,
  drill: false,
  simulated: true,
  at: T0,
};

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

function channel(config: Record<string, unknown>): Channel {
  const made = createChannels(
    { id: 'lab', channels: { it: channelSchema.parse(config) } },
    { clock: createVirtualClock(T0), wall: createVirtualClock(T0), bus: createMemoryBus(), log: silentLog },
  ).it!;
  cleanUps.push(() => made.close());
  return made;
}

/** A TCP server that greets with `greeting` (empty: says nothing) and never answers. */
async function startMute(greeting: string): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).resume();
    if (greeting !== '') socket.write(greeting);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUps.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

async function closedPort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('the SMTP channel', () => {
  async function startSmtp(options: SMTPServerOptions = {}) {
    const mails: string[] = [];
    const server = new SMTPServer({
      authOptional: true,
      disableReverseLookup: true,
      logger: false,
      onData(stream, _session, done) {
        let text = '';
        stream.on('data', (chunk: Buffer) => {
          text += chunk.toString('utf8');
        });
        stream.on('end', () => {
          mails.push(text);
          done();
        });
      },
      ...options,
    });
    server.on('error', () => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanUps.push(() => new Promise((resolve) => server.close(() => resolve())));
    return { mails, port: (server.server.address() as AddressInfo).port };
  }
  const smtp = (port: number, more: Record<string, unknown> = {}): Channel =>
    channel({ kind: 'smtp', host: '127.0.0.1', port, from: 'zhishou@example.com', timeout: '300ms', ...more });

  it('delivers to a server without TLS, with the delivery as Message-ID and no reply wanted', async () => {
    const { mails, port } = await startSmtp({ disabledCommands: ['STARTTLS', 'AUTH'] });
    await smtp(port, { timeout: '15s' }).send(message);
    const [mail = ''] = mails;
    expect(mail).toMatch(/^From: zhishou@example.com\r?$/m);
    expect(mail).toMatch(/^To: ann@example.com\r?$/m);
    expect(mail).toContain('Message-ID: <d1-1@zhishou.invalid>');
    expect(mail).toContain('Auto-Submitted: auto-generated');
    expect(mail).toMatch(/^X-Priority: 1/m);
    const encoded = [...mail.matchAll(/=\?UTF-8\?B\?([^?]+)\?=/g)].map((match) => match[1]).join('');
    expect(Buffer.from(encoded, 'base64').toString('utf8')).toContain('市电中断');
  });

  it('uses STARTTLS where it is offered, also with a certificate of its own making', async () => {
    const { mails, port } = await startSmtp({ disabledCommands: ['AUTH'] });
    await smtp(port, { timeout: '15s' }).send(message);
    expect(mails).toHaveLength(1);
  });

  const sent = async (change: Partial<OutgoingMessage>): Promise<string> => {
    const { mails, port } = await startSmtp({ disabledCommands: ['STARTTLS', 'AUTH'] });
    await smtp(port, { timeout: '15s' }).send({ ...message, ...change });
    return mails[0] ?? '';
  };
  const header = (mail: string, name: string): string | undefined =>
    new RegExp(`^${name}: (.*(?:\\r?\\n[ \\t].*)*)`, 'im').exec(mail)?.[1];
  /** The body of this type, decoded. */
  const part = (mail: string, type: string): string => {
    const [, head = '', body = ''] =
      new RegExp(`Content-Type: ${type}[^\\n]*\\n((?:[^\\r\\n]+\\r?\\n)*)\\r?\\n([\\s\\S]*?)\\r?\\n--`).exec(mail) ??
      [];
    const bytes = /base64/.test(head)
      ? Buffer.from(body, 'base64')
      : Buffer.from(
          body
            .replaceAll(/=\r?\n/g, '')
            .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
          'latin1',
        );
    return bytes.toString('utf8');
  };

  it('one conversation is one thread, another is another', async () => {
    const [first, second, other] = [
      await sent({ id: 'a' }),
      await sent({ id: 'b', phase: 'recovered' }),
      await sent({ id: 'c', conversation: 'inc-2 中文 <x>' }),
    ];
    expect(header(first, 'References')).toMatch(/^<c-[0-9a-f]{24}@lab\.zhishou\.invalid>\s*$/);
    expect(header(second, 'References')).toBe(header(first, 'References'));
    expect(header(second, 'In-Reply-To')).toBe(header(first, 'References'));
    expect(header(other, 'References')).not.toBe(header(first, 'References'));
    expect(header(other, 'References')).toMatch(/^<c-[0-9a-f]{24}@/);
    expect(header(first, 'List-Id')?.trim()).toBe('<alerts.lab.zhishou.invalid>');
  });

  it.each<[OutgoingMessage['severity'], OutgoingMessage['phase'], string | undefined]>([
    ['high', 'raised', '1 (Highest)'],
    ['medium', 'raised', undefined],
    ['low', 'raised', '5 (Lowest)'],
    ['high', 'recovered', undefined],
  ])('%s and %s has the priority %s', async (severity, phase, priority) => {
    expect(header(await sent({ severity, phase }), 'X-Priority')?.trim()).toBe(priority);
  });

  it.each<[OutgoingMessage['language'], string, string]>([
    ['zh', '确认收到', '确认码：K7'],
    ['en', 'Acknowledge', 'Code: K7'],
  ])(
    'says how to act in %s, as text and as HTML in which nothing of the words is markup',
    async (language, label, code) => {
      const link = 'https://zhishou.example.com/a/x?y=1&z=2';
      const mail = await sent({
        language,
        subject: '坏 <b>℃</b>',
        body: '38.5 ℃ <script>\n第二行',
        act: { link, code: 'K7' },
      });
      const text = part(mail, 'text/plain');
      const html = part(mail, 'text/html');
      for (const words of [label, code, '38.5 ℃', '第二行']) {
        expect(text).toContain(words);
        expect(html).toContain(words);
      }
      expect(text).toContain(link);
      expect(html).toContain('href="https://zhishou.example.com/a/x?y=1&amp;z=2"');
      expect(html).toContain('坏 &lt;b&gt;℃&lt;/b&gt;');
      expect(html).not.toContain('<script>');
      expect(html).toContain('color-scheme');
    },
  );

  it('has no button where there is nothing to do', async () => {
    expect(part(await sent({}), 'text/html')).not.toContain('href');
  });

  it('is tested without a mail: connection and login', async () => {
    const { mails, port } = await startSmtp({ disabledCommands: ['STARTTLS', 'AUTH'] });
    await smtp(port, { timeout: '15s' }).test!();
    expect(mails).toHaveLength(0);
    await expect(smtp(await closedPort()).test!()).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });

  it('takes over what the server says: a lasting refusal is final, a passing one is not', async () => {
    const answer = (responseCode: number): SMTPServerOptions => ({
      onRcptTo: (_address, _session, done) => done(Object.assign(new Error('no'), { responseCode })),
    });
    const final = await startSmtp(answer(550));
    await expect(smtp(final.port, { timeout: '15s' }).send(message)).rejects.toMatchObject({
      code: 'REFUSED',
      retryable: false,
    });
    const passing = await startSmtp(answer(451));
    await expect(smtp(passing.port, { timeout: '15s' }).send(message)).rejects.toMatchObject({ retryable: true });
  });

  it('says that the login was refused, without the password', async () => {
    const { port } = await startSmtp({
      authOptional: false,
      onAuth: (_auth, _session, done) => done(new Error('wrong')),
    });
    const config = { user: 'zhishou', password: new Secret('hunter2'), timeout: '15s' };
    const error = await smtp(port, config)
      .send(message)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'REFUSED' });
    expect(String(error)).not.toContain('hunter2');
  });

  it('fails as retryable when nothing listens, when nothing is said, and when the greeting is nonsense', async () => {
    await expect(smtp(await closedPort()).send(message)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      retryable: true,
    });
    await expect(smtp(await startMute('')).send(message)).rejects.toMatchObject({ code: 'TIMED_OUT', retryable: true });
    await expect(smtp(await startMute('HTTP/1.1 200 OK\r\n')).send(message)).rejects.toMatchObject({ retryable: true });
  });
});

describe('the webhook channel', () => {
  interface Seen {
    readonly headers: IncomingHttpHeaders;
    readonly body: string;
  }

  async function startHttp(answer: (seen: Seen) => { status: number; headers?: Record<string, string> } | null) {
    const seen: Seen[] = [];
    const server: Server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      request.on('end', () => {
        seen.push({ headers: request.headers, body });
        const reply = answer(seen.at(-1)!);
        if (reply !== null) response.writeHead(reply.status, reply.headers).end('answer');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanUps.push(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    return { seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/message` };
  }
  const webhook = (url: string, more: Record<string, unknown> = {}): Channel =>
    channel({ kind: 'webhook', url, ...more });

  it('posts the message as JSON, with the delivery as idempotency key and the headers of the configuration', async () => {
    const { seen, url } = await startHttp(() => ({ status: 204 }));
    await webhook(url, { headers: { 'x-room': 'one', authorization: new Secret('Bearer t0ken') } }).send(message);
    expect(JSON.parse(seen[0]!.body)).toEqual({ ...message, at: '2026-11-23T02:00:00.000Z' });
    expect(seen[0]!.headers).toMatchObject({
      'content-type': 'application/json',
      'idempotency-key': 'd1-1',
      'x-room': 'one',
      authorization: 'Bearer t0ken',
    });
    expect(seen[0]!.headers['x-zhishou-signature']).toBeUndefined();
  });

  it('signs exactly the bytes of the body', async () => {
    const { seen, url } = await startHttp(() => ({ status: 200 }));
    await webhook(url, { secret: new Secret('shared') }).send(message);
    const mac = createHmac('sha256', 'shared').update(seen[0]!.body).digest('hex');
    expect(seen[0]!.headers['x-zhishou-signature']).toBe(`sha256=${mac}`);
  });

  it.each<[number, string, boolean, string]>([
    [400, 'REFUSED', false, 'repeating it will not help'],
    [404, 'REFUSED', false, 'wrong address'],
    [429, 'TOO_MANY', true, 'later'],
    [500, 'BAD_ANSWER', true, 'their trouble'],
    [503, 'BAD_ANSWER', true, 'their trouble'],
    [302, 'BAD_ANSWER', true, 'a redirect is not followed with our headers'],
  ])('%i is %s: %s, %s', async (status, code, retryable) => {
    const { url } = await startHttp(() => ({ status, headers: { location: 'http://127.0.0.1:1/' } }));
    await expect(webhook(url).send(message)).rejects.toMatchObject({ code, retryable });
  });

  it('fails as retryable when nothing listens and when nothing is answered, and does not tell the key in the address', async () => {
    const url = `http://127.0.0.1:${await closedPort()}/robot?key=s3cret`;
    const refused = await webhook(url)
      .send(message)
      .catch((thrown: unknown) => thrown);
    expect(refused).toMatchObject({ code: 'UNREACHABLE', retryable: true });
    expect(String(refused)).not.toContain('s3cret');
    const { url: silent } = await startHttp(() => null);
    await expect(webhook(silent, { timeout: '200ms' }).send(message)).rejects.toMatchObject({
      code: 'TIMED_OUT',
      retryable: true,
    });
  });
});
