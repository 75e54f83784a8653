import type { Text } from './text.ts';

/** Warm by intention: the words of its name, or its tags, say so (hot aisle, return air). */
export const isWarmPlace = ({ name, tags = [] }: { readonly name: Text; readonly tags?: readonly string[] }): boolean =>
  /热通道|回风/.test(name.zh) ||
  /hot aisle|return/i.test(name.en) ||
  tags.some((tag) => /^(hot-aisle|return)/.test(tag));
