import { intervalOf, leastInterval } from '#core/config/device.ts';
import type { Profile } from '#core/config/profile.ts';
import { messageOf, ZhishouError } from '#core/errors.ts';
import { type Duration, formatDuration, milliseconds } from '#core/time.ts';
import type { PolledDriver } from './drivers/polled-driver.ts';
import { createPollTrace, type PollTrace } from './poll-trace.ts';
import type { Job, RunCause } from './schedule.ts';
import type { DeviceContext } from './seams.ts';
import type { PointValue } from './snmp-plan.ts';

const OK = { outcome: 'ok' };
const NO_LABELS = {};

export interface PolledJob {
  readonly job: Job;
  readonly profile: () => Profile | null;
  readonly labels: () => Readonly<Record<string, string>>;
  readonly trace: PollTrace;
  close(): void;
}

/** Puts a driver that is asked again and again on the schedule and its answers into the device's book. */
export function createPolledJob({ deps, device, book, schedule }: DeviceContext, driver: PolledDriver): PolledJob {
  const { clock, metrics, log } = deps;
  let wasWell: boolean | null = null;
  let closed = false;
  const trace = createPollTrace();
  const fail = (state: 'silent' | 'refusing', reason: string): void => {
    // Closing the link ends the poll under way; that is not the device's silence.
    if (closed) return;
    book.failed({ state, reason }, clock.now());
    if (wasWell !== false) log.warn({ device: device.id, reason }, 'device does not answer');
    wasWell = false;
  };
  const hear = (values: readonly PointValue[], cause: RunCause, tookMs: number): boolean => {
    const now = clock.now();
    book.heard(values, cause, now, true);
    trace.answered(values, cause, now, tookMs);
    metrics.count('zhishou_collector_polls_total', OK);
    if (wasWell === false) log.info({ device: device.id }, 'device answers again');
    wasWell = true;
    return true;
  };
  const run = (cause: RunCause): Promise<boolean> | boolean => {
    const values = driver.pollNow?.() ?? null;
    return values === null ? ask(cause) : hear(values, cause, 0);
  };
  const ask = async (cause: RunCause): Promise<boolean> => {
    const started = clock.monotonic();
    try {
      const values = await driver.poll();
      book.setProfile(driver.profile()?.id ?? null);
      book.setLabels(driver.labels?.() ?? NO_LABELS);
      const tookMs = clock.monotonic() - started;
      metrics.observe('zhishou_collector_poll_seconds', tookMs / 1000);
      return hear(values, cause, tookMs);
    } catch (error) {
      metrics.count('zhishou_collector_polls_total', {
        outcome: error instanceof ZhishouError ? error.code : 'INVARIANT',
      });
      if (!closed) trace.failed(error, cause, clock.now(), clock.monotonic() - started);
      fail(error instanceof ZhishouError && error.code === 'REFUSED' ? 'refusing' : 'silent', messageOf(error));
      return false;
    }
  };
  const job = schedule.add({
    name: device.id,
    interval: intervalOf(device),
    run,
    onOverdue: (after) => {
      trace.overdue();
      fail('silent', `no answer within ${formatDuration(after)}`);
    },
  });
  const close = (): void => {
    closed = true;
    driver.close();
  };
  // A plan may want it oftener; what a slow controller takes is the limit.
  const every = (wanted: Duration | null): void =>
    job.every(wanted === null ? null : milliseconds(Math.max(wanted, leastInterval(device))));
  const labels = () => driver.labels?.() ?? NO_LABELS;
  return { job: { ...job, every }, profile: driver.profile, labels, trace, close };
}
