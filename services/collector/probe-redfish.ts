import { type RedfishReadConnection, redfishReadConnectionSchema } from '#core/config/connections.ts';
import { ZhishouError } from '#core/errors.ts';
import { createRedfishReadDriver } from './drivers/redfish-driver.ts';
import { accountOf, checkedOr, sessionOf } from './probe-controller.ts';
import type { ProbeDependencies, ProbeSession } from './probe-result.ts';

const FORM = 'write it as redfish://USER:PASSWORD@HOST (https), or redfish+http://…; ?system=Systems/1, ?fingerprint=…';

/** A server's sensors from its Redfish service. Throws BAD_REQUEST for a wrong address. */
export function openRedfishProbe(url: string, deps: ProbeDependencies): ProbeSession {
  const { links, clock } = deps;
  if (links?.redfish === undefined || clock === undefined)
    throw new ZhishouError('BAD_CONFIGURATION', 'probe', 'redfish is not read here');
  const connection = parseRedfishUrl(url);
  const device = new URL(connection.url).host;
  return sessionOf(createRedfishReadDriver({ device, connection, reader: links.redfish, clock }), 'redfish');
}

/** `redfish://monitor:secret@10.0.0.9?fingerprint=AA:BB…`; over TLS but for `redfish+http://`. */
export function parseRedfishUrl(url: string): RedfishReadConnection {
  const { parsed, user, password, host, port, options } = accountOf(url, ['system', 'fingerprint', 'auth'], FORM);
  const scheme = parsed.protocol === 'redfish+http:' ? 'http' : 'https';
  const shown = host.includes(':') ? `[${host}]` : host;
  const service = `${scheme}://${shown}${port === null ? '' : `:${port}`}`;
  const checked = redfishReadConnectionSchema.safeParse({ url: service, user, password, ...options });
  return checkedOr(checked, FORM);
}
