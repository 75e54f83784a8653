import type { PersonCommand } from '#core/command.ts';
import type { Config } from '#core/config/config.ts';
import type { Person } from '#core/config/people.ts';
import type { NotificationRequest } from '#core/notification.ts';
import type { Cancel, Clock, Log } from '#core/ports.ts';
import { hours, type Instant, instant, milliseconds, plus } from '#core/time.ts';
import { carriedOut, type OrderAnswer, refusal, refused } from '../order-answer.ts';
import type { Rota } from '../seams.ts';
import type { UnitOfWork } from '../unit-of-work.ts';
import { neededPeople } from './items.ts';

/**
 * Tests of contacts (O-ORG-1): people get a marked message over each of their ways and confirm it by link, code or reply, as
 * they acknowledge anything else. Once a week for everybody whom a plan names, and when a person asks.
 */
export interface ContactTests {
  start(): void;
  stop(): void;
  /** Returns the test's id. `confirm`: who does not is told of after the time of site.yaml. */
  begin(by: string, people: readonly Person[], options?: { channel?: string; confirm?: boolean }): string;
  /** Does this person still have to confirm it? */
  awaits(test: string, person: string): boolean;
  confirm(test: string, person: string): void;
  /** Of the last test that asked everybody: who has confirmed, who not yet, who not in time. */
  outcome(): ContactOutcome | null;
}

export interface ContactOutcome {
  readonly at: Instant;
  readonly until: Instant;
  readonly people: readonly { readonly person: string; readonly confirmedAt: Instant | null }[];
}

export interface ContactTestsDependencies {
  readonly config: Config;
  readonly clock: Clock;
  readonly work: UnitOfWork;
  readonly log: Log;
  readonly rota: Rota;
  readonly tell: (request: NotificationRequest) => unknown;
  /** Somebody has not confirmed in time, or has now. */
  readonly report: (person: string, missing: boolean) => void;
}

interface ContactTest {
  readonly id: string;
  readonly at: Instant;
  readonly by: string;
  /** Whoever does not confirm by then is told of; null: nobody minds. */
  readonly until: Instant | null;
  readonly people: Readonly<Record<string, Instant | null>>;
}

const PREFIX = 'readiness/contact-test/';
const KEPT = 20;
const CONFIRM_WITHIN = hours(24);
const LOOK_EVERY = hours(1);
const DAY = hours(24);

export function createContactTests(deps: ContactTestsDependencies): ContactTests {
  const { config, clock, work, log, rota } = deps;
  const settings = config.site.contact_test;
  const tests = new Map<string, ContactTest>();
  let cancels: Cancel[] = [];

  function put(test: ContactTest): void {
    tests.set(test.id, test);
    work.store.set(PREFIX + test.id, test);
    for (const oldest of tests.keys()) {
      if (tests.size <= KEPT) break;
      tests.delete(oldest);
      work.store.delete(PREFIX + oldest);
    }
  }

  const lastOfAll = (): ContactTest | null => [...tests.values()].findLast(({ until }) => until !== null) ?? null;

  function begin(by: string, people: readonly Person[], options: { channel?: string; confirm?: boolean } = {}): string {
    const at = clock.now();
    const id = `t${at.toString(36)}-${tests.size}`;
    const until = options.confirm === true ? plus(at, settings?.confirm_within ?? CONFIRM_WITHIN) : null;
    log.info({ by, people: people.length, test: id }, 'testing contacts');
    work.run(() => {
      put({ id, at, by, until, people: Object.fromEntries(people.map((person) => [person.id, null])) });
      for (const person of people) deps.tell(requestOf(config, id, by, person, options.channel));
    });
    return id;
  }

  /** Nobody is called missing while there is still time, nor twice. */
  function look(): void {
    const last = lastOfAll();
    if (last === null || last.until === null || clock.now() < last.until) return;
    for (const [person, confirmedAt] of Object.entries(last.people)) deps.report(person, confirmedAt === null);
  }

  function everyHour(): void {
    look();
    cancels = [...cancels.slice(-3), clock.after(LOOK_EVERY, everyHour)];
  }

  function schedule(): void {
    if (settings === undefined || !settings.enabled) return;
    const now = clock.now();
    const due = lastDue(config, rota, now);
    const last = lastOfAll();
    // A service that was down at the time does it when it is back, on the same day.
    const missed = due !== null && now - due < DAY && (last === null || last.at < due);
    const next = missed ? now : nextDue(config, rota, now);
    const cancel = clock.after(milliseconds(Math.max(60_000, next - now)), () => {
      begin('zhishou', neededPeople(config, rota, clock.now()), { confirm: true });
      schedule();
    });
    cancels.push(cancel);
  }

  return {
    begin,
    start() {
      const kept = [...work.store.entries(PREFIX)].map(([, value]) => value as ContactTest);
      for (const test of kept.sort((a, b) => a.at - b.at)) tests.set(test.id, test);
      schedule();
      everyHour();
    },
    stop() {
      for (const cancel of cancels.splice(0)) cancel();
    },
    awaits: (test, person) => tests.get(test)?.people[person] === null,
    confirm(id, person) {
      const test = tests.get(id);
      if (test === undefined || test.people[person] !== null) return;
      work.run(() => {
        put({ ...test, people: { ...test.people, [person]: clock.now() } });
        deps.report(person, false);
      });
    },
    outcome() {
      const last = lastOfAll();
      if (last === null || last.until === null) return null;
      const people = Object.entries(last.people).map(([person, confirmedAt]) => ({ person, confirmedAt }));
      return { at: last.at, until: last.until, people };
    },
  };
}

