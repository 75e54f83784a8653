import type { OutgoingMessage } from '#core/notification.ts';
import { fitSms, smsSegments } from '../sms-text.ts';

/**
 * What a person reads on the telephone: what and where first, then what to do, and last how to answer. It never takes more
 * than `maxParts` messages: the body is cut, the link is left out when it does not fit, the code stays.
 */
export function smsText(message: OutgoingMessage, maxParts: number): string {
  const { act, language } = message;
  const subject = clean(message.subject);
  const body = clean(message.body);
  const tail = act === null ? '' : language === 'zh' ? `回复 ${act.code} 确认` : `Reply ${act.code} to confirm`;
  const words = subject === body ? '' : body;
  if (act !== null && act.link !== null) {
    const whole = [subject, words, act.link, tail].filter((part) => part !== '').join('\n');
    if (smsSegments(whole) <= maxParts) return whole;
  }
  return fitSms(subject, words, tail, maxParts);
}

const clean = (text: string): string =>
  text
    .replaceAll(/[ \t\u00a0]+/g, ' ')
    .replaceAll(/ ?\n\s*/g, '\n')
    .trim();
