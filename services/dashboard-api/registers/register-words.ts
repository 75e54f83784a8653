import type { Config } from '#core/config/config.ts';
import type { Register } from '#core/config/register.ts';
import type { EntryRecord } from '#core/paperwork/register-entry.ts';
import { isFinal } from '#core/paperwork/register-rights.ts';
import type { Known } from '#core/paperwork/register-values.ts';
import { OPEN_ENTRIES } from '#core/paperwork/register-view.ts';
import { createSearch, type WordsOf } from '#core/paperwork/register-words.ts';

/** People, devices and entries that values point to, and how they are called. */
export function createKnown(config: Config, entry: Known['entry']): Known {
  const people = new Map(config.people.people.map(({ id, name }) => [id, name]));
  const devices = new Map(config.devices.map(({ id, name }) => [id, name]));
  return { person: (id) => people.get(id) ?? null, device: (id) => devices.get(id) ?? null, entry };
}

/** Filters a register's entries. Entries never change in place, so what was read of one once holds. */
export interface EntryFilter {
  readonly search?: string | undefined;
  /** A state, or `open`: all that are in no final one. */
  readonly state?: string | undefined;
  /** ISO 8601: added at or after, and before. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Searching costs: what is narrowed otherwise is narrowed first. */
export function createFilter(
  register: Register,
  words: WordsOf,
): (filter: EntryFilter) => (entry: EntryRecord) => boolean {
  const search = createSearch(register, words);
  return (filter) => {
    const found = filter.search === undefined ? () => true : search(filter.search);
    return (entry) =>
      isInState(register, entry, filter.state) &&
      (filter.from === undefined || entry.createdAt >= filter.from) &&
      (filter.to === undefined || entry.createdAt < filter.to) &&
      found(entry);
  };
}

function isInState(register: Register, entry: EntryRecord, state: string | undefined): boolean {
  if (state === undefined) return true;
  return state === OPEN_ENTRIES ? !isFinal(register, entry.state) : entry.state === state;
}
