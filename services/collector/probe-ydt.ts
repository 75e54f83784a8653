import { type YdtConnection, ydtConnectionSchema } from '#core/config/connections.ts';
import { ZhishouError } from '#core/errors.ts';
import { type Clock, sleep } from '#core/ports.ts';
import type { ProbeResult } from '#core/survey.ts';
import { seconds } from '#core/time.ts';
import { hexOf } from '#platform/ydt/ydt-frame.ts';
import type { YdtLines } from '#platform/ydt/ydt-line.ts';
import type { PolledDriver } from './drivers/polled-driver.ts';
import { createYdtDriver } from './drivers/ydt-driver.ts';
import { type ProbeDependencies, type ProbeSession, toProbePoint } from './probe-result.ts';
import { identify, knownKinds, profileOf, type YdtIdentity } from './ydt-identity.ts';

const FORM = 'write it as ydt://HOST:PORT/ADDRESS?profile=ID';
const OPTIONS = ['profile', 'version', 'timeout', 'gap'];

/** Kinds of devices beyond those that profiles know: switching power (40–42), batteries, environment, UPSes of −48 V, air conditioners. */
const OTHER_KINDS = [0x40, 0x41, 0x42, 0x46, 0x4a, 0x2b, 0x2c, 0x61, 0x62, 0x66, 0x80];
/** A command to which it is silent is found out by asking the others; a silence is followed by a pause (platform/ydt/ydt-line.ts). */
const MOST_TRIES = 3;
const PAUSE = seconds(6);

/**
 * One device on a serial server's line. Without a profile it is asked kind by kind (CID1) for its maker's information (CID2 51H), and the
 * profile that fits is taken; what no profile knows is told by that information alone. Throws BAD_REQUEST for a wrong address.
 */
export function openYdtProbe(url: string, deps: ProbeDependencies): ProbeSession {
  const { connection, profile } = parseYdtUrl(url);
  const { profiles, links, clock } = deps;
  const lines = links?.ydt;
  if (lines === undefined || clock === undefined)
    throw new ZhishouError('BAD_CONFIGURATION', 'probe', 'ydt is not read here');
  const named = deps.profile ?? profile;
  if (named !== null && !profiles.some(({ id }) => id === named))
    throw new ZhishouError('NOT_FOUND', named, 'there is no such profile');
  const device = `${connection.host} address ${connection.address}`;
  let driver: PolledDriver | null = null;
  return {
    read: async () => {
      if (driver === null) {
        const identity = named === null ? await findKind(lines, connection, knownKinds(profiles)) : null;
        const id = named ?? (identity === null ? null : profileOf(identity, profiles));
        if (id === null) return { recognised: null, points: identity === null ? [] : [strange(identity)] };
        driver = createYdtDriver({ device, connection, profile: id, profiles, lines, clock });
      }
      const values = await patiently(driver, clock);
      const points = values.map((value) => toProbePoint(value, undefined));
      return { recognised: driver.profile()?.id ?? null, points };
    },
    close: () => driver?.close(),
  };
}

async function patiently(driver: PolledDriver, clock: Clock): ReturnType<PolledDriver['poll']> {
  for (let tries = 1; ; tries++) {
    try {
      return await driver.poll();
    } catch (error) {
      if (tries === MOST_TRIES || !(error instanceof ZhishouError) || error.code !== 'TIMED_OUT') throw error;
      await sleep(clock, PAUSE);
    }
  }
}

/** The first kind to which it answers. Rejects with TIMED_OUT when it answers to none. */
async function findKind(lines: YdtLines, connection: YdtConnection, known: readonly number[]): Promise<YdtIdentity> {
  const station = lines.open(connection);
  const speech = { version: connection.version };
  const kinds = [...new Set([...known, ...OTHER_KINDS])];
  try {
    for (const cid1 of kinds) {
      const identity = await identify(station, speech, cid1);
      if (identity !== null) return identity;
    }
  } finally {
    station.close();
  }
  const asked = kinds.map((kind) => hexOf(kind)).join(', ');
  throw new ZhishouError('TIMED_OUT', `${connection.host}:${connection.port}`, `it answers to none of CID1 ${asked}`);
}

function strange({ cid1, version, maker }: YdtIdentity): ProbeResult['points'][number] {
  const said = maker === '' ? `CID1 ${hexOf(cid1)}` : maker;
  return {
    name: 'device.model',
    value: said,
    unit: '',
    quality: 'good',
    reason: `no profile knows CID1 ${hexOf(cid1)}H, version ${hexOf(version)}H`,
    oid: `${hexOf(cid1)} 51`,
    raw: maker,
  };
}

/** `ydt://10.1.2.3:4001/1`, `ydt://10.1.2.3:4001/2?profile=ydt-pylontech&version=20&timeout=2s`. */
export function parseYdtUrl(url: string): { connection: YdtConnection; profile: string | null } {
  const wrong = (detail: string): ZhishouError => new ZhishouError('BAD_REQUEST', 'probe address', detail);
  if (!URL.canParse(url)) throw wrong(FORM);
  const { protocol, hostname, port, pathname, searchParams } = new URL(url);
  const address = pathname.replace(/^\//, '');
  if (protocol !== 'ydt:' || hostname === '' || port === '' || !/^\d{0,3}$/.test(address)) throw wrong(FORM);
  for (const key of searchParams.keys())
    if (!OPTIONS.includes(key)) throw wrong(`"${key}" is not an option; known: ${OPTIONS.join(', ')}`);
  const options = ['version', 'timeout', 'gap'].flatMap((key) => {
    const value = searchParams.get(key);
    return value === null ? [] : [[key, value] as const];
  });
  const checked = ydtConnectionSchema.safeParse({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port),
    ...(address === '' ? {} : { address: Number(address) }),
    ...Object.fromEntries(options),
  });
  if (checked.success) return { connection: checked.data, profile: searchParams.get('profile') };
  const [issue] = checked.error.issues;
  throw wrong(`${issue?.path.join('.') ?? 'option'}: ${issue?.message ?? 'wrong'}`);
}
