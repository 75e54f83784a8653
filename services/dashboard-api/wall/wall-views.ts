import type { Config } from '#core/config/config.ts';
import { FUNCTION_NAMES } from '#core/record-words.ts';
import type { RotaView } from '#core/rota/changes.ts';
import type { Layer } from '#core/rota/layer.ts';
import type { TaskView } from '#core/task.ts';
import type { Text } from '#core/text.ts';
import { hours, type Instant, plus, toIso } from '#core/time.ts';
import type { WallDuty, WallResponse } from '#core/wall-view.ts';
import { layersOf } from '../rota/rota-views.ts';

/** Who is on duty and who comes next; what is open. Names alone. Pure. */

const AHEAD = hours(21 * 24);
const MOST_SPANS = 60;
const FIRST_TASKS = 5;

export function wallDuty(config: Config, view: RotaView | null, now: Instant): WallDuty[] {
  const layers = layersOf(config, view).map((layer) => dutyOf(layer, config, view, now));
  // Whoever is called first stands first.
  return layers.sort((a, b) => Number(b.role === 'duty') - Number(a.role === 'duty')).map(({ duty }) => duty);
}

function dutyOf(layer: Layer, config: Config, view: RotaView | null, now: Instant) {
  const nameOf = (person: string): Text =>
    config.people.people.find(({ id }) => id === person)?.name ?? { zh: person, en: person };
  const present = layer.spanAt(now);
  const told = view?.layers.find(({ role }) => role === layer.role);
  const next = layer
    .spans(now, plus(now, AHEAD), MOST_SPANS)
    .find(({ from, person }) => from > now && person !== null && person !== present.person);
  const duty: WallDuty = {
    name: layer.name ?? FUNCTION_NAMES[layer.role],
    person: present.person === null ? null : nameOf(present.person),
    until: told?.person === present.person && told !== undefined ? told.until : toIso(present.holds),
    next: next?.person == null ? null : { person: nameOf(next.person), from: toIso(next.from) },
  };
  return { role: layer.role, duty };
}

export function wallTasks(config: Config, tasks: readonly TaskView[]): WallResponse['tasks'] {
  const open = tasks.filter(({ state }) => state === 'open').sort((a, b) => a.dueAt.localeCompare(b.dueAt));
  return {
    open: open.length,
    overdue: open.filter(({ overdue }) => overdue).length,
    first: open.slice(0, FIRST_TASKS).map(({ title, owner, dueAt, overdue }) => ({
      title,
      owner: owner === null ? null : (config.people.people.find(({ id }) => id === owner)?.name ?? null),
      dueAt,
      overdue,
    })),
  };
}
