import { type SnmpConnection, snmpConnectionSchema } from '#core/config/device.ts';
import { type Profile, pointOf } from '#core/config/profile.ts';
import { resolveProfile } from '#core/config/resolve-profile.ts';
import { ZhishouError } from '#core/errors.ts';
import type { SnmpLink, SnmpTransport } from '#core/ports.ts';
import type { Value } from '#core/reading.ts';
import { Secret } from '#core/secret.ts';
import type { Raw } from './decode.ts';
import { discover, recognise, toMap } from './snmp-discovery.ts';
import type { Layout } from './snmp-layout.ts';
import { compile, deadObjects, evaluate, type PointValue } from './snmp-plan.ts';

/**
 * `zhishou probe snmp://…`: reads one device once, with no configuration: what is it, what does it tell, what of that is
 * believed? The first thing a person setting up a site uses.
 */
export interface ProbeResult {
  /** The profile that fits, null when none does. */
  readonly recognised: string | null;
  readonly points: readonly {
    readonly name: string;
    /** What people have named it on the device. */
    readonly label?: string;
    readonly value: Value | null;
    readonly unit: string;
    readonly quality: string;
    readonly reason?: string;
    readonly oid: string | null;
    readonly raw: string | number | boolean | null;
  }[];
}

export interface ProbeDependencies {
  readonly snmp: SnmpTransport;
  readonly profiles: readonly Profile[];
  /** Reads with this profile instead of the one that is recognised. */
  readonly profile?: string;
}

/** Rejects with TIMED_OUT, REFUSED, UNREACHABLE when the device does not answer, BAD_REQUEST for a wrong address. */
export async function probe(url: string, deps: ProbeDependencies): Promise<ProbeResult> {
  const connection = parseProbeUrl(url);
  const link = deps.snmp.open(connection);
  try {
    return await read(link, deps);
  } finally {
    link.close();
  }
}

async function read(link: SnmpLink, deps: ProbeDependencies): Promise<ProbeResult> {
  const identity = await recognise(link, deps.profiles);
  const id = deps.profile ?? identity.profile;
  const profile = id === null ? null : resolveProfile(id, deps.profiles);
  if (deps.profile !== undefined && profile === null) {
    throw new ZhishouError('NOT_FOUND', deps.profile, 'there is no such profile');
  }
  if (profile === null) return { recognised: null, points: identityPoints(identity) };
  const layout = await discover(link, profile);
  const plan = compile(profile, layout);
  const answers = toMap(await link.get(plan.oids));
  const served: Layout = { ...layout, dead: new Set(deadObjects(plan, answers)) };
  const values = evaluate(compile(profile, served), answers);
  return { recognised: profile.id, points: values.map((value) => toPoint(value, served)) };
}

function toPoint({ point, decoded, oid, raw }: PointValue, { labels }: Layout): ProbeResult['points'][number] {
  const { value, quality, reason } = decoded;
  const label = labels.get(oid ?? '');
  const shown = {
    name: point,
    ...(label === undefined ? {} : { label }),
    value,
    unit: pointOf(point)?.unit ?? '',
    quality,
    oid,
    raw: plain(raw),
  };
  return reason === undefined ? shown : { ...shown, reason };
}

const plain = (raw: Raw): string | number | boolean | null => (typeof raw === 'bigint' ? raw.toString() : raw);

/** What even an unknown device tells: enough to find its MIB. */
function identityPoints(identity: { sysDescr: string | null; sysObjectId: string | null }): ProbeResult['points'] {
  const { sysDescr, sysObjectId } = identity;
  if (sysDescr === null) return [];
  const reason = `no profile knows ${sysObjectId ?? 'a device without sysObjectID'}`;
  const oid = '1.3.6.1.2.1.1.1.0';
  return [
    { name: 'device.model', value: sysDescr.slice(0, 200), unit: '', quality: 'good', reason, oid, raw: sysDescr },
  ];
}

const OPTIONS = [
  'version',
  'community',
  'user',
  'level',
  'auth',
  'authKey',
  'priv',
  'privKey',
  'context',
  'timeout',
  'retries',
];

/** `snmp://10.0.0.5:161?community=public`, `snmp://10.0.0.5?version=3&user=…&auth=sha&authKey=…&priv=aes&privKey=…`. */
export function parseProbeUrl(url: string): SnmpConnection {
  const wrong = (detail: string): ZhishouError => new ZhishouError('BAD_REQUEST', 'probe address', detail);
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw wrong('write it as snmp://HOST:PORT?community=NAME');
  }
  if (parsed.protocol !== 'snmp:' || parsed.hostname === '') throw wrong('write it as snmp://HOST:PORT?community=NAME');
  const given = parsed.searchParams;
  for (const key of given.keys()) {
    if (!OPTIONS.includes(key)) throw wrong(`"${key}" is not an option; known: ${OPTIONS.join(', ')}`);
  }
  const option = (key: string): string | undefined => given.get(key) ?? undefined;
  const secret = (key: string): Secret | undefined => (given.has(key) ? new Secret(given.get(key) ?? '') : undefined);
  const candidates = {
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port: parsed.port === '' ? undefined : parsed.port,
    version: option('version') ?? (given.has('user') ? '3' : undefined),
    community: option('community'),
    user: option('user'),
    level: option('level'),
    auth: option('auth'),
    auth_key: secret('authKey'),
    priv: option('priv'),
    priv_key: secret('privKey'),
    context: option('context'),
    timeout: option('timeout'),
    retries: given.has('retries') ? Number(option('retries')) : undefined,
  };
  const present = Object.fromEntries(Object.entries(candidates).filter(([, value]) => value !== undefined));
  const checked = snmpConnectionSchema.safeParse(present);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  throw wrong(`${issue?.path.join('.') ?? 'option'}: ${issue?.message ?? 'wrong'}`);
}
