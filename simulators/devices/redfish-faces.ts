import type { Config } from '#core/config/config.ts';
import type { Clock, Log, Stop } from '#core/ports.ts';
import type { Room } from '../room.ts';
import { roomChassis } from './bmc-sensors.ts';
import { controllersOf, switchOf } from './controllers.ts';
import { REDFISH_OFFER } from './power-switch.ts';
import type { RedfishChassis } from './redfish-chassis.ts';
import { startRedfishServer } from './redfish-server.ts';

const NO_CHASSIS: RedfishChassis = { style: 'thermal', temperatures: [], fanRpm: [], watts: null, supplies: [] };

/** A real Redfish service for each controller that the configuration names, with the account that it names. */
export async function startRedfishFaces(
  room: Room,
  { config, clock, log }: { readonly config: Pick<Config, 'devices'>; readonly clock: Clock; readonly log: Log },
): Promise<Stop> {
  const stops: Stop[] = [];
  const stopAll = async (): Promise<void> => {
    for (const stop of stops.splice(0).reverse()) await stop();
  };
  try {
    for (const [origin, { device, account }] of controllersOf(config).redfish) {
      const url = new URL(origin);
      if (url.protocol !== 'http:') {
        log.warn({ device, origin }, 'the simulated room has no certificate: this controller is not simulated');
        continue;
      }
      const { stop } = await startRedfishServer({
        ...{ host: url.hostname, port: Number(url.port) || 80, clock },
        ...{ user: account.user, password: account.password.reveal() },
        systems: [
          {
            id: account.system?.split('/').at(-1) ?? '1',
            machine: switchOf(room, device),
            resets: REDFISH_OFFER,
            chassis: () => roomChassis(room, device) ?? NO_CHASSIS,
          },
        ],
      });
      stops.push(stop);
    }
  } catch (error) {
    await stopAll();
    throw error;
  }
  return stopAll;
}
