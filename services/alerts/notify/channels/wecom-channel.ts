import type { ChannelConfigOf } from '#core/config/channels.ts';
import type { OutgoingMessage } from '#core/notification.ts';
import type { Channel } from '#core/ports.ts';
import { createGroupRobot } from './group-robot.ts';
import type { AnswerCodes } from './guarded-exchange.ts';
import { plainMarkdown } from './markdown.ts';
import { acknowledgeLabel, byteLength, cutToBytes, isWholeGroup, mobileOf } from './message-words.ts';

/**
 * A group robot of WeCom, by 群机器人配置说明 (developer.work.weixin.qq.com/document/path/91770):
 * - the key in the address is the only credential;
 * - markdown takes 4096 bytes, headings, bold, links, quotes and `<font color="info|comment|warning">`;
 *   in it `<@userid>` mentions a member;
 * - only a text (2048 bytes) mentions by mobile number (`mentioned_mobile_list`) or everybody, so such a route gets a text.
 *
 * `to` of a route: `group` (nobody mentioned), a mobile number, `all`, or a userid.
 */
export function createWecomChannel(name: string, config: ChannelConfigOf<'wecom'>): Channel {
  const url = config.url.reveal();
  return createGroupRobot({
    name,
    timeoutMs: config.timeout,
    codes: CODES,
    secrets: [url],
    request: (message) => ({ url, body: toBody(message) }),
  });
}

/** 全局错误码 (developer.work.weixin.qq.com/document/path/90455); 45009 接口调用超过限制 is what more than 20 a minute gets. */
const CODES: AnswerCodes = {
  code: 'errcode',
  text: 'errmsg',
  known: { 45009: 'TOO_MANY', 40003: 'REFUSED', 40008: 'REFUSED', 40035: 'REFUSED', 40058: 'REFUSED' },
};

const MOST_MARKDOWN = 4096;
/** In a text too, `<@userid>` mentions. */
const unmentioning = (text: string): string => text.replaceAll('<@', '＜@');
const MOST_TEXT = 2048;

function toBody(message: OutgoingMessage) {
  const mobile = mobileOf(message.to);
  if (mobile !== null || message.to === 'all') {
    const content = fitBetween(
      message,
      [unmentioning(message.subject)],
      message.act?.link ?? '',
      MOST_TEXT,
      unmentioning,
    );
    return { msgtype: 'text', text: { content, mentioned_mobile_list: [mobile ?? '@all'] } };
  }
  const colour = message.phase === 'recovered' ? 'info' : message.severity === 'high' ? 'warning' : 'comment';
  const heading = `**<font color="${colour}">${plainMarkdown(message.subject)}</font>**`;
  const link = message.act?.link ?? null;
  const tail = [
    link === null ? '' : `[${acknowledgeLabel(message)}](${link})`,
    isWholeGroup(message.to) ? '' : `<@${plainMarkdown(message.to)}>`,
  ].filter((part) => part !== '');
  const content = fitBetween(message, [heading], tail.join('\n'), MOST_MARKDOWN, (text) =>
    plainMarkdown(text).replaceAll(/^/gm, '> '),
  );
  return { msgtype: 'markdown', markdown: { content } };
}

/** The link survives whatever the body's length. */
function fitBetween(
  message: OutgoingMessage,
  head: readonly string[],
  tail: string,
  most: number,
  shape: (text: string) => string,
): string {
  const fixed = [...head, tail].filter((part) => part !== '');
  const room = most - byteLength(fixed.join('\n')) - 1;
  const body = cutToBytes(shape(message.body), Math.max(room, 60), message.language);
  return [...head, body, tail].filter((part) => part !== '').join('\n');
}
