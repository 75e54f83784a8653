import { CODE } from './codes.ts';

/** What somebody means who answers a message from the telephone: tired, in the dark, in either language. */
export type Meaning =
  /** `code` null: whatever is open for this person. */
  | { readonly kind: 'acknowledge'; readonly code: string | null }
  | { readonly kind: 'unclear'; readonly codes: readonly string[] };

const YES = new Set([
  ...[
    '1',
    'OK',
    'OKAY',
    'ACK',
    'ACKNOWLEDGE',
    'ACKNOWLEDGED',
    'YES',
    'Y',
    'CONFIRM',
    'CONFIRMED',
    'GOT',
    'ROGER',
    'RECEIVED',
  ],
  ...[
    '确认',
    '已确认',
    '收到',
    '已收到',
    '知道',
    '知道了',
    '已知',
    '已知晓',
    '好',
    '好的',
    '是',
    '是的',
    '行',
    '可以',
    '在处理',
    '处理中',
  ],
]);
/** Words that say nothing beside these. */
const FILLER = new Set(['IT', 'I', 'THE', 'PLEASE', '了', '请', '我', '谢谢', 'THANKS']);
/** Whoever writes one of these has not taken it on. */
const NO = /不|没|無|无法|拒|别|勿|\b(NO|NOT|CANNOT|CAN'?T|DON'?T|NEVER|WRONG|STOP)\b/;

/** Example: `understand('确认 k7！')` is `{kind: 'acknowledge', code: 'K7'}`. */
export function understand(text: string): Meaning {
  const plain = text.normalize('NFKC').toUpperCase().trim();
  const codes = [...new Set([...plain.matchAll(CODE)].map(([, letter = '', digits = '']) => letter + digits))];
  if (NO.test(plain) || codes.length > 1) return { kind: 'unclear', codes };
  const [code] = codes;
  // With its code a message is about that matter, whatever else is said beside it.
  if (code !== undefined) return { kind: 'acknowledge', code };
  const words = plain.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '' && !FILLER.has(word));
  const says = words.length > 0 && words.length <= 4 && words.every((word) => YES.has(word));
  return says ? { kind: 'acknowledge', code: null } : { kind: 'unclear', codes };
}

/** A key pressed in a call. */
export const isKey = (text: string): boolean => /^[0-9*#]$/.test(text.trim());
