import { type IpmiReadConnection, ipmiReadConnectionSchema } from '#core/config/connections.ts';
import { ZhishouError } from '#core/errors.ts';
import { createIpmiReadDriver } from './drivers/ipmi-driver.ts';
import { accountOf, checkedOr, sessionOf } from './probe-controller.ts';
import type { ProbeDependencies, ProbeSession } from './probe-result.ts';

const FORM = 'write it as ipmi://USER:PASSWORD@HOST:PORT, with ?cipher=3 for an old controller, ?level=operator';

/** A server's sensors through its management controller. Throws BAD_REQUEST for a wrong address. */
export function openIpmiProbe(url: string, deps: ProbeDependencies): ProbeSession {
  const reader = deps.links?.ipmi;
  if (reader === undefined) throw new ZhishouError('BAD_CONFIGURATION', 'probe', 'ipmi is not read here');
  const connection = parseIpmiUrl(url);
  return sessionOf(createIpmiReadDriver({ device: connection.host, connection, reader }), 'ipmi');
}

/** `ipmi://monitor:secret@10.0.0.9?cipher=3`. */
export function parseIpmiUrl(url: string): IpmiReadConnection {
  const { parsed, user, password, host, port, options } = accountOf(url, ['cipher', 'level'], FORM);
  const given = { host, user, password, ...(port === null ? {} : { port }), ...options };
  const cipher = parsed.searchParams.get('cipher');
  const checked = ipmiReadConnectionSchema.safeParse(cipher === null ? given : { ...given, cipher: Number(cipher) });
  return checkedOr(checked, FORM);
}
