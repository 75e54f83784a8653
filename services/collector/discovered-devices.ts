import { stringify } from 'yaml';
import type { Credential, Found } from './discover-network.ts';

/** What was found, as entries to paste into devices.yaml. Secrets stay where they were: entries name a variable to put them in. */
export function asDevicesYaml(found: readonly Found[], credentials: readonly Credential[]): string {
  if (found.length === 0) return '# nobody answered\ndevices: []\n';
  const taken = new Set<string>();
  const known = found.filter((one) => one.profile !== null);
  const strangers = found.filter((one) => one.profile === null);
  const entries = known.map((one) => entryOf(one, credentials[one.credential], taken));
  const text =
    entries.length === 0
      ? 'devices: []\n'
      : stringify({ devices: entries }, { lineWidth: 0, flowCollectionPadding: true });
  return `${text}${strangers.map(strangerLine).join('')}`;
}

/** Answers, but no profile knows it: what a person needs to find its MIB. */
const strangerLine = ({ host, sysObjectId, sysDescr }: Found): string =>
  `# ${host} answers, but no profile knows it: sysObjectID ${sysObjectId ?? 'none'}, ${JSON.stringify(sysDescr ?? '')}\n`;

function entryOf(one: Found, credential: Credential | undefined, taken: Set<string>): Record<string, unknown> {
  const label = one.sysName ?? one.title ?? one.host;
  return {
    id: idOf(one, taken),
    name: { zh: label, en: label },
    kind: one.kind,
    profile: one.profile,
    snmp: { host: one.host, ...(credential === undefined ? {} : connectionOf(credential)) },
  };
}

function connectionOf({
  port,
  version,
  community,
  user,
  level,
  auth,
  priv,
  context,
}: Credential): Record<string, unknown> {
  const given = {
    port: port === 161 ? undefined : port,
    version,
    // A community that everybody knows may stand in the file; any other is a secret.
    community: version === '3' ? undefined : community === 'public' ? 'public' : { env: 'SNMP_COMMUNITY' },
    user,
    level,
    auth,
    auth_key: auth === undefined ? undefined : { env: 'SNMP_AUTH_KEY' },
    priv,
    priv_key: priv === undefined ? undefined : { env: 'SNMP_PRIV_KEY' },
    context,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** `ups-10-1-2-5`: unique and the same each time. */
function idOf({ kind, host, sysName }: Found, taken: Set<string>): string {
  const named = (sysName ?? '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 40);
  const base = /^[a-z]/.test(named) ? named : `${kind}-${host.replaceAll(/[.:]/g, '-')}`;
  let id = base;
  for (let n = 2; taken.has(id); n++) id = `${base}-${n}`;
  taken.add(id);
  return id;
}
