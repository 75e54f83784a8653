import { changeStep, commands, decides, hasKills, type Mutant, mayAct } from './mutant.ts';

/** Forgets, repeats, tells nobody, and acts where it must not. */

export const MEMORY: readonly Mutant[] = [
  {
    id: 'forgets-after-restart',
    wrong: 'the journal is not read after a restart',
    breaks: ['I1', 'I4', 'I5', 'I6'],
    engine: () => ({
      journal: (journal, life) => (life === 1 ? journal : { ...journal, streams: () => [], read: () => [] }),
    }),
    concerns: (draft) => mayAct(draft) && hasKills(draft),
  },
  {
    id: 'repeats-after-restart',
    wrong: 'what had begun before a crash is done again without a look',
    breaks: ['I4'],
    engine: () =>
      decides((real) => (before, event) => {
        const decision = real(before, event);
        if (event.type !== 'restarted') return decision;
        for (const step of decision.state.definition.steps) {
          const progress = decision.state.steps[step.id];
          const busy = progress?.state === 'running' || progress?.state === 'verifying';
          if (step.kind !== 'act' || !busy || progress?.run == null) continue;
          const run = { ...progress.run, begunAt: null, endedAt: null, result: null };
          changeStep(decision.state, step.id, { ...progress, state: 'running', verify: null, run });
        }
        return decision;
      }),
    concerns: (draft) => mayAct(draft) && hasKills(draft),
  },
  {
    id: 'drops-messages-at-a-crash',
    wrong: 'what was to be told when it died is told to nobody',
    breaks: ['I5'],
    engine: () => {
      let life = 1;
      let dropped = 0;
      return {
        journal: (journal, number) => {
          life = number;
          dropped = 0;
          return journal;
        },
        notify: (request) => (life > 1 && dropped++ < 3 ? null : request),
      };
    },
    concerns: hasKills,
  },
  {
    id: 'stops-ringing-after-the-list',
    wrong: 'when everybody on the list was called once it goes quiet (L27)',
    breaks: ['I5'],
    engine: () => ({
      notify: (request) => (/\/escalation\/([2-9]|\d\d)/.test(request.key) ? null : request),
    }),
    concerns: (draft) => draft.people.acknowledgeAfterMs === null,
  },
  {
    id: 'tells-nobody',
    wrong: 'incidents run in silence',
    breaks: ['I5'],
    engine: () => ({ notify: (request) => (request.about.incident === undefined ? request : null) }),
  },
  {
    id: 'starts-what-it-did-not-stop',
    wrong: 'everything is switched on at the end, also what somebody had switched off (L22)',
    breaks: ['I6'],
    engine: () =>
      decides((real) => (before, event) => {
        const decision = real(before, event);
        const { phase } = decision.state;
        if ((phase === 'recovering' || phase === 'standing-down') && before?.phase !== phase) {
          for (const step of decision.state.definition.steps) {
            const progress = decision.state.steps[step.id];
            const takes = step.kind === 'act' && ['shutdown', 'power_off', 'shed'].includes(step.operation);
            if (takes && progress !== undefined)
              decision.state.steps = { ...decision.state.steps, [step.id]: { ...progress, ours: true } };
          }
        }
        return decision;
      }),
    concerns: (draft) => mayAct(draft) && draft.scenario.some((one) => one.do.kind === 'outlet'),
  },
  {
    id: 'acts-unarmed',
    wrong: 'a site that nobody has armed is shut down',
    breaks: ['I9'],
    engine: () =>
      decides((real) => (before, event) => {
        if (event.type === 'opened' && event.mode === 'advice')
          return real(before, { ...event, mode: 'live', armed: true });
        return real(before, event.type === 'armed' ? { ...event, armed: true } : event);
      }),
    concerns: (draft) => draft.mode === 'unarmed',
  },
  {
    id: 'rehearses-for-real',
    wrong: 'a rehearsal does what it says',
    breaks: ['I9'],
    engine: () =>
      decides(
        (real) => (before, event) =>
          real(before, event.type === 'opened' && event.mode === 'rehearsal' ? { ...event, mode: 'live' } : event),
      ),
    concerns: (draft) => draft.mode === 'rehearsal',
  },
  {
    id: 'decides-without-figures',
    wrong: 'decisions name neither reason nor figures',
    breaks: ['I7'],
    engine: () =>
      commands((made) =>
        made.map((command) =>
          command.type === 'record' && command.entry.kind === 'decision'
            ? { ...command, entry: { ...command.entry, why: null, figures: {} } }
            : command,
        ),
      ),
  },
  {
    id: 'rolls-dice',
    wrong: 'decides differently each time',
    breaks: ['I8'],
    engine: () =>
      commands((made) =>
        made.map((command) =>
          command.type === 'poll' && command.everyMs !== null
            ? { ...command, everyMs: command.everyMs + Math.floor(Math.random() * 3000) }
            : command,
        ),
      ),
    concerns: (draft) => draft.seed % 16 === 0,
  },
];
