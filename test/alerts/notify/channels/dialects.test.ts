import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { channelSchema } from '#core/config/channels.ts';
import { Secret } from '#core/secret.ts';
import { limitOf } from '#services/alerts/notify/channels/channel-limits.ts';
import { T0 } from '../../support.ts';
import { createScene, failureOf, message, type Scene } from './other-side.ts';

let scene: Scene = createScene();
afterEach(async () => {
  await scene.end();
  scene = createScene();
});
const ok = { body: '{"errcode":0,"code":0}' };
/** Long, and of three bytes a character. */
const long = Array.from({ length: 300 }, (_, i) => `第 ${i} 行：机房温度过高，请立即查看空调与机柜`).join('\n');

async function facing(config: (origin: string) => Record<string, unknown>, reply = ok) {
  const other = await scene.httpServer(() => reply);
  return { ...other, channel: scene.channel(config(other.origin)) };
}

describe('a WeCom robot', () => {
  const wecom = () =>
    facing((origin) => ({ kind: 'wecom', url: new Secret(`${origin}/cgi-bin/webhook/send?key=k-1`) }));

  it('gets markdown with the link, and a name that mentions nobody', async () => {
    const { channel, json } = await wecom();
    await channel.send({ ...message, subject: '紧急：<@all> *坏* [x](http://e) `y`' });
    expect(json()).toEqual({
      msgtype: 'markdown',
      markdown: {
        content: [
          '**<font color="warning">紧急：＜@all＞ ＊坏＊ ［x］(http://e) ˋyˋ</font>**',
          '> 机房 301：温度计\n> 温度 38.5 ℃，03:04:05 起\n> 后果：设备过热关机',
          '[确认收到](https://zhishou.example.com/a/SIGNED-LINK-1)',
        ].join('\n'),
      },
    });
  });

  it.each<[string, unknown]>([
    ['+86 138-0000-0000', { mentioned_mobile_list: ['13800000000'] }],
    ['all', { mentioned_mobile_list: ['@all'] }],
  ])('mentions %s by a text, because markdown cannot', async (to, mention) => {
    const { channel, json } = await wecom();
    await channel.send({ ...message, to, subject: '<@all>' });
    expect(json()).toMatchObject({ msgtype: 'text', text: mention });
    expect(JSON.stringify(json())).not.toContain('<@');
  });

  it('mentions a userid in the markdown', async () => {
    const { channel, json } = await wecom();
    await channel.send({ ...message, to: 'zhangsan' });
    expect(JSON.stringify(json())).toContain('<@zhangsan>');
  });

  it.each<[string, number, (body: { markdown?: { content: string }; text?: { content: string } }) => string]>([
    ['group', 4096, (body) => body.markdown!.content],
    ['13800000000', 2048, (body) => body.text!.content],
  ])('to %s has at most %i bytes, and the link is there', async (to, most, content) => {
    const { channel, json } = await wecom();
    await channel.send({ ...message, to, body: long });
    const sent = content(json() as never);
    expect(Buffer.byteLength(sent)).toBeLessThanOrEqual(most);
    expect(Buffer.byteLength(sent)).toBeGreaterThan(most - 100);
    expect(sent).toContain('SIGNED-LINK-1');
    expect(sent).toContain('后略');
  });
});

