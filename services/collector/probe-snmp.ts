import { type SnmpConnection, snmpConnectionSchema } from '#core/config/connections.ts';
import type { Profile } from '#core/config/profile.ts';
import { resolveProfile } from '#core/config/resolve-profile.ts';
import { ZhishouError } from '#core/errors.ts';
import type { SnmpLink } from '#core/ports.ts';
import { Secret } from '#core/secret.ts';
import type { ProbeResult } from '#core/survey.ts';
import { type ProbeDependencies, type ProbeSession, toProbePoint } from './probe-result.ts';
import { discover, type Identity, recognise, toMap } from './snmp-discovery.ts';
import type { Layout } from './snmp-layout.ts';
import { compile, deadObjects, evaluate } from './snmp-plan.ts';

/** One SNMP device, by its address alone. Throws BAD_REQUEST for a wrong address. */
export function openSnmpProbe(url: string, deps: ProbeDependencies): ProbeSession {
  const link = deps.snmp.open(parseProbeUrl(url));
  let known: Known | null = null;
  return {
    read: async () => {
      known ??= await getToKnow(link, deps);
      if (known.profile === null) return { recognised: null, points: identityPoints(known.identity) };
      return readKnown(link, known.profile, known.layout);
    },
    close: () => link.close(),
  };
}

type Known =
  | { readonly profile: null; readonly identity: Identity }
  | { readonly profile: Profile; readonly layout: Layout };

async function getToKnow(link: SnmpLink, deps: ProbeDependencies): Promise<Known> {
  const identity = await recognise(link, deps.profiles);
  const id = deps.profile ?? identity.profile;
  const profile = id === null ? null : resolveProfile(id, deps.profiles);
  if (deps.profile !== undefined && profile === null) {
    throw new ZhishouError('NOT_FOUND', deps.profile, 'there is no such profile');
  }
  return profile === null ? { profile, identity } : { profile, layout: await discover(link, profile) };
}

async function readKnown(link: SnmpLink, profile: Profile, layout: Layout): Promise<ProbeResult> {
  const plan = compile(profile, layout);
  const answers = toMap(await link.get(plan.oids));
  const served: Layout = { ...layout, dead: new Set(deadObjects(plan, answers)) };
  const values = evaluate(compile(profile, served), answers);
  return {
    recognised: profile.id,
    points: values.map((value) => toProbePoint(value, served.labels.get(value.oid ?? ''))),
  };
}

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
