import type { Rule } from '#core/config/rule.ts';
import { type RuleOverride, ruleForAll, ruleForDevice } from '#core/rule-override.ts';
import { keptFor, type RuleSet } from '#core/rules/rule-set.ts';

/** The one holder of the rules that run now: those of the files, with what people have changed on the page laid over them. */
export interface PresentRules {
  /** For the engine. Another object after each change. */
  set(): RuleSet;
  /** As they stand in the files. */
  files(): readonly Rule[];
  overrides(): readonly RuleOverride[];
  /** As it counts for a device now; null: there is no such rule, or it is off there. */
  find(rule: string, device: string): Rule | null;
  /** False: they say the same, and nothing was changed. */
  take(files: readonly Rule[], overrides: readonly RuleOverride[]): boolean;
}

export function createPresentRules(first: readonly Rule[], firstOverrides: readonly RuleOverride[]): PresentRules {
  let files = first;
  let overrides = firstOverrides;
  let set = setOf(files, overrides);
  let byId = indexOf(set.rules);
  return {
    set: () => set,
    files: () => files,
    overrides: () => overrides,
    find(rule, device) {
      const found = byId.get(rule);
      return found === undefined ? null : set.of(found, device);
    },
    take(nextFiles, nextOverrides) {
      const same = textOf(nextFiles) === textOf(files) && textOf(nextOverrides) === textOf(overrides);
      if (same) return false;
      // A rule that is as it was stays the same object, so that whoever compares need not look inside.
      const before = new Map(files.map((rule) => [rule.id, rule]));
      files = nextFiles.map((rule) => {
        const old = before.get(rule.id);
        return old !== undefined && textOf(old) === textOf(rule) ? old : rule;
      });
      overrides = nextOverrides;
      set = setOf(files, overrides);
      byId = indexOf(set.rules);
      return true;
    },
  };
}

/** All of them come out of one schema, or out of one place: the same is said by the same text. */
const textOf = (value: unknown): string => JSON.stringify(value);

const indexOf = (rules: readonly Rule[]): ReadonlyMap<string, Rule> => new Map(rules.map((rule) => [rule.id, rule]));

function setOf(files: readonly Rule[], overrides: readonly RuleOverride[]): RuleSet {
  const touched = new Set(overrides.map(({ rule }) => rule));
  const original = new Map(files.map((rule) => [rule.id, rule]));
  const rules = files.flatMap((rule) => (touched.has(rule.id) ? (ruleForAll(rule, overrides) ?? []) : rule));
  return {
    rules,
    of: keptFor((rule, device) =>
      ruleForDevice(original.get(rule.id) ?? rule, touched.has(rule.id) ? overrides : NONE, device),
    ),
  };
}

const NONE: readonly RuleOverride[] = [];
