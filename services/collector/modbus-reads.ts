import {
  isBitTable,
  lengthOf,
  MOST_BITS,
  type ModbusBlock,
  type ModbusPlace,
  type ModbusSection,
  type ModbusTable,
} from '#core/config/profile-modbus.ts';

/**
 * Which questions read a register map: as few as possible, none across a hole that the map does not allow. Pure.
 *
 * Example: entries at 1000, 1003 and 1004 within a block 1000–1027 are one question for five registers; without the block they
 * are two, for 1000 and for 1003–1004.
 */
export interface Span {
  readonly table: ModbusTable;
  readonly at: number;
  readonly length: number;
}

export interface Read extends Span {
  /** What it reads, by address. */
  readonly spans: readonly Span[];
}

/** What a device has been found to refuse. Grows only, and is forgotten with the session. */
export interface Learned {
  /** Spans that it does not serve at all. */
  readonly refused: Set<string>;
  /** Spans that must begin a question of their own. */
  readonly cuts: Set<string>;
}

export const nothingLearned = (): Learned => ({ refused: new Set(), cuts: new Set() });

export const spanKey = ({ table, at, length }: Span): string => `${table} ${at} ${length}`;

export const spanOf = (place: ModbusPlace): Span => ({ table: place.table, at: place.at, length: lengthOf(place) });

/** Everything that a section reads, each register once, by table and address. */
export function spansOf(section: ModbusSection): Span[] {
  const places: ModbusPlace[] = [
    ...section.points.flatMap((entry) => [entry, ...entry.where]),
    ...section.sets.flatMap((set) => set.from.flatMap((source) => ('table' in source ? [source] : []))),
  ];
  const spans = new Map(places.map(spanOf).map((span) => [spanKey(span), span]));
  return [...spans.values()].sort(byPlace);
}

const byPlace = (a: Span, b: Span): number =>
  a.table === b.table ? a.at - b.at || a.length - b.length : a.table < b.table ? -1 : 1;

export function planReads({ blocks, most }: ModbusSection, spans: readonly Span[], learned: Learned): Read[] {
  const groups: Span[][] = [];
  for (const span of spans) {
    if (learned.refused.has(spanKey(span))) continue;
    const open = groups.at(-1);
    const limit = isBitTable(span.table) ? MOST_BITS : most;
    if (open !== undefined && !learned.cuts.has(spanKey(span)) && mayJoin(open, span, blocks, limit)) open.push(span);
    else groups.push([span]);
  }
  return groups.map(toRead);
}

function toRead(spans: readonly Span[]): Read {
  const at = Math.min(...spans.map((span) => span.at));
  const end = Math.max(...spans.map((span) => span.at + span.length));
  return { table: spans[0]?.table ?? 'holding', at, length: end - at, spans };
}

/** Side by side and on the same side of every block's edge; or anywhere in one block. */
function mayJoin(open: readonly Span[], span: Span, blocks: readonly ModbusBlock[], limit: number): boolean {
  const { table, at, length } = toRead(open);
  if (table !== span.table || Math.max(at + length, span.at + span.length) - at > limit) return false;
  const [first] = open;
  const block = blockOf(span, blocks);
  if (first === undefined || blockOf(first, blocks) !== block) return false;
  return block !== undefined || span.at <= at + length;
}

const blockOf = ({ table, at }: Span, blocks: readonly ModbusBlock[]): ModbusBlock | undefined =>
  blocks.find((block) => block.table === table && at >= block.from && at <= block.to);

/** The two halves of a question that was refused; null when it is for one thing only. */
export function halves({ spans }: Read): readonly [Read, Read] | null {
  if (spans.length < 2) return null;
  const middle = Math.ceil(spans.length / 2);
  return [toRead(spans.slice(0, middle)), toRead(spans.slice(middle))];
}

/** The registers that were read, by table and address. */
export class Registers {
  readonly #values = new Map<string, number>();
  readonly #reasons = new Map<string, string>();

  put(read: Span, values: readonly number[]): void {
    for (const [i, value] of values.entries()) this.#values.set(`${read.table} ${read.at + i}`, value);
  }
  /** Why these are not there. */
  lack(span: Span, reason: string): void {
    this.#reasons.set(spanKey(span), reason);
  }
  reason(span: Span): string | undefined {
    return this.#reasons.get(spanKey(span));
  }
  /** Null when one of them is not there. */
  take({ table, at, length }: Span): readonly number[] | null {
    const values: number[] = [];
    for (let i = 0; i < length; i++) {
      const value = this.#values.get(`${table} ${at + i}`);
      if (value === undefined) return null;
      values.push(value);
    }
    return values;
  }
}
