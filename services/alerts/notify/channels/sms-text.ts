/**
 * How a text becomes segments (3GPP TS 23.038 and 23.040 section 9.2.3.24): in the GSM 7-bit alphabet 160 characters, or 153 each
 * when there are several; with any other character UCS-2, 70, or 67 each.
 */
const GSM7 =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
/** Two septets each, of the extension table. */
const GSM7_EXTENSION = '^{}\\[~]|€\f';

const isGsm7 = (text: string): boolean => [...text].every((one) => GSM7.includes(one) || GSM7_EXTENSION.includes(one));

/** Segments that a text takes. */
export function smsSegments(text: string): number {
  const plain = isGsm7(text);
  const units = plain ? [...text].reduce((sum, one) => sum + (GSM7_EXTENSION.includes(one) ? 2 : 1), 0) : text.length;
  const [one, each] = plain ? [160, 153] : [70, 67];
  return units <= one ? 1 : Math.ceil(units / each);
}

/** `head`, as much of `body` as fits, `tail`: at most so many segments. */
export function fitSms(head: string, body: string, tail: string, most: number): string {
  const whole = (kept: string): string => [head, kept, tail].filter((part) => part !== '').join('\n');
  if (smsSegments(whole(body)) <= most) return whole(body);
  const characters = [...body];
  let low = 0;
  let high = characters.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (smsSegments(whole(`${characters.slice(0, middle).join('')}…`)) <= most) low = middle;
    else high = middle - 1;
  }
  return whole(low === 0 ? '' : `${characters.slice(0, low).join('')}…`);
}
