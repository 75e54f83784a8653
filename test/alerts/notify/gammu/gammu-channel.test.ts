import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { messageOf } from '#core/errors.ts';
import type { ChannelNews } from '#core/ports.ts';
import { seconds } from '#core/time.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { createGammuChannel } from '#services/alerts/notify/channels/gammu/gammu-channel.ts';
import { readMonitor } from '#services/alerts/notify/channels/gammu/smsd-test.ts';
import { describeReal } from '../../../support/real.ts';
import { T0 } from '../../support.ts';
import { describeGammu, gammuConfig, MESSAGE } from './gammu.contract.ts';
import { fakeSmsd, realSmsd, type Smsd } from './smsd.ts';

// The real service looks at its folders once a second, on machines that do other things too.
vi.setConfig({ testTimeout: 120_000 });

describe('the SMS channel with a fake of gammu-smsd', () => describeGammu(fakeSmsd));
describeReal('gammu-smsd', 'the SMS channel with Debian’s gammu-smsd and its dummy telephone', () =>
  describeGammu(realSmsd),
);

describe('the SMS channel', () => {
  const cleanUps: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0)) await cleanUp();
  });
  function open(more: Record<string, unknown> = {}) {
    const smsd: Smsd = fakeSmsd();
    const clock = createVirtualClock(T0);
    const channel = createGammuChannel('sms', gammuConfig(smsd, more), { clock, log: silentLog });
    cleanUps.push(() => channel.close(), smsd.remove);
    const news: ChannelNews[] = [];
    channel.listen?.((one) => news.push(one));
    return { smsd, clock, channel, news, inbox: (name: string) => join(smsd.folders.inbox, name) };
  }

  it('refuses what is no telephone number, for good', async () => {
    const { channel } = open();
    for (const to of ['ann@example.com', '', '../../etc', '138$(reboot)']) {
      await expect(channel.send({ ...MESSAGE, to })).rejects.toMatchObject({ code: 'REFUSED', retryable: false });
    }
  });

  it('fails as retryable where the folders are not, and makes none: the service would not look there', async () => {
    const { channel, smsd } = open();
    rmSync(smsd.folders.outbox, { recursive: true });
    await expect(channel.send(MESSAGE)).rejects.toMatchObject({ code: 'UNREACHABLE', retryable: true });
    await expect(channel.test?.()).rejects.toMatchObject({ code: 'UNREACHABLE' });
    mkdirSync(smsd.folders.outbox);
    await channel.send(MESSAGE);
  });

  it('reads an inbox of one file a part too, UTF-16 or UTF-8, and waits for what is still being written', () => {
    const { clock, news, inbox } = open();
    const utf16 = (text: string): Buffer =>
      Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(text, 'utf16le').swap16()]);
    writeFileSync(inbox('IN20261122_031500_00_+8613800138000_00.txt'), utf16('收到，'));
    clock.advanceBy(seconds(2));
    writeFileSync(inbox('IN20261122_031500_00_+8613800138000_00.txt'), utf16('收到，马上到'));
    writeFileSync(inbox('IN20261122_031500_00_+8613800138000_01.txt'), utf16(' K7'));
    writeFileSync(inbox('IN20261122_031501_00_10086_00.txt'), '您的余额不足');
    clock.advanceBy(seconds(2));
    expect(news).toEqual([]);
    clock.advanceBy(seconds(2));
    expect(news).toEqual([
      { kind: 'answer', from: '+8613800138000', text: '收到，马上到 K7', delivery: null },
      { kind: 'answer', from: '10086', text: '您的余额不足', delivery: null },
    ]);
  });

  it('does not follow a link out of the inbox', () => {
    const { clock, news, inbox } = open();
    symlinkSync('/etc/hostname', inbox('IN20261122_031500_00_+8613800138000_00.txt'));
    clock.advanceBy(seconds(10));
    expect(news).toEqual([]);
  });
});

describeReal(['gammu-smsd', 'gammu-smsd-monitor'], 'the state of Debian’s gammu-smsd', () => {
  /** What the test says; the waiting for the service is real, the patience is the virtual clock's. */
  async function testOf(smsd: Smsd, patient: boolean): Promise<string> {
    const clock = createVirtualClock(T0);
    const channel = createGammuChannel('sms', gammuConfig(smsd, patient ? { smsdrc: smsd.smsdrc } : {}), {
      clock: patient ? createSystemClock() : clock,
      log: silentLog,
    });
    let said: string | null = null;
    void (channel.test?.() ?? Promise.reject(new Error('no test'))).then(
      () => (said = 'good'),
      (error: unknown) => (said = messageOf(error)),
    );
    while (said === null) {
      await wait(patient ? 100 : 1);
      await clock.advanceByAsync(seconds(1));
    }
    return said;
  }

  it('L34: the channel’s test tells a service that works from none, and from one whose modem is gone; it sends nothing', async () => {
    const smsd = realSmsd();
    const gone = realSmsd('gone');
    try {
      expect(await testOf(smsd, false)).toContain('does not look at its outbox');
      await smsd.start();
      expect(await testOf(smsd, true)).toBe('good');
      expect(readdirSync(smsd.folders.sent)).toEqual([]);
      expect(readdirSync(smsd.folders.error)).toEqual([]);
      await smsd.stop();
      expect(await testOf(smsd, false)).toContain('does not look at its outbox');
      expect(readdirSync(smsd.folders.outbox)).toEqual([]);
      await gone.start();
      expect(await testOf(gone, false)).toContain('does not look at its outbox');
    } finally {
      await smsd.remove();
      await gone.remove();
    }
  });

  it.each<[string, string | null, string]>([
    ['Gammu 1.42.0 on Linux;;999999999999999;994299429942994;2;0;0;100;42', null, 'all well'],
    ['Gammu 1.42.0 on Linux;;;;0;0;0;0;0', 'its modem does not answer', 'the service came up without one'],
    ['Gammu 1.42.0 on Linux;;999999999999999;99;2;0;0;100;0', 'the modem has no signal', 'antenna off'],
    ['Gammu 1.42.0 on Linux;;999999999999999;99;2;0;0;100;-1', null, 'a modem that does not say'],
    ['Failed to map shared memory segment!', 'it does not run', 'never started'],
  ])('%s: %s, %s', (line, trouble) => {
    const said = readMonitor({
      result: 'ok',
      detail: '',
      output: `gammu-smsd-monitor[1]: Using FILES service\n${line}\n`,
    });
    if (trouble === null) expect(said).toBeNull();
    else expect(said).toContain(trouble);
  });
});
