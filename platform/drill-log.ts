import { join } from 'node:path';
import { z } from 'zod';
import { type Instant, instant } from '#core/time.ts';
import { readText, writeAtomically } from './files.ts';

/** Past drills, one JSON line each in the state directory: for the report beside the present one, and for readiness (O-DRL-1). */

export const pastDrillSchema = z.object({
  at: z.number().int(),
  site: z.string(),
  plan: z.string(),
  version: z.string(),
  /** drill: in the simulated room · rehearsal: on the real configuration. */
  mode: z.enum(['drill', 'rehearsal']),
  scenario: z.string(),
  outcome: z.string().nullable(),
  /** 0–100; null for a rehearsal, in which nobody was rung. */
  score: z.number().nullable(),
  acknowledgedS: z.number().nullable(),
  late: z.number().int(),
  lacks: z.number().int(),
  /** Invariants that were not kept; targets that a rehearsal could not reach. */
  broken: z.array(z.string()),
});
export type PastDrill = z.infer<typeof pastDrillSchema>;

const FILE = 'drills.jsonl';
const MOST_KEPT = 500;

/** Oldest first. A line that cannot be read is left out: this is a memory, not a journal. */
export function readDrills(stateDirectory: string): readonly PastDrill[] {
  const text = readText(join(stateDirectory, FILE)) ?? '';
  return text.split('\n').flatMap((line) => {
    const parsed = pastDrillSchema.safeParse(parseLine(line));
    return parsed.success ? [parsed.data] : [];
  });
}

export function keepDrill(stateDirectory: string, drill: PastDrill): void {
  const kept = [...readDrills(stateDirectory), drill].slice(-MOST_KEPT);
  writeAtomically(join(stateDirectory, FILE), kept.map((one) => `${JSON.stringify(one)}\n`).join(''));
}

/** Of one site: a state directory may have served another. */
export const drillsOf = (stateDirectory: string, site: string): readonly PastDrill[] =>
  readDrills(stateDirectory).filter((drill) => drill.site === site);

/** When each plan of a site was practised last and reached its end: what readiness asks. */
export function lastDrills(stateDirectory: string, site: string): ReadonlyMap<string, Instant> {
  const last = new Map<string, Instant>();
  for (const drill of drillsOf(stateDirectory, site)) {
    if (drill.outcome !== null) last.set(drill.plan, instant(drill.at));
  }
  return last;
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
