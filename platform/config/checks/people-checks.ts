import type { FunctionName } from '#core/config/people.ts';
import { between, fromIso, hours, type Instant, instant, plus, toIso } from '#core/time.ts';
import type { Located, Parts } from '../parts.ts';
import { checkKnown, type Teller } from './references.ts';

/** People, their ways to be reached, and whether someone is on duty (L25). */
export function checkPeople(parts: Parts, now: Instant, tell: Teller): void {
  const channels = parts.site === null ? null : new Set(Object.keys(parts.site.value.channels));
  for (const at of parts.people.items) {
    for (const [i, route] of at.value.routes.entries()) {
      checkKnown(tell, at, ['routes', i, 'channel'], route.channel, channels, 'channel');
    }
  }
  const { rota } = parts;
  if (rota === null) return;
  for (const [i, name] of rota.value.rota.order.entries()) checkOnDuty(rota, ['rota', 'order', i], name, parts, tell);
  for (const [i, override] of rota.value.rota.overrides.entries()) {
    const path = ['rota', 'overrides', i];
    checkOnDuty(rota, [...path, 'person'], override.person, parts, tell);
    if (Date.parse(override.to) <= Date.parse(override.from)) {
      tell(rota, [...path, 'to'], 'the override ends before it begins', 'write a time after from');
    }
  }
  for (const [i, name] of rota.value.escalation.order.entries()) {
    checkFunction(rota, ['escalation', 'order', i], name, parts, tell);
  }
  checkCoverage(parts, rota, now, tell);
}

function checkOnDuty(at: Located<unknown>, path: PropertyKey[], name: string, { people }: Parts, tell: Teller): void {
  if (!checkKnown(tell, at, path, name, people.ids, 'person')) return;
  const person = people.items.find((one) => one.value.id === name)?.value;
  if (person !== undefined && person.routes.length === 0) {
    tell(at, path, `${name} is on duty but has no route: nobody would be told`, `give ${name} a route in people.yaml`);
  }
}

/** A function that is told or asked must have someone; `duty` is whoever the rota names. */
export function checkFunction(
  at: Located<unknown>,
  path: readonly PropertyKey[],
  name: FunctionName,
  { peopleFile }: Parts,
  tell: Teller,
): void {
  if (name === 'duty' || peopleFile === null) return;
  const holders = peopleFile.value.people.filter((person) => person.functions.includes(name));
  if (holders.length === 0) {
    tell(at, path, `nobody has the function ${name}`, `give it to someone in people.yaml: functions: [${name}]`);
  } else if (holders.every((person) => person.routes.length === 0)) {
    const who = holders.map((person) => person.id).join(', ');
    tell(at, path, `nobody with the function ${name} can be told: ${who} has no route`, 'add a route in people.yaml');
  }
}

/** From now until the rota begins, overrides must cover every moment. */
function checkCoverage(_parts: Parts, rota: Located<{ rota: RotaOf }>, now: Instant, tell: Teller): void {
  const { starts, overrides } = rota.value.rota;
  // The date is a local one; a day either way is not worth a false alarm.
  const begins = plus(instant(Date.parse(`${starts}T00:00:00Z`)), hours(-14));
  let covered = now;
  const spans = overrides
    .map(({ from, to }) => ({ from: fromIso(from) ?? now, to: fromIso(to) ?? now }))
    .sort((a, b) => a.from - b.from);
  for (const { from, to } of spans) if (from <= covered && to > covered) covered = to;
  if (between(covered, begins) <= 0) return;
  tell(
    rota,
    ['rota', 'starts'],
    `nobody is on duty from ${toIso(covered)} until the rota begins on ${starts} (L25)`,
    'write an earlier date, or overrides that cover the time until then',
  );
}

interface RotaOf {
  readonly starts: string;
  readonly overrides: readonly { readonly from: string; readonly to: string }[];
}
