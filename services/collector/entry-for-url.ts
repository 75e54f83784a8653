import { stringify } from 'yaml';
import type { Profile } from '#core/config/profile.ts';
import { resolveProfile } from '#core/config/resolve-profile.ts';
import { Secret } from '#core/secret.ts';
import type { ProbeResult } from '#core/survey.ts';
import { type Duration, formatDuration } from '#core/time.ts';
import { kindByPoints } from './discover-network.ts';
import { parseIpmiUrl } from './probe-ipmi.ts';
import { parseModbusUrl } from './probe-modbus.ts';
import { parseNutUrl } from './probe-nut.ts';
import { parseRedfishUrl } from './probe-redfish.ts';
import { parseProbeUrl } from './probe-snmp.ts';
import { parseYdtUrl } from './probe-ydt.ts';

/** By the address's scheme: the key in devices.yaml, what stands below it, and an address with nothing but what must be said. */
interface Way {
  readonly key: string;
  readonly connection: (url: string) => object;
  readonly least: string;
}
const REDFISH: Way = { key: 'redfish', connection: parseRedfishUrl, least: 'redfish://u:p@h' };
const WAYS: Readonly<Record<string, Way>> = {
  snmp: { key: 'snmp', connection: parseProbeUrl, least: 'snmp://h' },
  nut: { key: 'nut', connection: parseNutUrl, least: 'nut://h/u' },
  modbus: { key: 'modbus', connection: (url) => parseModbusUrl(url).connection, least: 'modbus://h' },
  ydt: { key: 'ydt', connection: (url) => parseYdtUrl(url).connection, least: 'ydt://h:1' },
  ipmi: { key: 'ipmi', connection: parseIpmiUrl, least: 'ipmi://u:p@h' },
  redfish: REDFISH,
  'redfish+http': REDFISH,
};
/** Written although it is what would be taken anyway: people look for it. */
const ALWAYS = new Set(['host', 'url', 'ups', 'user', 'unit', 'address']);
/** What says how long, in milliseconds. */
const DURATIONS = new Set(['timeout', 'gap', 'every']);

/**
 * The entry of devices.yaml for a device that was looked at by its address; empty when no profile knows it. Secrets are not
 * written: the entry names a variable to put each in.
 */
export function entryForUrl(url: string, { recognised, points }: ProbeResult, profiles: readonly Profile[]): string {
  if (recognised === null && points.length === 0) return '';
  const scheme = /^([a-z0-9+]{1,20}):\/\//.exec(url)?.[1] ?? '';
  const way = Object.hasOwn(WAYS, scheme) ? WAYS[scheme] : undefined;
  if (way === undefined) return '';
  const profile = recognised === null ? null : resolveProfile(recognised, profiles);
  const kind = kindByPoints(points.map(({ name }) => name));
  const host = new URL(url.replace(/^[a-z0-9+]+:/, 'http:')).hostname.replaceAll(/[^A-Za-z0-9]+/g, '-');
  const title = profile?.title ?? `${kind} ${host}`;
  const entry = {
    id: `${kind}-${host.replaceAll(/^-+|-+$/g, '')}`.toLowerCase().slice(0, 63),
    name: { zh: title, en: title },
    kind,
    // What is read without a profile is recognised by its way alone.
    ...(profile === null ? {} : { profile: profile.id }),
    [way.key]: written(url, way),
  };
  return stringify({ devices: [entry] }, { lineWidth: 0, flowCollectionPadding: true });
}

function written(url: string, { key, connection, least }: Way): Record<string, unknown> {
  const usual = new Map(Object.entries(connection(least)));
  const rows = Object.entries(connection(url)).flatMap(([name, value]): [string, unknown][] => {
    if (value === undefined || (usual.get(name) === value && !ALWAYS.has(name))) return [];
    if (key === 'ydt' && name === 'version') return [[name, Number(value).toString(16)]];
    // A community that everybody knows may stand in the file.
    const secret = value instanceof Secret || (name === 'community' && value !== 'public');
    if (secret) return [[name, { env: `${key}_${name}`.toUpperCase() }]];
    return [[name, DURATIONS.has(name) ? formatDuration(value as Duration) : value]];
  });
  return Object.fromEntries(rows);
}
