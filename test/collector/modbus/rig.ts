import { type ModbusConnection, modbusConnectionSchema } from '#core/config/connections.ts';
import type { Profile } from '#core/config/profile.ts';
import { instant } from '#core/time.ts';
import { createVirtualClock, type VirtualClock } from '#platform/clock/virtual-clock.ts';
import { createModbusConnector } from '#platform/modbus/connector.ts';
import { createMemoryNet } from '#platform/modbus/memory-net.ts';
import type { ModbusConnector } from '#platform/modbus/modbus-link.ts';
import { createModbusDriver } from '#services/collector/drivers/modbus-driver.ts';
import type { PolledDriver } from '#services/collector/drivers/polled-driver.ts';
import type { PointValue } from '#services/collector/snmp-plan.ts';
import {
  createModbusServer,
  type ModbusRequest,
  type ModbusServerOptions,
  type ModbusUnit,
} from '#simulators/devices/modbus-server.ts';

export const HOST = '10.9.0.1';

/** Units behind one address in memory, on the virtual clock. */
export interface ModbusRig {
  readonly clock: VirtualClock;
  readonly connector: ModbusConnector;
  /** The questions that came, in order. */
  readonly asked: ModbusRequest[];
  connection(more?: Record<string, unknown>): ModbusConnection;
  driver(profile: string | null, profiles: readonly Profile[], more?: Record<string, unknown>): PolledDriver;
}

export async function modbusRig(
  units: Record<number, ModbusUnit>,
  options: Partial<Pick<ModbusServerOptions, 'framing' | 'trouble'>> = {},
): Promise<ModbusRig> {
  const clock = createVirtualClock(instant(Date.parse('2026-11-22T03:00:00Z')));
  const net = createMemoryNet();
  const { framing = 'rtu' } = options;
  const asked: ModbusRequest[] = [];
  const served = createModbusServer({
    ...options,
    framing,
    clock,
    units: new Map(Object.entries(units).map(([unit, bank]) => [Number(unit), bank])),
    onRequest: (request) => asked.push(request),
  });
  await net.serve({ host: HOST, port: 502 }, served);
  const connector = createModbusConnector({ dial: net.dial, clock });
  const connection = (more: Record<string, unknown> = {}): ModbusConnection =>
    modbusConnectionSchema.parse({ host: HOST, framing, ...more });
  return {
    clock,
    connector,
    asked,
    connection,
    driver: (profile, profiles, more) =>
      createModbusDriver({ device: 'under-test', connection: connection(more), profile, profiles, connector, clock }),
  };
}

/** Lets a promise settle that waits for this clock: at most ten seconds of its time. */
export async function settled<T>(clock: VirtualClock, promise: Promise<T>): Promise<T> {
  let done = false;
  const end = (): void => {
    done = true;
  };
  promise.then(end, end);
  for (let i = 0; i < 1000 && !done; i++) await clock.advanceByAsync(10 as never);
  return promise;
}

/** What was read: good values as they are, the others as their quality. */
export const shown = (values: readonly PointValue[]): Record<string, unknown> =>
  Object.fromEntries(
    values.map(({ point, decoded }) => [
      point,
      decoded.quality === 'good' ? decoded.value : `${decoded.quality}: ${decoded.reason}`,
    ]),
  );
