import { intervalOf, leastInterval } from '#core/config/device.ts';
import type { Profile } from '#core/config/profile.ts';
import { messageOf, ZhishouError } from '#core/errors.ts';
import { type Duration, formatDuration, milliseconds } from '#core/time.ts';
import type { PolledDriver } from './drivers/polled-driver.ts';
import type { Job, RunCause } from './schedule.ts';
import type { DeviceContext } from './seams.ts';
import type { PointValue } from './snmp-plan.ts';

const OK = { outcome: 'ok' };
const NO_LABELS = {};

/** Puts a driver that is asked again and again on the schedule and its answers into the device's book. */
export function createPolledJob(
  { deps, device, book, schedule }: DeviceContext,
  driver: PolledDriver,
): { job: Job; profile: () => Profile | null; close: () => void } {
  const { clock, metrics, log } = deps;
  let wasWell: boolean | null = null;
  let closed = false;
  const fail = (state: 'silent' | 'refusing', reason: string): void => {
    // Closing the link ends the poll under way; that is not the device's silence.
    if (closed) return;
    book.failed({ state, reason }, clock.now());
    if (wasWell !== false) log.warn({ device: device.id, reason }, 'device does not answer');
    wasWell = false;
  };
  const hear = (values: readonly PointValue[], cause: RunCause): boolean => {
    book.heard(values, cause, clock.now(), true);
    metrics.count('zhishou_collector_polls_total', OK);
    if (wasWell === false) log.info({ device: device.id }, 'device answers again');
    wasWell = true;
    return true;
  };
  const run = (cause: RunCause): Promise<boolean> | boolean => {
    const values = driver.pollNow?.() ?? null;
    return values === null ? ask(cause) : hear(values, cause);
  };
  const ask = async (cause: RunCause): Promise<boolean> => {
    const started = clock.monotonic();
    try {
      const values = await driver.poll();
      book.setProfile(driver.profile()?.id ?? null);
      book.setLabels(driver.labels?.() ?? NO_LABELS);
      metrics.observe('zhishou_collector_poll_seconds', (clock.monotonic() - started) / 1000);
      return hear(values, cause);
    } catch (error) {
      metrics.count('zhishou_collector_polls_total', {
        outcome: error instanceof ZhishouError ? error.code : 'INVARIANT',
      });
      fail(error instanceof ZhishouError && error.code === 'REFUSED' ? 'refusing' : 'silent', messageOf(error));
      return false;
    }
  };
  const job = schedule.add({
    name: device.id,
    interval: intervalOf(device),
    run,
    onOverdue: (after) => fail('silent', `no answer within ${formatDuration(after)}`),
  });
  const close = (): void => {
    closed = true;
    driver.close();
  };
  // A plan may want it oftener; what a slow controller takes is the limit.
  const every = (wanted: Duration | null): void =>
    job.every(wanted === null ? null : milliseconds(Math.max(wanted, leastInterval(device))));
  return { job: { ...job, every }, profile: driver.profile, close };
}
