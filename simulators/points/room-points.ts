import type { SnmpConnection } from '#core/config/connections.ts';
import { linkGood, passage } from '../world/links.ts';
import { isReachable } from '../world/machines.ts';
import { pduPowered } from '../world/power.ts';
import type { Running } from '../world/state.ts';
import { outputOn, upsInputGood } from '../world/supply.ts';
import { coolingPoints, pduPoints, sensorPoints } from './other-points.ts';
import type { PointReader, PointTable } from './point-table.ts';
import { upsPoints } from './ups-points.ts';

/**
 * The direct way to a device's points. `known` keeps a reader for each device that was asked for; the world must stand at the
 * moment of interest. Null: it does not answer (no power, no way to it, flat battery).
 */
export function readPoints(
  running: Running,
  known: Map<string, PointReader>,
  device: string,
  connection: Pick<SnmpConnection, 'timeout' | 'retries'> | undefined,
): PointTable | null {
  let reader = known.get(device);
  if (reader === undefined) {
    reader = readerOf(running, device);
    known.set(device, reader);
  }
  return answers(running, device, connection) ? reader() : null;
}

/** One exchange gets through in time, with the manager's retries where there are some. */
function answers(
  running: Running,
  device: string,
  connection: Pick<SnmpConnection, 'timeout' | 'retries'> | undefined,
): boolean {
  if (linkGood(running, device)) return true;
  for (let attempt = 0; attempt <= (connection?.retries ?? 0); attempt++) {
    const there = passage(running, device, attempt * 2);
    const back = there === null ? null : passage(running, device, attempt * 2 + 1);
    if (there === null || back === null) continue;
    if (connection === undefined || there.delayMs + back.delayMs < connection.timeout) return true;
  }
  return false;
}

function readerOf(running: Running, device: string): PointReader {
  const { plan, world } = running;
  const ups = plan.upses.findIndex((one) => one.id === device);
  if (ups >= 0) {
    const read = upsPoints(running, ups);
    // The card lives on the battery and on mains; with neither it is dark.
    return () => (world.upses[ups]?.mode !== 'off' || upsInputGood(running, ups) ? read() : null);
  }
  const pdu = plan.pdus.findIndex((one) => one.id === device);
  if (pdu >= 0) {
    const read = pduPoints(running, pdu);
    return () => (pduPowered(running, pdu) ? read() : null);
  }
  const cooling = plan.cooling.findIndex((one) => one.id === device);
  if (cooling >= 0) {
    const read = coolingPoints(running, cooling);
    return () => (world.upses.some(outputOn) ? read() : null);
  }
  const sensor = plan.sensors.findIndex((one) => one.id === device);
  if (sensor >= 0) return sensorPoints(running, sensor);
  const machine = plan.machines.findIndex((one) => one.id === device);
  const table: PointTable = { names: ['host.reachable'], values: [false] };
  return () => {
    const state = world.machines[machine];
    table.values[0] = state !== undefined && isReachable(state);
    return table;
  };
}
