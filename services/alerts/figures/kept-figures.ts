import type { AlarmWeek, Page } from '#core/alarm-figures/view.ts';
import type { AlertEvent } from '#core/alert-event.ts';
import type { StateStore } from '#core/ports.ts';

/** What the figures keep: each week that has ended (some kB), what goes on from one week to the next, and this week's pages. */
export interface KeptFigures {
  /** Newest first. */
  weeks(most: number): readonly AlarmWeek[];
  /** Where the next week begins; null: no week has been closed yet. */
  carry(): Carry | null;
  close(week: AlarmWeek, carry: Carry): void;
  /** Once for each matter and person, whatever ways it goes over. False: it was counted. */
  told(key: string, page: Page): boolean;
  pages(): readonly Page[];
}

export interface Carry {
  /** The Monday of the week that it is for. */
  readonly week: string;
  readonly events: readonly AlertEvent[];
}

const WEEK = 'alarm-figures/week/';
const CARRY = 'alarm-figures/carry';
const PAGE = 'alarm-figures/page/';
/** Ten years. */
const MOST_WEEKS = 520;

export function createKeptFigures(state: StateStore): KeptFigures {
  const pages = (): (readonly [string, Page])[] =>
    [...state.entries(PAGE)].map(([key, value]) => [key, value as Page] as const);
  return {
    weeks: (most) =>
      [...state.entries(WEEK)]
        .map(([, value]) => value as AlarmWeek)
        .sort((a, b) => (a.week < b.week ? 1 : -1))
        .slice(0, most),
    carry: () => (state.get(CARRY) as Carry | undefined) ?? null,
    close(week, carry) {
      state.transaction(() => {
        state.set(WEEK + week.week, week);
        state.set(CARRY, carry);
        for (const [key, { at }] of pages()) if (at < week.to) state.delete(key);
        const known = [...state.entries(WEEK)].map(([key]) => key).sort();
        for (const oldest of known.slice(0, -MOST_WEEKS)) state.delete(oldest);
      });
    },
    told(key, page) {
      const name = `${PAGE}${page.person}/${key}`;
      if (state.get(name) !== undefined) return false;
      state.set(name, page);
      return true;
    },
    pages: () => pages().map(([, page]) => page),
  };
}
