import { connect } from 'node:net';
import { createTransport } from 'nodemailer';
import { afterEach, describe, expect, it } from 'vitest';
import type { CaughtMessage } from '#core/simulator.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { startSmtpCatcher } from '#simulators/catchers/smtp-catcher.ts';
import { type Catcher, startWebhookCatcher } from '#simulators/catchers/webhook-catcher.ts';
import { START, silentLog } from './sample-room.ts';

const caught: CaughtMessage[] = [];
let catcher: Catcher | null = null;
const options = {
  host: '127.0.0.1',
  port: 0,
  clock: createVirtualClock(START),
  log: silentLog,
  onMessage: (one: CaughtMessage) => caught.push(one),
};
afterEach(async () => {
  await catcher?.stop();
  caught.length = 0;
});

const post = (body: string, type = 'application/json'): Promise<Response> =>
  fetch(`http://127.0.0.1:${catcher?.port}/message`, { method: 'POST', body, headers: { 'content-type': type } });

describe('the webhook catcher', () => {
  it('hands on what would have reached the phone', async () => {
    catcher = await startWebhookCatcher(options);
    const answer = await post(
      JSON.stringify({
        id: 'm1',
        subject: '【模拟】市电中断',
        body: '电池 58 分钟',
        severity: 'high',
        person: 'lin-hao',
        drill: true,
        at: START,
      }),
    );
    expect(answer.status).toBe(204);
    expect(caught).toEqual([
      {
        at: '2026-11-23T01:00:00.000Z',
        channel: 'webhook',
        to: 'lin-hao',
        subject: '【模拟】市电中断',
        body: '电池 58 分钟',
      },
    ]);
  });

  it('answers garbage and too much with an error, and goes on', async () => {
    catcher = await startWebhookCatcher(options);
    expect((await post('{')).status).toBe(400);
    expect((await post('[1]')).status).toBe(400);
    expect((await post(JSON.stringify({ subject: 'x'.repeat(400_000) }))).status).toBe(413);
    expect((await post(JSON.stringify({ subject: 'y', body: 'z'.repeat(100_000), person: 'p' }))).status).toBe(204);
    expect(caught).toHaveLength(1);
    expect(caught[0]?.body).toHaveLength(20_000);
  });
});

describe('the mail catcher', () => {
  it.each([
    ['plain text in Chinese', { text: '电池还能用 58 分钟。\n请致电配电室。' }],
    ['with HTML beside the text', { text: '电池还能用 58 分钟。\n请致电配电室。', html: '<p>电池</p>' }],
  ])('hands on subject and text: %s', async (_, content) => {
    catcher = await startSmtpCatcher(options);
    const transport = createTransport({ host: '127.0.0.1', port: catcher.port, secure: false, ignoreTLS: true });
    await transport.sendMail({
      from: 'zhishou@example.com',
      to: 'lin.hao@example.com',
      subject: '【模拟】市电中断，UPS 电池供电，预计可用五十八分钟，请尽快处理',
      ...content,
    });
    transport.close();
    expect(caught).toHaveLength(1);
    expect(caught[0]).toMatchObject({
      channel: 'smtp',
      to: 'lin.hao@example.com',
      subject: '【模拟】市电中断，UPS 电池供电，预计可用五十八分钟，请尽快处理',
    });
    expect(caught[0]?.body.replaceAll('\r\n', '\n')).toBe('电池还能用 58 分钟。\n请致电配电室。');
  });

  it('refuses a mail that is too large, and goes on after a client that hangs up in the middle', async () => {
    catcher = await startSmtpCatcher(options);
    const port = catcher.port;
    const transport = createTransport({ host: '127.0.0.1', port, secure: false, ignoreTLS: true });
    await expect(
      transport.sendMail({ from: 'a@example.com', to: 'b@example.com', subject: 'x', text: 'y'.repeat(5_000_000) }),
    ).rejects.toThrow();
    await new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write('EHLO x\r\nMAIL FROM:<a@b'));
      socket.on('data', () => socket.destroy());
      socket.on('close', () => resolve());
    });
    await transport.sendMail({ from: 'a@example.com', to: 'b@example.com', subject: 'short', text: 'ok' });
    transport.close();
    expect(caught.map((one) => one.subject)).toEqual(['short']);
  });

  it('says which address is taken', async () => {
    catcher = await startSmtpCatcher(options);
    await expect(startSmtpCatcher({ ...options, port: catcher.port })).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });
});
