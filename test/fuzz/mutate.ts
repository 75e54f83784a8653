import type { Random } from '#core/random.ts';

/** Damaged and hostile versions of a good input, by a seeded generator. */
export function mutateBytes(bytes: Uint8Array, random: Random, most = 4096): Uint8Array {
  let out: Uint8Array = bytes.slice(0, most);
  const times = random.integer(1, 4);
  for (let i = 0; i < times; i++) out = mutateOnce(out, random);
  return out.slice(0, most);
}

function mutateOnce(bytes: Uint8Array, random: Random): Uint8Array {
  const length = bytes.length;
  const at = length === 0 ? 0 : random.integer(0, length - 1);
  const copy = bytes.slice();
  switch (random.integer(0, 6)) {
    case 0:
      copy[at] = random.integer(0, 255);
      return copy;
    case 1:
      copy[at] = (copy[at] ?? 0) ^ (1 << random.integer(0, 7));
      return copy;
    case 2:
      return copy.slice(0, at);
    case 3:
      return new Uint8Array([...copy.slice(0, at), ...copy.slice(random.integer(at, length))]);
    case 4: {
      const piece = copy.slice(at, at + random.integer(1, 16));
      return new Uint8Array([...copy.slice(0, at), ...piece, ...piece, ...copy.slice(at)]);
    }
    case 5:
      return new Uint8Array([
        ...copy.slice(0, at),
        ...Array.from({ length: random.integer(1, 8) }, () => random.integer(0, 255)),
        ...copy.slice(at),
      ]);
    default:
      copy.fill(random.pick([0, 0xff, 0x7f, 0x80, 0x20]), at, at + random.integer(1, 8));
      return copy;
  }
}

const HOSTILE: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -0,
  -1,
  1e308,
  -1e308,
  1e-320,
  4_294_967_295,
  Number.MAX_SAFE_INTEGER,
  '',
  ' ',
  'nan',
  'NaN',
  '1e999',
  '21,5',
  '0x10',
  'unavailable',
  'ON',
  '\u0000',
  '𝟙',
  '🔥'.repeat(20),
  'x'.repeat(300),
  [],
  {},
  [null],
  { value: null },
  { value: { value: 1 } },
  '{{',
  '__proto__',
];

/** A JSON value with some of its parts exchanged for others that nobody expects. */
export function mutateJson(value: unknown, random: Random, depth = 0): unknown {
  if (random.chance(0.08)) return HOSTILE[random.integer(0, HOSTILE.length - 1)];
  if (depth > 8 || typeof value !== 'object' || value === null)
    return typeof value === 'number' && random.chance(0.2) ? value * 10 ** random.integer(-4, 8) : value;
  if (Array.isArray(value)) {
    const items = value.map((one) => mutateJson(one, random, depth + 1));
    return random.chance(0.1) ? [...items, ...items] : items;
  }
  const out: Record<string, unknown> = {};
  for (const [key, one] of Object.entries(value)) {
    if (random.chance(0.04)) continue;
    const name = random.chance(0.04)
      ? random.pick([`${key}_2`, key.toUpperCase(), '', 'constructor', 'toString', '温度'])
      : key;
    out[name] = mutateJson(one, random, depth + 1);
  }
  return out;
}

/** A topic with a level exchanged, left out, doubled or damaged. */
export function mutateTopic(topic: string, random: Random): string {
  if (random.chance(0.6)) return topic;
  const levels = topic.split('/');
  const at = random.integer(0, levels.length - 1);
  switch (random.integer(0, 4)) {
    case 0:
      return levels.filter((_, index) => index !== at).join('/');
    case 1:
      return [...levels.slice(0, at), levels[at], ...levels.slice(at)].join('/');
    case 2:
      return levels
        .map((level, index) =>
          index === at
            ? random.pick(['', '+', '#', '$SYS', 'set', 'config', '机房', `n${random.integer(0, 100_000)}`])
            : level,
        )
        .join('/');
    case 3:
      return `${topic}/${random.pick(['set', 'state', 'availability', 'config', 'x'])}`;
    default:
      return random.pick(['/', '//', '#', 'a', '/'.repeat(50)]);
  }
}
