import type { StateStore } from '#core/ports.ts';
import type { RuleOverride } from '#core/rule-override.ts';

/** What people changed of rules, in the state store: `alerts/rule-override/<rule>/<device or *>`. */

const PREFIX = 'alerts/rule-override/';

export const overrideKey = ({ rule, device }: Pick<RuleOverride, 'rule' | 'device'>): string =>
  `${PREFIX}${rule}/${device ?? '*'}`;

export const keptOverrides = (state: StateStore): readonly RuleOverride[] =>
  [...state.entries(PREFIX)].map(([, value]) => value as RuleOverride);
