import type { ConfigProblem } from '#core/config/config.ts';
import type { Rule } from '#core/config/rule.ts';
import type { Cancel } from '#core/ports.ts';
import type { RuleFiles } from '#platform/config/rule-files.ts';

/** The rules' files in memory: `write` changes them as an editor does. */
export interface FakeFiles extends RuleFiles {
  write(rules: readonly Rule[] | null, problems?: readonly ConfigProblem[]): void;
}

export function fakeFiles(first: readonly Rule[]): FakeFiles {
  let present: { rules: readonly Rule[] | null; problems: readonly ConfigProblem[] } = { rules: first, problems: [] };
  let told: (() => void) | null = null;
  return {
    // As a thread hands it over: the same content, other objects.
    read: () => Promise.resolve(structuredClone(present)),
    watch(changed): Cancel {
      told = changed;
      return () => {
        told = null;
      };
    },
    write(rules, problems = []) {
      present = { rules, problems };
      told?.();
    },
  };
}

export const BROKEN: ConfigProblem = {
  ...{ file: 'rules/climate.yaml', line: 12, column: 7 },
  message: 'one of above, below',
  mend: 'write one of them',
};
