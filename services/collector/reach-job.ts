import { milliseconds, seconds } from '#core/time.ts';
import type { Job } from './schedule.ts';
import type { DeviceContext } from './seams.ts';

/** Asks whether the device's TCP port answers, on a schedule of its own: a device may answer there and not over SNMP (L14). */
export function createReachJob(
  { deps, device, book, schedule }: DeviceContext,
  target: { readonly host: string; readonly port: number },
): Job {
  const limit = milliseconds(Math.min(device.interval, seconds(3)));
  return schedule.add({
    name: `${device.id}/reach`,
    interval: device.interval,
    run: async () => {
      const isOpen = (await deps.reach.tcp(target.host, target.port, limit)) === 'open';
      book.observed({ point: 'host.reachable', decoded: { value: isOpen, quality: 'good' } }, deps.clock.now(), isOpen);
      // A closed port is an answer too: servers that are meant to be off are looked at as often as the others.
      return true;
    },
  });
}
