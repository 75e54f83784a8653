import { milliseconds, seconds } from '#core/time.ts';
import type { Aliveness } from './aliveness.ts';
import type { Said } from './device-book.ts';
import type { Job } from './schedule.ts';
import type { DeviceContext } from './seams.ts';

const OPEN: Said = { point: 'host.reachable', decoded: { value: true, quality: 'good' } };
const CLOSED: Said = { point: 'host.reachable', decoded: { value: false, quality: 'good' } };

/** Asks whether the device's TCP port answers, on a schedule of its own: a device may answer there and not over SNMP (L14). */
export function createReachJob(
  { deps, device, book, schedule }: DeviceContext,
  target: { readonly host: string; readonly port: number },
  aliveness: Aliveness,
): Job {
  const limit = milliseconds(Math.min(device.interval, seconds(3)));
  const hear = (state: 'open' | 'closed'): boolean => {
    const isOpen = state === 'open';
    book.observed(isOpen ? OPEN : CLOSED, deps.clock.now(), aliveness('reach', isOpen));
    // A closed port is an answer too: servers that are meant to be off are looked at as often as the others.
    return true;
  };
  return schedule.add({
    name: `${device.id}/reach`,
    interval: device.interval,
    run: () => {
      const now = deps.reach.tcpNow?.(target.host, target.port) ?? null;
      if (now !== null) return hear(now);
      return deps.reach.tcp(target.host, target.port, limit).then(hear);
    },
  });
}
