import snmp from 'net-snmp';
import type { Site } from '#core/config/site.ts';
import type { Log } from '#core/ports.ts';
import { Secret } from '#core/secret.ts';
import type { Notification } from './mib.ts';

/** Sends a simulated device's notifications as SNMPv2c traps to the site's trap receiver. */
export interface TrapSender {
  send(notification: Notification, upTime: number): void;
  close(): void;
}

export function createTrapSender(to: NonNullable<Site['traps']>, log: Log): TrapSender {
  const community = to.community instanceof Secret ? to.community.reveal() : (to.community ?? 'public');
  const session = snmp.createSession(to.host, community, { version: snmp.Version2c, trapPort: to.port });
  // A receiver that is not there answers with an ICMP error; traps are hints and may be lost (L15).
  session.on('error', (error: Error) => log.debug({ error: error.message }, 'a simulated trap was not delivered'));
  return {
    send: (notification, upTime) => {
      const varbinds = notification.varbinds.map((one) => ({
        oid: one.oid,
        type: (snmp.ObjectType as unknown as Record<string, number>)[one.type] ?? snmp.ObjectType.Null,
        value: one.value,
      }));
      session.trap(notification.oid, varbinds, { upTime }, (error) => {
        if (error !== null) log.debug({ error: error.message }, 'a simulated trap was not sent');
      });
    },
    close: () => {
      session.close();
    },
  };
}
