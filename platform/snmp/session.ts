import snmp, { type DgramModule, type Session, type SessionOptions, type User } from 'net-snmp';
import type { SnmpConnection } from '#core/config/connections.ts';
import { messageOf, ZhishouError } from '#core/errors.ts';
import { Secret } from '#core/secret.ts';
import { provideDes } from './des.ts';
import { quicken, takePlain } from './quick-get.ts';

/** Opens net-snmp sessions and users from the configuration's connection. */

const VERSIONS = { '1': snmp.Version1, '2c': snmp.Version2c } as const;

provideDes();

export const reveal = (value: string | Secret): string => (value instanceof Secret ? value.reveal() : value);

/** `10.0.0.5:161`, for errors and for what is remembered of an agent. */
export const addressOf = (connection: SnmpConnection): string => `${connection.host}:${connection.port}`;

/** `dgramModule`: other sockets than the system's, for tests. */
export function openSession(connection: SnmpConnection, dgramModule?: DgramModule): Session {
  const options: SessionOptions = {
    port: connection.port,
    timeout: connection.timeout,
    retries: connection.retries,
    transport: connection.host.includes(':') ? 'udp6' : 'udp4',
    ...(connection.context === undefined ? {} : { context: connection.context }),
    ...(dgramModule === undefined ? {} : { dgramModule }),
  };
  const session =
    connection.version === '3'
      ? snmp.createV3Session(connection.host, userOf(connection), options)
      : snmp.createSession(connection.host, reveal(connection.community ?? 'public'), {
          ...options,
          version: VERSIONS[connection.version],
        });
  shield(session);
  quicken(session);
  return session;
}

/** What a session emits, with a MalformedAnswer. */
export const MALFORMED = 'malformed';

/** An answer that could not be parsed. */
export class MalformedAnswer extends Error {}

/**
 * An answer that cannot be parsed names no request: it ends the one under way. net-snmp's message handler may also
 * throw on hostile answers beyond its own checks; that must not leave its socket.
 */
function shield(session: Session): void {
  const onMalformed = (error: unknown): void => {
    const malformed = new MalformedAnswer(messageOf(error));
    session.cancelRequests(malformed);
    // A request that the library had already taken off its list when it threw is ended by whoever asked.
    session.emit(MALFORMED, malformed);
  };
  session.on('error', onMalformed);
  session.dgram.removeAllListeners('message');
  session.dgram.on('message', (bytes) => {
    try {
      if (!takePlain(session, bytes)) session.onMsg(bytes);
    } catch (error) {
      onMalformed(error);
    }
  });
}

/** The level follows from the keys when it is not written. */
export function userOf(connection: SnmpConnection): User {
  const { user, auth, auth_key, priv, priv_key } = connection;
  if (user === undefined) throw new ZhishouError('BAD_CONFIGURATION', addressOf(connection), 'SNMPv3 needs a user');
  const level =
    connection.level ?? (auth_key === undefined ? 'noAuthNoPriv' : priv_key === undefined ? 'authNoPriv' : 'authPriv');
  if (level === 'noAuthNoPriv') return { name: user, level: snmp.SecurityLevel.noAuthNoPriv };
  if (auth_key === undefined)
    throw new ZhishouError('BAD_CONFIGURATION', addressOf(connection), `${level} needs auth_key`);
  const authenticated = { name: user, authProtocol: snmp.AuthProtocols[auth ?? 'sha'], authKey: reveal(auth_key) };
  if (level === 'authNoPriv') return { ...authenticated, level: snmp.SecurityLevel.authNoPriv };
  if (priv_key === undefined)
    throw new ZhishouError('BAD_CONFIGURATION', addressOf(connection), `${level} needs priv_key`);
  return {
    ...authenticated,
    level: snmp.SecurityLevel.authPriv,
    privProtocol: snmp.PrivProtocols[priv ?? 'aes'],
    privKey: reveal(priv_key),
  };
}
