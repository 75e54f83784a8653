import { addressesOf } from '#core/address-range.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { printLine, setExitCode, showProgress } from '#platform/environment.ts';
import { createSnmpTransport } from '#platform/snmp/snmp-transport.ts';
import { credentialsOf, discoverNetwork } from '#services/collector/discover-network.ts';
import { asDevicesYaml } from '#services/collector/discovered-devices.ts';
import { configDirectory, loadProfiles } from './configuration.ts';

export interface DiscoverOptions {
  readonly config: string | null;
  readonly community: readonly string[];
  readonly port: number;
  readonly timeout: string;
  readonly rate: number;
  readonly v1: boolean;
  readonly json?: boolean;
}

const AT_ONCE = 32;

/** `zhishou discover 10.1.2.0/28 --community …`: exit 1 when nobody answered. */
export async function discover(ranges: readonly string[], options: DiscoverOptions): Promise<void> {
  const hosts = [...new Set(ranges.flatMap(addressesOf))];
  const { community, port, timeout, v1 } = options;
  const communities = community.length === 0 ? ['public'] : community;
  const credentials = credentialsOf({ communities, port, timeout, v1 });
  const progress = showProgress();
  let answered = 0;
  const found = await discoverNetwork(hosts, credentials, {
    snmp: createSnmpTransport(),
    profiles: loadProfiles(configDirectory(options.config)),
    clock: createSystemClock(),
    rate: options.rate,
    atOnce: AT_ONCE,
    onProgress: (done, all, one) => {
      if (one !== null) answered++;
      progress.show(done / all, `${done} of ${all} addresses, ${answered} answered`);
    },
  });
  progress.end();
  if (found.length === 0) setExitCode(1);
  await printLine(options.json === true ? JSON.stringify({ found }) : asDevicesYaml(found, credentials).trimEnd());
}
