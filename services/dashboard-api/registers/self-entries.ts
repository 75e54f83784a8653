import type { IncidentView, StepView } from '#core/incident.ts';
import type { FieldValues } from '#core/paperwork/register-view.ts';
import { BACKUPS } from '#core/paperwork/well-known-registers.ts';
import type { Registers } from './register-book.ts';

/**
 * Backups that the plans order enter themselves in the register of backups with what became of them (O-REG-4), each once, however often its incident
 * is published: after a restart too.
 */
export function createSelfEntries(registers: Registers): (incident: IncidentView) => void {
  const entered = new Set<string>();
  return (incident) => {
    // A drill backs up nothing, and an unarmed site only advises.
    if (incident.mode !== 'live' || !registers.declared().some(({ id }) => id === BACKUPS.register)) return;
    for (const step of incident.steps) {
      const result = resultOf(step);
      const key = `incident/${incident.id}/${step.id}`;
      if (result === null || entered.has(key)) continue;
      registers.enter(BACKUPS.register, key, valuesOf(incident, step, result), [
        { label: { zh: `事件 ${incident.id}`, en: `incident ${incident.id}` }, path: `/incidents/${incident.id}` },
      ]);
      if (entered.size >= MOST_KNOWN) entered.clear();
      entered.add(key);
    }
  };
}

const MOST_KNOWN = 10_000;

function resultOf({ operation, state }: StepView): keyof typeof BACKUPS.results | null {
  if (operation !== 'backup') return null;
  if (state === 'done') return 'ok';
  return state === 'failed' || state === 'cut' ? state : null;
}

function valuesOf(incident: IncidentView, step: StepView, result: keyof typeof BACKUPS.results): FieldValues {
  const { fields, kind, results } = BACKUPS;
  const detail = [step.detail?.zh, step.detail?.en].filter((text) => text !== undefined && text !== '');
  return {
    [fields.kind]: kind,
    [fields.device]: step.device,
    [fields.what]: `${incident.plan.title.zh} ${step.title.zh} / ${step.title.en}`.slice(0, 300),
    [fields.result]: results[result],
    [fields.at]: step.endedAt ?? incident.closedAt ?? incident.openedAt,
    [fields.detail]: detail.length === 0 ? null : [...new Set(detail)].join('\n').slice(0, 4000),
  };
}
