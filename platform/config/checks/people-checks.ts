import type { FunctionName } from '#core/config/people.ts';
import type { RotaFile, Rotation } from '#core/config/rota.ts';
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
  checkRotation(rota, ['rota'], rota.value.rota, parts, now, tell);
  for (const [i, layer] of rota.value.layers.entries()) {
    const path = ['layers', i];
    if (rota.value.layers.findIndex(({ role }) => role === layer.role) < i) {
      tell(rota, [...path, 'role'], `${layer.role} has two rotations`, 'make one of them');
    }
    checkRotation(rota, path, layer, parts, now, tell);
  }
}

function checkRotation(
  rota: Located<RotaFile>,
  path: PropertyKey[],
  rotation: Rotation,
  parts: Parts,
  now: Instant,
  tell: Teller,
): void {
  for (const [i, member] of rotation.order.entries()) {
    const place = [...path, 'order', i];
    if (typeof member === 'string') checkOnDuty(rota, place, member, parts, tell);
    else {
      checkOnDuty(rota, [...place, 'person'], member.person, parts, tell);
      if (member.from !== undefined && member.until !== undefined && member.until < member.from) {
        tell(rota, [...place, 'until'], `${member.person} leaves before coming`, 'write a date after from');
      }
    }
  }
  for (const [i, override] of rotation.overrides.entries()) {
    const place = [...path, 'overrides', i];
    checkOnDuty(rota, [...place, 'person'], override.person, parts, tell);
    if (Date.parse(override.to) <= Date.parse(override.from)) {
      tell(rota, [...place, 'to'], 'the override ends before it begins', 'write a time after from');
    }
  }
  checkCoverage(rota, path, rotation, now, tell);
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
  { peopleFile, rota }: Parts,
  tell: Teller,
): void {
  // Whoever has the turn; the rotation has been looked at by itself.
  if (name === 'duty' || peopleFile === null || rota?.value.layers.some(({ role }) => role === name)) return;
  const holders = peopleFile.value.people.filter((person) => person.functions.includes(name));
  if (holders.length === 0) {
    tell(at, path, `nobody has the function ${name}`, `give it to someone in people.yaml: functions: [${name}]`);
  } else if (holders.every((person) => person.routes.length === 0)) {
    const who = holders.map((person) => person.id).join(', ');
    tell(at, path, `nobody with the function ${name} can be told: ${who} has no route`, 'add a route in people.yaml');
  }
}

/** From now until the rota begins, overrides must cover every moment. */
function checkCoverage(
  rota: Located<RotaFile>,
  path: PropertyKey[],
  { starts, overrides }: Rotation,
  now: Instant,
  tell: Teller,
): void {
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
    [...path, 'starts'],
    `nobody is on duty from ${toIso(covered)} until the rota begins on ${starts} (L25)`,
    'write an earlier date, or overrides that cover the time until then',
  );
}
