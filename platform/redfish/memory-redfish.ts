import { ZhishouError } from '#core/errors.ts';
import type { RedfishReader } from './redfish-reader.ts';

/** A Redfish service without sockets: resources by path, for whoever has its account. */
export interface MemoryRedfish {
  readonly user: string;
  readonly password: string;
  /** Undefined: there is no such resource. Null instead of resources: it is silent. */
  readonly resources: ((path: string) => unknown) | null;
}

/** By origin: `http://127.0.0.1:8000`; nobody listens at any other. */
export function createMemoryRedfish(services: ReadonlyMap<string, MemoryRedfish>): RedfishReader {
  return {
    converse: async (target, _limit, use) => {
      const { origin, host } = new URL(target.url);
      const where = `redfish ${host}`;
      const service = services.get(origin);
      if (service === undefined) throw new ZhishouError('UNREACHABLE', where, `connection refused by ${host}`);
      const { resources } = service;
      if (resources === null) throw new ZhishouError('TIMED_OUT', where);
      const right = service.user === target.user && service.password === target.password.reveal();
      return await use(async (path) => {
        if (!path.startsWith('/redfish/')) throw new ZhishouError('BAD_ANSWER', where, 'a path of a resource is none');
        if (!right) throw new ZhishouError('REFUSED', where, `login refused for ${target.user}`);
        return resources(path) ?? null;
      });
    },
  };
}
