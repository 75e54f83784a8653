import type { SnmpConnection } from '#core/config/connections.ts';
import { silentLog } from '#platform/log.ts';
import type { SnmpFace } from '#simulators/devices/mib.ts';
import { startSnmpAgent } from '#simulators/devices/snmp-agent.ts';
import { BASE_OID, POINTS, pointName } from './pipeline-config.ts';

/** The devices of the pipeline's bench, in a process of their own: SNMP agents of thirty numbers each, on the ports of the arguments. */

const ports = process.argv.slice(2).map(Number);
const started = process.hrtime.bigint();
const seconds = (): number => Number((process.hrtime.bigint() - started) / 1_000_000_000n);

const faceOf = (device: number): SnmpFace => ({
  device: `device-${device}`,
  mib: {
    tables: [],
    scalars: Array.from({ length: POINTS }, (_, point) => ({
      name: pointName(point),
      oid: `${BASE_OID}.${point + 1}`,
      type: 'Integer',
      // Tenths of a degree; every point moves once in ten seconds.
      read: () => 200 + ((device * 7 + point * 3 + Math.floor((seconds() + point) / 10)) % 60),
    })),
  },
  alive: () => true,
  upTime: () => 100 * seconds(),
  watch: () => () => {},
});

for (const [device, port] of ports.entries()) {
  const connection = { host: '127.0.0.1', port, version: '2c', community: 'public' } as unknown as SnmpConnection;
  await startSnmpAgent(faceOf(device), connection, silentLog);
}
process.send?.('ready');
