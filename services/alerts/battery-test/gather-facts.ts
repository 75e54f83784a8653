import type { AlertView } from '#core/alert.ts';
import type { BatteryTest, TestFacts, TestSample } from '#core/battery-test/state.ts';
import { isDischarging, tokensOf } from '#core/battery-test/ups-state.ts';
import type { Config } from '#core/config/config.ts';
import type { Device } from '#core/config/device.ts';
import type { IncidentView } from '#core/incident.ts';
import type { PlannedOutage } from '#core/outage.ts';
import type { BatteryModel } from '#core/paperwork/battery-test.ts';
import type { LatestReadings } from '#core/rules/latest-readings.ts';
import { fromIso, type Instant, instant, milliseconds } from '#core/time.ts';
import { estimateExhaustion } from '../plans/exhaustion.ts';
import { sourceOf } from '../plans/supply-graph.ts';
import type { Watched } from './discharge-watch.ts';

/** Everything that a battery test looks at, at one moment: only what is fresh and good, everything else is no value. */
export interface FactsSource {
  readonly config: Config;
  readonly latest: Pick<LatestReadings, 'good' | 'reading'>;
  readonly steady: () => Instant;
  readonly watched: (ups: string) => Watched;
  readonly incidents: () => readonly IncidentView[];
  readonly alerts: () => readonly AlertView[];
  readonly outages: () => readonly PlannedOutage[];
  readonly working: (at: Instant) => boolean;
  readonly armed: () => boolean;
  /** Of the plan with this UPS. */
  readonly needOf: (ups: string) => TestFacts['need'];
  readonly modelOf: (ups: string) => BatteryModel | null;
  readonly tests: () => readonly BatteryTest[];
  readonly past: (ups: string) => Pick<TestFacts, 'first' | 'previous'>;
}

/** VRLA at one-hour rates (plans/exhaustion.ts). */
const PEUKERT = 1.15;

export function gatherFacts(source: FactsSource, test: BatteryTest, onSite: boolean, now: Instant): TestFacts {
  const { config, watched } = source;
  const model = source.modelOf(test.ups);
  const sample = sampleOf(source, test, model);
  const { mainsSince, dischargedAt, watchedSince } = watched(test.ups);
  const coming = source
    .outages()
    .flatMap(({ from, to }) => ((fromIso(to) ?? now) > now ? (fromIso(from) ?? []) : []))
    .sort((a, b) => a - b);
  return {
    sample,
    ...{ mainsSince, dischargedAt, watchedSince },
    incidents: source.incidents().flatMap(({ id, phase }) => (phase === 'closed' ? [] : [id])),
    outageAt: coming[0] ?? null,
    alerts: source
      .alerts()
      .flatMap((alert) => (isGrave(alert, test.ups) ? [{ id: alert.id, title: alert.title }] : [])),
    consumers: consumersOf(test.ups, config.devices),
    others: config.devices.flatMap((device) => otherOf(source, device, test.ups)),
    working: source.working(now),
    onSite,
    armed: source.armed(),
    need: source.needOf(test.ups),
    fullS: fullOf(sample, model),
    otherTest:
      source.tests().find(({ id, begunBy, state }) => id !== test.id && begunBy !== null && !OVER.has(state))?.id ??
      null,
    ...source.past(test.ups),
    model,
  };
}

const OVER = new Set(['done', 'failed', 'abandoned']);

/** The tested UPS itself is looked at more closely than by its alerts; that it has no mains is the test. */
const isGrave = ({ state, safety, severity, device }: AlertView, ups: string): boolean =>
  (state === 'firing' || state === 'acknowledged') && (safety || (severity === 'high' && device !== ups));

