import { expect, it } from 'vitest';
import { deviceSchema, intervalOf } from '#core/config/device.ts';
import { seededRandom } from '#core/random.ts';
import { Secret } from '#core/secret.ts';
import { instant, minutes, seconds } from '#core/time.ts';
import { createMemoryBus } from '#platform/bus/memory-bus.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { createMemoryIpmi } from '#platform/ipmi/memory-ipmi.ts';
import { silentLog } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import { createDeviceBook, defaultStaleAfter } from '#services/collector/device-book.ts';
import { openPolled } from '#services/collector/drivers/open-polled.ts';
import { createPolledJob } from '#services/collector/polled-job.ts';
import { createSchedule } from '#services/collector/schedule.ts';
import type { CollectorDependencies } from '#services/collector/seams.ts';

const device = deviceSchema.parse({
  id: 'server-1',
  name: 'Server 1',
  kind: 'server',
  interval: '5s',
  ipmi: { host: 'bmc', user: 'monitor', password: new Secret('right') },
});

function rig(password = 'right') {
  const clock = createVirtualClock(instant(Date.parse('2026-11-22T03:00:00Z')));
  const asked: string[] = [];
  const says = (what: string): string => {
    asked.push(what);
    return what === 'read' ? 'System Power         : on\nInlet Temp,23,degrees C,ok\n' : '';
  };
  const links = { ipmi: createMemoryIpmi(new Map([['bmc:623', { user: 'monitor', password, says }]])) };
  const deps = {
    ...{ config: { profiles: [] }, clock, bus: createMemoryBus(), log: silentLog, metrics: createMetrics(), links },
  } as unknown as CollectorDependencies;
  const statuses: unknown[] = [];
  const points = new Set<string>();
  const book = createDeviceBook({
    ...{ device, simulated: false, staleAfter: defaultStaleAfter(device), expected: [] },
    publishReadings: ({ readings }) => {
      for (const { point } of readings) points.add(point);
    },
    publishStatus: ({ state, reason }) => statuses.push({ state, reason }),
  });
  const schedule = createSchedule(clock, seededRandom(1), false);
  const context = { deps, device, book, schedule };
  const driver = openPolled(context);
  if (driver === null) throw new Error('not polled');
  const { job } = createPolledJob(context, driver);
  schedule.start();
  return { clock, asked, job, statuses, points };
}

it('a management controller is asked each 30 s at most, also when a plan wants to know sooner; who made it is asked once', async () => {
  const { clock, asked, job, points } = rig();
  await clock.advanceByAsync(minutes(5));
  const reads = (): number => asked.filter((what) => what === 'read').length;
  expect(reads()).toBeGreaterThanOrEqual(10);
  expect(reads()).toBeLessThanOrEqual(11);
  job.every(seconds(2));
  await clock.advanceByAsync(minutes(5));
  expect(reads()).toBeLessThanOrEqual(21);
  expect(points).toContain('ambient.inlet.temperature');
  expect(asked.filter((what) => what === 'identify')).toHaveLength(1);
});

it('its values are not stale before three of its own intervals', () => {
  expect(intervalOf(device)).toBe(seconds(30));
  expect(defaultStaleAfter(device)).toBe(seconds(90));
});

it('a wrong password is a refusal in the device’s own state, with its reason', async () => {
  const { clock, statuses } = rig('another');
  await clock.advanceByAsync(seconds(1));
  expect(statuses.at(-1)).toMatchObject({
    state: 'refusing',
    reason: expect.stringMatching(/password of monitor is wrong/),
  });
});
