import type { FunctionName } from '../config/people.ts';
import type { Register, RegisterMove } from '../config/register.ts';
import type { Notice } from '../notice.ts';
import { weekdayOf } from '../rota/local-days.ts';
import type { Text } from '../text.ts';
import { between, fromIso, hours, type Instant, plus, toIso } from '../time.ts';
import { dayOf, duesOf } from './register-due.ts';
import type { EntryRecord } from './register-entry.ts';
import { stateLabel, titleOf, type WordsOf } from './register-words.ts';

/**
 * What of an entry is to be told to people at `now`, each with a key that is told once: somebody's consent is waited for; something falls due or
 * is overdue, once a day, after a week of that on Mondays alone; somebody has not signed out. `follows`: deadlines (`repairs/re-inspection`) that
 * are a duty, which reminds by itself.
 */
export function noticesOf(
  register: Register,
  entry: EntryRecord,
  now: Instant,
  words: WordsOf,
  follows: ReadonlySet<string>,
): Notice[] {
  const about = { register, entry, now, words };
  return [...waiting(about), ...due(about, follows), ...inside(about)];
}

interface About {
  readonly register: Register;
  readonly entry: EntryRecord;
  readonly now: Instant;
  readonly words: WordsOf;
}

const DAY = hours(24);
const DAILY_FOR = hours(7 * 24);
/** A word of paperwork that nobody could be told for so long is told anew by the next look. */
const WORTH_TELLING = hours(48);

const isFresh = ({ entry, now }: Pick<About, 'entry' | 'now'>): boolean =>
  between(fromIso(entry.stateSince) ?? now, now) <= DAY;

/** Those who may move it on: told at once when it comes into a state that waits for them. */
function waiting({ register, entry, now, words }: About): Notice[] {
  const state = register.states.find(({ id }) => id === entry.state);
  const since = fromIso(entry.stateSince) ?? now;
  // An old state that was never told of, because the service was new: its deadlines speak of it.
  if (state?.tone !== 'waiting' || !isFresh({ entry, now })) return [];
  const to = moversOf(register, entry);
  if (to.functions.length === 0 && to.people.length === 0) return [];
  const body: Text = {
    zh: `${entry.createdByName} 登记，状态“${state.label.zh}”。`,
    en: `Written by ${entry.createdByName}; state: ${state.label.en}.`,
  };
  return [
    noticeOf(
      { register, entry, words },
      {
        ...to,
        part: `waiting/${entry.stateSince}`,
        what: state.label,
        body,
        phase: 'raised',
        until: plus(since, WORTH_TELLING),
      },
    ),
  ];
}

function due(about: About, follows: ReadonlySet<string>): Notice[] {
  const { register, entry, now, words } = about;
  return duesOf(register, entry, now, words.zone).flatMap(({ deadline, at, remindAt, overdue }): Notice[] => {
    // The duty that it becomes reminds by itself.
    if (now < remindAt || follows.has(`${register.id}/${deadline.id}`)) return [];
    // They have just been told that it waits for them.
    if (!overdue && waiting(about).length > 0) return [];
    const late = between(at, now);
    const day = dayOf(now, words.zone);
    const isQuietDay = late > DAILY_FOR && weekdayOf(Temporal.PlainDate.from(day)) !== 'mon';
    // Ahead of time once is enough; the day itself and after it are said again.
    if (isQuietDay) return [];
    const isFirst = !overdue;
    const movers = moversOf(register, entry);
    const functions = [...new Set([...deadline.tell, ...movers.functions, ...(overdue ? deadline.overdue : [])])];
    const until: Text = { zh: localDay(at, words.zone), en: localDay(at, words.zone) };
    const body: Text = overdue
      ? { zh: `应于 ${until.zh} 前完成，已过期。`, en: `It was due by ${until.en} and is overdue.` }
      : { zh: `应于 ${until.zh} 前完成。`, en: `It is due by ${until.en}.` };
    const part = isFirst ? `${deadline.id}/${toIso(at)}` : `${deadline.id}/${toIso(at)}/${day}`;
    const worth = isFirst ? at : plus(now, WORTH_TELLING);
    const phase = isFirst ? 'raised' : 'reminder';
    return [
      noticeOf(about, { functions, people: movers.people, part, what: deadline.text, body, phase, until: worth }),
    ];
  });
}