describe('a DingTalk robot', () => {
  const secret = 'SEC-abc';
  const dingtalk = () =>
    facing((origin) => ({
      kind: 'dingtalk',
      url: new Secret(`${origin}/robot/send?access_token=t-1`),
      secret: new Secret(secret),
    }));

  it('checks the signature that the maker describes: HMAC over timestamp and secret, in the address', async () => {
    const { channel, seen } = await dingtalk();
    await channel.send(message);
    const url = new URL(seen[0]!.url, 'http://x');
    const timestamp = url.searchParams.get('timestamp')!;
    expect(timestamp).toBe(String(T0));
    expect(url.searchParams.get('access_token')).toBe('t-1');
    const expected = createHmac('sha256', secret).update(`${timestamp}\n${secret}`, 'utf8').digest('base64');
    expect(url.searchParams.get('sign')).toBe(expected);
    // A + or = of Base64 must not arrive as a space.
    expect(seen[0]!.url).not.toMatch(/sign=[^&]*[+=/]/);
  });

  it.each<[string, unknown, string | null]>([
    ['group', { isAtAll: false }, null],
    ['all', { isAtAll: true }, null],
    ['138 0000 0000', { atMobiles: ['13800000000'], isAtAll: false }, '@13800000000'],
    ['manager01', { atUserIds: ['manager01'], isAtAll: false }, '@manager01'],
  ])('mentions %s in `at` and in the text', async (to, at, mark) => {
    const { channel, json } = await dingtalk();
    await channel.send({ ...message, to });
    const body = json() as { at: unknown; markdown: { title: string; text: string } };
    expect(body.at).toEqual(at);
    if (mark !== null) expect(body.markdown.text).toContain(mark);
    expect(body.markdown.title).toBe(message.subject);
    expect(body.markdown.text).toContain('[**确认收到**](https://zhishou.example.com/a/SIGNED-LINK-1)');
    expect(body.markdown.text).toContain('机房 301：温度计\n\n温度');
  });
});

describe('a Feishu robot', () => {
  const secret = 'fs-secret';
  const feishu = (more: Record<string, unknown> = { secret: new Secret(secret) }) =>
    facing((origin) => ({ kind: 'feishu', url: new Secret(`${origin}/open-apis/bot/v2/hook/h-1`), ...more }));

  it('checks the signature that the maker describes: HMAC of nothing, timestamp and secret as its key, in the body', async () => {
    const { channel, json } = await feishu();
    await channel.send(message);
    const { timestamp, sign } = json() as { timestamp: string; sign: string };
    expect(timestamp).toBe(String(T0 / 1000));
    expect(sign).toBe(createHmac('sha256', `${timestamp}\n${secret}`).digest('base64'));
  });

  it('has no signature where none is asked for', async () => {
    const { channel, json } = await feishu({});
    await channel.send(message);
    expect(json()).not.toHaveProperty('sign');
  });

  it.each<[string, Partial<typeof message>, string]>([
    ['high', {}, 'red'],
    ['medium', { severity: 'medium' }, 'orange'],
    ['low', { severity: 'low' }, 'grey'],
    ['recovered', { phase: 'recovered' }, 'green'],
  ])('shows a card: %s', async (_name, change, template) => {
    const { channel, json } = await feishu();
    await channel.send({ ...message, to: 'ou_12 3"><', ...change });
    const text = JSON.stringify(json());
    expect((json() as { card: { header: unknown } }).card.header).toMatchObject({ template });
    expect(text).toContain('<at id=ou_123></at>');
    expect(text).toContain('"url":"https://zhishou.example.com/a/SIGNED-LINK-1"');
  });

  it('stays below 20 KB', async () => {
    const { channel, seen } = await feishu();
    await channel.send({ ...message, body: long.repeat(5) });
    expect(seen[0]!.body.length).toBeLessThan(20_000);
  });
});

describe('ntfy', () => {
  const ntfy = (more: Record<string, unknown> = {}) => facing((origin) => ({ kind: 'ntfy', url: origin, ...more }));

  it('publishes JSON to the root, with priority, link and code', async () => {
    const { channel, seen, json } = await ntfy({ token: new Secret('tk_1234567890') });
    await channel.send({ ...message, to: 'room-h7Gk2' });
    expect(seen[0]).toMatchObject({ method: 'POST', url: '/', headers: { authorization: 'Bearer tk_1234567890' } });
    expect(json()).toEqual({
      topic: 'room-h7Gk2',
      title: message.subject,
      message: `${message.body}\n确认码：K7`,
      priority: 5,
      tags: ['zhishou', 'high', 'raised'],
      click: message.act!.link,
      actions: [{ action: 'view', label: '确认收到', url: message.act!.link, clear: true }],
      sequence_id: 'd1-1',
    });
  });

  it('a reminder is a notice of its own, because a renewed one may not ring; a recovery takes the last one’s place', async () => {
    const { channel, seen } = await ntfy();
    const send = (id: string, phase: typeof message.phase, conversation = 'inc-1') =>
      channel.send({ ...message, to: 't', id, phase, conversation });
    await send('a', 'raised');
    await send('b', 'reminder');
    await send('x', 'raised', 'inc-2');
    await send('c', 'recovered');
    await send('d', 'recovered');
    const sent = seen.map(({ body }) => JSON.parse(body.toString('utf8')) as { sequence_id: string; priority: number });
    expect(sent.map(({ sequence_id }) => sequence_id)).toEqual(['a', 'b', 'x', 'b', 'd']);
    expect(sent.at(-1)!.priority).toBe(3);
  });

  it('keeps a message within 4,096 bytes, and the code in it', async () => {
    const { channel, json } = await ntfy();
    await channel.send({ ...message, to: 't', body: long });
    const { message: text } = json() as { message: string };
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4096);
    expect(text).toMatch(/后略.*\n确认码：K7$/s);
  });

  it('is tested by its health, without a notice', async () => {
    const { channel, seen } = await ntfy();
    await channel.test!();
    expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET /v1/health']);
  });
});

