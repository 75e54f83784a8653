import type { Config } from '#core/config/config.ts';
import type { IpmiQuestion, IpmiReader } from '#platform/ipmi/ipmi-reader.ts';
import { createMemoryIpmi, type MemoryController } from '#platform/ipmi/memory-ipmi.ts';
import { createMemoryRedfish, type MemoryRedfish } from '#platform/redfish/memory-redfish.ts';
import type { RedfishReader } from '#platform/redfish/redfish-reader.ts';
import type { Room } from '../room.ts';
import { machineWatts } from '../world/machines.ts';
import { chassisResources, type RedfishChassis } from './redfish-chassis.ts';

/** What the management controllers of the room's servers measure: the air of the room, the power that they draw. */
type Seen = Pick<Room, 'look' | 'bmcPower'>;

/** Null: there is no such server. */
export function roomChassis(room: Seen, device: string): RedfishChassis | null {
  const { world, plan } = room.look();
  const index = world.machines.findIndex(({ id }) => id === device);
  const [machine, spec] = [world.machines[index], plan.machines[index]];
  if (machine === undefined || spec === undefined) return null;
  const watts = Math.round(machineWatts(spec, machine));
  const celsius = Math.round(world.climate.temperatureC * 10) / 10;
  const works = room.bmcPower(device) === 'on';
  return {
    style: 'thermal',
    temperatures: [
      { name: 'Inlet Temp', context: 'Intake', celsius },
      // A server warms its air by some ten kelvins.
      { name: 'Exhaust Temp', context: 'Exhaust', celsius: works ? celsius + 12 : null },
    ],
    fanRpm: [works ? 5400 : 0],
    watts,
    supplies: [{ state: 'Enabled', health: 'OK', inputVolts: 230 }],
  };
}

/** Without sockets or programs: the controllers that the configuration reads by IPMI and Redfish, and nobody else. */
export function inMemoryControllers(
  room: Seen,
  { devices }: Pick<Config, 'devices'>,
  touched: Set<string>,
): { readonly ipmi: IpmiReader; readonly redfish: RedfishReader } {
  const controllers = new Map<string, MemoryController>();
  const services = new Map<string, MemoryRedfish>();
  for (const { id, ipmi, redfish } of devices) {
    if (ipmi !== undefined) {
      const says = (what: IpmiQuestion): string | null => {
        touched.add(`udp ${ipmi.host}:${ipmi.port}`);
        return ipmiText(room, id, what);
      };
      controllers.set(`${ipmi.host}:${ipmi.port}`, { user: ipmi.user, password: ipmi.password.reveal(), says });
    }
    if (redfish !== undefined) {
      const { origin, host } = new URL(redfish.url);
      services.set(origin, {
        ...{ user: redfish.user, password: redfish.password.reveal() },
        get resources() {
          touched.add(`tcp ${host}`);
          return redfishResources(room, id, redfish.system?.split('/').at(-1) ?? '1');
        },
      });
    }
  }
  return { ipmi: createMemoryIpmi(controllers), redfish: createMemoryRedfish(services) };
}

/** As ipmitool prints it (-v -c); null: the controller has no power, or there is no way to it. */
function ipmiText(room: Seen, device: string, what: IpmiQuestion): string | null {
  const power = room.bmcPower(device);
  const chassis = roomChassis(room, device);
  if (power === null || chassis === null) return null;
  if (what === 'identify') return 'Firmware Revision         : 1.00\n';
  const sensors = chassis.temperatures.map(({ name, celsius }) =>
    celsius === null
      ? `${name},,,ns,7.1,System Board,Temperature`
      : `${name},${celsius},degrees C,ok,7.1,System Board,Temperature`,
  );
  const fans = chassis.fanRpm.map((rpm, i) => `Fan ${i + 1},${rpm},RPM,ok,29.${i + 1},Fan Device,Fan`);
  const rows = [...sensors, ...fans].map((row) => `${row},${','.repeat(10)}`);
  return [
    `System Power         : ${power}`,
    ...rows,
    'PSU1 Status,C8h,ok,10.1,Presence detected',
    `    Instantaneous power reading:  ${chassis.watts ?? 0} Watts`,
    '',
  ].join('\n');
}

function redfishResources(room: Seen, device: string, system: string): ((path: string) => unknown) | null {
  const power = room.bmcPower(device);
  const chassis = roomChassis(room, device);
  if (power === null || chassis === null) return null;
  const path = `/redfish/v1/Systems/${system}`;
  const resources = new Map<string, object>([
    ['/redfish/v1/', { Systems: { '@odata.id': '/redfish/v1/Systems' } }],
    ['/redfish/v1/Systems', { Members: [{ '@odata.id': path }] }],
    [
      path,
      {
        ...{ '@odata.id': path, PowerState: power === 'on' ? 'On' : 'Off', Status: { State: 'Enabled', Health: 'OK' } },
        Links: { Chassis: [{ '@odata.id': `/redfish/v1/Chassis/${system}` }] },
      },
    ],
    ...chassisResources(system, system, chassis),
  ]);
  return (wanted) => resources.get(wanted);
}
