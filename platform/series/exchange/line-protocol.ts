/**
 * One point of InfluxDB's line protocol, `measurement,tag=value field=1,other="text" 1795000000000`.
 * Source: docs.influxdata.com, "Line protocol reference" of InfluxDB 1.x.
 */
export interface LineProtocol {
  readonly measurement: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly fields: ReadonlyMap<string, number | boolean | string>;
  /** In the unit of the file; null when the line leaves it to the server. */
  readonly time: number | null;
}

/** The point, what is wrong with it, or `unfinished` when a text goes on in the next line. */
export function parseLineProtocol(text: string): LineProtocol | { readonly bad: string } | 'unfinished' {
  const head = until(text, 0, ' ');
  const [measurement = '', ...tagTexts] = split(text.slice(0, head), ',');
  if (measurement === '') return { bad: 'no measurement' };
  const tags = new Map<string, string>();
  for (const one of tagTexts) {
    const [name = '', value = ''] = split(one, '=');
    if (name === '' || value === '') return { bad: 'a tag without name or value' };
    tags.set(withoutBackslash(name), withoutBackslash(value));
  }
  const fields = new Map<string, number | boolean | string>();
  let at = head;
  do {
    const equals = until(text, at + 1, '=');
    const name = withoutBackslash(text.slice(at + 1, equals));
    if (name === '' || equals >= text.length) return { bad: 'no fields' };
    const end = text[equals + 1] === '"' ? afterText(text, equals + 1) : plainEnd(text, equals + 1);
    if (end > text.length) return 'unfinished';
    const value = fieldValue(text.slice(equals + 1, end));
    if (value === null) return { bad: `the field ${name.slice(0, 40)} is neither number, truth nor text` };
    fields.set(name, value);
    at = end;
  } while (text[at] === ',');
  if (at < text.length && text[at] !== ' ') return { bad: 'something after a field' };
  const time = text.slice(at).trim();
  if (!/^(-?\d{1,19})?$/.test(time)) return { bad: 'the time is no whole number' };
  return { measurement: withoutBackslash(measurement), tags, fields, time: time === '' ? null : Number(time) };
}

/** The place of the first `mark` that no backslash stands before, or the end. */
function until(text: string, from: number, mark: string): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === mark) return at;
  }
  return text.length;
}

function split(text: string, mark: string): string[] {
  const parts: string[] = [];
  for (let from = 0; from <= text.length; ) {
    const end = until(text, from, mark);
    parts.push(text.slice(from, end));
    from = end + 1;
  }
  return parts;
}

/** Behind the closing quote of a text; behind the end of the line when it is not closed. */
function afterText(text: string, opening: number): number {
  for (let at = opening + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at + 1;
  }
  return text.length + 1;
}

function plainEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) if (text[at] === ',' || text[at] === ' ') return at;
  return text.length;
}

/** Outside of texts a backslash is only itself unless one of these follows. */
const withoutBackslash = (text: string): string => (text.includes('\\') ? text.replaceAll(/\\([ ,=])/g, '$1') : text);

function fieldValue(text: string): number | boolean | string | null {
  if (text.startsWith('"')) return text.slice(1, -1).replaceAll(/\\(["\\])/g, '$1');
  if (/^(t|T|true|True|TRUE)$/.test(text)) return true;
  if (/^(f|F|false|False|FALSE)$/.test(text)) return false;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?[iu]?$/i.test(text) ? Number(text.replace(/[iu]$/, '')) : null;
}
