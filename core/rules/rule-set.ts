import type { Condition, Rule } from '../config/rule.ts';
import { ruleFor } from '../config/rule-for.ts';
import { type Memory, testsOf } from './evaluate.ts';

/** The rules of one moment, and how each counts for a device. */
export interface RuleSet {
  readonly rules: readonly Rule[];
  /** The rule as it counts for a device that it concerns; null: it is switched off there. The same object each time. */
  of(rule: Rule, device: string): Rule | null;
}

/** An alert's rule and device, of a rule that is gone or that says otherwise by its own change. */
export interface EndedByRules {
  readonly rule: string;
  readonly device: string;
}

/** As they stand in the files. */
export const asConfigured = (rules: readonly Rule[]): RuleSet => ({ rules, of: keptFor(ruleFor) });

/** The same object each time for the same rule and device. */
export function keptFor(make: (rule: Rule, device: string) => Rule | null): RuleSet['of'] {
  const kept = new Map<Rule, Map<string, Rule | null>>();
  return (rule, device) => {
    const known = kept.get(rule)?.get(device);
    if (known !== undefined) return known;
    const made = make(rule, device);
    // Most rules are the same everywhere: what is as it was needs no keeping.
    if (made === rule) return made;
    const of = kept.get(rule) ?? new Map<string, Rule | null>();
    kept.set(rule, of.set(device, made));
    return made;
  };
}

/** Rules are parsed by one schema, so the same is said by the same text. */
const same = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);

/** What they judge of the device is the same, and after how long; texts, people and severity may differ. */
export const sameTests = (a: Rule, b: Rule, device: string): boolean =>
  a === b ||
  (a.for === b.for && a.safety === b.safety && names(a, device) === names(b, device) && same(a.when, b.when));

/** It concerns the same devices, as far as the rule says which. */
export const sameOn = (a: Rule, b: Rule): boolean => a === b || same(a.on, b.on);

/** A device that is named must have the point: naming it is part of the test. */
const names = (rule: Rule, device: string): boolean => rule.on.devices?.includes(device) === true;

/** What a test remembers holds on for one at the same place that looks at the same point in the same way, at whatever limit. */
export function memoryAfter(before: Condition, after: Condition, memory: Memory): Memory {
  const old = new Map(testsOf(before).map(({ test, path }) => [path, wayOf(test)]));
  const kept = new Set(testsOf(after).flatMap(({ test, path }) => (old.get(path) === wayOf(test) ? path : [])));
  const only = <T>(all: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(all).filter(([path]) => kept.has(path)));
  const { latched, missingSince, tracks } = memory;
  const others = { latched: only(latched), missingSince: only(missingSince) };
  return tracks === undefined ? others : { ...others, tracks: only(tracks) };
}

/** Numbers and lengths left out. */
const wayOf = (test: object): string =>
  Object.entries(test)
    .map(([key, value]) => (typeof value === 'number' ? key : `${key}=${String(value)}`))
    .filter((part) => part !== 'clear')
    .sort()
    .join(' ');
