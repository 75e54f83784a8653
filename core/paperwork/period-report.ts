import type { Severity } from '../config/rule.ts';
import type { Text } from '../text.ts';
import type { DutyFigures } from './duty-view.ts';

/**
 * The weekly report (O-WK-1..3), and the monthly, quarterly and yearly one by the same machine: plain figures in no language, so that page,
 * Word, PDF, Excel and the command line write the same. Instants are ISO 8601 UTC; temperatures °C, humidity %, lengths in seconds.
 */
export const PERIODS = ['weekly', 'monthly', 'quarterly', 'yearly'] as const;
export type Period = (typeof PERIODS)[number];

export interface PeriodReport {
  /** `weekly-2026-W46`, `monthly-2026-11`, `quarterly-2026-Q4`, `yearly-2026`. */
  readonly id: string;
  readonly period: Period;
  /** `2026-W46` and so on. */
  readonly name: string;
  readonly from: string;
  /** Exclusive. */
  readonly to: string;
  readonly timeZone: string;
  readonly siteName: Text;
  readonly simulated: boolean;
  readonly generatedAt: string;
  /** False: the period is not over yet. */
  readonly final: boolean;
  /** One paragraph of plain words. */
  readonly summary: Text;
  readonly standard: { readonly id: string; readonly name: Text; readonly source: string };
  readonly rooms: readonly RoomClimate[];
  readonly excursions: readonly Excursion[];
  readonly ups: readonly UpsReport[];
  readonly cooling: readonly EquipmentReport[];
  readonly power: readonly EquipmentReport[];
  readonly network: readonly AvailabilityReport[];
  readonly services: readonly AvailabilityReport[];
  readonly incidents: readonly IncidentLine[];
  readonly drills: readonly IncidentLine[];
  /** ISA-18.2 figures of the period (core/alarm-figures); null: nothing was recorded. */
  readonly alarms: AlarmSummary | null;
  readonly duties: DutyFigures;
  readonly missedDuties: readonly {
    readonly id: string;
    readonly title: Text;
    readonly dueAt: string;
    readonly state: string;
  }[];
  readonly repairs: readonly RegisterLine[];
  readonly changes: readonly RegisterLine[];
  readonly batteryTests: readonly BatteryTestLine[];
  readonly tasks: readonly TaskLine[];
  readonly minutes: readonly DecisionLine[];
  readonly onDuty: readonly {
    readonly function: string;
    readonly person: string;
    readonly name: Text;
    readonly from: string;
    readonly to: string;
  }[];
  /** What could not be told, and why: a gap is never hidden. */
  readonly gaps: readonly Text[];
}

/** A figure beside the one of the period before; null: there was none. */
export interface Figure {
  readonly value: number | null;
  readonly before: number | null;
}

export interface ClimateFigures {
  /** Time-weighted. */
  readonly mean: Figure;
  readonly min: Figure;
  readonly minAt: string | null;
  readonly max: Figure;
  readonly maxAt: string | null;
  /** Share of the period with a good value, 0 to 1. */
  readonly coverage: number;
  /** Seconds outside the standard's limits, and degree-hours (%·h for humidity) beyond them. */
  readonly outsideS: Figure;
  readonly degreeHours: Figure;
}

export interface SensorClimate {
  readonly device: string;
  readonly name: Text;
  readonly point: string;
  readonly pointName: Text;
  readonly quantity: 'temperature' | 'humidity' | 'dew-point';
  readonly unit: string;
  readonly figures: ClimateFigures;
  readonly low: number | null;
  readonly high: number | null;
}

export interface RoomClimate {
  readonly room: string;
  readonly name: Text;
  /** Of all its sensors together, one a quantity. */
  readonly whole: readonly Omit<SensorClimate, 'device' | 'point'>[];
  readonly sensors: readonly SensorClimate[];
  /** Ids of charts of this room. */
  readonly charts: readonly string[];
}

