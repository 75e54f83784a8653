import type { TimelineEntry } from '#core/incident.ts';

/** The newest entries of an incident's record; the journal keeps them all. */
const MOST_ENTRIES = 2000;

export class Timeline {
  #entries: TimelineEntry[] = [];

  add(entry: TimelineEntry): void {
    this.#entries.push(entry);
    // Cut in pieces, so that a long incident does not copy the list at each entry.
    if (this.#entries.length >= MOST_ENTRIES + 200) this.#entries = this.#entries.slice(-MOST_ENTRIES);
  }

  entries(): readonly TimelineEntry[] {
    return this.mark()();
  }

  /** The entries up to now, copied when they are read: what is added later is not among them. */
  mark(): () => readonly TimelineEntry[] {
    const entries = this.#entries;
    const { length } = entries;
    return () => entries.slice(Math.max(0, length - MOST_ENTRIES), length);
  }
}
