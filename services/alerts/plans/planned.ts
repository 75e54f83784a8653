import { type Instant, instant, minutes, plus } from '#core/time.ts';
import type { IncidentEvent } from './events.ts';
import { figuresOf } from './figures.ts';
import { askOutlookAnew } from './outlook.ts';
import type { IncidentState, PlannedWindow } from './state.ts';
import { bothTexts, clockTime } from './texts.ts';
import type { Turn } from './turn.ts';

/**
 * An announced cut (O-PWR-1). Ahead of it the incident is `preparing`: mains is there, steps of the stage `prepare` run, and
 * nothing is taken away from users but by a person's order (I3). When mains is lost within the window, what was announced is
 * the outlook: it is judged by its length like a person's answer, and like one it may be revised.
 */

/** Cuts begin and end a little off their time. */
export const TOLERANCE = minutes(15);
/** How an incident's trigger begins that was opened ahead of an announced cut. */
export const BY_PLAN = 'planned:';

const wallNow = (state: IncidentState): Instant => instant(state.now + state.offsetMs);
const steady = (state: IncidentState, wall: Instant): Instant => instant(wall - state.offsetMs);

/** Is this the announced cut: has mains been lost, or is it expected to be, about when it was said? */
export function isPlannedOutage(state: IncidentState): boolean {
  const { planned, power } = state;
  if (planned === null) return false;
  const lost = power?.outageSince ?? null;
  return lost === null || within(planned, instant(lost + state.offsetMs));
}

const within = ({ from, to }: PlannedWindow, wall: Instant): boolean =>
  wall >= from - TOLERANCE && wall < to + TOLERANCE;

/** The announced cut is still to come or under way. */
export const plannedIsOpen = (state: IncidentState): boolean =>
  state.planned !== null && wallNow(state) < state.planned.to;

/** A cut was announced, revised or called off while the incident is open. */
export function takePlanned(turn: Turn, event: Extract<IncidentEvent, { type: 'planned' }>): void {
  const { state } = turn;
  const before = state.planned;
  state.planned = event.planned;
  const why = bothTexts(event.reason, event.reason);
  if (event.planned !== null) {
    const [from, to] = [event.planned.from, event.planned.to].map((wall) => clockTime(state, steady(state, wall)));
    turn.record('order', bothTexts(`计划停电：${from?.zh} 至 ${to?.zh}`, `Planned outage: ${from?.en} to ${to?.en}`), {
      who: event.by,
      why,
    });
    return;
  }
  turn.record('order', bothTexts('计划停电已取消', 'The planned outage was called off'), { who: event.by, why });
  // What was said by the plan holds no longer; what a person said since does.
  const { outlook } = state;
  if (before !== null && outlook.kind === 'until' && outlook.until === steady(state, before.to)) {
    askOutlookAnew(turn, bothTexts('计划停电已取消', 'the planned outage was called off'));
  }
}

/** Mains is lost within the window: the announced end is the outlook, unless a person has said something. */
export function takeOutlookOfPlan(turn: Turn): boolean {
  const { state } = turn;
  const { planned, power, outlook } = state;
  if (planned === null || power?.mains !== 'lost' || outlook.kind !== 'unknown') return false;
  const wall = wallNow(state);
  if (wall < planned.from - TOLERANCE || wall >= planned.to) return false;
  if (outlook.by !== null && outlook.by !== 'zhishou') return false;
  if (!turn.once(`planned-outlook/${planned.id}`)) return false;
  state.outlook = { kind: 'until', until: steady(state, planned.to), by: planned.by, at: turn.at };
  const end = clockTime(state, steady(state, planned.to));
  turn.record('decision', bothTexts(`按计划 ${end.zh} 恢复供电`, `By plan mains is back at ${end.en}`), {
    who: planned.by,
    why: bothTexts(planned.reason, planned.reason),
    figures: figuresOf(state),
  });
  return true;
}

/** The start has passed and mains is still there: a person asks what became of it. */
export function tellThatItIsLate(turn: Turn): boolean {
  const { state } = turn;
  const { planned } = state;
  if (planned === null || wallNow(state) < planned.from + TOLERANCE) return false;
  if (!turn.once(`planned-late/${planned.id}`)) return false;
  const from = clockTime(state, steady(state, planned.from));
  const to = clockTime(state, steady(state, planned.to));
  const subject = bothTexts('计划停电尚未开始', 'The planned outage has not begun');
  const body = bothTexts(
    `原定 ${from.zh} 停电，市电仍正常。请致电配电室核实；若已取消或改期，请在页面上取消或重新登记。准备状态保持到 ${to.zh}。`,
    `It was to begin at ${from.en} and mains is still present. Call the power department; if it was called off or moved, cancel it on the page and enter the new time. Preparations stand until ${to.en}.`,
  );
  turn.record('decision', subject, { why: body, figures: figuresOf(state) });
  turn.notify(`planned-late/${planned.id}`, ['duty', 'director'], 'medium', subject, body);
  return true;
}

/** When something may change because of the announced times. */
export function plannedDues(state: IncidentState): Instant[] {
  const { planned } = state;
  if (planned === null) return [];
  const walls = [instant(planned.from - TOLERANCE), plus(planned.from, TOLERANCE), planned.to];
  return walls.map((wall) => steady(state, wall));
}
