import { decides, type Mutant, mayAct } from './mutant.ts';

/** Takes one thing for another. */

export const MISUNDERSTANDS: readonly Mutant[] = [
  {
    id: 'closes-too-early',
    wrong: 'the incident is closed as soon as mains is back, whatever is still off',
    breaks: ['I6'],
    engine: () =>
      decides((real) => (before, event) => {
        const decision = real(before, event);
        const began = decision.state.phase === 'settling' && before?.phase !== 'settling';
        if (began || before?.phase === 'closed') decision.state.phase = 'closed';
        return before?.phase === 'closed' ? { state: decision.state, commands: [] } : decision;
      }),
    concerns: mayAct,
  },
];