export interface Excursion {
  readonly device: string;
  readonly name: Text;
  readonly point: string;
  readonly pointName: Text;
  readonly unit: string;
  readonly from: string;
  readonly to: string;
  readonly worst: number;
  readonly worstAt: string;
  readonly limit: number;
  readonly degreeHours: number;
  /** Incidents, alerts and register entries of the same time. */
  readonly joined: readonly {
    readonly kind: 'incident' | 'alert' | 'entry';
    readonly id: string;
    readonly title: Text;
    readonly path: string;
  }[];
}

export interface UpsReport {
  readonly device: string;
  readonly name: Text;
  readonly load: { readonly mean: Figure; readonly max: Figure };
  readonly charge: { readonly min: Figure };
  readonly temperature: { readonly mean: Figure; readonly max: Figure } | null;
  readonly onBatteryS: Figure;
  readonly transfers: Figure;
  readonly health: number | null;
  readonly coverage: number;
}

export interface EquipmentReport {
  readonly device: string;
  readonly name: Text;
  /** What is told of this kind: `Supply air, mean`, `Input voltage, lowest`. */
  readonly figures: readonly { readonly label: Text; readonly unit: string; readonly figure: Figure }[];
  readonly faults: number;
  readonly coverage: number;
}

export interface AvailabilityReport {
  readonly device: string;
  readonly name: Text;
  /** Share of the watched time in which it was there, 0 to 1; null: never watched. */
  readonly availability: Figure;
  readonly downS: number;
  readonly outages: readonly { readonly from: string; readonly to: string }[];
  readonly latency: Figure;
  /** In planned maintenance: not counted as down. */
  readonly maintenanceS: number;
}

export interface IncidentLine {
  readonly id: string;
  readonly title: Text;
  readonly mode: string;
  readonly level: string;
  readonly from: string;
  readonly to: string | null;
  readonly result: Text;
  readonly path: string;
  readonly score: number | null;
}

export interface AlarmSummary {
  readonly alarms: Figure;
  readonly perDay: Figure;
  readonly worstTenMinutes: number;
  readonly floodShare: Figure;
  readonly stale: number;
  readonly chattering: number;
  readonly pagesPerPerson: readonly { readonly person: string; readonly name: Text; readonly pages: number }[];
  readonly bySeverity: Readonly<Record<Severity, number>>;
  readonly mostFrequent: readonly { readonly title: Text; readonly count: number; readonly suggestion: Text | null }[];
}

export interface RegisterLine {
  readonly entry: string;
  readonly register: string;
  readonly title: Text;
  readonly state: Text;
  readonly open: boolean;
  readonly dueAt: string | null;
  readonly path: string;
}

export interface BatteryTestLine {
  readonly id: string;
  readonly device: string;
  readonly name: Text;
  readonly at: string;
  readonly result: Text;
  /** Share of the rated capacity, 0 to 1. */
  readonly health: number | null;
  readonly before: number | null;
  readonly chart: string | null;
}

export interface TaskLine {
  readonly id: string;
  readonly title: Text;
  readonly owner: Text | null;
  readonly state: 'open' | 'overdue' | 'done' | 'dropped';
  readonly dueAt: string;
}

/** What became of a decision of an earlier meeting. */
export interface DecisionLine {
  readonly meeting: string;
  readonly text: Text;
  readonly owner: Text | null;
  readonly dueAt: string | null;
  readonly state: 'open' | 'overdue' | 'done' | 'dropped' | 'noted';
}

/** One archived report, in the list. */
export interface ArchivedReport {
  readonly id: string;
  readonly period: Period;
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly madeAt: string;
  /** SHA-256 of each archived file, by its name; the list is chained, so that none can be exchanged or left out unseen. */
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[];
  readonly intact: boolean;
  readonly mailed: readonly { readonly to: string; readonly at: string | null; readonly error: string | null }[];
  readonly summary: Text;
}
