import type { ConfigProblem } from './config/config.ts';
import type { Rule } from './config/rule.ts';
import type { RuleOverride } from './rule-override.ts';

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
