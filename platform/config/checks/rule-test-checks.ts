import { type Condition, type PointTest, pointsIn } from '#core/config/condition.ts';
import type { Device } from '#core/config/device.ts';
import type { Rule } from '#core/config/rule.ts';
import { endsOnItsSide, isMeant, LIMITS, ruleFor } from '#core/config/rule-for.ts';
import { type Selector, selects, selectsClass } from '#core/config/selector.ts';
import type { Located, Parts } from '../parts.ts';
import { checkKnown, type Teller } from './references.ts';

/** What a rule's tests and its devices' own limits say: nothing that contradicts itself, nobody that it does not concern. */
export function checkRuleTests(at: Located<Rule>, parts: Parts, tell: Teller): void {
  const rule = at.value;
  const told = { at, parts, tell };
  checkSelector(told, ['on'], rule.on);
  eachTest(rule.when, ['when'], (test, path) => checkTest(told, path, test));
  eachClass(rule.when, ['when'], (of, path) => checkSelector(told, path, of));
  checkBand(told, rule.when, ['when']);
  for (const i of rule.overrides.keys()) checkOverride(told, i);
}

interface Told {
  readonly at: Located<Rule>;
  readonly parts: Parts;
  readonly tell: Teller;
}
type Path = readonly (string | number)[];

function checkSelector({ at, parts, tell }: Told, path: Path, on: Selector): void {
  for (const list of ['devices', 'except'] as const)
    for (const [i, device] of (on[list] ?? []).entries())
      checkKnown(tell, at, [...path, list, i], device, parts.devices.ids, 'device');
  if (on.tags !== undefined && parts.devices.ids !== null) {
    const known = new Set(parts.devices.items.flatMap(({ value }) => value.tags));
    for (const [i, tag] of on.tags.entries()) checkKnown(tell, at, [...path, 'tags', i], tag, known, 'tag of a device');
  }
  if (on.except !== undefined && !selectsClass(on))
    tell(at, [...path, 'except'], 'except takes devices out of a class, and none is named', 'name kinds, room or tags');
}

function checkTest({ at, parts, tell }: Told, path: Path, test: PointTest): void {
  if (test.device !== undefined) checkKnown(tell, at, [...path, 'device'], test.device, parts.devices.ids, 'device');
  if (!endsOnItsSide(test)) {
    const [limit, side] =
      test.above === undefined && test.below !== undefined ? [test.below, 'above'] : [test.above, 'below'];
    const message = `clear: ${test.clear} is on the wrong side: it would be true and over at once`;
    tell(at, [...path, 'clear'], message, limit === undefined ? 'between 0 and the movement' : `${side} ${limit}`);
  }
  const { forecast } = test;
  if (forecast?.clear !== undefined && forecast.clear < forecast.within)
    tell(at, [...path, 'forecast', 'clear'], 'it would end while the limit is still near', 'no shorter than within');
}

/** `all: [above 30, below 20]` of one point is never true. */
function checkBand(told: Told, condition: Condition, path: Path): void {
  if ('any' in condition) for (const [i, one] of condition.any.entries()) checkBand(told, one, [...path, 'any', i]);
  if (!('all' in condition)) return;
  for (const [i, one] of condition.all.entries()) {
    checkBand(told, one, [...path, 'all', i]);
    if (!('point' in one) || one.above === undefined) continue;
    const other = condition.all.find(
      (test) => 'point' in test && sameSubject(test, one) && test.below !== undefined && test.below <= (one.above ?? 0),
    );
    if (other !== undefined && 'point' in other)
      told.tell(
        told.at,
        [...path, 'all', i, 'above'],
        `${one.point} is never above ${one.above} and below ${other.below} at once`,
        'use any, or mend the limits',
      );
  }
}

const sameSubject = (a: PointTest, b: PointTest): boolean =>
  a.point === b.point && a.device === b.device && a.of === undefined && b.of === undefined;

