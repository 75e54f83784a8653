/**
 * Instants and durations as branded numbers of milliseconds.
 *
 * Temporal is used at the edges where a calendar matters (rota, working hours, texts). Inside, a branded number is
 * chosen over Temporal objects because the journal must fold to the same bytes everywhere (I8), JSON carries it as it
 * is, and the collector makes several of them per reading. The brand keeps a bare number out just as well.
 */

/** Milliseconds since 1970-01-01T00:00:00Z, leap seconds ignored. */
export type Instant = number & { readonly __brand: 'Instant' };

/** A length of time in milliseconds; may be negative as a difference. */
export type Duration = number & { readonly __brand: 'Duration' };

/** Marks epoch milliseconds as an instant. */
export const instant = (epochMs: number): Instant => epochMs as Instant;

/** Marks milliseconds as a duration. */
export const milliseconds = (n: number): Duration => n as Duration;
export const seconds = (n: number): Duration => (n * 1000) as Duration;
export const minutes = (n: number): Duration => (n * 60_000) as Duration;
export const hours = (n: number): Duration => (n * 3_600_000) as Duration;

export const plus = (at: Instant, by: Duration): Instant => (at + by) as Instant;
export const minus = (at: Instant, by: Duration): Instant => (at - by) as Instant;
/** `until - from`; negative when `until` is earlier. */
export const between = (from: Instant, until: Instant): Duration => (until - from) as Duration;
export const earliest = (...instants: Instant[]): Instant => Math.min(...instants) as Instant;
export const latest = (...instants: Instant[]): Instant => Math.max(...instants) as Instant;

/** `2026-11-21T03:04:05.678Z`. */
export const toIso = (at: Instant): string => new Date(at).toISOString();

/** Reads an ISO 8601 instant with offset; null when it is not one. */
export function fromIso(text: string): Instant | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/.test(text)) return null;
  const epochMs = Date.parse(text);
  return Number.isNaN(epochMs) ? null : instant(epochMs);
}

const UNIT_MS: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Reads `90m`, `1h30m`, `30s`, `250ms`, `1.5h`; null when it is not a duration. Example: `parseDuration('1h30m')` is 5,400,000. */
export function parseDuration(text: string): Duration | null {
  const compact = text.trim().replaceAll(' ', '');
  if (!/^(\d+(\.\d+)?(ms|min|s|m|h|d|w))+$/.test(compact)) return null;
  let total = 0;
  for (const [, amount, unit] of compact.matchAll(/(\d+(?:\.\d+)?)(ms|min|s|m|h|d|w)/g)) {
    total += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0);
  }
  return milliseconds(total);
}

/** Short form for logs and configuration, largest two units: `1h30m`, `45s`, `250ms`. */
export function formatDuration(duration: Duration): string {
  if (duration < 0) return `-${formatDuration(milliseconds(-duration))}`;
  if (duration < 1000) return `${Math.round(duration)}ms`;
  let rest = Math.round(duration / 1000);
  const parts: string[] = [];
  for (const [unit, size] of [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ] as const) {
    const amount = Math.floor(rest / size);
    if (amount > 0) parts.push(`${amount}${unit}`);
    rest -= amount * size;
  }
  return parts.slice(0, 2).join('') || '0s';
}
