import type { Config } from '#core/config/config.ts';
import type { Bus, Clock, SnmpTransport } from '#core/ports.ts';
import { createNutConnector } from '#platform/nut/nut-client.ts';
import { withAbsent } from './absent-driver.ts';
import type { ActionDrivers } from './action-runner.ts';
import { createLocalDriver } from './local-driver.ts';
import { createMqttDriver } from './mqtt-driver.ts';
import { createNutDriver } from './nut-driver.ts';
import { createSnmpSetDriver } from './snmp-set-driver.ts';
import { createSshDriver } from './ssh-driver.ts';

/** The drivers that reach real equipment. */
export function createDrivers(dependencies: {
  readonly config: Pick<Config, 'devices' | 'profiles'>;
  readonly clock: Clock;
  readonly bus: Bus;
  readonly snmp: SnmpTransport;
}): ActionDrivers {
  const { config, clock, bus, snmp } = dependencies;
  return withAbsent({
    ssh: createSshDriver({ clock }),
    snmp_set: createSnmpSetDriver({ config, transport: snmp, clock }),
    mqtt: createMqttDriver({ bus, clock }),
    local: createLocalDriver({ clock }),
    nut: createNutDriver({ clock, connector: createNutConnector() }),
  });
}
