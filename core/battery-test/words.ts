import type { Text } from '../text.ts';

/** Lengths of time and lists as people say them. */
export function lengthText(ms: number): Text {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  if (minutes < 120) return { zh: `${minutes} 分钟`, en: `${minutes} min` };
  const hours = Math.round(minutes / 60);
  return hours < 72
    ? { zh: `${hours} 小时`, en: `${hours} h` }
    : { zh: `${Math.round(hours / 24)} 天`, en: `${Math.round(hours / 24)} days` };
}

/** At most four, then how many more. */
export function names(all: readonly Text[]): Text {
  const shown = all.slice(0, 4);
  const more = all.length - shown.length;
  return {
    zh: `${shown.map(({ zh }) => zh).join('、')}${more > 0 ? ` 等 ${all.length} 项` : ''}`,
    en: `${shown.map(({ en }) => en).join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
  };
}
