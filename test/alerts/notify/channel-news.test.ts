import { describe, expect, it } from 'vitest';
import type { ChannelNews } from '#core/ports.ts';
import { silentLog } from '#platform/log.ts';
import { createChannelNews } from '#services/alerts/notify/channel-news.ts';
import { fakeChannel, fakeMetrics } from '../support.ts';

function setUp() {
  let tell: ((news: ChannelNews) => void) | null = null;
  const sms = {
    ...fakeChannel(),
    listen: (handler: (news: ChannelNews) => void) => {
      tell = handler;
      return () => {
        tell = null;
      };
    },
  };
  const metrics = fakeMetrics();
  const hub = createChannelNews({ sms, email: fakeChannel() }, { log: silentLog, metrics });
  return { hub, metrics, tell: (news: ChannelNews) => tell?.(news), listening: () => tell !== null };
}

describe('the hub of what comes back over the channels', () => {
  it('tells answers to those who take answers and receipts to those who take receipts, each with its channel', () => {
    const { hub, tell, metrics } = setUp();
    const answers: string[] = [];
    const receipts: string[] = [];
    hub.onAnswer(({ from, text }, channel) => answers.push(`${channel} ${from} ${text}`));
    hub.onReceipt(({ delivery, result }, channel) => receipts.push(`${channel} ${delivery} ${result}`));
    hub.start();
    tell({ kind: 'answer', from: '+8613800000000', text: 'K7', delivery: null });
    tell({ kind: 'receipt', delivery: 'd1', result: 'arrived', detail: null });
    expect(answers).toEqual(['sms +8613800000000 K7']);
    expect(receipts).toEqual(['sms d1 arrived']);
    expect(metrics.counts.get('zhishou_channel_news_total sms answer')).toBe(1);
  });

  it('one who fails at it keeps it from nobody else, and what is too long is cut', () => {
    const { hub, tell } = setUp();
    const heard: number[] = [];
    hub.onAnswer(() => {
      throw new Error('broken');
    });
    hub.onAnswer(({ text }) => heard.push(text.length));
    hub.start();
    tell({ kind: 'answer', from: 'x', text: 'x'.repeat(5000), delivery: null });
    expect(heard).toEqual([1000]);
  });

  it('hears nothing more once it is stopped', () => {
    const { hub, listening } = setUp();
    hub.start();
    expect(listening()).toBe(true);
    hub.stop();
    expect(listening()).toBe(false);
  });
});
