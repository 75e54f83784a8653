import type { Config } from '#core/config/config.ts';
import type { Register } from '#core/config/register.ts';
import type { EntryRecord } from '#core/paperwork/register-entry.ts';
import type { Known } from '#core/paperwork/register-values.ts';
import { OPEN_ENTRIES } from '#core/paperwork/register-view.ts';
import { matchesSearch, type WordsOf } from '#core/paperwork/register-words.ts';

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

export const matches = (register: Register, entry: EntryRecord, filter: EntryFilter, words: WordsOf): boolean =>
  (filter.state === undefined ||
    (filter.state === OPEN_ENTRIES
      ? register.states.find(({ id }) => id === entry.state)?.final !== true
      : entry.state === filter.state)) &&
  (filter.from === undefined || entry.createdAt >= filter.from) &&
  (filter.to === undefined || entry.createdAt < filter.to) &&
  (filter.search === undefined || matchesSearch(register, entry, filter.search, words));
