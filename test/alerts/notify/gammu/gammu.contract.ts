import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { gammu } from '#core/config/channels-phone.ts';
import type { OutgoingMessage } from '#core/notification.ts';
import type { Channel, ChannelNews } from '#core/ports.ts';
import { instant, seconds } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { readBackup } from '#services/alerts/notify/channels/gammu/backup-file.ts';
import { createGammuChannel } from '#services/alerts/notify/channels/gammu/gammu-channel.ts';
import { T0 } from '../../support.ts';
import type { Smsd } from './smsd.ts';

export const MESSAGE: OutgoingMessage = {
  id: '1kt5vz3q0-7m2c',
  to: '138 0013 8000',
  person: 'zhang',
  language: 'zh',
  subject: '【模拟】紧急：市电中断（UPS 一号）',
  body: '主机房 UPS 一号已切换电池供电，负载 62%，电池约可用 23 分钟。请立即到场确认柴油发电机是否启动，并按应急预案处置；如无法到场，请联系值班主任。',
  severity: 'high',
  phase: 'raised',
  conversation: 'inc-1',
  incident: 'inc-1',
  alert: null,
  act: { link: null, code: 'K7' },
  drill: false,
  simulated: true,
  at: T0,
};

export const gammuConfig = (smsd: Smsd, more: Record<string, unknown> = {}) =>
  gammu.parse({ kind: 'gammu', ...smsd.folders, ...more });

