import { splitSms } from './sms-parts.ts';

/** Segments that a text takes. */
export const smsSegments = (text: string): number => splitSms(text).parts.length;

/** `head`, as much of `body` as fits, `tail`: at most so many segments. The tail stays whole; a head that is too long is cut too. */
export function fitSms(head: string, body: string, tail: string, most: number): string {
  const words = joined(head, body);
  if (smsSegments(joined(words, tail)) <= most) return joined(words, tail);
  const characters = [...words];
  // An ellipsis is not in the 7-bit alphabet; it would halve the room of an English text.
  const gap = splitSms(words + tail).coding === 'gsm' ? '...' : '…';
  const upTo = (length: number): string => joined(characters.slice(0, length).join('').trimEnd() + gap, tail);
  let low = 0;
  let high = characters.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (smsSegments(upTo(middle)) <= most) low = middle;
    else high = middle - 1;
  }
  return upTo(low);
}

const joined = (...parts: string[]): string => parts.filter((part) => part !== '').join('\n');
