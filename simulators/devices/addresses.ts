import type { Config } from '#core/config/config.ts';
import type { Action, Device } from '#core/config/device.ts';
import { controllersOf, waysOf } from './controllers.ts';
import type { SshAddress } from './ssh-server.ts';

/** Which addresses of the configuration the simulated room answers on. */

/** The SSH address that a device's operations name, null when it has none. */
export function sshAddressOf(device: Device): SshAddress | null {
  for (const action of sshActions(device))
    if ('ssh' in action)
      return { device: device.id, host: action.ssh.host, port: action.ssh.port, user: action.ssh.user };
  return null;
}

function sshActions(device: Device): Action[] {
  const operations = [device.shutdown, device.backup, device.start, device.power_off, device.shed, device.restore];
  return operations.flatMap((operation) => (operation === undefined ? [] : [operation.by, ...operation.otherwise]));
}

/** Every address of the simulated room, for I9: `tcp 127.0.0.1:20221`, `udp 127.0.0.1:20161`. */
export function simulatedAddresses(config: Pick<Config, 'devices'>): ReadonlySet<string> {
  const addresses = new Set<string>();
  for (const device of config.devices) {
    if (device.snmp !== undefined) addresses.add(`udp ${device.snmp.host}:${device.snmp.port}`);
    if (device.nut !== undefined && device.kind === 'ups') addresses.add(`tcp ${device.nut.host}:${device.nut.port}`);
    if (device.reach !== undefined) addresses.add(`tcp ${device.reach.host}:${device.reach.port}`);
    const ssh = sshAddressOf(device);
    if (ssh !== null) addresses.add(`tcp ${ssh.host}:${ssh.port}`);
    for (const way of waysOf(device)) if ('wake' in way) addresses.add(`udp ${way.wake.broadcast}:${way.wake.port}`);
  }
  const controllers = controllersOf(config);
  for (const address of controllers.ipmi.keys()) addresses.add(`udp ${address}`);
  for (const origin of controllers.redfish.keys()) addresses.add(`tcp ${new URL(origin).host}`);
  return addresses;
}
