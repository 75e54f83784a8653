import { fillTemplate } from '#core/text.ts';

/** Fills `{device}` and the like into a URL, escaped, so that no value can lead to another host. */
export function fillUrl(url: string, values: Readonly<Record<string, string>>): string {
  const escaped = Object.entries(values).map(([name, value]) => [name, encodeURIComponent(value)] as const);
  return fillTemplate(url, Object.fromEntries(escaped));
}
