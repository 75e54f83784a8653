import type { Running } from './state.ts';
import { record } from './truth.ts';

/** Keeps in the world's log that a fault began, changed or (with no detail) ended. */
export function noteFault(running: Running, fault: string, device: string | null, detail: string, nowMs: number): void {
  const { truth } = running.world;
  const last = truth.faults.findLast((one) => one.fault === fault && one.device === device);
  const active = detail !== '';
  if (last === undefined ? !active : last.active === active && last.detail === detail) return;
  record(truth, truth.faults, { at: nowMs, fault, device, detail, active });
}
