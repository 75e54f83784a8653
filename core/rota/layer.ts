import type { FunctionName } from '../config/people.ts';
import type { Rotation } from '../config/rota.ts';
import type { Text } from '../text.ts';
import { fromIso, type Instant, instant } from '../time.ts';
import { applySwaps, coversOf, type Exception, type RotaChange } from './changes.ts';
import { atClock, localDate, weekdayOf } from './local-days.ts';
import { createTurns, type Turn } from './turns.ts';

/**
 * One rotation with all that changes it: turns, swapped or not; above them the hours that are nobody's; above all overrides and
 * covers, of which the last written wins. Every instant belongs to exactly one span, and a span to one person or to nobody.
 */
export interface Span {
  readonly from: Instant;
  readonly until: Instant;
  /** As `until`, but an override or a cover goes on over the end of a turn. */
  readonly holds: Instant;
  readonly person: string | null;
  readonly why: SpanReason;
  /** Null before the rota begins. */
  readonly turn: string | null;
  /** The live change that made it so. */
  readonly change: string | null;
  readonly reason: string | null;
}
/** `off`: nobody's by intention; `absent`: nobody of the order is there for the turn. */
export type SpanReason = 'rotation' | 'swap' | 'override' | 'cover' | 'off' | 'absent' | 'not-begun';

export interface Layer {
  readonly role: FunctionName;
  readonly name: Text | null;
  spanAt(at: Instant): Span;
  /** Spans that touch the time, in order. At most `limit`. */
  spans(from: Instant, until: Instant, limit?: number): readonly Span[];
  /** A turn with its owner after swaps. */
  turn(id: string): Turn | null;
  turnAt(at: Instant): Turn | null;
  turns(from: Instant, until: Instant): readonly Turn[];
  /** Swaps that no longer fit the configuration. */
  readonly voided: readonly string[];
}

export function createLayer(
  role: FunctionName,
  name: Text | null,
  rotation: Rotation,
  zone: string,
  changes: readonly RotaChange[],
): Layer {
  const turns = createTurns(role, rotation, zone);
  const written = rotation.overrides.map(
    ({ from, to, person, reason }): Exception => ({
      from: fromIso(from) ?? instant(Date.parse(from)),
      to: fromIso(to) ?? instant(Date.parse(to)),
      person,
      ...{ why: 'override', change: null, reason: reason ?? null },
    }),
  );
  const exceptions = [...written, ...coversOf(changes, role)];
  const edges = exceptions.flatMap(({ from, to }) => [from, to]);
  const swaps = applySwaps(changes, role, (id) => turns.byId(id)?.person ?? null);
  const swapped = (turn: Turn): Turn => ({ ...turn, person: swaps.owners.get(turn.id)?.person ?? turn.person });
  const offHours = createOffHours(rotation.off, zone);

  function spanAt(at: Instant): Span {
    const found = turns.at(at);
    const turn = 'begins' in found ? null : found;
    const off = offHours(at);
    const ends = 'begins' in found ? found.begins : found.until;
    const later = [...edges, ...off.edges].filter((edge) => edge > at);
    const earlier = [...edges, ...off.edges].filter((edge) => edge <= at);
    const span = {
      from: instant(Math.max(...earlier, turn?.from ?? Number.NEGATIVE_INFINITY)),
      until: instant(Math.min(...later, ends)),
      holds: instant(Math.min(...later, ends)),
      turn: turn?.id ?? null,
    };
    // The last line that covers the instant wins: it was written with the earlier ones in view.
    const exception = exceptions.findLast(({ from, to }) => from <= at && at < to);
    if (exception !== undefined) {
      const { person, why, change, reason } = exception;
      return { ...span, holds: instant(Math.min(...later)), person, why, change, reason };
    }
    const nobody = { ...span, person: null, change: null, reason: null };
    if (turn === null) return { ...nobody, why: 'not-begun' };
    if (off.now) return { ...nobody, why: 'off' };
    const swap = swaps.owners.get(turn.id);
    if (swap !== undefined) return { ...span, ...swap, why: 'swap' };
    return { ...nobody, person: turn.person, why: turn.person === null ? 'absent' : 'rotation' };
  }

  return {
    role,
    name,
    spanAt,
    spans(from, until, limit = 20_000) {
      const spans: Span[] = [];
      for (let at = from; at < until && spans.length < limit; ) {
        const span = spanAt(at);
        spans.push(span);
        at = span.until;
      }
      return spans;
    },
    turn(id) {
      const turn = turns.byId(id);
      return turn === null ? null : swapped(turn);
    },
    turnAt(at) {
      const found = turns.at(at);
      return 'begins' in found ? null : swapped(found);
    },
    turns(from, until) {
      const list: Turn[] = [];
      for (let at = from; at < until; ) {
        const found = turns.at(at);
        if (!('begins' in found)) list.push(swapped(found));
        at = 'begins' in found ? found.begins : found.until;
      }
      return list;
    },
    voided: swaps.void,
  };
}

interface OffHours {
  readonly now: boolean;
  /** Every edge of the week before and the week after: the nearest on each side is among them. */
  readonly edges: readonly Instant[];
}

/** Windows of the days around the instant; a window that ends before it begins goes past midnight. */
function createOffHours(off: Rotation['off'], zone: string): (at: Instant) => OffHours {
  if (off.length === 0) return () => ({ now: false, edges: [] });
  return (at) => {
    const today = localDate(at, zone);
    const windows = [-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8].flatMap((offset) => {
      const date = today.add({ days: offset });
      return off
        .filter(({ days }) => days.includes(weekdayOf(date)))
        .map(({ from, to }) => ({
          from: atClock(date, Temporal.PlainTime.from(from), zone),
          to: atClock(from < to ? date : date.add({ days: 1 }), Temporal.PlainTime.from(to), zone),
        }));
    });
    return {
      now: windows.some(({ from, to }) => from <= at && at < to),
      edges: windows.flatMap(({ from, to }) => [from, to]),
    };
  };
}
