import type { JournalRecord } from '#core/ports.ts';
import type { Evidence } from '#simulators/checkers/evidence.ts';

/** What a run of a case left behind. */
export interface CaseResult {
  readonly evidence: Evidence;
  /** SHA-256 over the whole journal: equal for equal bytes (I8). */
  readonly journalHash: string;
  /** The journal as text, a record a line. */
  journal(): string;
  records(): readonly JournalRecord[];
  readonly coverage: Coverage;
  readonly simulatedMs: number;
  /** False: an incident was still open when the case's time was up. */
  readonly ended: boolean;
}

export interface Coverage {
  /** `power-outage/shut-servers:done`: a plan's step and the state in which it ended. */
  readonly steps: ReadonlySet<string>;
  /** `phase:settling`, `sequence:ordered`, `source:slope`, `answer:ask-outlook=over`. */
  readonly branches: ReadonlySet<string>;
  /** `mains`, `fault:backup-hangs`, `kill:alerts:journal`. */
  readonly faults: ReadonlySet<string>;
}
