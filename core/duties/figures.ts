import type { DutyFigures, DutyState } from '../paperwork/duty-view.ts';
import type { Text } from '../text.ts';
import { type Instant, toIso } from '../time.ts';

/**
 * How well duties were done: of those due from one time up to another, by duty. One that is due and not done counts as late from then
 * on; what is still to come counts as nothing.
 */
export function figuresOf(
  duties: readonly { readonly id: string; readonly title: Text }[],
  due: readonly { readonly duty: string; readonly state: DutyState }[],
  from: Instant,
  to: Instant,
): DutyFigures {
  const states = Map.groupBy(due, ({ duty }) => duty);
  return {
    from: toIso(from),
    to: toIso(to),
    duties: duties.map(({ id, title }) => {
      const count = (...wanted: DutyState[]): number =>
        (states.get(id) ?? []).filter(({ state }) => wanted.includes(state)).length;
      const [done, late, missed] = [count('done'), count('done-late', 'overdue'), count('missed')];
      const all = done + late + missed;
      return { duty: id, title, done, late, missed, waived: count('waived'), rate: all === 0 ? null : done / all };
    }),
  };
}
