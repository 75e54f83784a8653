import type { Config } from '../config/config.ts';
import type { FunctionName, Person } from '../config/people.ts';
import type { Instant } from '../time.ts';
import type { RotaChange } from './changes.ts';
import { createLayer, type Layer, type Span } from './layer.ts';
import { createWorkingTime } from './working-time.ts';

/** Who is on duty, who holds a function, is the office working. Pure over the configuration and what people changed since. */
export interface Rota {
  /** Null: nobody, which is an alarm (L25): before the rota starts, an override of an unknown person, hours that are nobody's. */
  dutyAt(at: Instant): { person: Person; until: Instant } | null;
  peopleOf(name: FunctionName, at: Instant): readonly Person[];
  isWorkingTime(at: Instant): boolean;
}

export type RotaSlice = Pick<Config, 'people' | 'rota' | 'calendar'> & {
  readonly site: Pick<Config['site'], 'time_zone'>;
};

/** `duty` first, then each rotation of `layers`. */
export const createLayers = ({ rota, site }: RotaSlice, changes: readonly RotaChange[] = []): readonly Layer[] => [
  createLayer('duty', null, rota.rota, site.time_zone, changes),
  ...rota.layers.map((layer) => createLayer(layer.role, layer.name ?? null, layer, site.time_zone, changes)),
];

export function createRota(config: RotaSlice, layers: readonly Layer[] = createLayers(config)): Rota {
  const people = new Map(config.people.people.map((person) => [person.id, person]));
  const personOf = (id: string | null): Person | null => (id === null ? null : (people.get(id) ?? null));
  const current = new Map(layers.map((layer) => [layer.role, cached(layer)]));
  const holders = new Map<FunctionName, readonly Person[]>();
  const duty = current.get('duty');
  /** Asked for every event of an incident, and the same until somebody's turn or an override begins or ends. */
  let on: { from: Instant; until: Instant; found: { person: Person; until: Instant } | null } | null = null;

  function dutyAt(at: Instant): { person: Person; until: Instant } | null {
    if (on !== null && on.from <= at && at < on.until) return on.found;
    const span = duty?.(at);
    const person = personOf(span?.person ?? null);
    if (span === undefined) return null;
    on = { ...span, found: person === null ? null : { person, until: span.holds } };
    return on.found;
  }

  return {
    dutyAt,
    peopleOf(name, at) {
      const layer = current.get(name);
      if (layer !== undefined) {
        const person = name === 'duty' ? (dutyAt(at)?.person ?? null) : personOf(layer(at).person);
        return person === null ? [] : [person];
      }
      const known = holders.get(name) ?? config.people.people.filter((person) => person.functions.includes(name));
      holders.set(name, known);
      return known;
    },
    isWorkingTime: createWorkingTime(config.calendar, config.site.time_zone),
  };
}

function cached(layer: Layer): (at: Instant) => Span {
  let last: Span | null = null;
  return (at) => {
    if (last === null || at < last.from || at >= last.until) last = layer.spanAt(at);
    return last;
  };
}
