import type { ChecklistItem, DoneItem, ItemVerdict, LiveFinding } from '#core/paperwork/duty-view.ts';
import type { Text } from '#core/text.ts';

/**
 * A checklist while a person walks through the room: what is answered, what must be looked at singly, what is sent. Pure.
 *
 * Only a line that every device says is fine, now, may be confirmed with its neighbours. What is missing, doubtful or out of its limits
 * is answered by itself, so that a thumb cannot pass over it.
 */

/** What a person has answered to one line so far. */
export interface Given {
  /** Null: a number is being typed, and nothing is said of it yet. */
  readonly verdict: ItemVerdict | null;
  /** As it was typed. */
  readonly value: string;
  readonly note: string;
  /** Of a finding: a person's id, or nobody yet. */
  readonly owner: string;
  /** Of a finding: the site's date until which it is mended, `2026-11-25`. */
  readonly due: string;
  /** When, by the site's clock; ISO 8601. */
  readonly at: string;
}
export type Answers = Readonly<Record<string, Given>>;

export const isDoubtfulFinding = ({ quality, value }: LiveFinding): boolean => quality !== 'good' || value === null;

/** Everything that tells of it tells now, and tells that it is well. */
export const isPlain = (item: ChecklistItem): boolean =>
  item.live.length > 0 &&
  item.suggested === 'ok' &&
  item.live.every((one) => one.fine && !isDoubtfulFinding(one)) &&
  (item.kind === 'tick' || (item.kind === 'number' && liveNumber(item) !== null));

/** Why a line is to be looked at by itself; null: it is plain. */
export type Singly = 'unfit' | 'doubtful' | 'untold';
export function whySingly(item: ChecklistItem): Singly | null {
  if (isPlain(item)) return null;
  if (item.live.some((one) => !isDoubtfulFinding(one) && !one.fine) || item.suggested === 'finding') return 'unfit';
  return item.live.length > 0 ? 'doubtful' : 'untold';
}

/** The number that the one device tells; null: none, or several. */
export function liveNumber(item: ChecklistItem): number | null {
  const [one] = item.live;
  return item.live.length === 1 && one !== undefined && typeof one.value === 'number' ? one.value : null;
}

/** `1,25` and ` 1.25 ` are 1.25; null: no number. */
export function typedNumber(text: string): number | null {
  const plain = text.trim().replace(',', '.').replace('．', '.').replace('－', '-');
  return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : null;
}

/** What the limits say of a typed number; null: no number yet, or nothing holds it. */
export function verdictOfNumber(item: ChecklistItem, text: string): ItemVerdict | null {
  const value = typedNumber(text);
  if (value === null || (item.min === null && item.max === null)) return null;
  return (item.min !== null && value < item.min) || (item.max !== null && value > item.max) ? 'finding' : 'ok';
}

export type Lacking = 'verdict' | 'number' | 'text' | 'note' | 'due';

/** What a line still lacks before it counts as answered; null: nothing. */
export function lacks(item: ChecklistItem, given: Given | undefined): Lacking | null {
  if (given === undefined) return 'verdict';
  if (given.verdict === 'not-applicable') return null;
  const needsValue = item.kind !== 'tick' && given.verdict !== 'finding';
  if (item.kind === 'number' && (needsValue || given.value.trim() !== '') && typedNumber(given.value) === null)
    return 'number';
  if (item.kind === 'text' && needsValue && given.value.trim() === '') return 'text';
  if (given.verdict === null) return 'verdict';
  if (given.verdict === 'finding' && given.note.trim() === '') return 'note';
  return given.verdict === 'finding' && given.due === '' ? 'due' : null;
}

