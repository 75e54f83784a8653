import type { Duty } from '#core/config/duties.ts';
import { type Selector, selects } from '#core/config/selector.ts';
import { dutySite, followedBy, type Occurrence, occurrences } from '#core/duties/occurrences.ts';
import { definePoint } from '#core/points.ts';
import { formatDuration, hours, type Instant, plus } from '#core/time.ts';
import { mendWord } from '../nearest.ts';
import type { Located, Parts } from '../parts.ts';
import { checkFunction } from './people-checks.ts';
import { checkKnown, type Teller } from './references.ts';

/** Duties: what they name exists, somebody has them, they come round within a year, and one is over before the next begins. */
export function checkDuties(parts: Parts, now: Instant, tell: Teller): void {
  for (const at of parts.duties.items) {
    checkPeople(at, parts, tell);
    checkDevices(at, parts, tell);
    checkSeasons(at, parts, tell);
    checkRegister(at, parts, tell);
    checkTimes(at, parts, now, tell);
  }
  checkDeadlines(parts, tell);
}

type At = Located<Duty>;

function checkPeople(at: At, parts: Parts, tell: Teller): void {
  const { function: own, escalate, findings, late_until: late } = at.value;
  checkFunction(at, ['function'], own, parts, tell);
  if (findings.owner !== undefined) checkFunction(at, ['findings', 'owner'], findings.owner, parts, tell);
  for (const [i, step] of escalate.entries()) {
    for (const [n, name] of step.tell.entries()) checkFunction(at, ['escalate', i, 'tell', n], name, parts, tell);
    if (step.after >= late)
      tell(
        at,
        ['escalate', i, 'after'],
        `it is missed ${formatDuration(late)} after it was due: this step never comes`,
        `write less than ${formatDuration(late)}, or a later late_until`,
      );
  }
}

function checkDevices(at: At, parts: Parts, tell: Teller): void {
  const { for_each: forEach, done_by: doneBy, checklist } = at.value;
  if (forEach !== undefined) {
    checkSelector(at, ['for_each'], forEach, parts, tell);
    const others = parts.devices.items.filter(({ value }) => selects(forEach, value) && value.kind !== 'ups');
    if (doneBy === 'battery-test' && others.length > 0)
      tell(at, ['for_each'], `${others[0]?.value.id} is no UPS: it has no battery test`, 'write kinds: [ups]');
  }
  for (const [i, item] of checklist.entries()) {
    if (checklist.findIndex(({ id }) => id === item.id) < i)
      tell(at, ['checklist', i, 'id'], `${item.id} is there twice`, 'give one of them another id');
    for (const key of ['each', 'of'] as const) {
      const selector = item[key];
      if (selector !== undefined) checkSelector(at, ['checklist', i, key], selector, parts, tell);
    }
    for (const [n, point] of item.points.entries())
      if (definePoint(point.replaceAll('#', '1')) === null)
        tell(
          at,
          ['checklist', i, 'points', n],
          `there is no point ${point}`,
          'write a point of the list in core/points.ts',
        );
  }
}

function checkSelector(at: At, path: PropertyKey[], on: Selector, { devices }: Parts, tell: Teller): void {
  for (const key of ['devices', 'except'] as const)
    for (const [i, id] of (on[key] ?? []).entries()) checkKnown(tell, at, [...path, key, i], id, devices.ids, 'device');
  const isWhole = devices.ids !== null && devices.items.length === devices.ids.size;
  if (isWhole && !devices.items.some(({ value }) => selects(on, value)))
    tell(at, path, 'no device of devices.yaml is meant', 'name devices, kinds, a room or tags that are there');
}

function checkSeasons(at: At, { calendar }: Parts, tell: Teller): void {
  if (calendar === null) return;
  const known = new Set(Object.keys(calendar.value.seasons));
  const { season, checklist } = at.value;
  if (season !== undefined) checkKnown(tell, at, ['season'], season, known, 'season');
  for (const [i, item] of checklist.entries())
    if (item.season !== undefined) checkKnown(tell, at, ['checklist', i, 'season'], item.season, known, 'season');
}

