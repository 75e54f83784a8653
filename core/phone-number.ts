/** A telephone number, taken apart. */
export interface PhoneNumber {
  /** Without + and zeros: `86`. */
  readonly country: string;
  /** As dialled within the country: `13800000000`, `01012345678`. */
  readonly national: string;
}

export type PhoneForm = 'national' | 'e164' | 'plain' | 'zeros';

/**
 * Reads a number as people write it: `138 0000 0000`, `+86 138-0000-0000`, `0086 (10) 1234 5678`. A number without a
 * country is one of `country`. Null when it is none (E.164 allows 15 digits; a short extension is a number too).
 */
export function readPhoneNumber(text: string, country = '86'): PhoneNumber | null {
  if (!/^\+?\d[\d ()-]{1,30}$/.test(text.trim())) return null;
  const digits = text.replaceAll(/\D/g, '');
  const abroad = text.trim().startsWith('+') ? digits : /^00/.test(digits) ? digits.slice(2) : null;
  if (digits.length > 17) return null;
  if (abroad === null) return { country, national: digits };
  if (abroad.length < 5 || abroad.length > 15 || abroad.startsWith('0')) return null;
  // Another country's own code is not taken apart: it is dialled whole.
  return abroad.startsWith(country)
    ? { country, national: abroad.slice(country.length) }
    : { country: '', national: abroad };
}

/** As the other side wants it. What is too short to be a subscriber's number (an extension, 110) is left as it is. */
export function writePhoneNumber({ country, national }: PhoneNumber, form: PhoneForm): string {
  if (country !== '' && national.length < 7) return national;
  if (country === '') return form === 'plain' ? national : form === 'zeros' ? `00${national}` : `+${national}`;
  if (form === 'national') return national;
  // A trunk prefix is for calls within the country.
  const whole = `${country}${national.replace(/^0/, '')}`;
  return form === 'plain' ? whole : form === 'zeros' ? `00${whole}` : `+${whole}`;
}

/** The same telephone, however each is written. */
export function samePhone(a: string, b: string, country = '86'): boolean {
  const one = readPhoneNumber(a, country);
  const other = readPhoneNumber(b, country);
  return one !== null && other !== null && writePhoneNumber(one, 'plain') === writePhoneNumber(other, 'plain');
}
