import type { Config } from '#core/config/config.ts';
import { type Action, type Device, type Evidence, OPERATIONS } from '#core/config/device.ts';
import type { Room } from '../room.ts';
import type { PowerSwitch } from './power-switch.ts';

/** The management controllers that the configuration names, each with the machine behind it. */

export type IpmiAccount = Pick<Extract<Evidence, { ipmi: unknown }>['ipmi'], 'host' | 'port' | 'user' | 'password'>;
export type RedfishAccount = Pick<
  Extract<Evidence, { redfish: unknown }>['redfish'],
  'url' | 'user' | 'password' | 'system'
>;

export interface Controllers {
  /** By `host:port`. A device's first action or evidence sets the account that its controller knows. */
  readonly ipmi: ReadonlyMap<string, { readonly device: string; readonly account: IpmiAccount }>;
  /** By origin: `http://127.0.0.1:20231`. */
  readonly redfish: ReadonlyMap<string, { readonly device: string; readonly account: RedfishAccount }>;
}

export function controllersOf(config: Pick<Config, 'devices'>): Controllers {
  const ipmi = new Map<string, { device: string; account: IpmiAccount }>();
  const redfish = new Map<string, { device: string; account: RedfishAccount }>();
  for (const device of config.devices)
    for (const way of [...waysOf(device), ...readingOf(device)]) {
      if ('ipmi' in way) {
        const key = `${way.ipmi.host}:${way.ipmi.port}`;
        if (!ipmi.has(key)) ipmi.set(key, { device: device.id, account: way.ipmi });
      }
      if ('redfish' in way) {
        const key = new URL(way.redfish.url).origin;
        if (!redfish.has(key)) redfish.set(key, { device: device.id, account: way.redfish });
      }
    }
  return { ipmi, redfish };
}

/** What it is read by, where that is its controller. */
const readingOf = ({ ipmi, redfish }: Device): ({ ipmi: IpmiAccount } | { redfish: RedfishAccount })[] => [
  ...(ipmi === undefined ? [] : [{ ipmi }]),
  ...(redfish === undefined ? [] : [{ redfish }]),
];

/** Everything that a device's operations do and look at. */
export function waysOf(device: Device): (Action | Evidence)[] {
  return OPERATIONS.flatMap((name) => {
    const operation = device[name];
    return operation === undefined ? [] : [operation.by, ...operation.otherwise, ...operation.verify];
  });
}

/** The machine's power as its controller has it. */
export const switchOf = (room: Pick<Room, 'bmcPower' | 'orderBmc'>, device: string): PowerSwitch => ({
  power: () => room.bmcPower(device),
  order: (order, over) => room.orderBmc(device, order, over),
});
