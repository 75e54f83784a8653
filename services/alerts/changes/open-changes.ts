import type { Config } from '#core/config/config.ts';
import type { NotificationRequest } from '#core/notification.ts';
import type { Change } from '#core/paperwork/change-watch.ts';
import type { AlertBook } from '../lifecycle/alert-book.ts';
import type { MaintenanceDesk } from '../lifecycle/maintenance.ts';
import type { OpenIncidents } from '../open-incidents.ts';
import type { FactsDesk } from '../paperwork/facts-desk.ts';
import { type ChangeDesk, type ChangeDeskDependencies, createChangeDesk } from './change-desk.ts';
import { CHANGE_RULE } from './change-words.ts';
import { createOwnDoings, type OwnDoings } from './own-doings.ts';

/** The watch over changes with all that explains one; nothing where site.yaml asks for none. */
export interface Changes {
  readonly desk: ChangeDesk;
  readonly ours: OwnDoings;
}

export function openChanges(
  base: Pick<ChangeDeskDependencies, 'config' | 'clock' | 'work' | 'rota' | 'log' | 'metrics'>,
  beside: {
    readonly open: Pick<OpenIncidents, 'incidentOf' | 'takenDownBy'>;
    readonly maintenance: Pick<MaintenanceDesk, 'windowFor'>;
    readonly facts: FactsDesk;
    readonly book: () => Pick<AlertBook, 'apply' | 'follow'>;
    readonly tell: (request: NotificationRequest) => readonly string[];
  },
): Changes | null {
  const { open, maintenance, facts, book, tell } = beside;
  const ours = createOwnDoings(base);
  const feeds = fedBy(base.config);
  const incidentOf = (device: string): string | null => open.takenDownBy(device) ?? open.incidentOf('', device);

  /** In an outage equipment is switched, by plans and by the people whom they ask; nobody changes a set point for it. */
  function reason(change: Change): string | null {
    const { device, at, to } = change;
    if (ours.explains(device, at)) return 'ordered by a plan';
    const window = maintenance.windowFor(CHANGE_RULE, device, at);
    if (window !== null) return `maintenance ${window.id}`;
    if (typeof to === 'number') return null;
    const incident = [device, ...(feeds.get(device) ?? [])].flatMap((one) => incidentOf(one) ?? [])[0];
    return incident === undefined ? null : `incident ${incident}`;
  }

  const desk = createChangeDesk({ ...base, book, tell, facts: facts.now, reason });
  if (desk === null) return null;
  facts.onChange((now) => desk.onFacts(now));
  return { desk, ours };
}

/** What hangs on a device's outlets: `pdu-1` → server-1, server-2. */
function fedBy({ devices }: Pick<Config, 'devices'>): ReadonlyMap<string, readonly string[]> {
  const fed = new Map<string, string[]>();
  for (const { id, power } of devices)
    for (const feed of power?.feeds ?? []) {
      const feeder = feed.split('/')[0] ?? feed;
      fed.set(feeder, [...(fed.get(feeder) ?? []), id]);
    }
  return fed;
}
