import { inhibitingRule } from '#core/config/rule.ts';
import type { Parts } from '../parts.ts';
import { checkFunction } from './people-checks.ts';
import { checkCycles, checkKnown, type Teller } from './references.ts';
import { checkCounts, checkRuleTests } from './rule-test-checks.ts';

/** Rules: the devices, people and other rules they name. */
export function checkRules(parts: Parts, tell: Teller): void {
  for (const at of parts.rules.items) {
    const rule = at.value;
    checkRuleTests(at, parts, tell);
    checkCounts({ at, parts, tell });
    for (const [i, name] of rule.notify.entries()) checkFunction(at, ['notify', i], name, parts, tell);
    for (const [i, other] of rule.inhibited_by.entries()) {
      checkKnown(tell, at, ['inhibited_by', i], inhibitingRule(other), parts.rules.ids, 'rule');
    }
    if (rule.safety && rule.inhibited_by.length > 0) {
      const message = `${rule.id} is a safety rule and can never be inhibited (L34)`;
      tell(at, ['inhibited_by'], message, 'remove inhibited_by', 'inhibited_by');
    }
  }
  checkCycles(
    tell,
    parts.rules.items,
    (rule) => rule.inhibited_by.map(inhibitingRule),
    'inhibited_by',
    'rules silence each other',
  );
}