function sampleOf(source: FactsSource, test: BatteryTest, model: BatteryModel | null): TestSample | null {
  const { latest, config } = source;
  const status = latest.reading(test.ups, 'ups.status');
  if (status === null || status.quality !== 'good') return null;
  const at = status.receivedAt;
  const number = (point: string): number | null => {
    const value = latest.good(test.ups, point, source.steady());
    return typeof value === 'number' && Number.isFinite(value) ? value : null;
  };
  const rated = config.devices.find(({ id }) => id === test.ups)?.rated_power ?? null;
  const loadPercent = number('ups.load');
  const byPercent = loadPercent === null || rated === null ? null : (loadPercent / 100) * rated;
  const plain: Omit<TestSample, 'remainingS'> = {
    at,
    status: typeof status.value === 'string' ? status.value : null,
    charge: number('battery.charge'),
    voltage: number('battery.voltage'),
    power: number('ups.realpower') ?? number('output.realpower') ?? byPercent,
    loadPercent,
    runtimeS: number('battery.runtime'),
    temperature: number('battery.temperature'),
    inputVoltage: number('input.voltage'),
  };
  return { ...plain, remainingS: remainingOf(plain, test, model, rated) };
}

/** As the outage plans would reckon it: the lowest credible of firmware, measured slope and model. */
function remainingOf(
  sample: Omit<TestSample, 'remainingS'>,
  { curve, from }: BatteryTest,
  model: BatteryModel | null,
  ratedW: number | null,
): number | null {
  const began = from ?? sample.at;
  const runtimes = [
    ...curve.slice(-2).map(({ at, runtime }) => [at, runtime] as const),
    [sample.at, sample.runtimeS] as const,
  ];
  const { believed } = estimateExhaustion({
    at: sample.at,
    onBatteryMs: milliseconds(Math.max(0, sample.at - began)),
    samples: [
      ...curve.map(({ at, charge, power }) => [at - began, charge, power] as const),
      [sample.at - began, sample.charge, sample.power],
    ],
    runtimes: runtimes.flatMap(([at, runtime]) => (runtime === null ? [] : [instant(at + runtime * 1000)])),
    charge: sample.charge,
    loadW: sample.power,
    lowBattery: tokensOf(sample).has('LB'),
    battery: {
      test: model === null ? null : { runtimeMs: milliseconds(model.runtimeS * 1000), atLoadW: model.atLoadW },
      ratedW,
    },
    previous: null,
    tripsAt: null,
  });
  return believed === null ? null : (believed.at - sample.at) / 1000;
}

/** From full to empty at this load: the lower of what the UPS says and what the model says. */
function fullOf(sample: TestSample | null, model: BatteryModel | null): number | null {
  if (sample === null) return null;
  const { runtimeS, charge, power } = sample;
  const own = runtimeS === null || charge === null || charge <= 0 ? null : (runtimeS * 100) / charge;
  const byModel =
    model === null || power === null || power <= 0 ? null : model.runtimeS * (model.atLoadW / power) ** PEUKERT;
  if (own === null || byModel === null) return own ?? byModel;
  return Math.min(own, byModel);
}

/** What hangs on this UPS, and how much of it has another supply as well. */
function consumersOf(ups: string, devices: readonly Device[]): TestFacts['consumers'] {
  const byId = new Map(devices.map((device) => [device.id, device]));
  const rootsOf = (id: string, seen: readonly string[]): readonly string[] => {
    const device = byId.get(id);
    if (device === undefined || seen.includes(id)) return [];
    if (device.kind === 'ups' || device.power === undefined) return [id];
    return device.power.feeds.flatMap((feed) => rootsOf(sourceOf(feed), [...seen, id]));
  };
  let all = 0;
  let redundant = 0;
  for (const device of devices) {
    const { power, kind, id } = device;
    if (power === undefined || kind === 'ups' || kind === 'pdu' || kind === 'feed') continue;
    const roots = rootsOf(id, []);
    if (!roots.includes(ups)) continue;
    all++;
    if (roots.filter((root) => root !== ups).length >= power.min_feeds) redundant++;
  }
  return { all, redundant };
}

function otherOf(source: FactsSource, device: Device, ups: string): TestFacts['others'] {
  if (device.kind !== 'ups' || device.id === ups) return [];
  const status = source.latest.good(device.id, 'ups.status', source.steady());
  const onBattery = typeof status !== 'string' ? null : isDischarging({ status }) || tokensOf({ status }).has('OFF');
  return [{ id: device.id, name: device.name, onBattery }];
}
