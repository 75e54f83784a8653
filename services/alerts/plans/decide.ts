import { EXHAUSTION_SOURCES } from '#core/incident.ts';
import type { Value } from '#core/reading.ts';
import { sameText } from '#core/text.ts';
import { minutes, plus } from '#core/time.ts';
import { verified } from './act-proof.ts';
import { resumeAct } from './act-resume.ts';
import { actionBegun, actionEnded } from './acts.ts';
import { takeAlert } from './alerts.ts';
import { takeAnswer } from './answers.ts';
import { askAgain } from './ask-again.ts';
import { updateClocks } from './clocks.ts';
import type { ActDefinition } from './definition.ts';
import { judgeDependants } from './dependants.ts';
import { holdNews, takeHolds } from './elsewhere.ts';
import { escalate } from './escalation.ts';
import type { Command, Decision, IncidentEvent } from './events.ts';
import { figuresOf } from './figures.ts';
import { judgeGeneral } from './general.ts';
import { dutyChanged } from './hand-over.ts';
import { takeTemperature } from './heat.ts';
import { judgeHeldStarts } from './held-starts.ts';
import { peopleTimers } from './late.ts';
import { judgeLevel } from './levels.ts';
import { openState } from './open.ts';
import { applyOrder } from './orders.ts';
import { expireOutlook } from './outlook.ts';

import { tellPartialLoss } from './partial-loss.ts';
import { judgePhase } from './phases.ts';
import { takeOutlookOfPlan, takePlanned } from './planned.ts';
import { newUps, OFF_CONFIRMED_AFTER, takeSample } from './power.ts';
import { CONFIRM_WITHIN, cutBackups } from './sequence.ts';
import { backupNews, spareBackups, takeBackupNews } from './spare-backups.ts';
import type { IncidentState } from './state.ts';
import { progressSteps } from './steps.ts';
import { bothTexts } from './texts.ts';
import { definitionOf, Turn } from './turn.ts';
import { workBetween } from './work.ts';

/**
 * The decision function: `(state, event) → (state, commands)`. Pure: no clock, no I/O, no randomness; the same events give
 * the same state and the same commands, in production, in drills and in the simulator (I8).
 *
 * An event first changes what it is about; then phases, cuts, steps and people's timers are judged again and again until
 * nothing changes; then the difference in work between before and after becomes commands.
 */
export function decide(before: IncidentState | null, event: IncidentEvent): Decision<IncidentState> {
  if (before === null) {
    if (event.type !== 'opened') throw new Error(`an incident begins with "opened", not with "${event.type}"`);
    const turn = openState(event);
    settleAll(turn);
    turn.commands.push(...newsOf(null, turn.state), ...workBetween(null, turn.state), {
      type: 'publish',
      now: true,
    });
    return { state: turn.state, commands: turn.commands };
  }
  if (before.phase === 'closed') return { state: before, commands: [] };
  const turn = new Turn(before, event.at);
  takeContext(turn, event);
  apply(turn, event);
  settleAll(turn);
  turn.commands.push(...newsOf(before, turn.state), ...workBetween(before, turn.state), {
    type: 'publish',
    now: turn.urgent,
  });
  return { state: turn.state, commands: turn.commands };
}

/** What the other incidents of the site should know of it; first what it is at, so that nobody begins the same on the other news. */
const newsOf = (before: IncidentState | null, after: IncidentState): Command[] => [
  ...holdNews(before, after),
  ...backupNews(before, after),
];

/** Many, but bounded: each round ends or begins at least one step, so this is never reached by a plan that `check` accepts. */
const MOST_ROUNDS = 500;

function settleAll(turn: Turn): void {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    updateClocks(turn);
    const changed = [
      takeOutlookOfPlan(turn),
      expireOutlook(turn),
      judgeLevel(turn),
      judgePhase(turn),
      judgeGeneral(turn),
      spareBackups(turn),
      cutBackups(turn),
      judgeDependants(turn),
      askAgain(turn),
      tellPartialLoss(turn),
      judgeHeldStarts(turn),
      // Before the reminders: what is due at one moment is one message.
      escalate(turn),
      peopleTimers(turn),
      progressSteps(turn),
    ];
    if (!changed.includes(true) || turn.state.phase === 'closed') return;
  }
}

function takeContext(turn: Turn, event: IncidentEvent): void {
  if (event.offsetMs !== undefined) turn.state.offsetMs = event.offsetMs;
  if (event.people !== undefined) {
    turn.state.working = event.people.working;
    const before = turn.state.duty;
    turn.state.duty = event.people.duty;
    dutyChanged(turn, before);
  }
  const { unconfirmedSince } = turn.state;
  if (unconfirmedSince !== null && turn.at >= plus(unconfirmedSince, CONFIRM_WITHIN))
    turn.state.unconfirmedSince = null;
}

function apply(turn: Turn, event: IncidentEvent): void {
  switch (event.type) {
    case 'power':
      applySample(turn, event);
      return;
    case 'points':
      turn.state.points = { ...turn.state.points, ...event.points };
      takeHeat(turn, event.points);
      return;
    case 'alert':
      takeAlert(turn, event);
      return;
    case 'answer': {
      const step = definitionOf(turn.state, event.step);
      if (step?.kind === 'ask') takeAnswer(turn, step, event);
      return;
    }
    case 'action-begun':
      onAct(turn, event.step, (step) => actionBegun(turn, step, event.run));
      return;
    case 'action-ended':
      onAct(turn, event.step, (step) => actionEnded(turn, step, event));
      return;
    case 'verified':
      onAct(turn, event.step, (step) => verified(turn, step, event));
      return;
    case 'timer':
      confirmOff(turn);
      return;
    case 'restarted':
      restart(turn, event.armed);
      return;
    case 'backup-elsewhere':
      takeBackupNews(turn, event);
      return;
    case 'holds-elsewhere':
      takeHolds(turn, event);
      return;
    case 'planned':
      takePlanned(turn, event);
      return;
    case 'armed':
      changeArmed(turn, event.armed);
      return;
    case 'opened':
      return;
    default:
      applyOrder(turn, event);
  }
}