/** What any gammu-smsd does with our files, the real one and the fake. */
export function describeGammu(make: () => Smsd): void {
  let smsd: Smsd;
  let channel: Channel;
  let news: ChannelNews[];
  let clock = createVirtualClock(T0);
  const names = (folder: keyof Smsd['folders']): string[] =>
    readdirSync(smsd.folders[folder], { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name);
  const textIn = (folder: keyof Smsd['folders'], name: string): string =>
    readBackup(readFileSync(join(smsd.folders[folder], name), 'utf8'))
      .map((part) => part.text)
      .join('');
  const open = (more: Record<string, unknown> = {}): void => {
    // The files' times are real: the clock must not stand before them.
    clock = createVirtualClock(instant(Date.now() + 1000));
    channel = createGammuChannel('sms', gammuConfig(smsd, more), { clock, log: silentLog });
    news = [];
    channel.listen?.((one) => news.push(one));
  };
  /** Two looks: what comes in is read when it stood still from one to the next. */
  const look = (): void => clock.advanceBy(seconds(5));
  const until = async (done: () => boolean): Promise<void> =>
    smsd.work(() => {
      look();
      return done();
    });

  beforeEach(async () => {
    smsd = make();
    await smsd.start();
    open();
  });
  afterEach(async () => {
    await channel.close();
    await smsd.remove();
  });

  it('a Chinese text of several parts goes out whole, the code to answer with at its end', async () => {
    await channel.send(MESSAGE);
    await smsd.work(() => names('sent').length === 1);
    const [name = ''] = names('sent');
    expect(name).toBe('OUTA_zs_1kt5vz3q0-7m2c.smsbackup');
    expect(textIn('sent', name)).toBe(`${MESSAGE.subject}\n${MESSAGE.body}\n回复 K7 确认`);
    expect(readBackup(readFileSync(join(smsd.folders.sent, name), 'utf8'))).toHaveLength(2);
    expect(names('outbox')).toEqual([]);
  });

  it('I5: what was handed over before a crash is not sent a second time after it', async () => {
    await smsd.stop();
    await channel.send(MESSAGE);
    await channel.close();
    open();
    await channel.send(MESSAGE);
    expect(names('outbox')).toHaveLength(1);
    await smsd.start();
    await smsd.work(() => names('sent').length === 1);
    await channel.close();
    open();
    await channel.send(MESSAGE);
    expect(names('outbox')).toEqual([]);
    look();
    expect(news).toEqual([]);
  });

  it('a reply is told with its sender and taken away, several parts joined', async () => {
    smsd.receive('+8613800138000', ['K7 确认']);
    smsd.receive('+8613900139000', ['我在路上，', '十分钟到 K7']);
    await until(() => news.length >= 2);
    look();
    expect(news).toEqual([
      { kind: 'answer', from: '+8613800138000', text: 'K7 确认', delivery: null },
      { kind: 'answer', from: '+8613900139000', text: '我在路上，十分钟到 K7', delivery: null },
    ]);
    expect(names('inbox')).toEqual([]);
    expect(readdirSync(join(smsd.folders.inbox, 'taken'))).toHaveLength(2);
  });

  it('a message has arrived with the report of its last part, also after our restart', async () => {
    await channel.send(MESSAGE);
    await smsd.work(() => names('sent').length === 1);
    smsd.report('+8613800138000', 'Delivered');
    await until(() => names('inbox').length === 0 && readdirSync(smsd.folders.inbox).includes('taken'));
    expect(news).toEqual([]);
    smsd.report('+8613800138000', 'Delivered');
    await until(() => news.length > 0);
    expect(news).toEqual([{ kind: 'receipt', delivery: MESSAGE.id, result: 'arrived', detail: null }]);
    await channel.close();
    open();
    await channel.send({ ...MESSAGE, id: 'second-1', body: '' });
    await smsd.work(() => names('sent').length === 2);
    await channel.close();
    open();
    smsd.report('+8613800138000', 'Pending');
    smsd.report('+8613800138000', 'Failed');
    await until(() => news.length > 0);
    expect(news).toMatchObject([{ kind: 'receipt', result: 'failed' }]);
  });

  it('what the service puts with its errors is told as failed, and may be tried again', async () => {
    if (smsd.refuse === undefined) await smsd.stop();
    smsd.refuse?.(true);
    await channel.send(MESSAGE);
    const [name = ''] = names('outbox');
    // The dummy telephone sends whatever it is given: what the service does after a failure is done in its place.
    if (smsd.refuse === undefined) renameSync(join(smsd.folders.outbox, name), join(smsd.folders.error, name));
    await smsd.work(() => names('error').length === 1);
    look();
    expect(news).toMatchObject([{ kind: 'receipt', delivery: MESSAGE.id, result: 'failed' }]);
    smsd.refuse?.(false);
    if (smsd.refuse === undefined) await smsd.start();
    await channel.send(MESSAGE);
    await smsd.work(() => names('sent').length === 1);
    look();
    expect(news).toHaveLength(1);
  });

  it('what lies in the outbox too long is taken back, told as failed, and fails the test; it is not sent hours late', async () => {
    await smsd.stop();
    await channel.send(MESSAGE);
    clock.advanceBy(seconds(170));
    expect(news).toEqual([]);
    clock.advanceBy(seconds(20));
    expect(news).toMatchObject([{ kind: 'receipt', result: 'failed', detail: expect.stringContaining('taken back') }]);
    expect(names('outbox')).toEqual([]);
    expect(names('error')).toHaveLength(1);
    await smsd.start();
    smsd.receive('+8613800138000', ['K7']);
    await until(() => news.length > 1);
    expect(names('sent')).toEqual([]);
  });

  it('the most severe goes first, whatever was handed over before', async () => {
    await smsd.stop();
    await channel.send({ ...MESSAGE, id: 'a-1', severity: 'low' });
    await channel.send({ ...MESSAGE, id: 'b-1', severity: 'high' });
    expect(names('outbox').sort()).toEqual(['OUTA_zs_b-1.smsbackup', 'OUTC_zs_a-1.smsbackup']);
  });

  it('files of strange names are left alone, what says nothing is taken away', async () => {
    await smsd.stop();
    for (const name of ['IN..evil.txt', 'INBOX', 'IN20261122_031500_00_+861_00.sh', 'note.txt']) {
      writeFileSync(join(smsd.folders.inbox, name), 'K7');
    }
    writeFileSync(join(smsd.folders.inbox, 'IN20261122_031500_07_+8613800138000_00.bin'), Buffer.from([1, 2, 3]));
    look();
    look();
    expect(news).toEqual([]);
    expect(names('inbox').sort()).toEqual(['IN..evil.txt', 'IN20261122_031500_00_+861_00.sh', 'INBOX', 'note.txt']);
  });
}
