import type { OutgoingMessage } from '#core/notification.ts';
import type { Text } from '#core/text.ts';

/** What channels add to a message's own words, and how they make it fit. */

const ACKNOWLEDGE: Text = { zh: '确认收到', en: 'Acknowledge' };
const CODE: Text = { zh: '确认码', en: 'Code' };
const MORE: Text = { zh: '……（后略，全文见页面）', en: '… (more on the page)' };

export const acknowledgeLabel = ({ language }: OutgoingMessage): string => ACKNOWLEDGE[language];

/** `确认码：K7`; empty when there is nothing to do. */
export const codeLine = ({ act, language }: OutgoingMessage): string =>
  act === null ? '' : `${CODE[language]}${language === 'zh' ? '：' : ': '}${act.code}`;

/** Links and codes are as good as a signature: they stand in no error and no log. */
export const secretsIn = ({ act }: OutgoingMessage): readonly string[] =>
  act === null || act.link === null ? [] : [act.link];

export const byteLength = (text: string): number => Buffer.byteLength(text, 'utf8');

/** At most so many bytes of UTF-8, between characters, and it says that something is missing. */
export function cutToBytes(text: string, most: number, language: OutgoingMessage['language']): string {
  if (byteLength(text) <= most) return text;
  const mark = MORE[language];
  let room = most - byteLength(mark);
  let kept = '';
  for (const character of text) {
    room -= byteLength(character);
    if (room < 0) break;
    kept += character;
  }
  return kept + mark;
}

/** A telephone number's digits as they are dialled at home: `+86 138 0000 0000` → `13800000000`; null when it is none. */
export function mobileOf(to: string): string | null {
  if (!/^\+?[\d][\d \-()]{5,24}$/.test(to)) return null;
  const digits = to.replaceAll(/\D/g, '');
  const national = to.startsWith('+') || /^0086/.test(digits) ? digits.replace(/^(00)?86/, '') : digits;
  return national.length >= 6 ? national : null;
}

/** A route to a group that mentions nobody. */
export const isWholeGroup = (to: string): boolean => to === 'group' || to === '-';
