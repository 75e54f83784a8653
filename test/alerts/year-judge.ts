import { minutes, toIso } from '#core/time.ts';
import { type Attempt, type Firing, LONGEST_WAIT, REOPEN_AFTER, type Year } from './year.ts';

/** What must hold of a year, by what reached the channels alone; one sentence for each thing that did not. */
export function judge(year: Year): readonly string[] {
  const high = year.firings.filter(({ rule }) => rule.severity === 'high');
  return [
    ...high.flatMap((firing) => silences(year, firing)),
    ...high.flatMap((firing) => delays(year, firing)),
    ...high.flatMap((firing) => leftAlone(year, firing)),
    ...year.firings.flatMap((firing) => recoveries(year, firing)),
    ...year.unguarded.map((at) => `L25: nobody on duty and no alarm at ${iso(at)}`),
  ];
}

/** What goes together with others waits for up to a minute, and timers are whole milliseconds. */
const SLACK: number = minutes(1.5);
const iso = (at: number): string => toIso(at as Parameters<typeof toIso>[0]);

/**
 * The service cannot tell anybody while it is not there; and where the wall clock was set before it came back, which no other
 * clock survives, it counts from there.
 */
function lived({ dead, steppedMs }: Year, from: number, to: number): number {
  const within = dead.filter(([a, b]) => a <= to && b >= from);
  const away = within.reduce((sum, [a, b]) => sum + Math.max(0, Math.min(b, to) - Math.max(a, from)), 0);
  return to - from - away - (within.length > 0 ? steppedMs : 0);
}

/** Times in which nobody had it: from firing, or from firing again, to an acknowledgement or the end. */
function unattended({ firedAt, endedAt, acknowledged, reopened }: Firing): (readonly [number, number])[] {
  const found: (readonly [number, number])[] = [];
  const end = endedAt ?? Number.POSITIVE_INFINITY;
  for (const from of [firedAt, ...reopened]) {
    const next = acknowledged.find(({ at }) => at >= from)?.at ?? end;
    found.push([from, Math.min(next, end)]);
  }
  return found;
}

const found = new WeakMap<Year, Map<string, Attempt[]>>();

/** Whatever names the rule, alone or among others. */
function isAbout(year: Year, { rule }: Firing): readonly Attempt[] {
  const known = found.get(year) ?? new Map<string, Attempt[]>();
  found.set(year, known);
  const about =
    known.get(rule.id) ??
    year.attempts.filter(({ message }) => `${message.subject}${message.body}`.includes(rule.title.zh));
  known.set(rule.id, about);
  return about;
}

/** L24, L26, L27: told, and told again, until somebody has it. */
function silences(year: Year, firing: Firing): string[] {
  const told = isAbout(year, firing).filter(({ ok, message }) => ok && message.phase !== 'recovered');
  const most = LONGEST_WAIT + SLACK;
  return unattended(firing).flatMap(([from, to]) => {
    let last = from;
    for (const at of [...told.map((one) => one.at).filter((at) => at >= from && at <= to), to]) {
      if (lived(year, last, at) > most)
        return [`${firing.rule.id} of ${iso(firing.firedAt)}: nobody was told from ${iso(last)} to ${iso(at)}`];
      last = at;
    }
    return [];
  });
}

/** Whatever becomes of the messages: somebody is tried at once, when it fires and when it fires again. */
function delays(year: Year, firing: Firing): string[] {
  const tried = isAbout(year, firing).filter(({ message }) => message.phase !== 'recovered');
  return unattended(firing).flatMap(([from, to]) => {
    const first = tried.find(({ at }) => at >= from)?.at ?? Number.POSITIVE_INFINITY;
    return lived(year, from, Math.min(first, to)) > SLACK
      ? [`${firing.rule.id} of ${iso(firing.firedAt)}: nobody was tried at once from ${iso(from)}`]
      : [];
  });
}

/** Acknowledged and nothing done: it fires again. */
function leftAlone(year: Year, { rule, endedAt, acknowledged, reopened }: Firing): string[] {
  return acknowledged.flatMap(({ at, by }, i) => {
    const later = [...reopened, ...acknowledged.slice(i + 1).map((one) => one.at), endedAt ?? Number.POSITIVE_INFINITY];
    const until = Math.min(...later.filter((one) => one >= at));
    const most = REOPEN_AFTER + SLACK;
    return lived(year, at, until) > most ? [`${rule.id}: left alone by ${by} from ${iso(at)} to ${iso(until)}`] : [];
  });
}

/** L31: nobody hears of one end twice over one way; a way that was closed is told the newest when it is open again. */
function recoveries(year: Year, firing: Firing): string[] {
  const { endedAt } = firing;
  if (endedAt === null) return [];
  const next = year.firings.find((one) => one.rule === firing.rule && one.firedAt > firing.firedAt)?.firedAt;
  const ends = isAbout(year, firing).filter(
    ({ at, ok, message }) =>
      ok &&
      at >= endedAt &&
      (next === undefined || at < next) &&
      (message.phase === 'recovered' || message.subject.includes('恢复')),
  );
  const byWay = new Map<string, Set<string>>();
  // What was held up by a closed way may come after the next firing: its id tells them apart.
  for (const { message } of ends) {
    const way = `${message.to} (${message.alert ?? message.conversation})`;
    byWay.set(way, (byWay.get(way) ?? new Set()).add(message.id));
  }
  return [...byWay].flatMap(([way, ids]) =>
    ids.size > 1 ? [`L31: ${way} heard ${ids.size} times of the end of ${firing.rule.id} at ${iso(endedAt)}`] : [],
  );
}