/** A person wants to know whether somebody is reached. */
export function onContactOrder(
  contacts: Pick<ContactTests, 'begin'>,
  { people }: Pick<Config, 'people'>,
  command: Pick<PersonCommand, 'id' | 'by'>,
  body: Extract<PersonCommand['body'], { kind: 'contact.test' }>,
): OrderAnswer {
  const person = people.people.find(({ id }) => id === body.person);
  if (person === undefined) return refused(command, NOBODY);
  const ways = person.routes.filter(({ channel }) => body.channel === undefined || channel === body.channel);
  if (ways.length === 0) return refused(command, NO_WAY);
  const channel = body.channel === undefined ? {} : { channel: body.channel };
  return carriedOut(command, contacts.begin(command.by.user, [person], channel));
}

const NOBODY = refusal('NOT_FOUND', '没有这个人', 'no such person');
const NO_WAY = refusal('CONFLICT', '此人没有这种联系方式', 'the person is not reached over that channel');

function requestOf(
  config: Config,
  id: string,
  by: string,
  person: Person,
  channel: string | undefined,
): NotificationRequest {
  const { name, simulation } = config.site;
  const who = by === 'zhishou' ? null : by;
  return {
    key: `contact-test/${id}/${person.id}`,
    about: { test: id },
    functions: [],
    people: [person.id],
    severity: 'low',
    subject: { zh: `${name.zh}：联系测试，请确认`, en: `${name.en}: contact test, please confirm` },
    body: {
      zh: `这是测试，没有故障${who === null ? '' : `（${who} 发起）`}。确认一下，我们就知道出事时找得到您。`,
      en: `This is a test, nothing is wrong${who === null ? '' : ` (started by ${who})`}. Confirm it, so that we know we can reach you when something is.`,
    },
    drill: false,
    simulated: simulation,
    phase: 'information',
    conversation: `contact-test/${id}`,
    eachWay: true,
    ...(channel === undefined ? {} : { channels: [channel] }),
  };
}

/** The site's days, newest first or oldest first from today; each with the moment of its test. */
function* dues(config: Config, rota: Rota, now: Instant, step: 1 | -1): Generator<Instant> {
  const at = config.site.contact_test?.at;
  if (at === undefined) return;
  const zone = config.site.time_zone;
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone).toPlainDate();
  for (let days = -7; days <= 21; days++) {
    const day = today.add({ days: step * days });
    if (day.dayOfWeek !== at.weekday) continue;
    const held = firstWorkingDay(day, rota, zone);
    const time = held.toZonedDateTime({ timeZone: zone, plainTime: { hour: at.hour, minute: at.minute } });
    yield instant(time.epochMilliseconds);
  }
}

const nextDue = (config: Config, rota: Rota, now: Instant): Instant =>
  [...dues(config, rota, now, 1)].filter((at) => at > now).sort((a, b) => a - b)[0] ?? plus(now, hours(24 * 7));

const lastDue = (config: Config, rota: Rota, now: Instant): Instant | null =>
  [...dues(config, rota, now, -1)].filter((at) => at <= now).sort((a, b) => b - a)[0] ?? null;

/** A long holiday is over within two weeks; where no day is worked at all the day itself is as good as any. */
function firstWorkingDay(day: Temporal.PlainDate, rota: Rota, zone: string): Temporal.PlainDate {
  for (let later = 0; later < 14; later++) {
    const one = day.add({ days: later });
    const start = one.toZonedDateTime({ timeZone: zone }).epochMilliseconds;
    for (let hour = 0; hour < 24; hour++) {
      if (rota.isWorkingTime(instant(start + hour * 3_600_000 + 1_800_000))) return one;
    }
  }
  return day;
}
