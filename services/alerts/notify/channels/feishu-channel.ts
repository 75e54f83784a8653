import { createHmac } from 'node:crypto';
import type { ChannelConfigOf } from '#core/config/channels.ts';
import type { OutgoingMessage } from '#core/notification.ts';
import type { Channel, Clock } from '#core/ports.ts';
import { createGroupRobot } from './group-robot.ts';
import type { AnswerCodes } from './guarded-exchange.ts';
import { acknowledgeLabel, cutToBytes, isWholeGroup } from './message-words.ts';

/**
 * A group robot of Feishu or Lark, by 自定义机器人使用指南 (open.feishu.cn/document/client-docs/bot-v3/add-custom-bot):
 * - 签名校验: `timestamp` in seconds and `sign` in the body; the sign is HMAC-SHA256 of nothing with the key
 *   `timestamp + "\n" + secret`, in Base64 (not as DingTalk does it);
 * - at most 20 KB a request, 100 a minute, 5 a second (11232 beyond that, and at full hours when their service is busy);
 * - an interactive card: its head's colour says how bad it is, the words are plain_text and so are never markup, the button opens the link.
 *
 * `to` of a route: `group` (nobody mentioned), `all`, or an open_id (`ou_…`).
 */
export function createFeishuChannel(name: string, config: ChannelConfigOf<'feishu'>, wall: Clock): Channel {
  const url = config.url.reveal();
  const secret = config.secret?.reveal();
  return createGroupRobot({
    name,
    timeoutMs: config.timeout,
    codes: CODES,
    secrets: secret === undefined ? [url] : [url, secret],
    request: (message) => {
      const signed = secret === undefined ? {} : signature(secret, Math.floor(wall.now() / 1000));
      return { url, body: { ...signed, msg_type: 'interactive', card: toCard(message) } };
    },
  });
}

/**
 * The guide's: 9499 Bad Request (the form of the body, or larger than 20 KB), 19021 sign match fail or timestamp is not within one
 * hour, 19022 Ip Not Allowed, 19024 Key Words Not Found, 11232 its limit of frequency.
 */
const CODES: AnswerCodes = {
  code: 'code',
  text: 'msg',
  known: { 9499: 'REFUSED', 19021: 'REFUSED', 19022: 'REFUSED', 19024: 'REFUSED', 11232: 'TOO_MANY' },
};

/** Of 20 KB, the rest of the card left room for. */
const MOST_TEXT = 12_000;

function signature(secret: string, timestamp: number): { timestamp: string; sign: string } {
  const sign = createHmac('sha256', `${timestamp}\n${secret}`).update('').digest('base64');
  return { timestamp: String(timestamp), sign };
}

function toCard(message: OutgoingMessage) {
  const link = message.act?.link ?? null;
  const body = cutToBytes(message.body, MOST_TEXT, message.language);
  return {
    config: { wide_screen_mode: true },
    header: { template: colourOf(message), title: { tag: 'plain_text', content: message.subject } },
    elements: [
      { tag: 'div', text: { tag: 'plain_text', content: body } },
      ...(isWholeGroup(message.to)
        ? []
        : [{ tag: 'div', text: { tag: 'lark_md', content: `<at id=${mentionOf(message.to)}></at>` } }]),
      ...(link === null
        ? []
        : [
            {
              tag: 'action',
              actions: [
                {
                  tag: 'button',
                  text: { tag: 'plain_text', content: acknowledgeLabel(message) },
                  type: 'primary',
                  url: link,
                },
              ],
            },
          ]),
    ],
  };
}

/** Nothing but an id may stand in the tag. */
const mentionOf = (to: string): string => to.replaceAll(/[^\w-]/g, '');

function colourOf({ phase, severity }: OutgoingMessage): string {
  if (phase === 'recovered') return 'green';
  return severity === 'high' ? 'red' : severity === 'medium' ? 'orange' : 'grey';
}
