import type { Language } from '#core/text.ts';

/** Times as people read them: in the site's time zone, lengths of time with their units. Pure. */

export interface Locale {
  readonly language: Language;
  readonly timeZone: string;
}

const FORMATS = new Map<string, Intl.DateTimeFormat>();

function formatWith({ language, timeZone }: Locale, options: Intl.DateTimeFormatOptions, at: number): string {
  const key = `${language}|${timeZone}|${JSON.stringify(options)}`;
  let format = FORMATS.get(key);
  if (format === undefined) {
    const tag = language === 'zh' ? 'zh-CN' : 'en-GB';
    format = new Intl.DateTimeFormat(tag, { ...options, timeZone, hourCycle: 'h23' });
    FORMATS.set(key, format);
  }
  return format.format(at);
}

/** `14:05`, with seconds `14:05:09`. */
export const timeOfDay = (locale: Locale, at: number, withSeconds = false): string =>
  formatWith(
    locale,
    { hour: '2-digit', minute: '2-digit', ...(withSeconds ? { second: '2-digit' as const } : {}) },
    at,
  );

/** `11月21日周六` / `Sat 21 Nov`. */
export const dayOf = (locale: Locale, at: number): string =>
  formatWith(locale, { weekday: 'short', day: 'numeric', month: locale.language === 'zh' ? 'long' : 'short' }, at);

const dateKey = (locale: Locale, at: number): string =>
  formatWith(locale, { year: 'numeric', month: '2-digit', day: '2-digit' }, at);

/** The time of day, with the day before it when it is not the day of `now`. */
export function momentOf(locale: Locale, at: number, now: number, withSeconds = false): string {
  const time = timeOfDay(locale, at, withSeconds);
  return dateKey(locale, at) === dateKey(locale, now) ? time : `${shortDate(locale, at)} ${time}`;
}

/** `11-21` / `21 Nov`. */
export const shortDate = (locale: Locale, at: number): string =>
  formatWith(
    locale,
    locale.language === 'zh' ? { month: '2-digit', day: '2-digit' } : { month: 'short', day: 'numeric' },
    at,
  );

/** `11月` / `Nov`. */
export const monthOf = (locale: Locale, at: number): string => formatWith(locale, { month: 'short' }, at);
/** `2026年` / `2026`. */
export const yearOf = (locale: Locale, at: number): string => formatWith(locale, { year: 'numeric' }, at);

/** `2026/11/21 14:05:09`. */
export const fullMoment = (locale: Locale, at: number): string =>
  `${dateKey(locale, at)} ${timeOfDay(locale, at, true)}`;

const pad = (n: number): string => String(n).padStart(2, '0');

/** A count-down that keeps its width: `1:07:09`, under an hour `07:09`; past due it stays at zero (the caller says "overdue"). */
export function countdown(totalSeconds: number): string {
  const rest = Math.max(0, Math.floor(totalSeconds));
  const hours = Math.floor(rest / 3600);
  const tail = `${pad(Math.floor((rest % 3600) / 60))}:${pad(rest % 60)}`;
  return hours > 0 ? `${hours}:${tail}` : tail;
}

const UNITS: Record<Language, readonly [string, string, string, string]> = {
  zh: [' 天', ' 小时', ' 分钟', ' 秒'],
  en: [' d', ' h', ' min', ' s'],
};

/** Rough length, largest two units that matter: `1 小时 12 分钟`, `52 min`, `8 s`. */
export function lengthOf(language: Language, totalSeconds: number): string {
  const [day, hour, minute, second] = UNITS[language];
  const rest = Math.max(0, Math.round(totalSeconds));
  if (rest < 60) return `${rest}${second}`;
  const minutes = Math.round(rest / 60);
  // The room's rules speak of 90 minutes, not of an hour and a half.
  if (minutes < 100) return `${minutes}${minute}`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours}${hour}` : `${hours}${hour} ${minutes % 60}${minute}`;
  return hours % 24 === 0 ? `${Math.floor(hours / 24)}${day}` : `${Math.floor(hours / 24)}${day} ${hours % 24}${hour}`;
}

/** ISO 8601 to epoch milliseconds; NaN never reaches the page. */
export function epochOf(iso: string | null | undefined): number | null {
  if (iso === null || iso === undefined) return null;
  const at = Date.parse(iso);
  return Number.isNaN(at) ? null : at;
}

/** The offset of the zone at an instant, in minutes: 480 for Asia/Shanghai. */
export function zoneOffsetMinutes(timeZone: string, at: number): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at);
  const part = (type: string): number => Number(parts.find((found) => found.type === type)?.value ?? 0);
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return Math.round((local - Math.floor(at / 1000) * 1000) / 60_000);
}

/** What a date-and-time field says, `2026-11-25T09:30`, on the site's wall clock. */
export function instantAt(timeZone: string, local: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(local)) return null;
  const asUtc = Date.parse(`${local}:00Z`);
  if (Number.isNaN(asUtc)) return null;
  // Twice, because the offset is that of the instant looked for.
  const guess = asUtc - zoneOffsetMinutes(timeZone, asUtc) * 60_000;
  return asUtc - zoneOffsetMinutes(timeZone, guess) * 60_000;
}

/** The next instant at which the site's wall clock shows `HH:MM`; ISO 8601 with the site's offset. */
export function nextTimeOfDay(timeZone: string, hhmm: string, now: number): string | null {
  const match = /^(\d{1,2}):(\d{2})$/.exec(hhmm);
  if (match === null) return null;
  const offset = zoneOffsetMinutes(timeZone, now);
  const dayStart = Math.floor((now + offset * 60_000) / 86_400_000) * 86_400_000;
  let local = dayStart + Number(match[1]) * 3_600_000 + Number(match[2]) * 60_000;
  if (local - offset * 60_000 <= now) local += 86_400_000;
  const sign = offset < 0 ? '-' : '+';
  const magnitude = Math.abs(offset);
  return `${new Date(local).toISOString().slice(0, 19)}${sign}${pad(Math.floor(magnitude / 60))}:${pad(magnitude % 60)}`;
}
