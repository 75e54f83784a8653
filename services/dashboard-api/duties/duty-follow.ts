import type { Config } from '#core/config/config.ts';
import type { Duty } from '#core/config/duties.ts';
import type { AnsweredLine, DutyEnd } from '#core/duties/answers.ts';
import { momentOf } from '#core/duties/words.ts';
import { messageOf } from '#core/errors.ts';
import type { DutyView } from '#core/paperwork/duty-view.ts';
import type { EntryRecord } from '#core/paperwork/register-entry.ts';
import type { Log } from '#core/ports.ts';
import type { Rota } from '#core/rota/rota.ts';
import { fillTemplate } from '#core/text.ts';
import { fromIso, type Instant, instant, plus, toIso } from '#core/time.ts';
import type { DutyRecord, DutyStore } from '#platform/duty-store.ts';
import type { Registers } from '../registers/register-book.ts';
import { ZHISHOU } from '../registers/register-who.ts';
import type { TaskList } from '../tasks/task-list.ts';
import { findingsOf, findingTitle, summaryOf } from './duty-words.ts';

/**
 * What follows a duty that was done: its findings become tasks, it is entered in its register.
 * Each once, however often it is tried: after a crash between two of them the rest is made up for at the next look.
 */
export interface DutyFollow {
  /** Everything that has not followed yet; never throws. False: not all of it could. */
  now(): boolean;
  tasks(occurrence: string): DutyView['tasks'];
  links(occurrence: string): DutyView['links'];
}

interface FollowDependencies {
  readonly config: Config;
  readonly duties: readonly Duty[];
  readonly store: DutyStore;
  readonly tasks: TaskList;
  readonly registers: Registers | null;
  readonly rota: () => Rota;
  readonly log: Log;
  readonly clock: { now(): Instant };
}

interface Followed {
  readonly task?: string;
  readonly link?: DutyView['links'][number];
}

export function createDutyFollow(deps: FollowDependencies): DutyFollow {
  const { store, tasks, registers, log, clock } = deps;
  const zone = deps.config.site.time_zone;
  const bodies = (occurrence: string): readonly Followed[] =>
    store.followed(occurrence).flatMap(({ body }) => (body === null ? [] : [body as Followed]));

  function followOne(record: DutyRecord): void {
    const duty = deps.duties.find(({ id }) => id === record.duty);
    const end = record.body as DutyEnd;
    const had = new Set(store.followed(record.occurrence).map(({ key }) => key));
    const once = (key: string, make: () => Followed | null): void => {
      if (!had.has(key)) store.follow(record.occurrence, key, clock.now(), make());
    };
    for (const line of end.items)
      if (line.answer.verdict === 'finding')
        once(`task/${line.id}`, () => ({ task: makeTask(record, end, line, duty) }));
    if (duty?.entry !== undefined) once('entry', () => enter(record, end, duty));
    once('all', () => null);
  }

  function makeTask(record: DutyRecord, end: DutyEnd, line: AnsweredLine, duty: Duty | undefined): string {
    const owners = deps.rota().peopleOf(duty?.findings.owner ?? end.function, clock.now());
    const title = findingTitle(end.title, line.label, line.answer.note ?? '');
    const within = duty?.findings.fix_within;
    const dueAt = line.dueAt ?? (within === undefined ? null : toIso(plus(record.at, within)));
    const known = deps.config.people.people.some(({ id }) => id === line.owner);
    const owner = known ? line.owner : (owners[0]?.id ?? null);
    return tasks.add({ title, owner, dueAt, incident: null, once: `${record.occurrence}/${line.id}` }, record.by).id;
  }

  /** Without its register, or with one that refuses it, the duty is still done; the log says why. */
  function enter(record: DutyRecord, end: DutyEnd, { entry }: Duty): Followed | null {
    if (entry === undefined || registers === null) return null;
    const { register, values, move } = entry;
    try {
      const form = registers.form(register);
      const filled = fillAll(values, wordsOf(record, end));
      const link = { label: end.title, path: `/duties/${encodeURIComponent(record.occurrence)}` };
      const made =
        registers.enter(register, `duty/${record.occurrence}`, filled, [link]) ??
        enteredBefore(registers, register, link.path);
      if (made === null) return null;
      const asked = form.moves.find(({ id }) => id === move)?.fields.map(({ id }) => id) ?? [];
      const own = Object.fromEntries(Object.entries(filled).filter(([field]) => asked.includes(field)));
      const mayMove = form.moves.some(({ id, from }) => id === move && from.includes(made.state));
      if (move !== undefined && mayMove) registers.move(register, made.id, { move, values: own }, ZHISHOU);
      return { link: { label: form.title, path: `/registers/${register}/entries/${made.id}` } };
    } catch (error) {
      log.warn({ error: messageOf(error), duty: record.occurrence, register }, 'it was not entered in its register');
      return null;
    }
  }

  function wordsOf(record: DutyRecord, end: DutyEnd): Readonly<Record<string, string>> {
    const local = momentOf(record.at, zone);
    const { language } = deps.config.site;
    return {
      ...{
        date: local.slice(0, 10),
        time: local,
        at: toIso(record.at),
        begun: toIso(begunAt(record, end)),
        title: end.title[language],
      },
      ...{ by: record.byName, person: end.byPerson ?? '', note: end.note ?? '' },
      ...{ summary: summaryOf(end)[language], findings: findingsOf(end, language) },
      result: record.findings === 0 ? 'ok' : 'failed',
    };
  }

  return {
    now() {
      let all = true;
      for (const record of store.unfollowed()) {
        try {
          followOne(record);
        } catch (error) {
          all = false;
          log.error({ error: messageOf(error), duty: record.occurrence }, 'what follows it is made up for later');
        }
      }
      return all;
    },
    tasks: (occurrence) =>
      bodies(occurrence).flatMap(({ task }) => {
        const found = task === undefined ? null : tasks.get(task);
        if (found === null) return [];
        const { id, title, dueAt, state, overdue } = found;
        return [{ id, title, dueAt, state: overdue ? 'overdue' : state }];
      }),
    links: (occurrence) => bodies(occurrence).flatMap(({ link }) => link ?? []),
  };
}

/** Entered by a look that was killed before it wrote that down. */
const enteredBefore = (registers: Registers, register: string, path: string): EntryRecord | null =>
  registers.list(register, {}, ZHISHOU).find(({ links }) => links.some((link) => link.path === path)) ?? null;

/** When the first item was answered; never after it was done. */
const begunAt = (record: DutyRecord, { items }: DutyEnd): Instant =>
  instant(Math.min(record.at, ...items.map(({ at }) => Math.max(fromIso(at) ?? record.at, record.from))));

/** What came out empty is left out: it was not known. */
const fillAll = (
  values: Readonly<Record<string, string>>,
  words: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(values)
      .map(([field, template]) => [field, fillTemplate(template, words)] as const)
      .filter(([, value]) => value !== ''),
  );
