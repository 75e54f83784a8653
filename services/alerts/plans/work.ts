import { type Instant, instant, milliseconds, minus, plus, seconds } from '#core/time.ts';
import { askAgainAt, asksAgainIn } from './ask-again.ts';
import { conditionDues } from './conditions.ts';
import type { ActDefinition } from './definition.ts';
import { dependantDues } from './dependants.ts';
import { elsewhereDues } from './elsewhere.ts';
import { escalationDue } from './escalation.ts';
import type { Command, VerifyCommand } from './events.ts';
import { gateDues } from './gate-notice.ts';
import { ownStepDue } from './own-step.ts';
import { settledAt } from './phases.ts';

import { plannedDues } from './planned.ts';
import { OFF_CONFIRMED_AFTER, silenceOf } from './power.ts';
import { sequenceDues } from './sequence.ts';
import { backupDues } from './spare-backups.ts';
import { ENDED, type IncidentState, type StepProgress } from './state.ts';
import { indexOf } from './step-index.ts';
import { stepList } from './step-list.ts';
import { HEAT_HEARD_WITHIN } from './threat.ts';

/**
 * What a state asks of the shell: commands to give, evidence to look at, the next deadline, poll rates. `decide` sends the
 * difference between the states before and after; a restarted shell gets all of it (the difference to nothing). So what is
 * under way never depends on what a process remembered.
 */
export interface Work {
  readonly acts: ReadonlyMap<string, Command>;
  readonly verifications: ReadonlyMap<string, VerifyCommand>;
  readonly timer: Instant | null;
  readonly polls: ReadonlyMap<string, number>;
}

const NO_WORK: Work = { acts: new Map(), verifications: new Map(), timer: null, polls: new Map() };

/** Evidence is looked at every few seconds while something waits for it, seldom where it may come late or never. */
const LOOK_EVERY_MS = 3000;
const WATCH_EVERY_MS = 15_000;
const JUST_BEFORE = seconds(10);

export function workBetween(before: IncidentState | null, after: IncidentState): Command[] {
  const had = before === null ? NO_WORK : workOf(before);
  const wants = workOf(after);
  const commands: Command[] = [];
  if (had.acts !== wants.acts) compareSteps(had, wants, commands);
  if (had.polls !== wants.polls) comparePolls(had, wants, commands);
  if (wants.timer !== had.timer || before === null) commands.push({ type: 'timer', at: wants.timer });
  return commands;
}

function compareSteps(had: Work, wants: Work, commands: Command[]): void {
  for (const [run, act] of wants.acts) if (!had.acts.has(run)) commands.push(act);
  for (const [step, verify] of wants.verifications) {
    const same = had.verifications.get(step);
    if (same?.since !== verify.since || same.until !== verify.until || same.everyMs !== verify.everyMs)
      commands.push(verify);
  }
  for (const step of had.verifications.keys()) {
    if (!wants.verifications.has(step)) commands.push({ type: 'stop-verify', step });
  }
}

function comparePolls(had: Work, wants: Work, commands: Command[]): void {
  for (const [device, everyMs] of wants.polls) {
    if (had.polls.get(device) !== everyMs) commands.push({ type: 'poll', device, everyMs });
  }
  for (const device of had.polls.keys()) {
    if (!wants.polls.has(device)) commands.push({ type: 'poll', device, everyMs: null });
  }
}

/** A state never changes once it is decided, and each is asked twice: as what came after and as what was before. */
const known = new WeakMap<IncidentState, Work>();

export function workOf(state: IncidentState): Work {
  const before = known.get(state);
  if (before !== undefined) return before;
  const work = state.phase === 'closed' ? NO_WORK : findWork(state);
  known.set(state, work);
  return work;
}

function findWork(state: IncidentState): Work {
  const { acts, verifications, polls, pollsOnBattery } = workOfSteps(state);
  const powerNeedsWatch = state.power !== null && state.power.mains !== 'present';
  const watched = powerNeedsWatch || state.phase === 'settling';
  return { acts, verifications, timer: nextDue(state), polls: watched ? pollsOnBattery : polls };
}

interface WorkOfSteps extends Omit<Work, 'timer'> {
  /** When something of a step is due; when one that did not go down is ordered once more, while it still may be. */
  readonly dues: readonly Instant[];
  readonly asks: readonly Instant[];
  readonly pollsOnBattery: Work['polls'];
}
/** The same as long as no step moves. */
const knownOfSteps = new WeakMap<IncidentState['steps'], WorkOfSteps>();

