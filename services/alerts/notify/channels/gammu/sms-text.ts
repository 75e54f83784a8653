import type { OutgoingMessage } from '#core/notification.ts';
import { splitSms } from './sms-parts.ts';

/**
 * What a person reads on the telephone: what and where first, then what to do, and last how to answer. It never takes more
 * than `maxParts` messages: the body is cut, the link is left out when it does not fit, the code stays.
 */
export function smsText(message: OutgoingMessage, maxParts: number): string {
  const { subject, body, act, language } = message;
  const tail = act === null ? '' : language === 'zh' ? `回复 ${act.code} 确认` : `Reply ${act.code} to confirm`;
  const text = [subject, body].map(clean).filter((part) => part !== '' && part !== tail);
  const words = [...new Set(text)].join('\n');
  const fits = (candidate: string): boolean => splitSms(candidate).parts.length <= maxParts;
  const ends = act?.link === undefined || act.link === null ? [tail] : [`${act.link}\n${tail}`, tail];
  for (const end of ends) {
    const whole = join(words, end);
    if (fits(whole)) return whole;
  }
  return cut(words, tail, fits);
}

const clean = (text: string): string =>
  text
    .replaceAll(/[ \t\u00a0]+/g, ' ')
    .replaceAll(/ ?\n\s*/g, '\n')
    .trim();

const join = (words: string, end: string): string => (end === '' ? words : `${words}\n${end}`);

/** The longest beginning that fits, found by halving. */
function cut(words: string, tail: string, fits: (candidate: string) => boolean): string {
  const characters = [...words];
  // An ellipsis is not in the 7-bit alphabet; it would halve the room of an English text.
  const gap = splitSms(words + tail).coding === 'gsm' ? '...' : '…';
  const upTo = (length: number): string => join(characters.slice(0, length).join('').trimEnd() + gap, tail);
  let low = 0;
  let high = characters.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(upTo(middle))) low = middle;
    else high = middle - 1;
  }
  return upTo(low);
}