function onAct(turn: Turn, id: string, work: (step: ActDefinition) => void): void {
  const step = definitionOf(turn.state, id);
  if (step?.kind === 'act') work(step);
}

function applySample(turn: Turn, event: Extract<IncidentEvent, { type: 'power' }>): void {
  const { power, definition } = turn.state;
  const { sample } = event;
  if (power === null || definition.power === null || !definition.power.ups.includes(sample.ups)) return;
  const before = power.ups[sample.ups] ?? newUps(turn.at);
  const after = takeSample(before, sample, turn.at, definition.power);
  power.ups[sample.ups] = after;
  const since = turn.state.unconfirmedSince;
  // What another UPS on battery said before the restart may be long past: each is heard anew, for as long as that may take.
  const unheard = Object.values(power.ups).some((ups) => ups.status === 'battery' && (ups.seenAt ?? 0) < (since ?? 0));
  if (sample.status !== null && since !== null && !unheard) {
    turn.state.unconfirmedSince = null;
    turn.record('restart', bothTexts('读数已确认重启前的状态', 'A fresh reading confirms where it stood'), {
      figures: { status: sample.status },
    });
  }
  const source = after.believed?.source ?? null;
  if (after.status !== before.status) {
    const words = {
      mains: ['市电', 'mains'],
      battery: ['电池供电', 'on battery'],
      off: ['已关闭', 'off'],
      unknown: ['未知', 'unknown'],
    } as const;
    const [zh, en] = words[after.status];
    const name = turn.state.definition.power?.batteries[sample.ups]?.name ?? sameText(sample.ups);
    turn.record('power', bothTexts(`${name.zh}：${zh}`, `${name.en}: ${en}`), {
      figures: {
        status: sample.status,
        chargePercent: sample.charge,
        runtimeS: sample.runtimeS,
        loadWatts: sample.loadW,
      },
    });
  } else if (source !== (before.believed?.source ?? null) && source !== null && sourceWorthTelling(turn, source)) {
    const by = EXHAUSTION_SOURCES[source];
    turn.record('clocks', bothTexts(`耗尽时间改按 ${by.zh}`, `Exhaustion now by ${by.en}`), {
      why: after.estimates.find((estimate) => estimate.source === source)?.why ?? null,
      figures: { ...figuresOf(turn.state), ups: sample.ups },
    });
  }
}

/** Temperatures of a plan against heat. */
function takeHeat(turn: Turn, points: Readonly<Record<string, Value>>): void {
  const { heat, definition, openedAt } = turn.state;
  if (heat === null || definition.heat == null) return;
  for (const { device, point } of definition.heat.points) {
    const name = `${device}/${point}`;
    const value = points[name];
    if (typeof value !== 'number') continue;
    heat.points[name] = takeTemperature(heat.points[name], value, openedAt, turn.at);
    turn.state.unconfirmedSince = null;
  }
}

/** Where two witnesses say nearly the same, the lowest changes often; the record names each at most every five minutes. */
function sourceWorthTelling(turn: Turn, source: string): boolean {
  const key = `source/${source}`;
  const last = turn.state.told[key];
  if (last !== undefined && turn.at < plus(last, minutes(5))) return false;
  turn.state.told[key] = turn.at;
  return true;
}

/** OFF that lasted while nothing more was heard. */
function confirmOff(turn: Turn): void {
  const { power } = turn.state;
  if (power === null) return;
  for (const [id, ups] of Object.entries(power.ups)) {
    if (ups.offSince === null || ups.status === 'off' || turn.at < plus(ups.offSince, OFF_CONFIRMED_AFTER)) continue;
    power.ups[id] = { ...ups, status: 'off', since: turn.at };
  }
}

function restart(turn: Turn, armed: boolean | undefined): void {
  turn.state.unconfirmedSince = turn.at;
  // Silence is counted from when somebody listens again (L1).
  if (turn.state.power !== null) turn.state.power.listeningSince = turn.at;
  if (armed !== undefined && armed !== turn.state.armed) changeArmed(turn, armed);
  turn.record('restart', bothTexts('系统重启，事件继续', 'Restarted, the incident goes on'), {
    figures: figuresOf(turn.state),
  });
  for (const step of turn.acts()) resumeAct(turn, step);
}

function changeArmed(turn: Turn, armed: boolean): void {
  const { state } = turn;
  state.armed = armed;
  if (state.mode !== 'live' && state.mode !== 'advice') return;
  state.mode = armed ? 'live' : 'advice';
  turn.record(
    'order',
    armed
      ? bothTexts('已授权自动执行', 'Armed: acts by itself')
      : bothTexts('已撤销授权，仅作建议', 'Disarmed: advises only'),
  );
  if (!armed) return;
  for (const step of turn.acts()) {
    if (turn.step(step.id).state === 'advised') {
      Object.assign(turn.edit(step.id), { state: 'pending', verify: null, dueAt: null, startedAt: null });
    }
  }
}
