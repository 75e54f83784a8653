import type { Config } from '#core/config/config.ts';
import { FUNCTIONS, type FunctionName, type Person } from '#core/config/people.ts';
import { messageOf } from '#core/errors.ts';
import type { PeriodReport } from '#core/paperwork/period-report.ts';
import type { Cancel, Clock, Log } from '#core/ports.ts';
import { createRota } from '#core/rota/rota.ts';
import { type Duration, hours, type Instant, minutes, plus } from '#core/time.ts';
import type { KeptEdition, ReportArchive } from '#platform/report-archive.ts';
import type { ReportMailLine } from '#platform/report-mail.ts';
import type { ReadModel } from '../read-model/model.ts';
import { layersOf } from '../rota/rota-views.ts';
import { figuresName, fileName } from './make-edition.ts';
import { type MailRecipient, type MailReport, PAPER_TYPES, type ReportMail } from './seams.ts';

/** Sends archived reports to people by e-mail, each until it was taken, over restarts; what cannot be sent is told. */
export interface MailDesk {
  /** Whom this goes to; those whom no mail reaches, and why not is said to nobody but in the list. */
  send(edition: KeptEdition, people: readonly Person[], again?: boolean): { readonly unreachable: readonly Person[] };
  start(): void;
  stop(): Promise<void>;
}

export interface MailDeskInput {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly archive: ReportArchive;
  /** Null: the site has no way to send mail. */
  readonly mail: MailReport | null;
  /** Given up for good. */
  readonly onGivenUp: (edition: string, person: Person) => void;
}

const WAITS: readonly Duration[] = [minutes(1), minutes(5), minutes(15), hours(1)];
/** A day and a bit: a mail server that is away for longer is another matter. */
const MOST_ATTEMPTS = 30;
const LATEST_LOOK = hours(1);

/** Where a person's mail goes; null: nowhere. */
export function mailAddress({ site }: Pick<Config, 'site'>, { routes }: Person): string | null {
  return routes.find(({ channel }) => site.channels[channel]?.kind === 'smtp')?.to ?? null;
}

/** Ids of people, and whoever has these functions now; each once. */
export function peopleMeant(
  config: Config,
  rota: ReturnType<ReadModel['rota']>,
  names: readonly string[],
  at: Instant,
): readonly Person[] {
  const people = createRota(config, layersOf(config, rota));
  const isFunction = (name: string): name is FunctionName => (FUNCTIONS as readonly string[]).includes(name);
  const found = names.flatMap((name) => {
    const person = config.people.people.find(({ id }) => id === name);
    if (person !== undefined) return [person];
    return isFunction(name) ? people.peopleOf(name, at) : [];
  });
  return [...new Set(found)];
}

export function createMailDesk({ config, clock, log, archive, mail, onGivenUp }: MailDeskInput): MailDesk {
  const personOf = (id: string): Person | null => config.people.people.find((one) => one.id === id) ?? null;
  let cancel: Cancel = () => {};
  let running: Promise<void> | null = null;
  let stopped = true;

  function mailOf({ edition: id, person: personId, round }: ReportMailLine): ReportMail | string {
    const [edition, person] = [archive.get(id), personOf(personId)];
    if (edition === null) return 'the report is not archived any more';
    if (person === null) return 'there is no such person any more';
    const address = mailAddress(config, person);
    if (address === null) return 'no e-mail address';
    const report = JSON.parse(Buffer.from(archive.file(id, figuresName(id))).toString()) as PeriodReport;
    const attach = config.site.reports?.attach ?? ['docx', 'pdf'];
    const languages = [person.language, ...(config.site.reports?.languages ?? [])];
    const files = attach.flatMap((format) => {
      const name = languages
        .map((language) => fileName(id, language, format))
        .find((one) => edition.files.some((file) => file.name === one));
      return name === undefined ? [] : [{ name, type: PAPER_TYPES[format], bytes: archive.file(id, name) }];
    });
    const page = config.site.http.public_url;
    return {
      key: `report/${id}/${personId}/${round}`,
      report,
      to: { person: person.id, name: person.name, address, language: person.language } satisfies MailRecipient,
      files,
      url: page === undefined ? null : `${page.replace(/\/+$/, '')}/reports/${id}`,
    };
  }

  async function tryOne(line: ReportMailLine): Promise<void> {
    const giveUp = (detail: string): void => {
      archive.mail.failed(line, detail, null);
      log.error({ report: line.edition, person: line.person, detail }, 'a report could not be mailed');
      const person = personOf(line.person);
      if (person !== null) onGivenUp(line.edition, person);
    };
    try {
      const ready = mailOf(line);
      if (typeof ready === 'string') return giveUp(ready);
      const { result, detail } = mail === null ? NO_WAY : await mail(ready);
      if (result === 'sent') archive.mail.sent(line, clock.now());
      else if (result === 'refused' || line.attempts + 1 >= MOST_ATTEMPTS) giveUp(detail ?? 'refused');
      else later(line, detail ?? 'failed');
    } catch (error) {
      // An archived file that is damaged, a disk that is full: tried again, and told in the list meanwhile.
      if (line.attempts + 1 >= MOST_ATTEMPTS) giveUp(messageOf(error));
      else later(line, messageOf(error));
    }
  }
  const later = (line: ReportMailLine, error: string): void =>
    archive.mail.failed(
      line,
      error,
      plus(clock.now(), WAITS[Math.min(line.attempts, WAITS.length - 1)] ?? LATEST_LOOK),
    );

  async function work(): Promise<void> {
    for (let line = archive.mail.due(clock.now()); line !== null && !stopped; line = archive.mail.due(clock.now()))
      await tryOne(line);
  }
  /** One at a time; a store that fails is looked at again in an hour. */
  function pump(): void {
    cancel();
    if (stopped || running !== null) return;
    running = work()
      .catch((error: unknown) => log.error({ error: messageOf(error) }, 'mail of reports waits'))
      .finally(() => {
        running = null;
        if (!stopped) cancel = clock.after(untilNext(), pump);
      });
  }
  function untilNext(): Duration {
    const next = archive.mail.nextAt();
    const wait = next === null ? LATEST_LOOK : Math.min(LATEST_LOOK, next - clock.now());
    return Math.max(1000, wait) as Duration;
  }

  return {
    send(edition, people, again = false) {
      const reachable = people.filter((person) => mail !== null && mailAddress(config, person) !== null);
      archive.mail.plan(
        edition.id,
        reachable.map(({ id }) => id),
        clock.now(),
        again,
      );
      pump();
      return { unreachable: people.filter((person) => !reachable.includes(person)) };
    },
    start() {
      stopped = false;
      pump();
    },
    async stop() {
      stopped = true;
      cancel();
      await running;
    },
  };
}

const NO_WAY = { result: 'refused', detail: 'the site has no channel of kind smtp' } as const;
