import { ZhishouError } from '#core/errors.ts';
import type { IpmiQuestion, IpmiReader } from './ipmi-reader.ts';

/** A management controller without sockets or programs: says what it is told to say, to whoever has its account. */
export interface MemoryController {
  readonly user: string;
  readonly password: string;
  /** Null: it is silent. */
  readonly says: (what: IpmiQuestion) => string | null;
}

/** By `host:port`; any other address is silent. */
export function createMemoryIpmi(controllers: ReadonlyMap<string, MemoryController>): IpmiReader {
  return {
    ask: async (what, { host, port, user, password }) => {
      const where = `ipmi ${host}:${port}`;
      const said = controllers.get(`${host}:${port}`)?.says(what) ?? null;
      const known = controllers.get(`${host}:${port}`);
      if (said === null || known === undefined) throw new ZhishouError('TIMED_OUT', where);
      if (known.user !== user) throw new ZhishouError('REFUSED', where, `it knows no user ${user}`);
      if (known.password !== password.reveal())
        throw new ZhishouError('REFUSED', where, `the password of ${user} is wrong`);
      return said;
    },
  };
}
