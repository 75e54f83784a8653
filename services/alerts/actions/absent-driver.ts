import { DRIVERS, type DriverName } from '#core/config/device.ts';
import type { ActionDriver } from '#core/ports.ts';
import type { ActionDrivers } from './action-runner.ts';

/** Stands where this process has no such driver: a plan that names it takes its `otherwise`, and readiness tells of it. */
export function absentDriver(kind: DriverName): ActionDriver {
  const outcome = { result: 'failed', detail: `there is no ${kind} driver here` } as const;
  return { run: () => Promise.resolve(outcome), test: () => Promise.resolve(outcome) };
}

/** Those that are there, and absent ones for the rest. */
export function withAbsent(present: Partial<ActionDrivers>): ActionDrivers {
  const drivers = DRIVERS.map((kind) => [kind, present[kind] ?? absentDriver(kind)] as const);
  return Object.fromEntries(drivers) as Record<DriverName, ActionDriver>;
}
