import { fromIso, type Instant, instant } from '#core/time.ts';

/** When something was measured, as senders write it. Null when the text tells no time that can be one: never 1970. */
export function timeOf(raw: unknown): Instant | null {
  const time = parse(raw);
  // Between 2001 and 2286: anything else is a clock that was never set.
  return time !== null && time > 1e12 && time < 1e13 ? time : null;
}

function parse(raw: unknown): Instant | null {
  if (typeof raw === 'number') return fromEpoch(raw);
  if (typeof raw !== 'string') return null;
  const text = raw.trim();
  if (/^\d{10}(\.\d+)?$|^\d{13}$/.test(text)) return fromEpoch(Number(text));
  // Nanoseconds as Go writes them are more than an instant holds.
  const iso = fromIso(text.replace(/(\.\d{3})\d+/, '$1'));
  if (iso !== null) return iso;
  // Huawei: yyyyMMddTHHmmssZ.
  const compact = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (compact === null) return null;
  const [, year, month, day, hour, minute, second] = compact;
  return fromIso(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/** Seconds or milliseconds since 1970, of this century: seconds since a device's start are neither. */
function fromEpoch(value: number): Instant | null {
  if (value > 1e12 && value < 1e13) return instant(Math.round(value));
  if (value > 1e9 && value < 1e10) return instant(Math.round(value * 1000));
  return null;
}
