import type { Text } from '../text.ts';

/** The half-yearly battery test (O-BAT-1), as the alerts service runs it and everybody reads it. Instants are ISO 8601 UTC. */
export const BATTERY_TEST_STATES = [
  'checking',
  'ready',
  'starting',
  'discharging',
  'stopping',
  'recharging',
  'done',
  'failed',
  'abandoned',
] as const;
export type BatteryTestState = (typeof BATTERY_TEST_STATES)[number];

export interface BatteryTestView {
  /** `bt-ups-1-2026-11-23`. */
  readonly id: string;
  readonly ups: string;
  readonly upsName: Text;
  readonly state: BatteryTestState;
  readonly startedBy: string;
  readonly createdAt: string;
  /** Must hold before it begins: no other incident, full charge, load, recharged since the last outage, the other supply alive, a person on site. */
  readonly preconditions: readonly {
    readonly id: string;
    readonly label: Text;
    readonly holds: boolean | null;
    readonly detail: Text;
  }[];
  /** `ups`: it is ordered to test itself; `by-hand`: a person switches its mains off. */
  readonly way: 'ups' | 'by-hand';
  /** Below it the battery would not carry the room's own shutdown any more: at %, or at seconds of runtime, whichever comes first. */
  readonly floor: { readonly charge: number; readonly runtimeS: number };
  /** A little above the floor, so that a person has time to restore mains: there the discharge ends by itself. */
  readonly stopsAt: { readonly charge: number; readonly runtimeS: number };
  /** When it gets there by what is known now; null: not discharging, or not known. */
  readonly stopsAbout: string | null;
  /** What the person on site may say now. */
  readonly mayConfirm: readonly BatteryTestWord[];
  /** Until when the person has time for what `now` asks; null: no hurry. */
  readonly until: string | null;
  readonly discharge: { readonly from: string; readonly to: string | null } | null;
  /** Of the discharge, thinned to 500 points at most. */
  readonly curve: readonly BatteryCurvePoint[];
  readonly result: BatteryTestResult | null;
  /** Why it stopped, was refused or failed. */
  readonly reason: Text | null;
  /** What the person on site is to do now. */
  readonly now: Text | null;
  readonly simulated: boolean;
}

/** What a person says: go on, the breaker is open, the breaker is closed again. */
export const BATTERY_TEST_WORDS = ['begin', 'mains-off', 'mains-on'] as const;
export type BatteryTestWord = (typeof BATTERY_TEST_WORDS)[number];

/** Nothing of it comes any more. */
export const isOverTest = ({ state }: Pick<BatteryTestView, 'state'>): boolean =>
  state === 'done' || state === 'failed' || state === 'abandoned';

export interface BatteryCurvePoint {
  readonly at: string;
  /** %. */
  readonly charge: number | null;
  /** V. */
  readonly voltage: number | null;
  /** W. */
  readonly power: number | null;
  /** s, by the UPS. */
  readonly runtime: number | null;
  /** °C. */
  readonly temperature: number | null;
}

export interface BatteryTestResult {
  readonly dischargedWh: number;
  readonly dischargedShare: number;
  /** Wh from full to empty at this load, and what was rated; null: not told. */
  readonly capacityWh: number;
  readonly ratedWh: number | null;
  /** 0 to 1. */
  readonly health: number | null;
  readonly before: {
    readonly id?: string | undefined;
    readonly at: string;
    readonly health: number | null;
    readonly capacityWh: number;
  } | null;
  /** s at this load, from full to empty: what the UPS promised when it began, and what was measured. */
  readonly promisedS: number | null;
  readonly measuredS: number;
  /** The runtime forecast goes by it from now on. */
  readonly recalibrated: boolean;
  /** How good the figures are, and why. */
  readonly quality: 'good' | 'fair' | 'poor';
  readonly qualityNote: Text;
  /** The mean load that `capacityWh` and `measuredS` are for, W. */
  readonly atLoadW: number;
  /** What the runtime forecast went by before and goes by now, from full to empty, and why it changed or did not. */
  readonly forecast: {
    readonly before: BatteryModel | null;
    readonly after: BatteryModel | null;
    readonly why: Text;
  };
}

/** From full to empty at a load. */
export interface BatteryModel {
  readonly runtimeS: number;
  readonly atLoadW: number;
}

/** A test without its curve and conditions: for lists. */
export type BatteryTestSummary = Omit<BatteryTestView, 'curve' | 'preconditions'>;

/** A UPS whose battery may be tested, and how. */
export interface TestableUps {
  readonly ups: string;
  readonly name: Text;
  readonly ways: readonly BatteryTestView['way'][];
  /** Which breaker a person opens. */
  readonly breaker: Text | null;
}

export interface BatteryTestsResponse {
  /** Newest first. */
  readonly tests: readonly BatteryTestSummary[];
  /** `cursor` of the next page; null: this was the last. */
  readonly next: string | null;
  readonly upses: readonly TestableUps[];
}

export interface BatteryTestResponse {
  readonly test: BatteryTestView;
  /** The discharge of the last whole test of this UPS before it, to compare with; empty: there is none. */
  readonly previousCurve: readonly BatteryCurvePoint[];
}
