import type { Device } from '#core/config/device.ts';
import { covers, type MaintenanceWindow, windowEnd } from '#core/maintenance.ts';
import type { AvailabilityReport } from '#core/paperwork/period-report.ts';
import { type Interval, merged } from '#core/period-report/intervals.ts';
import type { PeriodSpan } from '#core/period-report/periods.ts';
import { type Availability, availabilityOf, timesOf } from '#core/period-report/states.ts';
import type { SeriesKey } from '#core/series.ts';
import { type Instant, instant, plus, toIso } from '#core/time.ts';
import { inTurns } from './gather-climate.ts';
import { type Kept, keyOf, type Measuring, wholeOf } from './measure.ts';

/** O-WK-2: network devices, and the services that people use, as they were seen from here. */

export interface AvailabilityAsk {
  readonly measuring: Measuring;
  readonly devices: readonly Device[];
  readonly kept: Kept;
  readonly span: PeriodSpan;
  readonly before: PeriodSpan;
  readonly until: Instant;
  readonly unseen: readonly Interval[];
  readonly windows: readonly MaintenanceWindow[];
}

const LOOKED_AT = /^(?:host\.reachable|service(?:\.(?<check>[^.]+))?\.available)$/;
const MOST_OUTAGES = 20;

export async function gatherAvailability(ask: AvailabilityAsk): Promise<{
  readonly network: readonly AvailabilityReport[];
  readonly services: readonly AvailabilityReport[];
}> {
  const devices = new Map(ask.devices.map((device) => [device.id, device]));
  const looked = [...ask.kept.values()].flatMap(({ device, point }) => {
    const [of, match] = [devices.get(device), LOOKED_AT.exec(point)];
    return of === undefined || match === null ? [] : [{ of, point, check: match.groups?.check ?? null }];
  });
  const lines = await inTurns(looked, 4, async (one) => ({ ...one, line: await lineOf(ask, one.of, one) }));
  const told = lines.filter(({ line }) => line.availability.value !== null || line.availability.before !== null);
  const isNetwork = ({ of }: { of: Device }): boolean => of.kind === 'network';
  return {
    network: told.filter(isNetwork).map(({ line }) => line),
    services: told.filter((one) => !isNetwork(one)).map(({ line }) => line),
  };
}

async function lineOf(
  ask: AvailabilityAsk,
  of: Device,
  { point, check }: { readonly point: string; readonly check: string | null },
): Promise<AvailabilityReport> {
  const key = { device: of.id, point };
  const now = await within(ask, of, key, ask.span);
  const before = await within(ask, of, key, ask.before);
  const latency = check === null ? 'service.latency' : `service.${check}.latency`;
  return {
    device: of.id,
    name: check === null ? of.name : { zh: `${of.name.zh}：${check}`, en: `${of.name.en}: ${check}` },
    availability: { value: now?.share ?? null, before: before?.share ?? null },
    downS: now?.downS ?? 0,
    outages: (now?.outages ?? [])
      .toSorted((a, b) => b[1] - b[0] - (a[1] - a[0]))
      .slice(0, MOST_OUTAGES)
      .sort((a, b) => a[0] - b[0])
      .map(([from, to]) => ({ from: toIso(instant(from)), to: toIso(instant(to)) })),
    latency: {
      value: await meanOf(ask, { device: of.id, point: latency }, ask.span),
      before: await meanOf(ask, { device: of.id, point: latency }, ask.before),
    },
    maintenanceS: now?.maintenanceS ?? 0,
  };
}

async function within(
  { measuring, kept, until, unseen, windows }: AvailabilityAsk,
  of: Device,
  key: SeriesKey,
  { from, to }: PeriodSpan,
): Promise<Availability | null> {
  const entry = kept.get(keyOf(key));
  if (entry === undefined || entry.firstAt >= to || entry.lastAt < from) return null;
  const changes = await measuring.store.changes({ ...key, from, to });
  // What was told last holds for a while and not for ever.
  const end = Math.min(to, until, plus(entry.lastAt, measuring.settings.hold(key)));
  const maintenance = windows
    .filter((window) => window.rule === null && covers(window, '', of))
    .map((window): Interval => [Date.parse(window.from), Date.parse(windowEnd(window))]);
  return availabilityOf(
    timesOf(changes, [from, end], (value) => value === true),
    unseen,
    merged(maintenance),
  );
}

async function meanOf({ measuring, kept }: AvailabilityAsk, key: SeriesKey, span: PeriodSpan): Promise<number | null> {
  const entry = kept.get(keyOf(key));
  if (entry === undefined || entry.firstAt >= span.to || entry.lastAt < span.from) return null;
  const table = await wholeOf(measuring, key, span, ['timeMean', 'coveredS']);
  let [area, coveredS] = [0, 0];
  for (let place = 0; place < table.length; place++) {
    const covered = table.figure(place, 'coveredS');
    if (covered > 0) area += table.figure(place, 'timeMean') * covered;
    coveredS += covered;
  }
  return coveredS === 0 ? null : area / coveredS;
}
