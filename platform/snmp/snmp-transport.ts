import type { Varbind as RawVarbind, Session } from 'net-snmp';
import type { SnmpConnection } from '#core/config/connections.ts';
import { ZhishouError } from '#core/errors.ts';
import type { SnmpLink, SnmpTransport, Varbind } from '#core/ports.ts';
import { ask, type Question, statusOf } from './question.ts';
import { addressOf, openSession } from './session.ts';
import { fromRaw, toRaw } from './varbinds.ts';
import { walkSubtree } from './walk.ts';

/**
 * SNMP over UDP with net-snmp. One link asks one question at a time, so that a malformed answer belongs to the
 * question under way.
 *
 * GETs are bounded: at most so many varbinds in a PDU. An agent that answers tooBig is asked for half as many and that
 * is remembered for its address. A PDU that fails as a whole (genErr, an answer that cannot be parsed, v1's
 * noSuchName) is divided until the one guilty object is found; that one is `NoSuchInstance`, the others keep their values.
 */
const MOST_VARBINDS = 24;
const MOST_REMEMBERED = 10_000;

export interface SnmpTransportOptions {
  /** Varbinds in one GET, until an agent teaches otherwise. */
  readonly varbinds?: number;
}

/** Production's transport. */
export function createSnmpTransport(options: SnmpTransportOptions = {}): SnmpTransport {
  const first = options.varbinds ?? MOST_VARBINDS;
  const learned = new Map<string, number>();
  const remember = (address: string, size: number): void => {
    if (learned.size >= MOST_REMEMBERED) learned.clear();
    learned.set(address, size);
  };
  return { open: (connection) => openLink(connection, (address) => learned.get(address) ?? first, remember) };
}

function openLink(
  connection: SnmpConnection,
  sizeFor: (address: string) => number,
  remember: (address: string, size: number) => void,
): SnmpLink {
  const address = addressOf(connection);
  let session: Session | null = null;
  let closed = false;
  let last: Promise<unknown> = Promise.resolve();

  const withSession = <T>(work: (ask: <A>(question: Question<A>) => Promise<A>) => Promise<T>): Promise<T> => {
    const run = async (): Promise<T> => {
      if (closed) throw new ZhishouError('UNREACHABLE', address, 'the link is closed');
      session ??= openSession(connection);
      const open = session;
      return work((question) => ask(open, connection, question));
    };
    const result = last.then(run, run);
    last = result.catch(() => undefined);
    return result;
  };

  return {
    get: (oids) =>
      withSession(async (askAgent) => {
        const answers: Varbind[] = [];
        for (let from = 0; from < oids.length; ) {
          const part = oids.slice(from, from + sizeFor(address));
          answers.push(...(await getPart(part, askAgent, address, remember)));
          from += part.length;
        }
        return answers;
      }),
    walk: (oid, limit) =>
      withSession((askAgent) => walkSubtree(oid, limit, connection.version === '1', sizeFor(address), askAgent)),
    set: (varbinds) =>
      withSession(async (askAgent) => {
        const answer = await askAgent<RawVarbind[]>((open, done) => open.set(varbinds.map(toRaw), done));
        // Some agents answer a SET of what they do not have without an error status.
        const refused = answer.map(fromRaw).find((varbind) => varbind.type.startsWith('NoSuch'));
        if (refused !== undefined) throw new ZhishouError('REFUSED', address, `${refused.type}: ${refused.oid}`);
      }),
    close: () => {
      closed = true;
      session?.close();
      session = null;
    },
  };
}

/** One PDU, divided as long as it fails as a whole. The depth is the logarithm of its size. */
async function getPart(
  oids: readonly string[],
  askAgent: <A>(question: Question<A>) => Promise<A>,
  address: string,
  remember: (address: string, size: number) => void,
): Promise<Varbind[]> {
  try {
    const answer = await askAgent<RawVarbind[]>((open, done) => open.get([...oids], done));
    const varbinds = answer.map(fromRaw);
    if (varbinds.some((varbind, i) => varbind.oid !== oids[i])) {
      throw new ZhishouError('BAD_ANSWER', address, 'the answer is about other objects');
    }
    return varbinds;
  } catch (cause) {
    if (!divisible(cause)) throw cause;
    const [only] = oids;
    if (oids.length === 1 && only !== undefined) {
      if (statusOf(cause) === 'TooBig') throw cause;
      return [{ oid: only, type: 'NoSuchInstance', value: null }];
    }
    const half = Math.ceil(oids.length / 2);
    if (statusOf(cause) === 'TooBig') remember(address, half);
    const low = await getPart(oids.slice(0, half), askAgent, address, remember);
    return [...low, ...(await getPart(oids.slice(half), askAgent, address, remember))];
  }
}

/** Failures that one object can cause for all: dividing finds it. */
function divisible(cause: unknown): boolean {
  if (!(cause instanceof ZhishouError)) return false;
  if (cause.code === 'BAD_ANSWER') return true;
  return ['TooBig', 'NoSuchName', 'GeneralError', 'NoAccess'].includes(statusOf(cause) ?? '');
}
