import { Secret } from './secret.ts';

/** Shorter ones would blot out half a sentence, and protect nothing. */
const SHORTEST = 4;

/** Every secret anywhere inside a value of the configuration, longest first. */
export function secretsOf(value: unknown): readonly string[] {
  const found = new Set<string>();
  collect(value, found);
  return [...found].sort((a, b) => b.length - a.length);
}

function collect(value: unknown, found: Set<string>): void {
  if (value instanceof Secret) found.add(value.reveal());
  else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) collect(part, found);
}

/** What another machine or program says may repeat the password it was given; people and logs do not get to see it. */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce(
    (shown, secret) => (secret.length < SHORTEST ? shown : shown.replaceAll(secret, '<secret>')),
    text,
  );
}