function checkOverride({ at, parts, tell }: Told, i: number): void {
  const rule = at.value;
  const own = rule.overrides[i];
  if (own === undefined) return;
  const path = ['overrides', i];
  const byId = new Map(parts.devices.items.map(({ value }) => [value.id, value]));
  for (const [k, id] of own.devices.entries()) {
    const device = byId.get(id);
    if (!checkKnown(tell, at, [...path, 'devices', k], id, parts.devices.ids, 'device') || device === undefined)
      continue;
    if (!selects(rule.on, device))
      tell(at, [...path, 'devices', k], `${rule.id} does not concern ${id}`, 'take it out, or widen on');
  }
  if (rule.safety && own.off !== undefined)
    tell(at, [...path, 'off'], `${rule.id} is a safety rule and holds everywhere (L34)`, 'take off out');
  if (rule.safety && own.severity !== undefined && own.severity !== rule.severity)
    tell(at, [...path, 'severity'], `${rule.id} is a safety rule: its severity is one`, 'take severity out');
  checkLimits({ at, parts, tell }, i, path);
}

function checkLimits({ at, parts, tell }: Told, i: number, path: Path): void {
  const rule = at.value;
  const own = rule.overrides[i];
  const asked = LIMITS.filter((limit) => own?.[limit] !== undefined);
  if (own === undefined || own.off !== undefined) return;
  if (own.when !== undefined) {
    if (asked.length > 0)
      tell(at, [...path, 'when'], 'when replaces all tests, and limits are given besides', 'keep one');
    eachTest(own.when, [...path, 'when'], (test, where) => checkTest({ at, parts, tell }, where, test));
    return;
  }
  if (asked.length === 0 && own.clear === undefined) return;
  const meant = new Set<string>();
  eachTest(rule.when, [], (test) => {
    if (isMeant(test, own)) meant.add(test.point);
  });
  const field = asked[0] ?? 'clear';
  if (meant.size === 0)
    tell(at, [...path, field], `no test of ${rule.id} asks ${field}`, 'name what the rule tests, or give when: whole');
  if (meant.size > 1)
    tell(at, [...path, field], `more than one point is meant: ${[...meant].join(', ')}`, 'say which with point:');
  const changed = ruleFor(rule, own.devices[0] ?? '');
  if (own.clear !== undefined && changed !== null)
    eachTest(changed.when, [], (test) => {
      if (test.clear === own.clear && !endsOnItsSide(test))
        tell(at, [...path, 'clear'], `clear: ${own.clear} is on the wrong side of the limit`, 'on the calm side of it');
    });
}

function eachTest(condition: Condition, path: Path, visit: (test: PointTest, path: Path) => void): void {
  if ('all' in condition) for (const [i, one] of condition.all.entries()) eachTest(one, [...path, 'all', i], visit);
  else if ('any' in condition)
    for (const [i, one] of condition.any.entries()) eachTest(one, [...path, 'any', i], visit);
  else if ('not' in condition) eachTest(condition.not, [...path, 'not'], visit);
  else if ('count' in condition) eachTest(condition.count.when, [...path, 'count', 'when'], visit);
  else visit(condition, path);
}

function eachClass(condition: Condition, path: Path, visit: (of: Selector, path: Path) => void): void {
  if ('all' in condition) for (const [i, one] of condition.all.entries()) eachClass(one, [...path, 'all', i], visit);
  else if ('any' in condition)
    for (const [i, one] of condition.any.entries()) eachClass(one, [...path, 'any', i], visit);
  else if ('not' in condition) eachClass(condition.not, [...path, 'not'], visit);
  else if ('count' in condition) visit(condition.count.of, [...path, 'count', 'of']);
  else if (condition.of !== undefined) visit(condition.of, [...path, 'of']);
}

/** Two of one detector can never be. */
export function checkCounts({ at, parts, tell }: Told): void {
  const devices: readonly Device[] = parts.devices.items.map(({ value }) => value);
  if (parts.devices.ids === null) return;
  const visit = (condition: Condition, path: Path): void => {
    if ('all' in condition) for (const [i, one] of condition.all.entries()) visit(one, [...path, 'all', i]);
    else if ('any' in condition) for (const [i, one] of condition.any.entries()) visit(one, [...path, 'any', i]);
    else if ('not' in condition) visit(condition.not, [...path, 'not']);
    else if ('count' in condition) {
      const { of, at_least, when } = condition.count;
      const members = devices.filter((device) => selects(of, device)).length;
      if (members < at_least)
        tell(
          at,
          [...path, 'count', 'at_least'],
          `only ${members} devices are of this class: ${at_least} of them is never (${pointsIn(when).join(', ')})`,
          'widen of, or count fewer',
        );
    }
  };
  visit(at.value.when, ['when']);
}