function checkRegister(at: At, { registers }: Parts, tell: Teller): void {
  const { entry } = at.value;
  const followed = followedBy(at.value);
  const formOf = (id: string) => registers.items.find(({ value }) => value.id === id)?.value;
  if (followed !== null) {
    const path = ['when', 'deadline'];
    if (checkKnown(tell, at, [...path, 'register'], followed.register, registers.ids, 'register')) {
      const form = formOf(followed.register);
      const deadline = form?.deadlines.find(({ id }) => id === followed.deadline);
      const known = new Set(form?.deadlines.map(({ id }) => id));
      if (form !== undefined) checkKnown(tell, at, [...path, 'deadline'], followed.deadline, known, 'deadline');
      if (deadline?.duty === false)
        tell(
          at,
          [...path, 'deadline'],
          `the register reminds of ${followed.deadline} itself: people would hear of it twice`,
          `write duty: true at this deadline of registers/${followed.register}.yaml`,
        );
    }
  }
  if (entry === undefined || !checkKnown(tell, at, ['entry', 'register'], entry.register, registers.ids, 'register'))
    return;
  const form = formOf(entry.register);
  if (form === undefined) return;
  const fields = new Set(form.fields.map(({ id }) => id));
  for (const field of Object.keys(entry.values))
    if (!fields.has(field))
      tell(at, ['entry', 'values'], `there is no field ${field}`, mendWord(field, fields, 'field'), field);
  const moves = new Set(form.moves.map(({ id }) => id));
  if (entry.move !== undefined) checkKnown(tell, at, ['entry', 'move'], entry.move, moves, 'move');
}

/** A deadline that leaves reminding to a duty needs one. */
function checkDeadlines({ registers, duties }: Parts, tell: Teller): void {
  if (duties.ids === null || duties.items.length < duties.ids.size) return;
  const followed = duties.items.flatMap(({ value }) => followedBy(value) ?? []);
  for (const at of registers.items)
    for (const [i, { id, duty }] of at.value.deadlines.entries())
      if (duty && !followed.some((one) => one.register === at.value.id && one.deadline === id))
        tell(
          at,
          ['deadlines', i, 'duty'],
          `no duty follows the deadline ${id}: nobody would be reminded`,
          `add one to duties.yaml with when: { deadline: { register: ${at.value.id}, deadline: ${id} } }, or remove duty: true`,
        );
}

const YEAR = hours(366 * 24);

function checkTimes(at: At, { site, calendar, devices }: Parts, now: Instant, tell: Teller): void {
  const { when, for_each: forEach } = at.value;
  const followsPeople = typeof when === 'object' && ('after_done' in when || 'deadline' in when);
  if (site === null || calendar === null || followsPeople) return;
  const parts = { site: site.value, calendar: calendar.value, devices: devices.items.map(({ value }) => value) };
  // Which devices there are is told at `for_each`.
  const duty = { ...at.value, for_each: undefined } as Duty;
  const found = occurrences(duty, dutySite(parts), now, plus(now, YEAR));
  if (found.length === 0 && forEach === undefined) {
    tell(at, ['when'], 'this never comes in the coming year', 'look at when, season and holidays');
    return;
  }
  const overlaps = (end: (one: Occurrence) => Instant): boolean => {
    const pairs = found.slice(1).filter((one, index) => {
      const before = found[index];
      return before !== undefined && one.from < end(before);
    });
    // Holidays bring two together now and then.
    return pairs.length > found.length / 2;
  };
  if (overlaps(({ due }) => due))
    tell(
      at,
      ['opens'],
      'one may be done before the one before it is due',
      'write fewer days for opens, or an earlier due',
      'opens',
    );
  else if (overlaps(({ missed }) => missed))
    tell(
      at,
      ['late_until'],
      'one may still be done late while the next one is open',
      'write a shorter late_until',
      'late_until',
    );
}
