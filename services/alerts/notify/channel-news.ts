import { messageOf } from '#core/errors.ts';
import type { Cancel, Channel, ChannelNews, Log, Metrics } from '#core/ports.ts';

/**
 * What comes back over the channels, told to who takes it up: answers to the desk that understands them, receipts to the
 * outbox. Handlers are added while the service is put together; news is heard from `start` to `stop`. A handler that throws
 * disturbs nobody. At least once: an answer may be told again after a restart.
 */
export interface ChannelNewsHub {
  onAnswer(handler: (answer: ChannelAnswer, channel: string) => void): void;
  onReceipt(handler: (receipt: ChannelReceipt, channel: string) => void): void;
  onHealth(handler: (health: ChannelHealth, channel: string) => void): void;
  start(): void;
  stop(): void;
}

export type ChannelAnswer = Extract<ChannelNews, { kind: 'answer' }>;
export type ChannelReceipt = Extract<ChannelNews, { kind: 'receipt' }>;
export type ChannelHealth = Extract<ChannelNews, { kind: 'health' }>;

/** Anybody may send a text message to the number; longer than this is no answer of ours. */
const MAX_TEXT = 1000;

export function createChannelNews(
  channels: Readonly<Record<string, Channel>>,
  { log, metrics }: { readonly log: Log; readonly metrics: Metrics },
): ChannelNewsHub {
  const onAnswer: ((answer: ChannelAnswer, channel: string) => void)[] = [];
  const onReceipt: ((receipt: ChannelReceipt, channel: string) => void)[] = [];
  const onHealth: ((health: ChannelHealth, channel: string) => void)[] = [];
  let cancels: Cancel[] = [];

  function callsOf(channel: string, news: ChannelNews): (() => void)[] {
    switch (news.kind) {
      case 'answer':
        return onAnswer.map((handler) => () => handler({ ...news, text: news.text.slice(0, MAX_TEXT) }, channel));
      case 'receipt':
        return onReceipt.map((handler) => () => handler(news, channel));
      case 'health':
        return onHealth.map((handler) => () => handler(news, channel));
    }
  }

  function hear(channel: string, news: ChannelNews): void {
    metrics.count('zhishou_channel_news_total', { channel, kind: news.kind });
    const calls = callsOf(channel, news);
    for (const call of calls) {
      try {
        call();
      } catch (error) {
        log.error({ channel, kind: news.kind, error: messageOf(error) }, 'news of a channel could not be handled');
      }
    }
  }

  return {
    onAnswer: (handler) => void onAnswer.push(handler),
    onReceipt: (handler) => void onReceipt.push(handler),
    onHealth: (handler) => void onHealth.push(handler),
    start() {
      cancels = Object.entries(channels).flatMap(([name, channel]) => {
        const cancel = channel.listen?.((news) => hear(name, news));
        return cancel === undefined ? [] : [cancel];
      });
    },
    stop() {
      for (const cancel of cancels.splice(0)) cancel();
    },
  };
}
