import { afterEach, expect, it, vi } from 'vitest';
import { sipCall } from '#core/config/channels-phone.ts';
import type { Channel, ChannelNews } from '#core/ports.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { makeTemporaryFolder } from '#platform/environment.ts';
import { silentLog } from '#platform/log.ts';
import { createSipCallChannel } from '#services/alerts/notify/channels/sip/sip-call-channel.ts';
import { lengthOf, loudness } from '#services/alerts/notify/channels/sip/sound.ts';
import { createSpeech } from '#services/alerts/notify/channels/sip/speech.ts';
import { spokenText } from '#services/alerts/notify/channels/sip/spoken-text.ts';
import { describeReal } from '../../../support/real.ts';
import { MESSAGE } from '../gammu/gammu.contract.ts';
import { type OtherSide, type SCENARIOS, startListener, startSipTester } from './other-side.ts';

// Real speech in real time, on machines that do other things too.
vi.setConfig({ testTimeout: 90_000 });

const SHORT = { ...MESSAGE, subject: '市电中断', body: '' };

/** How alike the rise and fall of two sounds are at their best fit: the correlation of their loudness by 20 ms, −1 to 1. */
function likeness(said: Int16Array, heard: Int16Array): number {
  const envelope = (samples: Int16Array): number[] =>
    Array.from({ length: Math.floor(samples.length / 160) }, (_, n) =>
      loudness(samples.subarray(n * 160, (n + 1) * 160)),
    );
  const [a, b] = [envelope(said), envelope(heard)];
  return Math.max(...b.map((_, lag) => correlation(a, b.slice(lag, lag + a.length))));
}

function correlation(a: readonly number[], b: readonly number[]): number {
  if (b.length < a.length * 0.8) return -1;
  const mean = (all: readonly number[]): number => all.reduce((sum, one) => sum + one, 0) / all.length;
  const [meanA, meanB] = [mean(a.slice(0, b.length)), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (const [n, y] of b.entries()) {
    const x = (a[n] ?? 0) - meanA;
    ab += x * (y - meanB);
    aa += x * x;
    bb += (y - meanB) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

describeReal(['baresip', 'sipp', 'espeak-ng'], 'calls by Debian’s baresip to Debian’s sip-tester', () => {
  const cleanUps: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });
  function open(port: number, more: Record<string, unknown> = {}): { channel: Channel; news: ChannelNews[] } {
    const config = sipCall.parse({
      kind: 'sip-call',
      server: '127.0.0.1',
      port,
      user: 'zhishou',
      register: false,
      repeats: 1,
      speed: 300,
      interface: '127.0.0.1',
      ...more,
    });
    const channel = createSipCallChannel('call', config, { clock: createSystemClock(), log: silentLog });
    cleanUps.push(() => channel.close());
    const news: ChannelNews[] = [];
    channel.listen?.((one) => news.push(one));
    return { channel, news };
  }
  async function against(scenario: keyof typeof SCENARIOS): Promise<OtherSide> {
    const side = await startSipTester(scenario);
    cleanUps.push(side.stop);
    return side;
  }
  const ACKNOWLEDGED = [{ kind: 'answer', from: SHORT.to, text: '1', delivery: SHORT.id }];

  it.each(['answers and presses 1', 'answers and presses 1, sent as INFO', 'answers, presses 9 and then 1'] as const)(
    'who %s has acknowledged, is thanked, and the line is closed',
    async (scenario) => {
      const side = await against(scenario);
      const { channel, news } = open(side.port);
      await channel.send(SHORT);
      expect(news).toEqual(ACKNOWLEDGED);
      expect(await side.ended).toBe(0);
      expect(news).toEqual(ACKNOWLEDGED);
    },
  );

  it('a mailbox has it, but nobody has acknowledged; the call ends by itself', async () => {
    const side = await against('a mailbox answers and presses nothing');
    const { channel, news } = open(side.port);
    await channel.send(SHORT);
    expect(await side.ended).toBe(0);
    expect(news).toEqual([]);
  });

  it.each<[keyof typeof SCENARIOS, string, boolean, string]>([
    ['is busy', 'UNREACHABLE', true, 'busy'],
    ['declines', 'UNREACHABLE', true, 'declined'],
    ['is no number', 'REFUSED', false, 'no such number'],
    ['rings and rings', 'TIMED_OUT', true, 'no answer within 2 s'],
    ['answers and hangs up at once', 'UNREACHABLE', true, 'before the message was heard'],
  ])('who %s was not told: %s, to be tried again: %s', async (scenario, code, retryable, words) => {
    const side = await against(scenario);
    const { channel, news } = open(side.port, { ring: '2s' });
    const error = await channel.send(SHORT).catch((thrown: unknown) => thrown);
    expect(String(error)).toContain(words);
    expect(error).toMatchObject({ code, retryable });
    expect(await side.ended).toBe(0);
    expect(news).toEqual([]);
  });

  it('L34: the test tells whether the exchange knows the account', async () => {
    const known = await against('knows the account');
    await open(known.port, { register: true }).channel.test?.();
    const refused = await against('refuses the account');
    await expect(open(refused.port, { register: true }).channel.test?.()).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining('not registered'),
    });
  });

  it('what the person hears is the message, loud enough, and not silence', async () => {
    const listener = await startListener('13800138000');
    cleanUps.push(listener.stop);
    const { channel } = open(listener.port);
    await channel.send(SHORT);
    await channel.close();
    const heard = await listener.heard();
    expect(lengthOf(heard)).toBeGreaterThan(2.5);
    expect(loudness(heard)).toBeGreaterThan(1000);
    const folder = makeTemporaryFolder('zhishou-speech-');
    cleanUps.push(async () => folder.remove());
    const voices = { zh: 'cmn-latn-pinyin', en: 'en-gb' };
    const speak = createSpeech({ voices, speed: 300, folder: folder.path, clock: createSystemClock() });
    const said = await speak(spokenText(SHORT), 'zh');
    expect(likeness(said, heard)).toBeGreaterThan(0.9);
    expect(likeness(said.toReversed(), heard)).toBeLessThan(0.9);
  });
});
