import type { Register } from '../config/register.ts';
import { fromIso, hours, type Instant, plus, toIso } from '../time.ts';
import type { ApprovedChange, PaperworkFacts } from './facts.ts';
import type { EntryRecord } from './register-entry.ts';
import { doubtfulSince, insideSince, isPresent, personInside, presentName } from './register-notices.ts';
import type { WordsOf } from './register-words.ts';

/** What the entries say of who is in which room and of what may be changed, for emergency plans and rules. */

/** A consent is known so long ahead; one that is over stays for a little, since devices are asked every so often. */
const AHEAD = hours(7 * 24);
const AFTER = hours(1);
const MOST = 500;

type Pair = readonly [register: Register, entry: EntryRecord];

export function factsOf(entries: readonly Pair[], now: Instant, words: WordsOf): PaperworkFacts {
  return {
    at: toIso(now),
    inRooms: entries.flatMap((pair) => presenceOf(pair, now, words)).slice(0, MOST),
    changes: entries.flatMap((pair) => permitOf(pair, now)).slice(0, MOST),
  };
}

function presenceOf([register, entry]: Pair, now: Instant, words: WordsOf): PaperworkFacts['inRooms'] {
  const { presence } = register;
  if (presence === undefined || !isPresent(register, entry)) return [];
  const doubtful = doubtfulSince(register, entry);
  return [
    {
      room: presence.room,
      person: personInside(register, entry),
      name: presentName(register, entry, words),
      since: insideSince(register, entry),
      entry: `${register.id}/${entry.id}`,
      doubtful: doubtful !== null && now >= doubtful,
    },
  ];
}

function permitOf([register, entry]: Pair, now: Instant): ApprovedChange[] {
  const { permits } = register;
  if (permits === undefined || !permits.states.includes(entry.state)) return [];
  const consent = entry.steps.findLast(({ move }) => move === permits.approved_by);
  const [from, to] = [entry.values[permits.from], entry.values[permits.to]];
  if (consent === undefined || typeof from !== 'string' || typeof to !== 'string') return [];
  const [begins, ends] = [fromIso(from), fromIso(to)];
  if (begins === null || ends === null || begins > plus(now, AHEAD) || plus(ends, AFTER) < now) return [];
  const points = pointsOf(register, entry);
  // It permits nothing that anybody watches.
  if (points === null) return [];
  const devices = permits.devices === undefined ? [] : [entry.values[permits.devices] ?? []].flat().map(String);
  const approvedBy = consent.byName;
  return [{ entry: `${register.id}/${entry.id}`, devices, points, from, to, by: entry.createdByName, approvedBy }];
}

/** Empty: any point; null: none at all. */
function pointsOf({ permits }: Register, entry: EntryRecord): readonly string[] | null {
  if (permits?.points === undefined) return [];
  const { field, means } = permits.points;
  const chosen = [entry.values[field] ?? []].flat().map(String);
  const lists = chosen.flatMap((choice) => (Object.hasOwn(means, choice) ? [means[choice] ?? []] : []));
  if (lists.length === 0) return null;
  return lists.some((list) => list.length === 0) ? [] : [...new Set(lists.flat())];
}
