import type { CommandBody } from '#core/command.ts';
import type { Config } from '#core/config/config.ts';
import { planSteps } from '#core/config/plan.ts';
import type { IncidentView, StepView } from '#core/incident.ts';
import type { Cancel, Clock } from '#core/ports.ts';
import { type Duration, milliseconds } from '#core/time.ts';
import type { OutlookAnswer, PeopleScript, PersonOrder } from './case.ts';

/** Plays a PeopleScript: acknowledges, answers, does tasks and gives orders, each at the moment that the script names. */

/** Who sends: `person` is an id of people.yaml, which is also the user's name on the page. */
export type SendOrder = (body: CommandBody, by: { readonly person: string; readonly role: 'operator' }) => void;

export interface SwarmPeople {
  /** Feed every published view of an incident. */
  onIncident(view: IncidentView): void;
  /** What was sent and is not yet seen to have worked is sent again after this long, three times at most. */
  stop(): void;
}

const TRY_AGAIN = milliseconds(90_000);
const MOST_TRIES = 4;

export function createSwarmPeople(options: {
  readonly config: Pick<Config, 'people' | 'plans'>;
  readonly script: PeopleScript;
  readonly clock: Clock;
  readonly send: SendOrder;
}): SwarmPeople {
  const { config, script, clock, send } = options;
  const people = config.people.people;
  const latest = new Map<string, IncidentView>();
  const begun = new Set<string>();
  const cancels = new Set<Cancel>();
  let tasks = 0;

  const person = (index: number): string => people[index % people.length]?.id ?? 'nobody';
  const order = (body: CommandBody, index: number): void => send(body, { person: person(index), role: 'operator' });
  const after = (delay: Duration, run: () => void): void => {
    const cancel = clock.after(delay, () => {
      cancels.delete(cancel);
      run();
    });
    cancels.add(cancel);
  };
  /** A person who sees no effect (the monitor was down, the message lost) tries again. */
  const insist = (delay: Duration, stillDue: () => boolean, run: () => void, tries = 0): void =>
    after(delay, () => {
      if (!stillDue()) return;
      run();
      if (tries + 1 < MOST_TRIES) insist(TRY_AGAIN, stillDue, run, tries + 1);
    });
  const stepNow = (incident: string, step: string): StepView | undefined =>
    latest.get(incident)?.steps.find((one) => one.id === step);
  const waits = (incident: string, step: string): boolean => {
    const now = stepNow(incident, step);
    return now?.state === 'waiting' && latest.get(incident)?.phase !== 'closed';
  };

  function ask(view: IncidentView, step: StepView): void {
    const base = { kind: 'incident.answer', incident: view.id, step: step.id } as const;
    const meanings = outlookMeanings(options.config, view, step);
    if (meanings !== null) {
      for (const [index, answer] of script.outlook.entries()) {
        const body = outlookBody(step, meanings, answer);
        if (body === null) continue;
        const due = (): boolean =>
          index === 0 ? waits(view.id, step.id) : stepNow(view.id, step.id) !== undefined && isOpen(view.id);
        // A revision is given once: nothing on the page tells whether it was heard, except the answer itself.
        if (index === 0) insist(answer.afterMs, due, () => order({ ...base, ...body }, 0));
        else after(answer.afterMs, () => due() && order({ ...base, ...body }, 0));
      }
      return;
    }
    for (const choice of script.choices) {
      const option = step.answers[choice.option % Math.max(1, step.answers.length)];
      if (option === undefined) continue;
      const given = option.takes === 'duration' ? { minutes: 30 } : {};
      const due = (): boolean =>
        waits(view.id, step.id) &&
        !(stepNow(view.id, step.id)?.answers.find((one) => one.id === option.id)?.givenBy ?? []).includes(
          person(choice.person),
        );
      insist(choice.afterMs, due, () => order({ ...base, answer: option.id, ...given }, choice.person));
    }
  }
  const isOpen = (incident: string): boolean => latest.get(incident)?.phase !== 'closed';

  function look(view: IncidentView): void {
    if (script.acknowledgeAfterMs !== null && once(`${view.id}/acknowledge`)) {
      const due = (): boolean => latest.get(view.id)?.acknowledged === null && isOpen(view.id);
      insist(script.acknowledgeAfterMs, due, () => order({ kind: 'incident.acknowledge', incident: view.id }, 0));
    }
    for (const step of view.steps) {
      if (step.state !== 'waiting') continue;
      if (step.kind !== 'ask' && step.kind !== 'task') continue;
      if (!once(`${view.id}/${step.id}/${step.startedAt}`)) continue;
      if (step.kind === 'ask') ask(view, step);
      else {
        const takes = script.tasks.length === 0 ? null : (script.tasks[tasks++ % script.tasks.length] ?? null);
        if (takes === null) continue;
        const body = { kind: 'incident.task-done', incident: view.id, step: step.id, note: 'done' } as const;
        insist(
          takes,
          () => waits(view.id, step.id),
          () => order(body, 0),
        );
      }
    }
  }
  const once = (key: string): boolean => !begun.has(key) && begun.add(key) !== undefined;

  for (const one of script.orders) after(one.atMs, () => giveOrder(one, latest, order));
  return {
    onIncident: (view) => {
      latest.set(view.id, view);
      if (view.phase !== 'closed') look(view);
    },
    stop: () => {
      for (const cancel of cancels) cancel();
      cancels.clear();
    },
  };
}

/** An order about an incident goes to the newest open one of its plan; without one there is nothing to order. */
function giveOrder(
  { plan, body, person }: PersonOrder,
  latest: ReadonlyMap<string, IncidentView>,
  order: (body: CommandBody, person: number) => void,
): void {
  if (plan === null) {
    order(body as CommandBody, person);
    return;
  }
  const open = [...latest.values()].findLast((view) => view.plan.id === plan && view.phase !== 'closed');
  if (open !== undefined) order({ ...body, incident: open.id } as CommandBody, person);
}

/** What each option says of mains; null when the question is about something else. */
function outlookMeanings(
  config: Pick<Config, 'plans'>,
  view: IncidentView,
  step: StepView,
): ReadonlyMap<string, string> | null {
  const plan = config.plans.find((one) => one.id === view.plan.id);
  const asked = plan === undefined ? undefined : planSteps(plan).find((one) => one.id === step.id);
  if (asked === undefined || !('ask' in asked)) return null;
  const meanings = asked.ask.answers.flatMap((one) =>
    one.outlook === undefined ? [] : [[one.id, one.outlook] as const],
  );
  return meanings.length === 0 ? null : new Map(meanings);
}

function outlookBody(
  step: StepView,
  meanings: ReadonlyMap<string, string>,
  { says }: OutlookAnswer,
): { answer: string; minutes?: number } | null {
  const wanted = typeof says === 'number' ? 'given' : says;
  const option = step.answers.find(
    (one) => meanings.get(one.id) === wanted && (typeof says !== 'number' || one.takes === 'duration'),
  );
  if (option === undefined) return null;
  return typeof says === 'number' ? { answer: option.id, minutes: says } : { answer: option.id };
}
