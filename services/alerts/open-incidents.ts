import type { Config } from '#core/config/config.ts';
import type { IncidentView } from '#core/incident.ts';

/** What the open incidents explain: devices that a plan took down, and alerts that a plan already answers for. */
export interface OpenIncidents {
  /** True when what is explained has changed. */
  update(view: IncidentView): boolean;
  takenDownBy(device: string): string | null;
  answeredFor(rule: string): boolean;
  opensIncident(rule: string): boolean;
}

const DOWN = new Set(['shutdown', 'power_off', 'shed']);
const BEGUN = new Set(['running', 'verifying', 'done']);

export function createOpenIncidents(config: Pick<Config, 'plans'>): OpenIncidents {
  const open = new Map<string, { plan: string; down: ReadonlySet<string> }>();
  const triggers = new Map(config.plans.map((plan) => [plan.id, plan.triggers.alerts]));

  const triggering = new Set([...triggers.values()].flat());

  return {
    update(view) {
      const before = open.get(view.id);
      if (view.phase === 'closed') return open.delete(view.id);
      const down = new Set(view.steps.filter(tookDown).map((step) => step.device ?? ''));
      open.set(view.id, { plan: view.plan.id, down });
      return before === undefined || before.down.size !== down.size || [...down].some((id) => !before.down.has(id));
    },
    takenDownBy(device) {
      for (const [id, { down }] of open) if (down.has(device)) return id;
      return null;
    },
    opensIncident: (rule) => triggering.has(rule),
    answeredFor: (rule) => [...open.values()].some(({ plan }) => triggers.get(plan)?.includes(rule) === true),
  };
}

const tookDown = ({ operation, state, device }: IncidentView['steps'][number]): boolean =>
  device !== null && operation !== null && DOWN.has(operation) && BEGUN.has(state);