function workOfSteps(state: IncidentState): WorkOfSteps {
  const found = knownOfSteps.get(state.steps);
  if (found !== undefined) return found;
  const acts = new Map<string, Command>();
  const verifications = new Map<string, VerifyCommand>();
  const devices: string[] = [];
  const rate = state.definition.power?.poll_on_battery ?? milliseconds(5000);
  const index = indexOf(state.definition);
  const list = stepList(state);
  for (const [i, step] of index.acts.entries()) {
    const progress = list[index.actPlaces[i] ?? -1];
    if (progress === undefined) continue;
    const { run, verify } = progress;
    if (progress.state === 'running' && run !== null && run.begunAt === null) {
      acts.set(run.id, { type: 'act', run: run.id, step: step.id, way: run.way });
    }
    if (verify === null) continue;
    verifications.set(step.id, verifyCommand(state, step, progress, verify));
    if (verify.purpose !== 'watch') devices.push(...step.evidenceDevices);
  }
  const pollsOf = (ids: readonly string[]) => new Map(ids.map((id) => [id, rate]));
  const upses = state.definition.power?.ups ?? [];
  const work = {
    dues: stepDues(list),
    asks: index.acts.flatMap((step) => askAgainAt(state, step) ?? []),
    acts,
    verifications,
    polls: pollsOf(devices),
    pollsOnBattery: pollsOf([...upses, ...devices]),
  };
  knownOfSteps.set(state.steps, work);
  return work;
}

function stepDues(list: readonly StepProgress[]): Instant[] {
  const dues: Instant[] = [];
  const take = (at: Instant | null): void => {
    if (at !== null) dues.push(at);
  };
  for (const { state, remindAt, escalateAt, dueAt, verify } of list) {
    // Reminders and the ringing of the next person go on after the default was taken.
    take(remindAt);
    take(escalateAt);
    if (ENDED.has(state)) continue;
    take(dueAt);
    if (verify !== null) take(verify.until);
  }
  return dues;
}

function verifyCommand(
  state: IncidentState,
  step: ActDefinition,
  progress: StepProgress,
  verify: NonNullable<StepProgress['verify']>,
): VerifyCommand {
  return {
    type: 'verify',
    step: step.id,
    since: verify.since,
    until: verify.until,
    everyMs: verify.purpose === 'watch' ? WATCH_EVERY_MS : LOOK_EVERY_MS,
    run: progress.run?.id ?? `${state.id}/${step.id}/${progress.attempts}`,
    // Whether it is so already may be read from the last poll; what a command did only from later ones (L16).
    runStartedAt:
      verify.purpose === 'before' ? minus(verify.since, JUST_BEFORE) : (progress.run?.begunAt ?? verify.since),
  };
}

/** The next moment at which something may change by time alone. */
export function nextDue(state: IncidentState): Instant | null {
  if (state.phase === 'closed') return null;
  let next = Number.POSITIVE_INFINITY;
  const consider = (at: number | null): void => {
    if (at !== null && at > state.now && at < next) next = at;
  };
  consider(escalationDue(state));
  for (const at of conditionDues(state)) consider(at);
  consider(settledAt(state));
  for (const at of sequenceDues(state)) consider(at);
  for (const at of dependantDues(state)) consider(at);
  for (const at of plannedDues(state)) consider(at);
  for (const at of backupDues(state)) consider(at);
  for (const at of elsewhereDues(state)) consider(at);
  for (const step of indexOf(state.definition).own) consider(ownStepDue(state, step));
  considerThreat(state, consider);
  const { dues, asks } = workOfSteps(state);
  for (const at of dues) consider(at);
  if (asksAgainIn(state)) for (const at of asks) consider(at);
  return Number.isFinite(next) ? instant(Math.ceil(next)) : null;
}

function considerThreat(state: IncidentState, consider: (at: number | null) => void): void {
  const { power, heat, definition } = state;
  if (heat !== null && definition.heat != null) {
    consider(plus(heat.overSince, definition.heat.safe.for));
    // A sensor that falls silent counts no more, and nothing else would say so.
    for (const point of Object.values(heat.points)) consider(plus(point.seenAt, HEAT_HEARD_WITHIN));
  }
  if (power === null || definition.power === null) return;
  for (const ups of Object.values(power.ups)) {
    if (ups.status === 'battery') consider(silenceOf(ups, power, definition.power));
    if (ups.status === 'battery' && ups.believed === null)
      consider(plus(instant(Math.max(ups.since, power.listeningSince)), definition.power.silence_after));
    if (ups.offSince !== null && ups.status !== 'off') consider(plus(ups.offSince, OFF_CONFIRMED_AFTER));
  }
  if (state.phase === 'awaiting-recovery') consider(plus(power.mainsSince, definition.power.recovery.settle));
  for (const at of gateDues(state)) consider(at);
  // Without fresh readings the clocks still run: cuts and forced steps are judged by time.
  if (power.silent && state.phase === 'protecting') consider(plus(state.now, seconds(10)));
}
