/** JSON with keys in order and nothing undefined: the same value is the same text, whoever made it. Example: `{"a":1,"b":[2]}`. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(inOrder(value)) ?? 'null';
}

function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('toJSON' in value && typeof value.toJSON === 'function') return inOrder(value.toJSON());
  if (Array.isArray(value)) return value.map(inOrder);
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  // Names that are whole numbers come first in any JavaScript object; that too is one order only.
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  const ordered: Record<string, unknown> = Object.create(null);
  for (const [key, one] of entries) ordered[key] = inOrder(one);
  return ordered;
}
