import type { FunctionName } from '../config/people.ts';
import type { DoneItem, DutySummary, ItemAnswer, ItemVerdict, LiveFinding } from '../paperwork/duty-view.ts';
import type { Text } from '../text.ts';
import type { Line } from './checklist.ts';
import { suggested } from './checklist.ts';

/** What is written down when a duty ends. The duty's own words are kept with it: the configuration may be another one years later. */
export interface DutyEnd {
  readonly title: Text;
  readonly function: FunctionName;
  readonly obligations: readonly string[];
  readonly about: DutySummary['about'];
  /** Of a duty for each device. */
  readonly device: string | null;
  /** Whose it was, by name. */
  readonly person: { readonly id: string; readonly name: Text } | null;
  /** The person behind the account that answered; null: nobody's account, or nobody did it. */
  readonly byPerson: string | null;
  readonly items: readonly AnsweredLine[];
  /** Over the whole; of a waived one the reason. */
  readonly note: string | null;
  readonly signed: { readonly how: 'password' | 'drawn'; readonly drawing: string | null } | null;
  /** When it reached the service; of a missed one when it was seen. ISO 8601. */
  readonly arrivedAt: string;
  /** The service was not running since then when it was missed. */
  readonly downSince: string | null;
}

export interface AnsweredLine {
  readonly id: string;
  readonly label: Text;
  readonly group: Text | null;
  readonly kind: Line['kind'];
  readonly unit: string | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly suggested: ItemVerdict | null;
  readonly answer: ItemAnswer;
  readonly at: string;
  /** Of a finding. */
  readonly owner: string | null;
  readonly dueAt: string | null;
}

/** One answer beside what the devices say. */
export function answerLine(line: Line, live: readonly LiveFinding[], given: DoneItem): AnsweredLine {
  const says = suggestedFor(line, live, given.value);
  return {
    id: line.id,
    label: line.label,
    group: line.group,
    kind: line.kind,
    unit: line.unit,
    min: line.min,
    max: line.max,
    suggested: says,
    answer: {
      verdict: given.verdict,
      value: given.value,
      note: given.note,
      live,
      corrected: says !== null && given.verdict !== says,
    },
    at: given.at,
    owner: given.verdict === 'finding' ? given.owner : null,
    dueAt: given.verdict === 'finding' ? given.dueAt : null,
  };
}

/** By the readings, or by the limits of a number that was typed. */
function suggestedFor(line: Line, live: readonly LiveFinding[], value: number | string | null): ItemVerdict | null {
  const { min, max } = line;
  if (typeof value !== 'number' || (min === null && max === null)) return suggested(live);
  return (min !== null && value < min) || (max !== null && value > max) ? 'finding' : (suggested(live) ?? 'ok');
}

/** Why the answers are refused, by the item that is wrong; none: they are whole. */
export function wrongAnswers(
  lines: readonly Line[],
  given: readonly DoneItem[],
): readonly { readonly path: string; readonly message: string }[] {
  const byId = new Map(lines.map((line) => [line.id, line]));
  const seen = new Set<string>();
  const wrong = given.flatMap((one, index) => {
    const tell = (field: string, message: string) => [{ path: `items.${index}.${field}`, message }];
    const line = byId.get(one.item);
    if (line === undefined) return tell('item', `there is no item ${one.item} in this checklist`);
    if (seen.has(one.item)) return tell('item', `${one.item} is answered twice`);
    seen.add(one.item);
    if (one.verdict === 'finding' && (one.note ?? '').trim() === '') return tell('note', 'say what was found');
    if (one.value !== null && line.kind === 'number' && typeof one.value !== 'number') return tell('value', 'a number');
    if (one.value !== null && line.kind === 'text' && typeof one.value !== 'string') return tell('value', 'a text');
    if (one.verdict === 'ok' && line.kind !== 'tick' && (one.value === null || one.value === ''))
      return tell('value', 'is asked for');
    return [];
  });
  const missing = lines
    .filter(({ id }) => !seen.has(id))
    .map(({ id }) => ({ path: `items.${id}`, message: 'not answered' }));
  return [...wrong, ...missing];
}
