import type { Rule } from '#core/config/rule.ts';
import type { Base } from '../parts.ts';
import { OWN_RULES } from '../self/own-rules.ts';
import { createFiguresDesk, type FiguresDesk } from './figures-desk.ts';

/** The figures of this service's alarms. Null where nobody looks back: a simulated run. */
export function openFigures(
  base: Base,
  outside: { ruleOf(rule: string, device: string): Rule | null },
): FiguresDesk | null {
  if (base.lastDrills === undefined) return null;
  const own = new Map(Object.values(OWN_RULES).map((rule) => [rule.id, rule]));
  const { present } = base;
  return createFiguresDesk({
    ...base,
    state: base.work.store,
    ruleOf: (rule, device) =>
      present.find(rule, device) ??
      own.get(rule) ??
      outside.ruleOf(rule, device) ??
      // Off for this device by now.
      present.files().find(({ id }) => id === rule) ??
      null,
    publishView: (view) => base.edge.publish('alarm-figures', '', view),
  });
}
