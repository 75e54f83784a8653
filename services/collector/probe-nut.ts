import { type NutReadConnection, nutReadConnectionSchema } from '#core/config/connections.ts';
import { NUT_PROFILE } from '#core/config/profile-nut.ts';
import { ZhishouError } from '#core/errors.ts';
import { Secret } from '#core/secret.ts';
import type { ProbeResult } from '#core/survey.ts';
import { NutRefusal } from '#platform/nut/nut-client.ts';
import type { NutServer } from '#platform/nut/nut-reader.ts';
import { createNutDriver, explainNut } from './drivers/nut-driver.ts';
import { type ProbeDependencies, type ProbeSession, toProbePoint } from './probe-result.ts';

const FORM = 'write it as nut://HOST:PORT/UPS, or nut://HOST for a list of its UPSes';

/** One UPS of a NUT server, or without a name the server's UPSes. Throws BAD_REQUEST for a wrong address. */
export function openNutProbe(url: string, deps: ProbeDependencies): ProbeSession {
  const reader = deps.links?.nut;
  if (reader === undefined) throw new ZhishouError('BAD_CONFIGURATION', 'probe', 'nut is not read here');
  const connection = parseNutUrl(url);
  if (connection.ups === '') {
    const server = reader.open(connection, connection.timeout);
    return { read: () => listUpses(server, connection), close: server.close };
  }
  const id = deps.profile ?? NUT_PROFILE;
  if (!deps.profiles.some((one) => one.id === id)) throw new ZhishouError('NOT_FOUND', id, 'there is no such profile');
  const device = connection.ups;
  const driver = createNutDriver({ device, connection, profile: id, profiles: deps.profiles, reader });
  return {
    read: async () => {
      const values = await driver.poll();
      return { recognised: id, points: values.map((value) => toProbePoint(value, value.label)) };
    },
    close: driver.close,
  };
}

async function listUpses(server: NutServer, connection: NutReadConnection): Promise<ProbeResult> {
  try {
    const { host, port } = connection;
    const upses = await server.upses();
    return {
      recognised: null,
      points: [],
      behind: upses.map(({ name, description }) => ({ address: `nut://${host}:${port}/${name}`, description })),
    };
  } catch (error) {
    throw error instanceof NutRefusal ? explainNut(error, connection.host, connection) : error;
  }
}

/** `nut://10.0.0.5:3493/ups`, with `USER:PASSWORD@` where the server asks for one. The name of the UPS may be empty. */
export function parseNutUrl(url: string): NutReadConnection {
  const wrong = (detail: string): ZhishouError => new ZhishouError('BAD_REQUEST', 'probe address', detail);
  if (!URL.canParse(url)) throw wrong(FORM);
  const { hostname, port, pathname, username, password, search } = new URL(url);
  const ups = decoded(pathname.replace(/^\//, ''));
  if (ups === null || ups.includes('/') || search !== '') throw wrong(FORM);
  const given = {
    host: hostname.replace(/^\[|\]$/g, ''),
    ...(port === '' ? {} : { port }),
    ups: ups === '' ? 'all' : ups,
    ...(username === '' ? {} : { user: decoded(username) ?? username }),
    ...(password === '' ? {} : { password: new Secret(decoded(password) ?? password) }),
  };
  const checked = nutReadConnectionSchema.safeParse(given);
  if (!checked.success) throw wrong(`${checked.error.issues[0]?.path.join('.') ?? ''}: ${FORM}`);
  return { ...checked.data, ups };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
