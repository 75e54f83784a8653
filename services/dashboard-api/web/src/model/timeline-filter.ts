import type { TimelineEntry, TimelineKind } from '#core/incident.ts';

/** The record by what one looks for in it. Pure. */
export const FILTERS = ['all', 'people', 'decisions', 'acts', 'power'] as const;
export type Filter = (typeof FILTERS)[number];

const KINDS: Readonly<Record<Exclude<Filter, 'all'>, readonly TimelineKind[]>> = {
  people: ['answer', 'acknowledged', 'order', 'notification'],
  decisions: ['decision', 'level', 'opened', 'closed', 'restart'],
  acts: ['action', 'evidence', 'step'],
  power: ['power', 'clocks', 'reading'],
};

/** What a person did is people's doing, whatever it is called. */
export const passes = ({ kind, who }: Pick<TimelineEntry, 'kind' | 'who'>, filter: Filter): boolean =>
  filter === 'all' || KINDS[filter].includes(kind) || (filter === 'people' && who !== 'zhishou');
