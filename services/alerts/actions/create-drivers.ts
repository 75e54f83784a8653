import type { Config } from '#core/config/config.ts';
import type { Bus, Clock, SnmpTransport } from '#core/ports.ts';
import { createNutConnector } from '#platform/nut/nut-client.ts';
import { withAbsent } from './absent-driver.ts';
import type { ActionDrivers } from './action-runner.ts';
import { createHttpDriver } from './http-driver.ts';
import { createIpmiDriver } from './ipmi-driver.ts';
import { createLocalDriver } from './local-driver.ts';
import { createMqttDriver } from './mqtt-driver.ts';
import { createNutDriver } from './nut-driver.ts';
import { createRedfishDriver } from './redfish-driver.ts';
import { createSnmpSetDriver } from './snmp-set-driver.ts';
import { createSshDriver } from './ssh-driver.ts';
import { createWakeDriver } from './wake-driver.ts';

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
    ipmi: createIpmiDriver({ clock }),
    redfish: createRedfishDriver({ clock }),
    wake: createWakeDriver({ clock }),
    http: createHttpDriver({ clock }),
    nut: createNutDriver({ clock, connector: createNutConnector() }),
  });
}
