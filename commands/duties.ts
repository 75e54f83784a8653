import { join, resolve } from 'node:path';
import type { Config } from '#core/config/config.ts';
import { dutySite } from '#core/duties/occurrences.ts';
import { personOf } from '#core/duties/who.ts';
import { momentOf } from '#core/duties/words.ts';
import { ZhishouError } from '#core/errors.ts';
import { FUNCTION_NAMES } from '#core/record-words.ts';
import { atClock, localDate } from '#core/rota/local-days.ts';
import { createRota } from '#core/rota/rota.ts';
import type { Language } from '#core/text.ts';
import { type Instant, toIso } from '#core/time.ts';
import { copyDatabase } from '#platform/backup/make-backup.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { openDutyStore } from '#platform/duty-store.ts';
import { isThere, makeTemporaryFolder, printLine } from '#platform/environment.ts';
import { silentLog } from '#platform/log.ts';
import { openRegisterStore } from '#platform/register-store.ts';
import { createDutyBook, type DutyBook } from '#services/dashboard-api/duties/duty-book.ts';
import { createFollowed } from '#services/dashboard-api/duties/duty-registers.ts';
import { createRegisterBook } from '#services/dashboard-api/registers/register-book.ts';
import { configDirectory, describeProblem, loadSite } from './configuration.ts';

/** `zhishou duties list`: what is due in a time and what became of it, whether the service runs or not: over copies of its stores. */
export interface DutiesOptions {
  readonly config: string | null;
  readonly state: string;
  /** Dates of the site: `2026-11-23`; `to` is the last day. Default: today and the six days after it. */
  readonly from?: string;
  readonly to?: string;
  readonly language?: Language;
  readonly json?: boolean;
}

export async function duties(what: string, options: DutiesOptions): Promise<void> {
  if (what !== 'list') throw new ZhishouError('BAD_REQUEST', what, 'only list is known');
  const folder = makeTemporaryFolder('zhishou-duties-');
  try {
    const config = readConfig(options, folder.path);
    const clock = createSystemClock();
    const [from, to] = daysOf(options, clock.now(), config.site.time_zone);
    const { book, close } = await openBook(config, options.state, folder.path, from);
    try {
      for (const line of linesOf(config, book, [from, to], clock.now(), options)) if (!(await printLine(line))) break;
    } finally {
      close();
    }
  } finally {
    folder.remove();
  }
}

function readConfig({ config: given }: DutiesOptions, folder: string): Config {
  const directory = configDirectory(given);
  const { config, problems } = loadSite(directory, { secretsDirectory: folder, profiles: 'named' });
  if (config === null) throw new ZhishouError('BAD_CONFIGURATION', directory, problems.map(describeProblem).join('\n'));
  return config;
}

function daysOf({ from, to }: DutiesOptions, now: Instant, zone: string): readonly [Instant, Instant] {
  const read = (text: string): Temporal.PlainDate => {
    if (!/^\d{4}-\d\d-\d\d$/.test(text)) throw new ZhishouError('BAD_REQUEST', text, 'write a date, e.g. 2026-11-23');
    return Temporal.PlainDate.from(text);
  };
  const first = from === undefined ? localDate(now, zone) : read(from);
  const last = to === undefined ? first.add({ days: 6 }) : read(to);
  if (Temporal.PlainDate.compare(last, first) < 0) throw new ZhishouError('BAD_REQUEST', 'to', 'is before from');
  const midnight = Temporal.PlainTime.from('00:00');
  return [atClock(first, midnight, zone), atClock(last.add({ days: 1 }), midnight, zone)];
}

/** Without a store nothing became of anything: the calendar alone. */
async function openBook(
  config: Config,
  state: string,
  folder: string,
  from: Instant,
): Promise<{ readonly book: DutyBook; readonly close: () => void }> {
  const copied = async (name: string): Promise<string> => {
    const [original, copy] = [join(resolve(state), name), join(folder, name)];
    if (!isThere(original)) return ':memory:';
    await copyDatabase(original, copy);
    return copy;
  };
  const file = await copied('duties.sqlite');
  const store = openDutyStore(file);
  const registerStore = openRegisterStore(await copied('registers.sqlite'));
  const clock = createSystemClock();
  const registers = createRegisterBook({ config, clock, log: silentLog, store: registerStore });
  const book = createDutyBook({
    ...{ duties: config.duties ?? [], site: dutySite(config), store },
    followed: createFollowed(registers, config.site.time_zone),
    now: file === ':memory:' ? () => from : clock.now,
  });
  return {
    book,
    close() {
      store.close();
      registerStore.close();
    },
  };
}

function* linesOf(
  config: Config,
  book: DutyBook,
  [from, to]: readonly [Instant, Instant],
  now: Instant,
  { language = 'en', json = false }: DutiesOptions,
): Generator<string> {
  const rota = createRota(config);
  for (const kept of book.due(from, to)) {
    const { id, due, occurrence } = kept;
    const state = book.state(kept, now);
    const person = occurrence === null ? null : personOf(occurrence, rota, now);
    const name = occurrence === null ? '' : FUNCTION_NAMES[occurrence.duty.function][language];
    const title = occurrence?.duty.title[language] ?? kept.duty;
    if (json) yield JSON.stringify({ id, title, state, dueAt: toIso(due), person: person?.id ?? null });
    else
      yield `${momentOf(due, config.site.time_zone)}  ${state.padEnd(9)}  ${title}  (${person?.name[language] ?? name})  ${id}`;
  }
}
