import { parseArgs } from 'node:util';
import { devicesFileSchema } from '#core/config/device.ts';
import type { Reading } from '#core/reading.ts';
import { type Instant, seconds } from '#core/time.ts';
import { topic } from '#core/topics.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { freePorts } from '#platform/net.ts';
import { createMemorySeriesStore } from '#platform/series/memory-series-store.ts';
import type { History } from '#platform/series/write-behind/history.ts';
import { makeConfig, startDashboard } from '../dashboard-api/support.ts';
import { say } from './figures.ts';

/** A dashboard as a process of its own, in a room of many devices that all say something new at each poll; prints its address. */

const { values } = parseArgs({
  options: {
    devices: { type: 'string', default: '1000' },
    points: { type: 'string', default: '30' },
    every: { type: 'string', default: '10' },
  },
});
const DEVICES = Number(values.devices);
const POINTS = Number(values.points);
const EVERY = seconds(Number(values.every));
/** Shorter than the gathering of the stream, so that polls are spread as they are in a room. */
const TURN = seconds(0.02);
const idOf = (device: number): string => `device-${device + 1}`;

const clock = createSystemClock();
const [port] = await freePorts(1);
const { devices } = devicesFileSchema.parse({
  devices: Array.from({ length: DEVICES }, (_, device) => ({
    id: idOf(device),
    name: { zh: `设备 ${device + 1}`, en: `Device ${device + 1}` },
    kind: 'sensor',
    mqtt: { topic: `z/${idOf(device)}` },
  })),
});
/** What keeping costs is measured elsewhere. */
const history: History = {
  add() {},
  settled: async () => {},
  status: () => ({
    spool: { state: 'ok', written: 0, lost: 0, error: null, givenUp: null, bytes: 0, segments: 0 } as never,
    stores: [],
  }),
  store: createMemorySeriesStore(),
  close: async () => {},
};
const site = await startDashboard({
  config: { ...makeConfig({ port: port ?? 0 }), devices },
  clock,
  wall: clock,
  listen: true,
  history,
});

const readingsOf = (device: number, at: Instant, round: number): Reading[] =>
  Array.from({ length: POINTS }, (_, point) => ({
    device: idOf(device),
    point: `ambient.${point + 1}.temperature`,
    value: 20 + ((device * 7 + point * 3 + round) % 50) / 10,
    quality: 'good' as const,
    measuredAt: at,
    receivedAt: at,
    changedAt: at,
    simulated: true,
  }));

function tell(device: number, round: number): void {
  const at = clock.now();
  const batch = { device: idOf(device), at, readings: readingsOf(device, at, round), cause: 'schedule' as const };
  site.bus.publishValue?.(topic('sample', 'reading/+', idOf(device)), batch, { retain: true });
}

// Everything is known before the first page comes; then polls are spread evenly over the interval.
for (let device = 0; device < DEVICES; device++) tell(device, 0);
const start = clock.now();
let polled = 0;
function poll(): void {
  const due = ((clock.now() - start) / EVERY) * DEVICES;
  for (; polled < due; polled++) tell(polled % DEVICES, 1 + Math.floor(polled / DEVICES));
  clock.after(TURN, poll);
}
poll();
say(site.url);
process.on('SIGTERM', () => process.exit(0));
