import type { StepState, TimelineKind } from './incident.ts';
import type { DeliveryState } from './notification.ts';
import type { Language } from './text.ts';

/** An incident's written report (O-RPT-1), as the service writes it and the page shows it. */

export interface IncidentReport {
  readonly incident: string;
  readonly language: Language;
  readonly title: string;
  /** 【模拟】, 【演练】 or [SIMULATED], [DRILL], …: shown with the title, always. */
  readonly marks: readonly string[];
  readonly generatedAt: string;
  /** False while the incident is open: an interim report. */
  readonly final: boolean;
  readonly plan: { readonly id: string; readonly version: string; readonly title: string };
  readonly summary: readonly string[];
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  /** What a restart of the monitor in the middle did, one paragraph for each. */
  readonly restarts: readonly string[];
  readonly decisions: readonly ReportEvent[];
  readonly timeline: readonly ReportEvent[];
  readonly steps: readonly ReportStep[];
  readonly acknowledgement: string;
  readonly notifications: readonly ReportNotification[];
  readonly late: readonly ReportFinding[];
  readonly failed: readonly ReportFinding[];
  /** The room's rules this run was to keep, and by which steps (their titles). */
  readonly obligations: readonly { readonly id: string; readonly steps: readonly string[]; readonly state: string }[];
  /** What to improve, proposed from what was late and what failed (O-RPT-1); once the incident is closed each is a task. */
  readonly improvements: readonly string[];
  /** Of a drill that is over (O-DRL-1); null of anything else. */
  readonly score: ReportScore | null;
  /** Charts there is data for: `/incidents/:id/charts/:chart`. */
  readonly charts: readonly { readonly id: string; readonly title: string }[];
}
export interface ReportScore {
  /** 0 to 100. */
  readonly figure: number;
  readonly parts: readonly {
    readonly title: string;
    readonly points: number;
    readonly of: number;
    readonly detail: string;
  }[];
  /** Drills of the same plan before this one, the newest first, at most five. */
  readonly earlier: readonly { readonly incident: string; readonly localTime: string; readonly figure: number }[];
}
export interface ReportEvent {
  readonly seq: number;
  readonly at: string;
  /** In the site's zone: `2026-11-21 03:04:05`. */
  readonly localTime: string;
  /** `+00:12:30` since the incident began. */
  readonly elapsed: string;
  readonly kind: TimelineKind;
  readonly kindLabel: string;
  readonly what: string;
  readonly who: string;
  readonly why: string | null;
  readonly figures: readonly { readonly name: string; readonly label: string; readonly value: string }[];
  readonly step: string | null;
  /** Recomputed clocks, looks that found nothing new: folded away at first. */
  readonly minor: boolean;
}
export interface ReportStep {
  readonly id: string;
  readonly title: string;
  readonly stage: string;
  readonly state: StepState;
  readonly stateLabel: string;
  readonly device: string | null;
  readonly who: string | null;
  readonly answer: string | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly durationS: number | null;
  readonly expectedS: number | null;
  readonly attempts: number;
  readonly detail: string | null;
}
export interface ReportNotification {
  readonly at: string;
  readonly sentAt: string | null;
  /** When it was sent, or else queued, in the site's zone. */
  readonly localTime: string;
  readonly person: string;
  readonly channel: string;
  readonly subject: string;
  readonly state: DeliveryState;
  readonly stateLabel: string;
  readonly attempts: number;
  readonly error: string | null;
}
export interface ReportFinding {
  readonly what: string;
  readonly detail: string;
  readonly byS: number | null;
}