/** The person says otherwise than the devices do. */
export function isCorrected(item: ChecklistItem, given: Given | undefined): boolean {
  if (given?.verdict == null || item.live.length === 0) return false;
  const told = liveNumber(item);
  const typed = typedNumber(given.value);
  if (item.kind === 'number' && told !== null && typed !== null && shown(told) !== typed) return true;
  return item.suggested !== null && given.verdict !== item.suggested;
}
/** A reading is offered with two decimals at most: nobody reads more off a gauge. */
const shown = (value: number): number => Math.round(value * 100) / 100;
export const offered = (item: ChecklistItem): string => {
  const told = item.kind === 'number' ? liveNumber(item) : null;
  return told === null ? '' : String(shown(told));
};

export interface Group {
  readonly key: string;
  readonly label: Text | null;
  readonly items: readonly ChecklistItem[];
}
/** In the order of the list; what has no group stands in one of its own. */
export const groupsOf = (items: readonly ChecklistItem[]): Group[] =>
  [...Map.groupBy(items, ({ group }) => group?.zh ?? '')].map(([key, of]) => ({
    key,
    label: of[0]?.group ?? null,
    items: of,
  }));

/** What "all of this group as shown" answers: lines that are fine and that nobody has answered. */
export const confirmable = (group: Group, answers: Answers): readonly ChecklistItem[] =>
  group.items.filter((item) => isPlain(item) && answers[item.id] === undefined);

export interface Progress {
  readonly of: number;
  readonly answered: number;
  readonly findings: number;
  readonly corrected: number;
  /** The first line that still lacks something. */
  readonly next: string | null;
}
export function progressOf(items: readonly ChecklistItem[], answers: Answers): Progress {
  const open = items.filter((item) => lacks(item, answers[item.id]) !== null);
  return {
    of: items.length,
    answered: items.length - open.length,
    findings: items.filter(({ id }) => answers[id]?.verdict === 'finding').length,
    corrected: items.filter((item) => isCorrected(item, answers[item.id])).length,
    next: open[0]?.id ?? null,
  };
}

/** What is sent. `dueAt`: of a site's date the instant, or null. */
export function doneItems(
  items: readonly ChecklistItem[],
  answers: Answers,
  dueAt: (date: string) => string | null,
): DoneItem[] {
  return items.flatMap((item): DoneItem[] => {
    const given = answers[item.id];
    if (given?.verdict == null) return [];
    const isFinding = given.verdict === 'finding';
    const text = given.value.trim();
    return [
      {
        item: item.id,
        verdict: given.verdict,
        value: text === '' ? null : item.kind === 'number' ? typedNumber(text) : text,
        note: isFinding ? given.note.trim() : null,
        at: given.at,
        owner: isFinding && given.owner !== '' ? given.owner : null,
        dueAt: isFinding ? dueAt(given.due) : null,
      },
    ];
  });
}

/** Lines that a colleague has answered otherwise than this person has: nothing typed is lost unseen. */
export const differences = (items: readonly ChecklistItem[], answers: Answers): readonly ChecklistItem[] =>
  items.filter((item) => {
    const mine = answers[item.id];
    const theirs = item.answer;
    if (mine?.verdict == null) return false;
    return (
      theirs === null ||
      theirs.verdict !== mine.verdict ||
      (mine.verdict === 'finding' && mine.note.trim() !== (theirs.note ?? '')) ||
      (mine.value.trim() !== '' && mine.value.trim() !== String(theirs.value ?? ''))
    );
  });

/** Readings hold for so long without being asked again: a group may be confirmed by them. */
const HOLD_MS = 120_000;

/** What the page knows besides the answer of the service: that was long ago, or a reading has become doubtful since. */
export const asOfNow = (
  items: readonly ChecklistItem[],
  ageMs: number,
  qualityOf: (device: string, point: string) => LiveFinding['quality'] | null,
): ChecklistItem[] =>
  items.map((item) => ({
    ...item,
    live: item.live.map((one) => {
      if (one.quality !== 'good') return one;
      const quality = ageMs > HOLD_MS ? 'stale' : (qualityOf(one.device, one.point) ?? 'good');
      return quality === 'good' ? one : { ...one, quality };
    }),
  }));
