import { type SnmpConnection, snmpConnectionSchema } from '#core/config/connections.ts';
import type { DeviceKind } from '#core/config/device.ts';
import type { Profile } from '#core/config/profile.ts';
import { resolveProfile } from '#core/config/resolve-profile.ts';
import { ZhishouError } from '#core/errors.ts';
import { type Clock, type SnmpTransport, sleep } from '#core/ports.ts';
import { type Duration, milliseconds } from '#core/time.ts';
import { recognise } from './snmp-discovery.ts';

/**
 * `zhishou discover`: who answers on these addresses, and as what? Polite: so many new addresses a second and no more, few at
 * once, one small request each; who does not answer is not asked for anything else.
 */
export interface Found {
  readonly host: string;
  /** The credentials that it answered to: the place in the list given. */
  readonly credential: number;
  readonly profile: string | null;
  readonly title: string | null;
  readonly kind: DeviceKind;
  readonly sysObjectId: string | null;
  readonly sysDescr: string | null;
  readonly sysName: string | null;
}

export interface DiscoverDependencies {
  readonly snmp: SnmpTransport;
  readonly profiles: readonly Profile[];
  readonly clock: Clock;
  /** New addresses a second. */
  readonly rate: number;
  readonly atOnce: number;
  /** Looked at before each address: true ends it early, with what was found. */
  readonly stopped?: () => boolean;
  /** After each address. */
  readonly onProgress?: (done: number, all: number, found: Found | null) => void;
}

/** How an address is asked; the host is put in. Tried in this order until one is answered. */
export type Credential = Omit<SnmpConnection, 'host'>;

/** Each community by SNMPv2c, then, for old cards, by v1. */
export function credentialsOf({
  communities,
  port,
  v1,
  timeout = '2s',
}: {
  readonly communities: readonly string[];
  readonly port: number;
  readonly v1: boolean;
  readonly timeout?: string;
}): readonly Credential[] {
  const versions: readonly SnmpConnection['version'][] = v1 ? ['2c', '1'] : ['2c'];
  return versions.flatMap((version) =>
    communities.map((community) => {
      const wanted = { host: '127.0.0.1', port, version, community, timeout, retries: 1 };
      const checked = snmpConnectionSchema.safeParse(wanted);
      if (!checked.success)
        throw new ZhishouError('BAD_REQUEST', 'discover', checked.error.issues[0]?.message ?? 'wrong');
      const { host: _, ...credential } = checked.data;
      return credential;
    }),
  );
}

const SYS_NAME = '1.3.6.1.2.1.1.5.0';

export async function discoverNetwork(
  hosts: readonly string[],
  credentials: readonly Credential[],
  deps: DiscoverDependencies,
): Promise<readonly Found[]> {
  const found: (Found | null)[] = hosts.map(() => null);
  const gap: Duration = milliseconds(1000 / Math.max(0.1, deps.rate));
  let next = 0;
  let done = 0;
  let turn: Promise<void> = Promise.resolve();
  // One gate for all: addresses begin one after the other, `gap` apart.
  const myTurn = (): Promise<void> => {
    const mine = turn;
    turn = mine.then(() => sleep(deps.clock, gap));
    return mine;
  };
  const worker = async (): Promise<void> => {
    for (let place = next++; place < hosts.length; place = next++) {
      await myTurn();
      if (deps.stopped?.() === true) return;
      const one = await ask(hosts[place] ?? '', credentials, deps);
      found[place] = one;
      done++;
      deps.onProgress?.(done, hosts.length, one);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(deps.atOnce, hosts.length)) }, worker));
  return found.filter((one) => one !== null);
}

async function ask(
  host: string,
  credentials: readonly Credential[],
  deps: DiscoverDependencies,
): Promise<Found | null> {
  for (const [credential, options] of credentials.entries()) {
    const link = deps.snmp.open({ ...options, host });
    try {
      const identity = await recognise(link, deps.profiles);
      const [name] = await link.get([SYS_NAME]);
      const profile = identity.profile === null ? null : resolveProfile(identity.profile, deps.profiles);
      return {
        host,
        credential,
        ...identity,
        title: profile?.title ?? null,
        kind: kindOf(profile),
        sysName: name?.value instanceof Uint8Array ? cleanText(new TextDecoder().decode(name.value)) : null,
      };
    } catch (error) {
      // Silence, a refusal, rubbish: not this way. Anything else is a mistake of ours.
      if (!(error instanceof ZhishouError)) throw error;
    } finally {
      link.close();
    }
  }
  return null;
}

/** What an entry of devices.yaml calls it, by what its profile reads. */
const kindOf = (profile: Profile | null): DeviceKind =>
  kindByPoints([
    ...(profile?.snmp.points.map((entry) => entry.point) ?? []),
    ...(profile?.snmp.sets.map((set) => set.point) ?? []),
  ]);

export function kindByPoints(points: readonly string[]): DeviceKind {
  const parts = new Set(points.map((point) => point.split('.', 1)[0]));
  if (points.includes('ups.status')) return 'ups';
  if (parts.has('cooling')) return 'cooling';
  if (parts.has('outlet')) return 'pdu';
  // What a management controller tells.
  return parts.has('host') || parts.has('psu') ? 'server' : 'sensor';
}

const cleanText = (text: string): string | null =>
  text
    .replaceAll(/\p{Cc}/gu, '')
    .trim()
    .slice(0, 80) || null;