describe('SMS over HTTP', () => {
  const sms = (more: Record<string, unknown>) =>
    facing((origin) => ({ kind: 'sms-http', url: `${origin}/send`, ...more }));
  const to = { ...message, to: '+86 138 0000 0000' };

  it.each<[string, string, string]>([
    ['+86 138-0000-0000', 'national', '13800000000'],
    ['13800000000', 'e164', '+8613800000000'],
    ['8613800000000', 'plain', '8613800000000'],
    ['008613800000000', 'zeros', '008613800000000'],
    ['+44 20 7946 0000', 'national', '00442079460000'],
    ['+44 20 7946 0000', 'e164', '+442079460000'],
  ])('writes %s as %s: %s', async (number, form, expected) => {
    const { channel, seen } = await sms({ body: '{number}', number: { form } });
    await channel.send({ ...message, to: number });
    expect(seen[0]!.body.toString('utf8')).toBe(expected);
  });

  it('refuses a route that is no number, and sends nothing', async () => {
    const { channel, seen } = await sms({ body: '{number}' });
    expect(await failureOf(channel.send({ ...message, to: 'ann' }))).toMatchObject({ code: 'REFUSED' });
    expect(seen).toHaveLength(0);
  });

  it('encodes a form and an address in GBK where the gateway reads GBK', async () => {
    const gbk = await facing((origin) => ({
      kind: 'sms-http',
      url: `${origin}/send?m={number}&c={subject}`,
      form: { content: '{subject}' },
      charset: 'gbk',
    }));
    await gbk.channel.send({ ...to, subject: '℃ 备份 a&b' });
    // 备份 is B1B8 B7DD, ℃ is A1E6 in GBK.
    expect(gbk.seen[0]!.body.toString('latin1')).toBe('content=%A1%E6%20%B1%B8%B7%DD%20a%26b');
    expect(gbk.seen[0]!.url).toBe('/send?m=13800000000&c=%A1%E6%20%B1%B8%B7%DD%20a%26b');
  });

  it('cuts to its segments, and the code stays', async () => {
    const { channel, seen } = await sms({ body: '{sms}', segments: 2, signature: '【机房】' });
    await channel.send({ ...to, body: long });
    const text = seen[0]!.body.toString('utf8');
    expect(text.length).toBeLessThanOrEqual(134);
    expect(text.length).toBeGreaterThan(125);
    expect(text).toMatch(/^【机房】【模拟】紧急.*…\n确认码：K7$/s);
  });

  it.each<[string, Record<string, unknown>, string, string | null]>([
    ['a pattern', { success: { matches: '^OK' } }, 'OK:123', null],
    ['a pattern that is not there', { success: { matches: '^OK' } }, 'ERR 5', 'BAD_ANSWER'],
    ['a key deep inside', { success: { json: 'data[0].state', equals: [1] } }, '{"data":[{"state":1}]}', null],
    ['the status alone', {}, 'anything', null],
    ['a refusal without a success', { refused: { matches: 'balance' } }, 'no balance', 'REFUSED'],
  ])('judges by %s', async (_name, more, body, code) => {
    const other = await scene.httpServer(() => ({ body }));
    const channel = scene.channel({ kind: 'sms-http', url: `${other.origin}/`, body: '{sms}', ...more });
    const failure = await failureOf(channel.send(to));
    expect(failure.code ?? null).toBe(code);
  });
});

