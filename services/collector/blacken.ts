import { Secret } from '#core/secret.ts';

/** Texts for people to read, without what opens a device: its configured secrets wherever they stand, and values whose key says so. Pure. */
export type Blacken = (text: string) => string;

const BLACK = '•••';
/** Shorter ones would black out half of every text. */
const SHORTEST = 3;
/** `"psk": "…"`, `password=…`: what a message of a device may carry of its own. */
const KEYED =
  /("?[\w-]*(?:pass(?:word|wd)?|secret|token|psk|api[_-]?key|credential|community)[\w-]*"?\s*[:=]\s*)("(?:[^"\\]|\\.)*"|[^\s,;&}\]]+)/gi;

export function blackenSecretsOf(connections: unknown): Blacken {
  const secrets = [...new Set(secretsOf(connections, 0))].filter((one) => one.length >= SHORTEST);
  return (text) => {
    let shown = text;
    for (const secret of secrets) shown = shown.replaceAll(secret, BLACK);
    return shown.replace(KEYED, (_all, key: string, value: string) =>
      value.startsWith('"') ? `${key}"${BLACK}"` : `${key}${BLACK}`,
    );
  };
}

/** A community may be written plainly in a site's configuration; it is a secret all the same. */
function secretsOf(part: unknown, depth: number, name = ''): string[] {
  if (part instanceof Secret) return [part.reveal()];
  if (typeof part === 'string') return name === 'community' ? [part] : [];
  if (typeof part !== 'object' || part === null || depth > 6) return [];
  return Object.entries(part).flatMap(([key, one]) => secretsOf(one, depth + 1, key));
}
