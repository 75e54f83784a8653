import type { Running, World } from './state.ts';
import { inputGood, lineGood, motorsRunAt, tell, upsInputGood } from './supply.ts';
import { onInput } from './ups.ts';

/** What mains does: phases, brown-outs, each UPS's own feed, planned cuts and flapping. */

const LINES = [0, 1, 2] as const;
/** Planned cuts and turns of flapping that are kept at once. */
const MOST_EVENTS = 120;

/** Changes what comes in, and lets everything behind it notice; the caller settles the power afterwards. */
export function changeInput(running: Running, change: (world: World) => void, nowMs: number): void {
  const { world } = running;
  const roomBefore = inputGood(running);
  const linesBefore = LINES.map((line) => lineGood(running, line));
  const feedsBefore = world.upses.map((_, index) => upsInputGood(running, index));
  change(world);
  running.revision++;
  const room = inputGood(running);
  const same = new Set(world.mains.voltages).size === 1;
  for (const line of LINES) {
    const good = lineGood(running, line);
    // All phases at once is the mains itself.
    if (good !== linesBefore[line] && !(same && new Set(linesBefore).size === 1))
      tell(running, `mains/L${line + 1}`, good ? 'phase-back' : 'phase-lost', nowMs);
  }
  if (room !== roomBefore) tell(running, 'mains', room ? 'mains-back' : 'mains-lost', nowMs);
  for (const [index, ups] of world.upses.entries()) {
    const good = upsInputGood(running, index);
    if (good === feedsBefore[index]) continue;
    if (good !== room || room === roomBefore) tell(running, ups.id, good ? 'input-back' : 'input-lost', nowMs);
    onInput(running, index, good, nowMs);
  }
  for (const [index, cooling] of world.cooling.entries()) {
    if (motorsRunAt(running, index)) continue;
    cooling.on = false;
    cooling.restUntilAt = null;
  }
}

export function setMains(running: Running, voltages: readonly number[], nowMs: number): void {
  const [a = 0, b = 0, c = 0] = voltages;
  changeInput(
    running,
    (world) => {
      world.mains = {
        voltages: [a, b, c],
        frequency: a + b + c > 0 ? running.plan.mainsFrequency : 0,
      };
    },
    nowMs,
  );
}

export function setMainsPresent(running: Running, present: boolean, nowMs: number): void {
  const volts = present ? running.plan.mainsVoltage : 0;
  setMains(running, [volts, volts, volts], nowMs);
}

export function setLine(running: Running, line: number, volts: number, nowMs: number): void {
  setMains(
    running,
    running.world.mains.voltages.map((now, index) => (index === line - 1 ? volts : now)),
    nowMs,
  );
}

/** A cut in `afterMs`, for `lastsMs`; with no length all that have not begun are taken back. */
export function planCut(running: Running, afterMs: number, lastsMs: number, nowMs: number): void {
  const { world } = running;
  if (lastsMs <= 0) {
    const begun = world.cuts.filter((cut) => cut.startAt <= nowMs);
    world.mainsEvents = world.mainsEvents.filter(
      (event) => event.cutAt === null || begun.some((cut) => cut.startAt === event.cutAt),
    );
    world.cuts = begun;
    return;
  }
  const startAt = nowMs + afterMs;
  world.cuts.push({ startAt, endAt: startAt + lastsMs });
  schedule(world, [
    { at: startAt, present: false, cutAt: startAt },
    { at: startAt + lastsMs, present: true, cutAt: startAt },
  ]);
}

export function flap(running: Running, times: number, awayMs: number, backMs: number, nowMs: number): void {
  const { world } = running;
  const turn = awayMs + backMs;
  schedule(
    world,
    Array.from({ length: times }, (_, index) => [
      { at: nowMs + index * turn, present: false, cutAt: null },
      { at: nowMs + index * turn + awayMs, present: true, cutAt: null },
    ]).flat(),
  );
}

function schedule(world: World, events: World['mainsEvents']): void {
  world.mainsEvents = [...world.mainsEvents, ...events].sort((a, b) => a.at - b.at).slice(0, MOST_EVENTS);
}

/** What is due of planned cuts and flapping. True: something changed. */
export function runMainsEvents(running: Running, nowMs: number): boolean {
  const { world } = running;
  let changed = false;
  for (let next = world.mainsEvents[0]; next !== undefined && next.at <= nowMs; next = world.mainsEvents[0]) {
    world.mainsEvents.shift();
    setMainsPresent(running, next.present, nowMs);
    changed = true;
  }
  if (changed) world.cuts = world.cuts.filter((cut) => cut.endAt > nowMs);
  return changed;
}
