import type { Condition, PointTest } from '#core/config/condition.ts';
import type { Rule } from '#core/config/rule.ts';
import type { RuleOverride } from '#core/rule-override.ts';
import type { RulesResponse } from '#core/rules-view.ts';
import { seriesClass } from '#core/series.ts';

/** Rules as the page lists them: by area, findable, with how it stands about each. Pure. */

export const AREAS = ['safety', 'power', 'climate', 'devices', 'other'] as const;
export type Area = (typeof AREAS)[number];

export interface RuleLine {
  readonly rule: Rule;
  readonly area: Area;
  readonly devices: readonly string[];
  readonly times: number;
  readonly firing: boolean;
  readonly changes: readonly RuleOverride[];
  readonly off: boolean;
}

/** Every test, whatever it is joined by. */
export function testsOf(condition: Condition): readonly PointTest[] {
  if ('all' in condition) return condition.all.flatMap(testsOf);
  if ('any' in condition) return condition.any.flatMap(testsOf);
  if ('not' in condition) return testsOf(condition.not);
  return 'count' in condition ? testsOf(condition.count.when) : [condition];
}

export function areaOf({ safety, when }: Pick<Rule, 'safety' | 'when'>): Area {
  if (safety) return 'safety';
  const point = testsOf(when).find((test) => !test.point.startsWith('calendar.'))?.point ?? '';
  const [word = ''] = point.split('.', 1);
  if (['ups', 'input', 'output', 'bypass', 'battery', 'outlet', 'dc', 'feed'].includes(word)) return 'power';
  const kind = seriesClass(point);
  if (kind === 'environment' || kind === 'cooling' || ['ambient', 'cooling'].includes(word)) return 'climate';
  return ['host', 'device', 'service', 'sensor', 'network', 'room'].includes(word) ? 'devices' : 'other';
}

export function linesOf({ view, fired, concerned }: RulesResponse): readonly RuleLine[] {
  return (view?.rules ?? []).map((rule) => {
    const own = fired.filter((one) => one.rule === rule.id);
    const changes = view?.overrides.filter((one) => one.rule === rule.id) ?? [];
    return {
      rule,
      area: areaOf(rule),
      devices: concerned[rule.id] ?? [],
      times: own.reduce((sum, { times }) => sum + times, 0),
      firing: own.some(({ firing }) => firing),
      changes,
      off: changes.some(({ device, values }) => device === null && values.off === true),
    };
  });
}

/** What a person changed, as the file's language says it for a device or in place of the rule's own numbers. */
export function yamlOf(rule: Rule, { device, values }: Pick<RuleOverride, 'device' | 'values'>): string {
  const tests = testsOf(rule.when);
  const several = tests.filter(({ above, below }) => (above ?? below) !== undefined).length > 1;
  const numbers = (values.limits ?? []).map(({ path, limit, clear }) => {
    const test = testAt(rule.when, path);
    const side = test?.above === undefined ? 'below' : 'above';
    return [
      ...(several ? [`point: ${test?.point ?? ''}`] : []),
      `${side}: ${limit}`,
      ...(clear === null ? [] : [`clear: ${clear}`]),
    ];
  });
  const others = [
    ...(values.forS === undefined ? [] : [`for: ${values.forS}s`]),
    ...(values.severity === undefined ? [] : [`severity: ${values.severity}`]),
  ];
  const rows = numbers.length === 0 ? [others] : numbers.map((own, i) => [...own, ...(i === 0 ? others : [])]);
  if (device === null) {
    if (values.off === true) return `# ${rule.id}: remove the rule`;
    return [`# ${rule.id}:`, ...rows.flat().map((row) => `#   ${row}`)].join('\n');
  }
  const off = values.off === true ? ['off: "…"'] : [];
  const entries = rows.map((row) => `  - { ${[`devices: [${device}]`, ...off, ...row].join(', ')} }`);
  return [`# ${rule.id}`, 'overrides:', ...entries].join('\n');
}

function testAt(condition: Condition, path: string): PointTest | null {
  let here: Condition | undefined = condition;
  for (const step of path.split('.').slice(1)) {
    const i = Number(step);
    if (here === undefined) return null;
    if ('all' in here) here = here.all[i];
    else if ('any' in here) here = here.any[i];
    else if ('not' in here) here = here.not;
    else if ('count' in here) here = here.count.when;
    else return null;
  }
  return here !== undefined && 'point' in here ? here : null;
}
