import type { Reading } from '#core/reading.ts';
import { reading } from './support.ts';

export const START = Date.UTC(2026, 0, 5, 20);
export const POINTS = ['room.temperature', 'ups.load', 'ups.status'];

/** The same batch for the same number: readings on both sides of midnight, late ones, and some that replace others. */
export function crashBatch(index: number): readonly Reading[] {
  return Array.from({ length: 40 }, (_, i) => {
    const late = i % 11 === 0 ? 5 : 0;
    const at = START + Math.max(0, index * 40 + i - late * 9) * 400_000;
    const point = POINTS[i % POINTS.length] as string;
    return reading(
      point,
      at,
      point === 'ups.status' ? (i % 2 === 0 ? 'OL' : 'OB DISCHRG') : ((i * 7 + index) % 90) / 10,
    );
  });
}
