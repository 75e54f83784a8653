import { createHmac } from 'node:crypto';
import type { ChannelConfigOf } from '#core/config/channels.ts';
import type { OutgoingMessage } from '#core/notification.ts';
import type { Channel, Clock } from '#core/ports.ts';
import { createGroupRobot } from './group-robot.ts';
import type { AnswerCodes } from './guarded-exchange.ts';
import { plainMarkdown } from './markdown.ts';
import { acknowledgeLabel, cutToBytes, isWholeGroup, mobileOf } from './message-words.ts';

/**
 * A group robot of DingTalk, by 自定义机器人接入 and 自定义机器人安全设置 (open.dingtalk.com/document/robots/custom-robot-access,
 * …/customize-robot-security-settings):
 * - 加签: HMAC-SHA256 with the secret over `timestamp + "\n" + secret`, Base64, URL-encoded, as `&timestamp=…&sign=…`;
 *   the timestamp in milliseconds, at most an hour off;
 * - a markdown message has a title, shown in the list, and a text; who is mentioned in `at` must stand as @… in the text too;
 * - 20 messages a minute, then nothing for ten minutes (130101).
 *
 * `to` of a route: `group` (nobody mentioned), a mobile number, `all`, or a userid.
 */
export function createDingtalkChannel(name: string, config: ChannelConfigOf<'dingtalk'>, wall: Clock): Channel {
  const base = config.url.reveal();
  const secret = config.secret?.reveal();
  return createGroupRobot({
    name,
    timeoutMs: config.timeout,
    codes: CODES,
    secrets: secret === undefined ? [base] : [base, secret],
    request: (message) => ({
      url: secret === undefined ? base : signedUrl(base, secret, wall.now()),
      body: toBody(message),
    }),
  });
}

/** 130101 send too fast, exceed 20 times per minute; 310000: keyword, signature or address is not what the robot's settings ask; 88 鉴权异常. */
const CODES: AnswerCodes = {
  code: 'errcode',
  text: 'errmsg',
  known: { 130101: 'TOO_MANY', 310000: 'REFUSED', 88: 'REFUSED', 40035: 'REFUSED' },
};

/** Far below what the service takes (20,000 bytes), and more than anybody reads on a telephone. */
const MOST_TEXT = 5000;

function signedUrl(base: string, secret: string, now: number): string {
  const sign = createHmac('sha256', secret).update(`${now}\n${secret}`).digest('base64');
  const url = new URL(base);
  url.searchParams.set('timestamp', String(now));
  url.searchParams.set('sign', sign);
  return url.href;
}

function toBody(message: OutgoingMessage) {
  const mobile = mobileOf(message.to);
  const all = message.to === 'all';
  const nobody = isWholeGroup(message.to) || all;
  const link = message.act?.link ?? null;
  const lines = cutToBytes(message.body, MOST_TEXT, message.language).split('\n').map(plainMarkdown);
  const paragraphs = [
    `### ${plainMarkdown(message.subject)}`,
    ...lines,
    link === null ? '' : `[**${acknowledgeLabel(message)}**](${link})`,
    nobody ? '' : `@${mobile ?? plainMarkdown(message.to)}`,
  ].filter((line) => line !== '');
  return {
    msgtype: 'markdown',
    // An empty line is what makes a new one in this dialect.
    markdown: { title: message.subject, text: paragraphs.join('\n\n') },
    at: {
      ...(mobile === null ? {} : { atMobiles: [mobile] }),
      ...(mobile !== null || nobody ? {} : { atUserIds: [message.to] }),
      isAtAll: all,
    },
  };
}
