import type { ReadingBatch } from '#core/reading.ts';

/**
 * Is this the shape of a reading batch? Written out by hand because every reading of the room passes here: it costs a tenth
 * of a schema library's time. Unknown keys are let through: the collector may be newer.
 */
export function isReadingBatch(value: unknown): value is ReadingBatch {
  if (!isRecord(value)) return false;
  const { device, at, readings, cause } = value;
  return (
    isName(device, 63) &&
    isInstant(at) &&
    CAUSES.has(cause) &&
    Array.isArray(readings) &&
    readings.length <= MAX_READINGS &&
    readings.every((reading) => isReading(reading, device))
  );
}

const MAX_READINGS = 5000;
const CAUSES: ReadonlySet<unknown> = new Set<ReadingBatch['cause']>([
  'schedule',
  'trap',
  'message',
  'watch',
  'command',
]);
const QUALITIES: ReadonlySet<unknown> = new Set(['good', 'stale', 'frozen', 'implausible', 'missing']);

/** A batch speaks for one device; a good reading has a value. */
function isReading(value: unknown, device: unknown): boolean {
  return (
    isRecord(value) &&
    value.device === device &&
    isName(value.point, 100) &&
    QUALITIES.has(value.quality) &&
    (value.value === null ? value.quality !== 'good' : isValue(value.value)) &&
    (value.reason === undefined || (typeof value.reason === 'string' && value.reason.length <= 1000)) &&
    isInstant(value.measuredAt) &&
    isInstant(value.receivedAt) &&
    isInstant(value.changedAt) &&
    typeof value.simulated === 'boolean'
  );
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isName = (value: unknown, longest: number): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= longest;

/** The range of ECMAScript's Date, from 1970 on. */
const isInstant = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value <= 8.64e15;

const isValue = (value: unknown): boolean =>
  typeof value === 'boolean' || Number.isFinite(value) || (typeof value === 'string' && value.length <= 4000);
