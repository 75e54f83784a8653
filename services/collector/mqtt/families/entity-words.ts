/** JSON's `true` in a configuration is the text `True` of Jinja; both are meant. */
export function wordOf(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'object') return 'a structure';
  const text = String(value);
  return text === 'True' || text === 'False' ? text.toLowerCase() : text;
}
