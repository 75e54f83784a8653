import type { BatteryModel, BatteryTestResult, BatteryTestState } from '../paperwork/battery-test.ts';
import type { Text } from '../text.ts';
import type { Duration, Instant } from '../time.ts';

/** A guided battery test as it is kept: everything that the next step needs, and nothing of the outside. JSON. */
export interface BatteryTest {
  readonly id: string;
  readonly ups: string;
  readonly upsName: Text;
  readonly way: 'ups' | 'by-hand';
  readonly settings: TestSettings;
  readonly state: BatteryTestState;
  readonly startedBy: string;
  readonly createdAt: Instant;
  /** In this state since. */
  readonly since: Instant;
  readonly simulated: boolean;
  readonly floor: Floor;
  readonly stopsAt: Floor;
  readonly preconditions: readonly Precondition[];
  /** How things stood when it began: what comes later is compared with it. */
  readonly atBegin: TestFacts | null;
  readonly begunBy: string | null;
  /** By hand: a person has said that the breaker is open. */
  readonly saidOff: boolean;
  readonly saidOn: boolean;
  /** When the UPS was seen on its battery first. */
  readonly from: Instant | null;
  /** When it was proven back on mains. */
  readonly to: Instant | null;
  readonly curve: readonly CurveSample[];
  readonly last: TestSample | null;
  readonly stop: StopOrder | null;
  /** By hand: the alarm of this UPS's missing mains is explained by the test no more, whatever comes. */
  readonly released: boolean;
  /** Samples in a row that say: back on mains. */
  readonly backSamples: number;
  readonly lowestCharge: number | null;
  readonly result: BatteryTestResult | null;
  readonly reason: Text | null;
  /** Already said to people: `restore`, `escalated-2`. */
  readonly told: readonly string[];
}

export interface Floor {
  /** %. */
  readonly charge: number;
  /** s. */
  readonly runtimeS: number;
}

export interface Precondition {
  readonly id: string;
  readonly label: Text;
  /** Null: it cannot be told; that is no yes. */
  readonly holds: boolean | null;
  readonly detail: Text;
}

export interface StopOrder {
  readonly at: Instant;
  readonly why: 'floor' | 'person' | 'doubt' | 'ended';
  readonly orders: number;
  readonly orderedAt: Instant | null;
}

/** From devices.yaml, frozen when the test is made. */
export interface TestSettings {
  readonly floor: { readonly charge: number; readonly runtimeS: number };
  /** By hand: so long a person has to close the breaker again. */
  readonly restoreS: number;
  /** No open incident, and none announced, for so long ahead. */
  readonly clearAheadMs: Duration;
  readonly mainsStableMs: Duration;
  readonly rechargeMs: Duration;
  /** Per cent of the rated power. */
  readonly load: { readonly least: number; readonly most: number };
  /** °C. */
  readonly temperature: { readonly least: number; readonly most: number };
  /** Which breaker: for the person on site. */
  readonly breaker: Text | null;
  /** What the maker promises of a new battery; null: not told. */
  readonly rated: { readonly runtimeS: number; readonly atLoadW: number } | null;
}

/** One look at the UPS; null where it does not say. */
export interface TestSample {
  readonly at: Instant;
  /** NUT's tokens: `OL CAL DISCHRG`. */
  readonly status: string | null;
  readonly charge: number | null;
  readonly voltage: number | null;
  readonly power: number | null;
  readonly loadPercent: number | null;
  readonly runtimeS: number | null;
  readonly temperature: number | null;
  readonly inputVoltage: number | null;
  /** The lowest credible time until the battery is empty, by the outage plans' own estimate. */
  readonly remainingS: number | null;
}

/** `wh`: watt-hours delivered since the discharge began. */
export interface CurveSample {
  readonly at: Instant;
  readonly charge: number | null;
  readonly voltage: number | null;
  readonly power: number | null;
  readonly runtime: number | null;
  readonly temperature: number | null;
  readonly wh: number;
}

/** Everything outside that the test looks at, at one moment. */
export interface TestFacts {
  readonly sample: TestSample | null;
  /** On mains without a pause since; null: it is not, or nobody knows. */
  readonly mainsSince: Instant | null;
  /** When its battery was last discharged; null: never, as far as is known. */
  readonly dischargedAt: Instant | null;
  /** Since when somebody has looked whether it is. */
  readonly watchedSince: Instant | null;
  readonly incidents: readonly string[];
  /** The next announced cut. */
  readonly outageAt: Instant | null;
  /** Firing: safety alerts and grave ones, the test's own left out. */
  readonly alerts: readonly { readonly id: string; readonly title: Text }[];
  readonly consumers: { readonly all: number; readonly redundant: number };
  /** `onBattery`: null where it is silent. */
  readonly others: readonly { readonly id: string; readonly name: Text; readonly onBattery: boolean | null }[];
  readonly working: boolean;
  /** The person who began says to be there. */
  readonly onSite: boolean;
  readonly armed: boolean;
  /** The room's own plan that this UPS belongs to; null: there is none. */
  readonly need: {
    readonly needS: number;
    readonly bareS: number;
    readonly share: number;
    readonly leastS: number;
  } | null;
  /** From full to empty at this load, by the lower of the model and the UPS's own figure, s. */
  readonly fullS: number | null;
  readonly otherTest: string | null;
  /** What earlier tests of this UPS found. */
  readonly first: PastTest | null;
  readonly previous: PastTest | null;
  /** What the runtime forecast goes by now. */
  readonly model: BatteryModel | null;
}

export interface PastTest {
  readonly id: string;
  readonly at: Instant;
  readonly health: number | null;
  readonly capacityWh: number;
  readonly atLoadW: number;
}

export type TestEvent =
  | { readonly type: 'facts'; readonly facts: TestFacts }
  | { readonly type: 'begin'; readonly by: string }
  | { readonly type: 'mains-off'; readonly by: string }
  | { readonly type: 'mains-on'; readonly by: string }
  | { readonly type: 'stop'; readonly by: string; readonly reason: string | null }
  | {
      readonly type: 'order-ended';
      readonly order: 'start' | 'stop';
      readonly result: 'ok' | 'failed' | 'unknown';
      readonly detail: string;
    }
  /** The service begins anew; nobody looked in between. */
  | { readonly type: 'resumed' };

export type TestCommand =
  | { readonly do: 'order'; readonly order: 'start' | 'stop'; readonly attempt: number }
  | {
      readonly do: 'tell';
      readonly key: string;
      readonly severity: 'high' | 'medium' | 'low';
      readonly phase: 'raised' | 'reminder' | 'recovered' | 'information';
      readonly subject: Text;
      readonly body: Text;
    }
  | { readonly do: 'poll'; readonly fast: boolean }
  /** A line of the journal: `battery-test.begun`. */
  | { readonly do: 'record'; readonly kind: string; readonly text: Text }
  /** The runtime forecast goes by this from now on. */
  | { readonly do: 'recalibrate'; readonly model: BatteryModel };

export interface Stepped {
  readonly state: BatteryTest;
  readonly commands: readonly TestCommand[];
}
