import { ALERT_CHANGES, type AlertEvent } from '../alert-event.ts';
import type { Severity } from '../config/rule.ts';
import { fromIso, type Instant, instant, plus, seconds } from '../time.ts';

/** One alert that fired, put together from its lines in the alert log. */
export interface Alarm {
  readonly id: string;
  readonly rule: string;
  readonly device: string;
  readonly severity: Severity;
  readonly firedAt: Instant;
  /** When it first stood before people: its firing, or the end of what held it back. Null: it was held back all its life. */
  readonly at: Instant | null;
  /** What held it back when it fired. */
  readonly held: 'inhibited' | 'maintenance' | null;
  readonly acknowledgedAt: Instant | null;
  readonly endedAt: Instant | null;
  /** It ended because its rule went, not because the room was well again. */
  readonly retired: boolean;
  readonly chatteredAt: readonly Instant[];
  readonly shelves: readonly Shelf[];
  readonly simulated: boolean;
}

export interface Shelf {
  readonly by: string;
  readonly from: Instant;
  /** Null: it goes on. */
  readonly to: Instant | null;
}

/** Takes lines in any order; alarms come out the same. */
export interface AlarmCollector {
  add(event: AlertEvent): void;
  /** Puts at most so many alarms together ahead of `alarms`, which does the rest; false: there are more. */
  prepare(most: number): boolean;
  alarms(): Alarm[];
  /** Lines that the next span needs: of alarms that still stand, and of those that ended or fired after `since`. */
  carry(since: Instant): AlertEvent[];
}

/** What is held back within this after it fired was held back as it fired: reasons come a moment later than what they explain. */
const SETTLES = seconds(10);

export function createAlarmCollector(): AlarmCollector {
  const events = new Map<string, AlertEvent[]>();
  const made = new Map<string, Alarm>();
  const changed = new Set<string>();
  const all = (): AlertEvent[][] => [...events.values()].map((lines) => lines.toSorted(inOrder));
  function prepare(most: number): boolean {
    for (const id of [...changed.values().take(most)]) {
      changed.delete(id);
      const alarm = alarmOf((events.get(id) ?? []).toSorted(inOrder));
      if (alarm !== null) made.set(id, alarm);
    }
    return changed.size === 0;
  }
  return {
    prepare,
    add(event) {
      changed.add(event.alert);
      const lines = events.get(event.alert);
      if (lines === undefined) events.set(event.alert, [event]);
      else lines.push(event);
    },
    alarms() {
      prepare(changed.size);
      return [...made.values()].sort((a, b) => a.firedAt - b.firedAt || (a.id < b.id ? -1 : 1));
    },
    carry: (since) =>
      all()
        .filter((lines) => isNeeded(lines, since))
        .flatMap(firstAndLast),
  };
}

const ORDER = new Map(ALERT_CHANGES.map((what, index) => [what, index]));
const inOrder = (a: AlertEvent, b: AlertEvent): number =>
  compare(a.at, b.at) || (ORDER.get(a.what) ?? 0) - (ORDER.get(b.what) ?? 0) || compare(a.by ?? '', b.by ?? '');
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const atOf = ({ at }: AlertEvent): Instant => fromIso(at) ?? instant(0);
const isEnd = ({ what }: AlertEvent): boolean => what === 'cleared' || what === 'retired' || what === 'dismissed';

function isNeeded(lines: readonly AlertEvent[], since: Instant): boolean {
  const last = lines.at(-1);
  return !lines.some(isEnd) || (last !== undefined && atOf(last) >= since);
}

/** An alarm that stands for years with a shelf each day stays small: of each kind of change the first and the last tell enough. */
const firstAndLast = (lines: readonly AlertEvent[]): AlertEvent[] =>
  lines.filter(
    (line) =>
      line === lines.find(({ what }) => what === line.what) ||
      line === lines.findLast(({ what }) => what === line.what),
  );

function alarmOf(lines: readonly AlertEvent[]): Alarm | null {
  const fired = lines.find(({ what }) => what === 'fired');
  if (fired === undefined) return null;
  const firedAt = atOf(fired);
  const end = lines.find(isEnd);
  const endedAt = end === undefined ? null : atOf(end);
  const shown = firstShown(lines, firedAt, endedAt);
  const acknowledged = lines.find(({ what }) => what === 'acknowledged');
  return {
    id: fired.alert,
    rule: fired.rule,
    device: fired.device,
    severity: fired.severity,
    firedAt,
    ...shown,
    acknowledgedAt: acknowledged === undefined ? null : atOf(acknowledged),
    endedAt,
    retired: end?.what === 'retired',
    chatteredAt: lines.filter(({ what }) => what === 'chattering').map(atOf),
    shelves: shelvesOf(lines, endedAt),
    simulated: fired.simulated === true,
  };
}

/** The first time after its firing at which nothing holds it back, for longer than a moment. */
function firstShown(
  lines: readonly AlertEvent[],
  firedAt: Instant,
  endedAt: Instant | null,
): Pick<Alarm, 'at' | 'held'> {
  const holding = new Set<'inhibited' | 'maintenance'>();
  let held: Alarm['held'] = null;
  let free: Instant | null = firedAt;
  for (const line of lines) {
    const at = atOf(line);
    if (at > (endedAt ?? at)) break;
    if (line.what === 'inhibited' || line.what === 'maintenance') {
      if (free !== null && at > plus(free, SETTLES)) break;
      holding.add(line.what);
      if (at <= plus(firedAt, SETTLES)) held ??= line.what;
      free = null;
    } else if (line.what === 'released' || line.what === 'returned') {
      holding.delete(line.what === 'released' ? 'inhibited' : 'maintenance');
      if (holding.size > 0) continue;
      if (at <= firedAt) held = null;
      free ??= at > firedAt ? at : firedAt;
    }
  }
  // What explained it ended with it: nobody was asked to act.
  return { at: free !== null && free === endedAt && held !== null ? null : free, held };
}

function shelvesOf(lines: readonly AlertEvent[], endedAt: Instant | null): Shelf[] {
  const shelves: Shelf[] = [];
  let open: { by: string; from: Instant } | null = null;
  const close = (to: Instant | null): void => {
    if (open !== null) shelves.push({ ...open, to });
    open = null;
  };
  for (const line of lines) {
    const at = atOf(line);
    if (line.what === 'unshelved') close(at);
    if (line.what !== 'shelved') continue;
    close(at);
    open = { by: line.by ?? '', from: at };
  }
  close(endedAt);
  return shelves;
}
