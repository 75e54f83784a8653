/**
 * A copy of a value as JSON would keep it, without the text between: what is undefined is left out, what is no JSON number
 * is null. Throws RangeError for a value that contains itself.
 */
export function copyJson(value: unknown): unknown {
  const copy = copied(value);
  return copy === undefined ? null : copy;
}

function copied(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      // JSON has no negative zero.
      return Number.isFinite(value) ? value + 0 : null;
    case 'object':
      return value === null ? null : copiedObject(value);
    case 'bigint':
      throw new TypeError('JSON has no bigint');
    default:
      return undefined;
  }
}

function copiedObject(value: object): unknown {
  if (Array.isArray(value)) {
    const list = new Array<unknown>(value.length);
    for (let i = 0; i < value.length; i++) list[i] = copyJson(value[i]);
    return list;
  }
  if ('toJSON' in value && typeof value.toJSON === 'function') return copied(value.toJSON());
  const fields: Record<string, unknown> = {};
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue;
    const copy = copied((value as Record<string, unknown>)[key]);
    if (copy === undefined) continue;
    if (key === '__proto__') Object.defineProperty(fields, key, { value: copy, enumerable: true, configurable: true });
    else fields[key] = copy;
  }
  return fields;
}
