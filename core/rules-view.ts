import type { ConfigProblem } from './config/config.ts';
import type { Rule, Severity } from './config/rule.ts';
import type { LimitTest, RuleOverride } from './rule-override.ts';
import type { Text } from './text.ts';

/** The rules that really run, as the alerts service says them on the bus: those of the files, and what people have laid over them. */
export interface RulesView {
  /** When these were taken over; ISO 8601 in UTC. */
  readonly since: string;
  /** When the files were read last. */
  readonly readAt: string;
  /** As the files said then. */
  readonly rules: readonly Rule[];
  readonly overrides: readonly RuleOverride[];
  /** Why the files, as they are now, are not taken over; none: these are the files' rules. */
  readonly problems: readonly ConfigProblem[];
}

export interface RulesResponse {
  /** Null until the alerts service has said which rules run. */
  readonly view: RulesView | null;
  /** By rule and device, of the alerts that are kept here. */
  readonly fired: readonly {
    readonly rule: string;
    readonly device: string;
    readonly times: number;
    readonly lastAt: string;
    readonly firing: boolean;
  }[];
  readonly firedSince: string;
  /** By rule: the devices that it is judged for. */
  readonly concerned: Readonly<Record<string, readonly string[]>>;
  /** By rule, for the `If-Match` of `rule.override`: another one when somebody has changed what is laid over it. */
  readonly versions: Readonly<Record<string, string>>;
}

/** What of a rule people may change. */
export interface RuleNumbers {
  readonly limits: readonly LimitTest[];
  readonly forS: number;
  readonly severity: Severity;
}

/** When a rule would have fired on a device. */
export interface RuleTrySide {
  /** Not judged there at all. */
  readonly off: boolean;
  readonly times: number;
  readonly totalS: number;
  /** The first 500, in order; `to` null: still so at the end. */
  readonly spans: readonly {
    readonly from: string;
    readonly to: string | null;
    readonly chattering: number;
    readonly doubtfulS: number;
  }[];
}

export interface RuleTryResponse {
  readonly rule: string;
  readonly device: string;
  readonly from: string;
  readonly to: string;
  /** So many readings were looked at one by one; hours that their sums show to be calm are not among them. */
  readonly readings: number;
  /** As the files have it for this device, and as it counts now; null: off there. */
  readonly filed: RuleNumbers | null;
  readonly present: RuleNumbers | null;
  readonly now: RuleTrySide;
  readonly edited: RuleTrySide;
  /** Why the change could not be saved; null: it could. */
  readonly refused: Text | null;
}
