import { ZhishouError } from '#core/errors.ts';
import type { Secret } from '#core/secret.ts';
import type { Duration } from '#core/time.ts';
import { type NutConnector, type NutLink, NutRefusal } from './nut-client.ts';

/** Reads the variables of UPSes behind NUT servers. All UPSes of one server share one connection and are asked in turn. */
export interface NutReader {
  open(at: NutAddress, timeout: Duration): NutServer;
}

export interface NutAddress {
  readonly host: string;
  readonly port: number;
  readonly user?: string | undefined;
  readonly password?: Secret | undefined;
}

/** Both reject with REFUSED (a NutRefusal with the server's word), UNREACHABLE, TIMED_OUT or BAD_ANSWER. */
export interface NutServer {
  /** Name → value, one question. */
  variables(ups: string): Promise<ReadonlyMap<string, string>>;
  upses(): Promise<readonly { readonly name: string; readonly description: string }[]>;
  /** The last one closes the connection; safe to call twice. */
  close(): void;
}

interface Shared {
  link: Promise<NutLink> | null;
  /** It has answered before: a server hangs up on those that are silent for a minute, which is nobody's fault. */
  proven: boolean;
  users: number;
}

export function createNutReader(connector: NutConnector): NutReader {
  const servers = new Map<string, Shared>();
  return {
    open: (at, timeout) => {
      const key = JSON.stringify([at.host, at.port, at.user ?? '', at.password?.reveal() ?? '']);
      const shared = servers.get(key) ?? { link: null, proven: false, users: 0 };
      servers.set(key, shared);
      shared.users++;
      let closed = false;
      const ask = <T>(question: (link: NutLink) => Promise<T>): Promise<T> => {
        if (closed) return Promise.reject(new ZhishouError('UNREACHABLE', `nut ${at.host}:${at.port}`, 'closed'));
        return askShared(shared, () => signIn(connector, at, timeout), question);
      };
      return {
        variables: (ups) => ask(async (link) => toMap(await link.list('VAR', ups))),
        upses: () =>
          ask(async (link) => (await link.list('UPS')).map(([name = '', description = '']) => ({ name, description }))),
        close: () => {
          if (closed) return;
          closed = true;
          shared.users--;
          if (shared.users > 0) return;
          servers.delete(key);
          drop(shared, shared.link);
        },
      };
    },
  };
}

/** Opens when there is no connection; asks once more when a connection that was good before had been hung up meanwhile. */
async function askShared<T>(
  shared: Shared,
  open: () => Promise<NutLink>,
  question: (link: NutLink) => Promise<T>,
): Promise<T> {
  if (shared.link === null) shared.proven = false;
  const { proven } = shared;
  shared.link ??= open();
  const mine = shared.link;
  try {
    const answer = await question(await mine);
    shared.proven = true;
    return answer;
  } catch (error) {
    // The server has answered: the connection is as good as before. Refused at the door, there is none.
    const wasOpened = await mine.then(
      () => true,
      () => false,
    );
    if (error instanceof NutRefusal && wasOpened) throw error;
    if (shared.link === mine) drop(shared, mine);
    const hungUp = error instanceof ZhishouError && error.code === 'UNREACHABLE';
    if (!proven || !hungUp || shared.users === 0) throw error;
    return await askShared(shared, open, question);
  }
}

function drop(shared: Shared, link: Promise<NutLink> | null): void {
  shared.link = null;
  link?.then(
    (open) => open.close(),
    () => {},
  );
}

async function signIn(
  connector: NutConnector,
  { host, port, user, password }: NutAddress,
  timeout: Duration,
): Promise<NutLink> {
  const link = await connector.open({ host, port }, timeout);
  try {
    if (user !== undefined) await link.ask('USERNAME', user);
    if (password !== undefined) await link.ask('PASSWORD', password.reveal());
    return link;
  } catch (error) {
    link.close();
    throw error;
  }
}

const toMap = (rows: readonly (readonly string[])[]): ReadonlyMap<string, string> =>
  new Map(rows.flatMap(([name, value]) => (name === undefined || value === undefined ? [] : [[name, value] as const])));
