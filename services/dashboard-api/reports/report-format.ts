/** How the report writes lengths and times. */

/** `Shut down (Server 1)`; a title that names its device already is left as it is. */
export const titleWithDevice = (title: string, device: string | null): string =>
  device === null || title.includes(device) ? title : `${title} (${device})`;

/** `+00:12:30`. */
export function formatElapsed(elapsedS: number): string {
  const whole = Math.round(Math.abs(elapsedS));
  const two = (n: number): string => String(n).padStart(2, '0');
  const sign = elapsedS < 0 ? '-' : '+';
  return `${sign}${two(Math.floor(whole / 3600))}:${two(Math.floor((whole % 3600) / 60))}:${two(whole % 60)}`;
}

/** `2026-11-21 03:04:05` in the zone. */
export function localTimeFormatter(timeZone: string): (iso: string) => string {
  // sv-SE writes ISO 8601's order.
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  return (iso) => format.format(new Date(iso));
}
