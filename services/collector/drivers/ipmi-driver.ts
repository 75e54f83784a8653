import type { IpmiReadConnection } from '#core/config/connections.ts';
import { ZhishouError } from '#core/errors.ts';
import type { IpmiReader } from '#platform/ipmi/ipmi-reader.ts';
import { readIdentity, readIpmi } from '../ipmi-plan.ts';
import type { PointValue } from '../snmp-plan.ts';
import type { PolledDriver } from './polled-driver.ts';

const MOST_ASKED = 3;

/** Reads a server's sensors through its management controller. Who made it is asked once. */
export function createIpmiReadDriver({
  device,
  connection,
  reader,
}: {
  readonly device: string;
  readonly connection: IpmiReadConnection;
  readonly reader: IpmiReader;
}): PolledDriver {
  const limit = connection.timeout;
  let identity: readonly PointValue[] | null = null;
  let asked = 0;
  return {
    poll: async () => {
      const values = readIpmi(await reader.ask('read', connection, limit));
      if (values === null)
        throw new ZhishouError('BAD_ANSWER', device, 'the controller tells no sensor and no chassis');
      // What it is called is no reason to be without its temperature.
      if (identity === null && asked++ < MOST_ASKED)
        identity = await reader.ask('identify', connection, limit).then(readIdentity, () => null);
      return [...(identity ?? []), ...values];
    },
    profile: () => null,
    close: () => {},
  };
}
