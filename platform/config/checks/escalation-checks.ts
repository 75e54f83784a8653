import type { Chain } from '#core/config/escalation.ts';
import type { Person } from '#core/config/people.ts';
import type { RotaFile } from '#core/config/rota.ts';
import type { Severity } from '#core/config/rule.ts';
import { holdsAt, minuteOf } from '#core/escalation.ts';
import { createRota } from '#core/rota/rota.ts';
import { type Instant, instant } from '#core/time.ts';
import type { Located, Parts } from '../parts.ts';
import { checkFunction } from './people-checks.ts';
import { checkKnown, type Teller } from './references.ts';

/**
 * Who is rung next, at every minute of the coming year (L24): each severity that rules use has a chain, and its first step
 * reaches somebody. Looked at where something can change: midnight, and each time of day that chains, shifts or hand-overs name.
 */
export function checkEscalation(parts: Parts, now: Instant, tell: Teller): void {
  const { rota } = parts;
  if (rota === null) return;
  const { chains, order } = rota.value.escalation;
  if (chains === undefined) {
    for (const [i, name] of order.entries()) checkFunction(rota, ['escalation', 'order', i], name, parts, tell);
    return;
  }
  for (const [i, chain] of chains.entries()) checkChain(rota, ['escalation', 'chains', i], chain, parts, tell);
  checkYear(rota, chains, parts, now, tell);
}

function checkChain(at: Located<RotaFile>, path: PropertyKey[], chain: Chain, parts: Parts, tell: Teller): void {
  const channels = parts.site === null ? null : new Set(Object.keys(parts.site.value.channels));
  for (const [i, step] of chain.steps.entries()) {
    const place = [...path, 'steps', i];
    for (const [k, name] of step.tell.entries()) checkFunction(at, [...place, 'tell', k], name, parts, tell);
    for (const [k, id] of step.people.entries()) {
      checkKnown(tell, at, [...place, 'people', k], id, parts.people.ids, 'person');
      const person = parts.people.items.find((one) => one.value.id === id)?.value;
      if (person?.routes.length === 0)
        tell(
          at,
          [...place, 'people', k],
          `${id} has no route: nobody would be told`,
          `give ${id} a route in people.yaml`,
        );
    }
    for (const [k, id] of (step.channels ?? []).entries())
      checkKnown(tell, at, [...place, 'channels', k], id, channels, 'channel');
  }
}

/** One gap of each kind and severity is told, the first. */
function checkYear(
  at: Located<RotaFile>,
  chains: readonly Chain[],
  { site, peopleFile, calendar, rules }: Parts,
  now: Instant,
  tell: Teller,
): void {
  if (site === null || peopleFile === null || calendar === null) return;
  const zone = site.value.time_zone;
  const rota = createRota({ site: site.value, people: peopleFile.value, rota: at.value, calendar: calendar.value });
  const reachable = ({ routes }: Person): boolean => routes.length > 0;
  // Whether somebody is on duty is the rota's own check (L25).
  const reaches = (step: Chain['steps'][number], when: Instant): boolean =>
    step.tell.some((name) => name === 'duty' || rota.peopleOf(name, when).some(reachable)) ||
    step.people.some((id) => peopleFile.value.people.some((person) => person.id === id && reachable(person)));
  const used = new Set<Severity>(['high', ...rules.items.map(({ value }) => value.severity)]);
  const written = new Set(chains.flatMap(({ severity }) => severity));
  const open = new Set([...used].filter((severity) => severity === 'high' || written.has(severity)));
  for (const { when, text, minute } of changes(zone, timesOf(chains, at.value, calendar.value), now)) {
    const moment = { working: rota.isWorkingTime(when), minute };
    for (const severity of [...open]) {
      const chain = chains.find((one) => one.severity.includes(severity) && holdsAt(one.when, moment));
      const first = chain?.steps[0];
      if (first !== undefined && reaches(first, when)) continue;
      open.delete(severity);
      if (first === undefined)
        tell(
          at,
          ['escalation', 'chains'],
          `no chain for ${severity} severity at ${text} (L24)`,
          'write one for that time, or one with when: always as the last',
        );
      else
        tell(
          at,
          ['escalation', 'chains', chains.indexOf(chain as Chain), 'steps', 0],
          `the first step for ${severity} severity reaches nobody at ${text} (L26)`,
          'name a function that somebody has then',
        );
    }
  }
}

/** Minutes of the day at which something may change. */
function timesOf(
  chains: readonly Chain[],
  { rota, layers }: RotaFile,
  { working_hours }: { readonly working_hours: readonly { readonly from: string; readonly to: string }[] },
): readonly number[] {
  const written = [
    ...chains.flatMap(({ when }) => (typeof when === 'string' ? [] : [when.from, when.to])),
    ...working_hours.flatMap(({ from, to }) => [from, to]),
    ...[rota, ...layers].flatMap(({ handover, off }) => [handover.at, ...off.flatMap(({ from, to }) => [from, to])]),
  ];
  return [...new Set([0, ...written.map(minuteOf)])].sort((a, b) => a - b);
}

function* changes(
  zone: string,
  times: readonly number[],
  now: Instant,
): Generator<{ readonly when: Instant; readonly text: string; readonly minute: number }> {
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone).toPlainDate();
  for (let day = 0; day < 366; day++) {
    const date = today.add({ days: day });
    for (const minute of times) {
      const time = new Temporal.PlainTime(Math.floor(minute / 60), minute % 60);
      const when = instant(date.toZonedDateTime({ timeZone: zone, plainTime: time }).epochMilliseconds);
      yield { when, text: `${date.toString()} ${time.toString({ smallestUnit: 'minute' })}`, minute };
    }
  }
}
