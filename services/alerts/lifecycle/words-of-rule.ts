import type { AlertView } from '#core/alert.ts';
import type { Rule } from '#core/config/rule.ts';
import type { AlertRecord } from './alert-record.ts';

/** The alert with what its rule says of it now; null: it says what it said before. */
export function withWordsOf(record: AlertRecord, rule: Rule | null): AlertRecord | null {
  if (rule === null) return null;
  const { view } = record;
  const { title, severity, safety, consequence, response } = rule;
  const words = { title, severity, safety, consequence, response, respondWithinS: rule.respond_within / 1000 };
  const next: AlertView = { ...view, ...words };
  return JSON.stringify(next) === JSON.stringify(view) ? null : { ...record, view: next };
}