describe('a webhook with a template', () => {
  const hook = (more: Record<string, unknown>) =>
    facing((origin) => ({ kind: 'webhook', url: `${origin}/m`, ...more }));
  const tricky = { ...message, subject: '他说 "坏"\\ {body}\n换行', alert: null };

  it('fills an object, and no value breaks it', async () => {
    const { channel, json, seen } = await hook({
      template: { text: '{subject}', n: 1, more: [{ who: '{person}', alert: '{alert}' }], key: new Secret('in-body') },
      method: 'PUT',
    });
    await channel.send(tricky);
    expect(json()).toEqual({ text: tricky.subject, n: 1, more: [{ who: 'ann', alert: '' }], key: 'in-body' });
    expect(seen[0]!.method).toBe('PUT');
  });

  it.each<[string, string, (text: string) => unknown, unknown]>([
    ['application/json', '{"t": "{subject}", "site": "{site}"}', JSON.parse, { t: tricky.subject, site: 'lab' }],
    [
      'application/x-www-form-urlencoded',
      't={subject}&id={id}',
      (text) => Object.fromEntries(new URLSearchParams(text)),
      { t: tricky.subject, id: 'd1-1' },
    ],
    ['text/plain; charset=utf-8', '{severity}: {subject}', (text) => text, `high: ${tricky.subject}`],
    ['text/xml', '<t>{subject}</t>', (text) => text.includes('&quot;坏&quot;'), true],
  ])('fills a text of %s, escaped as that asks', async (content_type, template, read, expected) => {
    const { channel, seen } = await hook({ template, content_type });
    await channel.send(tricky);
    expect(read(seen[0]!.body.toString('utf8'))).toEqual(expected);
    expect(seen[0]!.headers['content-type']).toBe(content_type);
  });

  it('an unknown placeholder is a mistake of the configuration, told where it stands', () => {
    const parsed = channelSchema.safeParse({
      kind: 'webhook',
      url: 'http://x/',
      template: { a: { b: ['{subjekt}'] } },
    });
    expect(parsed.success).toBe(false);
    const [issue] = parsed.error!.issues;
    expect(JSON.stringify(issue)).toContain('subjekt');
    expect(JSON.stringify(issue)).toContain('{subject}');
  });

  it('signs the timestamp with the body, so that an old message cannot be sent again', async () => {
    const { channel, seen } = await hook({ secret: new Secret('shared') });
    await channel.send(message);
    const { headers, body } = seen[0]!;
    expect(headers['x-zhishou-timestamp']).toBe(String(T0 / 1000));
    const mac = createHmac('sha256', 'shared')
      .update(`${T0 / 1000}.${body.toString('utf8')}`)
      .digest('hex');
    expect(headers['x-zhishou-signature-v2']).toBe(`sha256=${mac}`);
  });
});

describe('limits of the other side', () => {
  it.each<[Record<string, unknown>, unknown]>([
    [{ kind: 'wecom', url: new Secret('https://w.example/') }, { perMinute: 20 }],
    [{ kind: 'dingtalk', url: new Secret('https://d.example/') }, { perMinute: 20 }],
    [
      { kind: 'feishu', url: new Secret('https://f.example/') },
      { perMinute: 100, perSecond: 5 },
    ],
    [
      { kind: 'feishu', url: new Secret('https://f.example/'), rate: { per_minute: 10 } },
      { perMinute: 10, perSecond: 5 },
    ],
    [{ kind: 'smtp', host: 'mail.example', port: 25, from: 'a@b' }, null],
    [{ kind: 'smtp', host: 'mail.example', port: 25, from: 'a@b', rate: { per_minute: 30 } }, { perMinute: 30 }],
  ])('%j', (config, expected) => {
    expect(limitOf(channelSchema.parse(config))).toEqual(expected);
  });
});
