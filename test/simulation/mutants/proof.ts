import type { EvidenceChecker } from '#services/alerts/seams.ts';
import { compilesActs, decides, isShutdown, type Mutant, mayAct } from './mutant.ts';

/** Takes saying so for doing so, and order for a habit. */

const believes = (checker: EvidenceChecker, afterMs: number): EvidenceChecker => {
  const asked = new Map<string, number>();
  let looks = 0;
  return {
    check: async (evidence, context) => {
      const items = await checker.check(evidence, context);
      // It looks every few seconds: so many looks are so long a wait.
      const seen = (asked.get(context.run) ?? 0) + 1;
      asked.set(context.run, seen);
      looks++;
      const believed = looks > 0 && seen * 3000 > afterMs;
      return believed ? items.map((item) => ({ ...item, holds: true })) : items;
    },
  };
};

export const PROOF: readonly Mutant[] = [
  {
    id: 'skips-verify',
    wrong: 'a step is done as soon as its command was sent',
    breaks: ['I1', 'I2'],
    engine: () => ({ evidence: (checker) => believes(checker, 0) }),
    concerns: mayAct,
  },
  {
    id: 'cuts-after-fixed-wait',
    wrong: 'a machine is taken for off after half a minute, and its outlet cut',
    breaks: ['I1', 'I2'],
    engine: () => ({ evidence: (checker) => believes(checker, 30_000) }),
    concerns: mayAct,
  },
  {
    id: 'shuts-down-in-any-order',
    wrong: 'arrays and switches do not wait for what depends on them',
    breaks: ['I2'],
    engine: () => compilesActs((act) => (isShutdown(act) ? { ...act, proven: [] } : act)),
    concerns: mayAct,
  },
  {
    id: 'starts-in-any-order',
    wrong: 'servers are started before their array runs',
    breaks: ['I6'],
    engine: () => compilesActs((act) => (act.operation === 'start' ? { ...act, proven: [], after: [] } : act)),
    concerns: mayAct,
  },
  {
    id: 'cuts-outlets-first',
    wrong: 'outlets are cut without waiting for the shutdown',
    breaks: ['I1', 'I2'],
    engine: () => compilesActs((act) => (act.operation === 'power_off' ? { ...act, proven: [], after: [] } : act)),
    concerns: mayAct,
  },
  {
    id: 'cuts-power-instead-of-shutting-down',
    wrong: 'the last resort is the first',
    breaks: ['I1', 'I2'],
    engine: () =>
      compilesActs((act) =>
        isShutdown(act) && act.ways.some((way) => way.cutsPower)
          ? { ...act, ways: act.ways.map((way) => ({ ...way, cutsPower: false })), proven: [], after: [] }
          : act,
      ),
    concerns: mayAct,
  },
  {
    id: 'never-backs-up',
    wrong: 'servers go down without their backup',
    breaks: ['I2'],
    engine: () =>
      decides((real) => (before, event) => {
        if (event.type !== 'opened') return real(before, event);
        const gone = new Set(
          event.definition.steps.filter((one) => one.kind === 'act' && one.operation === 'backup').map((one) => one.id),
        );
        const steps = event.definition.steps
          .filter((one) => !gone.has(one.id))
          .map((one) => ({ ...one, after: one.after.filter((id) => !gone.has(id)) }));
        return real(before, { ...event, definition: { ...event.definition, steps } });
      }),
    concerns: mayAct,
  },
  {
    id: 'stops-at-the-first-failure',
    wrong: 'when one step has failed nothing more is done',
    breaks: ['I1', 'I2', 'I6'],
    engine: () =>
      decides((real) => (before, event) => {
        const failed =
          before !== null &&
          before.phase === 'protecting' &&
          Object.values(before.steps).some((step) => step.state === 'failed');
        return failed && event.type !== 'restarted'
          ? { state: { ...before, now: event.at }, commands: [] }
          : real(before, event);
      }),
    concerns: mayAct,
  },
];
