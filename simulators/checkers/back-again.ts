import { clockTime, type Evidence, type Verdict, verdict } from './evidence.ts';

/** I6: after the return of power all equipment that was shut down is up, in order, or a person has been told which is not and why. */
export function checkBackAgain(evidence: Evidence): Verdict {
  const { truth, incidents } = evidence;
  const wrong = startedTooEarly(evidence);
  if (!truth.mains) return verdict('I6', wrong, 'mains is not back: nothing to bring back yet');
  const open = incidents.filter((view) => view.phase !== 'closed').map((view) => view.phase);
  for (const machine of truth.machines) {
    if (machine.state === 'running' || !wentDown(evidence, machine.device)) continue;
    if (told(evidence, machine.device)) continue;
    wrong.push(
      `${machine.device} is ${machine.state} and nobody was told why${open.length > 0 ? ` (still ${open.join()})` : ''}`,
    );
  }
  return verdict('I6', wrong, 'what was shut down is up again, in order, or a person knows why not');
}

const wentDown = ({ truth }: Evidence, device: string): boolean =>
  truth.transitions.some((one) => one.device === device && (one.to === 'off' || one.to === 'crashed'));

/** A step about it failed, was waived or given as advice: those go to a person by themselves. */
const told = ({ incidents }: Evidence, device: string): boolean =>
  incidents.some((view) =>
    view.steps.some(
      (step) =>
        step.device === device &&
        (step.operation === 'start' || step.operation === 'restore') &&
        ['failed', 'waived', 'advised', 'rehearsed'].includes(step.state),
    ),
  );

/** Switched on by command while something it needs was not yet running. */
function startedTooEarly({ config, truth }: Evidence): string[] {
  const wrong: string[] = [];
  const state = new Map<string, string>();
  for (const change of truth.transitions) {
    const ordered = truth.commands.some(
      (one) => one.command === 'outlet-on' && one.at === change.at && one.effect === 'accepted',
    );
    if (change.to === 'starting' && ordered) {
      for (const need of config.devices.find((one) => one.id === change.device)?.depends_on ?? []) {
        const now = state.get(need);
        // What never changed has been running all the time.
        if (now !== undefined && now !== 'running')
          wrong.push(`${change.device} was started at ${clockTime(change.at)} while ${need} was ${now}`);
      }
    }
    state.set(change.device, change.to);
  }
  return wrong;
}
