import type { Text } from '../text.ts';

/** Numbers, lengths and moments in plain words of both languages. */

/** `3 小时 20 分`, `3 h 20 min`; under a minute in seconds. */
export function sayLength(seconds: number): Text {
  if (seconds < 60) return { zh: `${Math.round(seconds)} 秒`, en: `${Math.round(seconds)} s` };
  const all = Math.round(seconds / 60);
  const [hours, minutes] = [Math.floor(all / 60), all % 60];
  if (hours === 0) return { zh: `${minutes} 分钟`, en: `${minutes} min` };
  if (minutes === 0 || hours >= 48) return { zh: `${hours} 小时`, en: `${hours} h` };
  return { zh: `${hours} 小时 ${minutes} 分`, en: `${hours} h ${minutes} min` };
}

/** One digit behind the point, none that says nothing. */
export const sayNumber = (value: number, digits = 1): string => {
  const said = value.toFixed(digits);
  return Number(said) === 0 ? (0).toFixed(digits) : said;
};

/** `11 月 12 日 14:05`, `12 Nov 14:05`, in the site's zone. */
export function sayMoment(iso: string, timeZone: string): Text {
  const at = Temporal.Instant.from(iso).toZonedDateTimeISO(timeZone);
  const clock = `${String(at.hour).padStart(2, '0')}:${String(at.minute).padStart(2, '0')}`;
  return { zh: `${at.month} 月 ${at.day} 日 ${clock}`, en: `${at.day} ${MONTHS[at.month - 1] ?? ''} ${clock}` };
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `2026 年第 46 周`, `week 46 of 2026`. */
export function sayPeriod({ period, name }: { readonly period: string; readonly name: string }): Text {
  const [year = '', part = ''] = name.split('-');
  const number = String(Number(part.replace(/^\D/, '')));
  if (period === 'weekly') return { zh: `${year} 年第 ${number} 周`, en: `week ${number} of ${year}` };
  if (period === 'monthly') return { zh: `${year} 年 ${number} 月`, en: `${MONTHS[Number(number) - 1] ?? ''} ${year}` };
  if (period === 'quarterly') return { zh: `${year} 年第 ${number} 季度`, en: `quarter ${number} of ${year}` };
  return { zh: `${year} 年`, en: year };
}

/** A percentage below the full hundred never reads as the full hundred. */
export function sayShare(share: number): string {
  const percent = share * 100;
  const rounded = percent.toFixed(percent > 99 && percent < 100 ? 2 : 1);
  return Number(rounded) >= 100 && percent < 100 ? '99.99 %' : `${rounded} %`;
}
