import type { z } from 'zod';
import { ZhishouError } from '#core/errors.ts';
import { Secret } from '#core/secret.ts';
import type { PolledDriver } from './drivers/polled-driver.ts';
import { type ProbeSession, toProbePoint } from './probe-result.ts';

/** What the addresses of management controllers have in common: an account, a host, some options. */
export interface ControllerAddress {
  readonly parsed: URL;
  readonly host: string;
  readonly port: string | null;
  readonly user: string;
  readonly password: Secret;
  readonly options: Readonly<Record<string, string>>;
}

/** Throws BAD_REQUEST, with `form` for how it is written. */
export function accountOf(url: string, known: readonly string[], form: string): ControllerAddress {
  const wrong = (detail: string): ZhishouError => new ZhishouError('BAD_REQUEST', 'probe address', detail);
  if (!URL.canParse(url)) throw wrong(form);
  const parsed = new URL(url);
  const { hostname, port, username, password, searchParams } = parsed;
  for (const key of searchParams.keys())
    if (!known.includes(key)) throw wrong(`"${key}" is not an option; known: ${known.join(', ')}`);
  if (hostname === '' || username === '' || password === '') throw wrong(form);
  return {
    parsed,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? null : port,
    user: decoded(username),
    password: new Secret(decoded(password)),
    options: Object.fromEntries(searchParams),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export const sessionOf = (driver: PolledDriver, recognised: string): ProbeSession => ({
  read: async () => {
    const values = await driver.poll();
    return { recognised, points: values.map((value) => toProbePoint(value, undefined)) };
  },
  close: () => driver.close(),
});

/** What the schema took, or BAD_REQUEST with its first complaint and how the address is written. */
export function checkedOr<T>(checked: z.ZodSafeParseResult<T>, form: string): T {
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  throw new ZhishouError(
    'BAD_REQUEST',
    'probe address',
    `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}; ${form}`,
  );
}