/** Whoever has been inside for so long has perhaps forgotten to sign out, or needs help: never silently gone. */
function inside(about: About): Notice[] {
  const { register, entry, now, words } = about;
  const since = doubtfulSince(register, entry);
  if (since === null || now < since) return [];
  const name = presentName(register, entry, words);
  const person = personInside(register, entry);
  const from = localDay(fromIso(insideSince(register, entry)) ?? now, words.zone);
  const body: Text = {
    zh: `${name.zh} 自 ${from} 起登记在机房内，还没有签出。请确认是否还在里面，并补签出。`,
    en: `${name.en} has been signed in since ${from} and not out. See whether they are still inside, and sign them out.`,
  };
  const what: Text = { zh: '未签出', en: 'not signed out' };
  const people = person === null ? [] : [person];
  const part = `inside/${entry.stateSince}/${Math.floor(between(since, now) / DAY)}`;
  const until = plus(now, WORTH_TELLING);
  return [
    noticeOf(about, { functions: ['duty'], people, part, what, body, phase: 'reminder', until, atAnyHour: true }),
  ];
}

interface Wording {
  readonly functions: readonly FunctionName[];
  readonly people: readonly string[];
  readonly part: string;
  readonly what: Text;
  readonly body: Text;
  readonly phase: Notice['phase'];
  /** The same each time that this key is said: it is kept so long by whoever tells it. */
  readonly until: Instant;
  /** Somebody may need help: told at night too. Anything else waits for working hours. */
  readonly atAnyHour?: true;
}

function noticeOf({ register, entry, words }: Omit<About, 'now'>, wording: Wording): Notice {
  const title = titleOf(register, entry, words);
  const subject = (language: 'zh' | 'en'): string => {
    const text = `${register.title[language]} ${entry.id}${language === 'zh' ? '：' : ': '}${wording.what[language]}`;
    return [...text].slice(0, 150).join('');
  };
  return {
    key: `register/${register.id}/${entry.id}/${wording.part}`,
    functions: wording.functions,
    people: wording.people,
    severity: wording.atAnyHour === true ? 'medium' : 'low',
    subject: { zh: subject('zh'), en: subject('en') },
    body: {
      zh: `${title.zh}\n${wording.body.zh}\n现在的状态：${stateLabel(register, entry.state).zh}`,
      en: `${title.en}\n${wording.body.en}\nState now: ${stateLabel(register, entry.state).en}`,
    },
    phase: wording.phase,
    conversation: `register/${register.id}/${entry.id}`,
    path: `/registers/${register.id}/entries/${entry.id}`,
    until: toIso(wording.until),
  };
}

/** `2026-11-23 08:30` in the zone. */
const localDay = (at: Instant, zone: string): string =>
  Temporal.Instant.fromEpochMilliseconds(at)
    .toZonedDateTimeISO(zone)
    .toPlainDateTime()
    .toString({ smallestUnit: 'minute' })
    .replace('T', ' ');

/** Whom the moves out of the entry's state name; a move that is for a role alone is the director's when it is a director's. */
export function moversOf(
  register: Register,
  entry: EntryRecord,
): { readonly functions: readonly FunctionName[]; readonly people: readonly string[] } {
  const moves = register.moves.filter(({ from, to }) => from.includes(entry.state) && to !== entry.state);
  const people = moves.flatMap(({ who }) => {
    const person = who.field === undefined ? null : entry.values[who.field];
    return typeof person === 'string' ? [person] : [];
  });
  const functions = moves.flatMap((move) => functionsOf(move));
  return { functions: [...new Set(functions)], people: [...new Set(people)] };
}

function functionsOf({ who }: RegisterMove): readonly FunctionName[] {
  if (who.functions.length > 0) return who.functions;
  return who.field === undefined && (who.role === 'director' || who.role === 'administrator') ? ['director'] : [];
}

/** Who is in a room by this entry; null: nobody. */
export const isPresent = ({ presence }: Register, entry: EntryRecord): boolean =>
  presence?.states.includes(entry.state) === true;

export function insideSince({ presence }: Register, entry: EntryRecord): string {
  const value = presence?.since === undefined ? null : entry.values[presence.since];
  return typeof value === 'string' ? value : entry.createdAt;
}

/** When their being there is doubted; null: nobody is inside by this entry. */
export function doubtfulSince(register: Register, entry: EntryRecord): Instant | null {
  const since = fromIso(insideSince(register, entry));
  if (register.presence === undefined || !isPresent(register, entry) || since === null) return null;
  return plus(since, register.presence.doubtful_after);
}

export function personInside({ presence }: Register, entry: EntryRecord): string | null {
  const value = presence?.person === undefined ? null : entry.values[presence.person];
  return typeof value === 'string' ? value : null;
}

export function presentName(register: Register, entry: EntryRecord, words: WordsOf): Text {
  const person = personInside(register, entry);
  const known = person === null ? null : words.known.person(person);
  if (known !== null) return known;
  const name = register.presence?.name === undefined ? null : entry.values[register.presence.name];
  const text = typeof name === 'string' ? name : entry.createdByName;
  return { zh: text, en: text };
}
