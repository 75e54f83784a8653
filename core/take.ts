import type { Take } from './config/selector.ts';
import { definePoint } from './points.ts';

/** The values of a class as one; of none there is none. Example: `takeOf('spread', [22, 27.5])` is 5.5. */
export function takeOf(take: Take, values: readonly number[]): number {
  if (take === 'mean') return values.reduce((sum, value) => sum + value, 0) / values.length;
  const high = values.reduce((one, other) => Math.max(one, other), Number.NEGATIVE_INFINITY);
  const low = values.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);
  return take === 'spread' ? high - low : take === 'max' ? high : low;
}

/** `ambient.temperature` taken as `max` is `ambient.max.temperature`; what has no such name keeps its own. */
export function takenName(point: string, take: Take): string {
  const cut = point.lastIndexOf('.');
  const name = `${point.slice(0, cut)}.${take}${point.slice(cut)}`;
  return definePoint(name) === null ? point : name;
}
