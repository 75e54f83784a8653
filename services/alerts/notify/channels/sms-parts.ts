/** How a text goes into text messages (3GPP TS 23.038 and 23.040): 7 bits a character where the alphabet allows it, else UCS-2. */
export interface SmsParts {
  readonly coding: 'gsm' | 'ucs2';
  /** At most 160 or 70 characters alone, 153 or 67 each when they are several. */
  readonly parts: readonly string[];
}

/** 3GPP TS 23.038 section 6.2.1, without the Greek capitals that no text of ours has. */
const ALPHABET =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
/** Section 6.2.1.1: an escape and a character. */
const EXTENDED = '^{}\\[~]|€\f';
const COST = new Map([...[...ALPHABET].map((c) => [c, 1] as const), ...[...EXTENDED].map((c) => [c, 2] as const)]);

const ROOM = { gsm: { alone: 160, each: 153 }, ucs2: { alone: 70, each: 67 } } as const;

/** Splits between characters: an emoji's two halves stay together. */
export function splitSms(text: string): SmsParts {
  const characters = [...text];
  const coding = characters.every((character) => COST.has(character)) ? 'gsm' : 'ucs2';
  const cost = (character: string): number => (coding === 'gsm' ? (COST.get(character) ?? 1) : character.length);
  const { alone, each } = ROOM[coding];
  if (characters.reduce((sum, character) => sum + cost(character), 0) <= alone) return { coding, parts: [text] };
  const parts: string[] = [];
  let part = '';
  let used = 0;
  for (const character of characters) {
    if (used + cost(character) > each) {
      parts.push(part);
      part = '';
      used = 0;
    }
    part += character;
    used += cost(character);
  }
  return { coding, parts: [...parts, part] };
}
