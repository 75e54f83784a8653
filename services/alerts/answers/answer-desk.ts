import type { Config } from '#core/config/config.ts';
import type { Person } from '#core/config/people.ts';
import type { DeliveryView, NotificationRequest, WaysToAct } from '#core/notification.ts';
import type { Clock, Log, Metrics } from '#core/ports.ts';
import type { Random } from '#core/random.ts';
import { sameText, type Text } from '#core/text.ts';
import { type Instant, minutes } from '#core/time.ts';
import { limitLog } from '#platform/log.ts';
import type { ChannelAnswer } from '../notify/channel-news.ts';
import type { UnitOfWork } from '../unit-of-work.ts';
import { peopleAt } from './addresses.ts';
import { createAnswerTexts, type Open, type Said } from './answer-texts.ts';
import type { MatterState } from './matter-states.ts';
import { createMatters, type Matter, type MatterName } from './matters.ts';
import { isKey, understand } from './understand.ts';

/**
 * People answer from where they are: a reply by SMS, a key pressed in a call, a link. What they were told of has a short code;
 * an answer acknowledges it in that person's name and is confirmed back. Nothing but an acknowledgement is taken this way.
 */
export interface AnswerDesk {
  start(): void;
  /** Tells people through this: what they are told of has its code from then on. */
  telling(request: NotificationRequest, tell: () => readonly string[]): readonly string[];
  /** How this person may act on it; null: there is nothing to do any more. */
  waysToAct(delivery: DeliveryView): WaysToAct | null;
  onAnswer(answer: ChannelAnswer, channel: string): void;
}

export interface AnswerDeskDependencies {
  readonly config: Pick<Config, 'people' | 'site'>;
  readonly clock: Clock;
  readonly work: UnitOfWork;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly stateOf: (name: MatterName, person: string) => MatterState;
  /** The same as `stateOf(…).is`, without making words of it. */
  readonly standsOf: (name: MatterName, person: string) => MatterState['is'];
  /** In this person's name; false: it was not possible. */
  readonly acknowledge: (name: MatterName, person: string, via: string) => boolean;
  /** An open incident that has the alert under its care is acknowledged with it: for the person it is one matter. */
  readonly incidentOf: (alert: string) => string | null;
  readonly tell: (request: NotificationRequest) => readonly string[];
  /** Null: the page has no address outside. */
  readonly linkFor: (name: MatterName, person: string) => string | null;
}

/** The same question or complaint goes out once in so long: two machines that answer each other stop soon. */
const NOT_AGAIN_WITHIN = minutes(10);
const MOST_STRANGERS_A_DAY = 5;
const DAY = 86_400_000;
/** Which message a key pressed in a call belongs to; calls are over in minutes. */
const MOST_DELIVERIES = 2000;

export function createAnswerDesk(dependencies: AnswerDeskDependencies): AnswerDesk {
  const { config, clock, work, log, metrics, stateOf } = dependencies;
  const now = (): Instant => clock.now();
  const people = new Map(config.people.people.map((person) => [person.id, person]));
  const nameOf = (id: string): Text => people.get(id)?.name ?? sameText(id);
  const texts = createAnswerTexts({ zone: config.site.time_zone, now, nameOf });
  const limited = limitLog(log, clock);
  const matters = createMatters({
    ...{ store: work.store, now, random: dependencies.random.fork('answers') },
    isOver: (name) => dependencies.standsOf(name, '') === 'over',
  });
  const deliveries = new Map<string, MatterName>();
  let strangers: { day: number; count: number } = { day: 0, count: 0 };

  const stateFor = (matter: MatterName, person: Person): Open['state'] => stateOf(matter, person.id);

  /** What waits for this person: what they were told of, else whatever is open; an alert with its incident is one matter. */
  function openFor(person: Person): readonly Open[] {
    const open = [...matters.all()]
      .filter((matter) => matter.overAt === null && dependencies.standsOf(matter, person.id) === 'open')
      .map((matter) => ({ matter, state: stateFor(matter, person) }));
    const own = open.filter(({ matter }) => matter.people.includes(person.id));
    const theirs = own.length > 0 ? own : open.filter(({ matter }) => matter.kind !== 'test');
    const incidents = new Set(theirs.flatMap(({ matter }) => (matter.kind === 'incident' ? [matter.id] : [])));
    return theirs.filter(
      ({ matter }) => matter.kind !== 'alert' || !incidents.has(dependencies.incidentOf(matter.id) ?? ''),
    );
  }

  function reply(person: Person, channel: string, key: string, said: Said): void {
    send({ key: `answer/${key}/${person.id}`, people: [person.id], functions: [], channels: [channel], ...said });
  }

  function send(
    parts: Pick<NotificationRequest, 'key' | 'people' | 'functions' | 'subject' | 'body'> & { channels?: string[] },
  ): void {
    const { simulation } = config.site;
    dependencies.tell({
      about: {},
      severity: 'medium',
      drill: false,
      simulated: simulation,
      phase: 'information',
      ...parts,
    });
  }

  const notAgain = (): number => Math.floor(now() / NOT_AGAIN_WITHIN);

  function acknowledge(matter: Matter, person: Person, channel: string, inCall: boolean): void {
    const before = stateFor(matter, person);
    const id = `${matter.code}.${matter.openedAt.toString(36)}`;
    const done = before.is === 'open' && dependencies.acknowledge(matter, person.id, channel);
    const after = stateFor(matter, person);
    metrics.count('zhishou_answers_total', { channel, result: done ? 'acknowledged' : after.is });
    log.info({ channel, person: person.id, matter: matter.id, result: done ? 'acknowledged' : after.is }, 'answer');
    // Whoever is in a call hears it there.
    if (inCall) return;
    const at = after.is === 'acknowledged' ? after.at : '';
    if (done) reply(person, channel, `${id}/done/${at}`, texts.acknowledged(matter, before));
    else if (after.is === 'acknowledged') reply(person, channel, `${id}/already/${at}`, texts.already(matter, after));
    else reply(person, channel, `${id}/over`, texts.over(matter, after));
  }

  function askBack(person: Person, channel: string, open: readonly Open[], wrong: string | null): void {
    metrics.count('zhishou_answers_total', { channel, result: wrong === null ? 'asked-back' : 'unknown-code' });
    const codes = open.map(({ matter }) => matter.code).join('-');
    const said = open.length === 0 && wrong === null ? texts.nothingOpen() : texts.which(open, wrong);
    reply(person, channel, `which/${notAgain()}/${codes}/${wrong ?? ''}`, said);
    if (wrong === null) return;
    const key = `answer/strange-code/${person.id}/${wrong}/${Math.floor(now() / DAY)}`;
    send({ key, people: [], functions: ['duty'], ...texts.strangeCode(person.name, wrong) });
  }

  function onStranger({ from, text }: ChannelAnswer, channel: string): void {
    metrics.count('zhishou_answers_total', { channel, result: 'stranger' });
    const ending = from.slice(-4);
    limited.warn(`answer ${channel}`, { channel, ending }, 'an answer from an address that is nobody’s here');
    const day = Math.floor(now() / DAY);
    strangers = strangers.day === day ? { day, count: strangers.count + 1 } : { day, count: 1 };
    if (strangers.count > MOST_STRANGERS_A_DAY) return;
    const key = `answer/stranger/${channel}/${from.slice(0, 40)}/${day}`;
    send({ key, people: [], functions: ['duty'], ...texts.stranger(channel, from.slice(0, 40), text) });
  }

  /** A number that several share is whoever was told of it. */
  function whoOf(candidates: readonly [Person, ...Person[]], matter: Matter | null): Person {
    return candidates.find(({ id }) => matter?.people.includes(id) === true) ?? candidates[0];
  }

  function hear(answer: ChannelAnswer, channel: string): void {
    const [first, ...others] = peopleAt(config.people.people, channel, answer.from);
    if (first === undefined) {
      onStranger(answer, channel);
      return;
    }
    const called = answer.delivery === null ? undefined : deliveries.get(answer.delivery);
    const about = called === undefined ? null : matters.of(called);
    const meaning = understand(answer.text);
    if (meaning.kind === 'unclear') {
      const person = whoOf([first, ...others], about);
      if (isKey(answer.text)) metrics.count('zhishou_answers_total', { channel, result: 'other-key' });
      else askBack(person, channel, openFor(person), null);
      return;
    }
    const matter = meaning.code === null ? about : matters.byCode(meaning.code);
    const person = whoOf([first, ...others], matter);
    const inCall = answer.delivery !== null && isKey(answer.text);
    if (matter !== null) {
      acknowledge(matter, person, channel, inCall);
      return;
    }
    const open = openFor(person);
    const [only] = open;
    if (meaning.code === null && only !== undefined && open.length === 1)
      acknowledge(only.matter, person, channel, inCall);
    else if (!answeredJustNow(person, meaning.code, channel)) askBack(person, channel, open, meaning.code);
  }

  /** "收到" after somebody else was quicker: it says by whom. */
  function answeredJustNow(person: Person, code: string | null, channel: string): boolean {
    if (code !== null || openFor(person).length > 0) return false;
    const last = [...matters.all()].filter(({ people: told }) => told.includes(person.id)).at(-1);
    if (last === undefined || stateFor(last, person).is !== 'acknowledged') return false;
    acknowledge(last, person, channel, false);
    return true;
  }

  return {
    start: () => matters.restore(),
    telling(request, tell) {
      const name = matterOf(request.about);
      if (name === null || request.phase === 'recovered') return tell();
      return work.run(() => {
        const told = tell();
        matters.told(name, told);
        return told;
      });
    },
    waysToAct(delivery) {
      const { incident, alert, test } = delivery;
      const name = matterOf({ incident: incident ?? undefined, alert: alert ?? undefined, test });
      const matter = name === null || delivery.phase === 'recovered' ? null : matters.of(name);
      if (name === null || matter === null || dependencies.standsOf(name, delivery.person) !== 'open') return null;
      deliveries.set(delivery.id, name);
      for (const oldest of deliveries.keys()) {
        if (deliveries.size <= MOST_DELIVERIES) break;
        deliveries.delete(oldest);
      }
      return { link: dependencies.linkFor(name, delivery.person), code: matter.code };
    },
    onAnswer: (answer, channel) => work.run(() => hear(answer, channel)),
  };
}

/** What a message is about and people can acknowledge. */
function matterOf(about: {
  readonly incident?: string | undefined;
  readonly alert?: string | undefined;
  readonly test?: string | undefined;
}): MatterName | null {
  if (about.incident !== undefined) return { kind: 'incident', id: about.incident };
  if (about.alert !== undefined) return { kind: 'alert', id: about.alert };
  return about.test === undefined ? null : { kind: 'test', id: about.test };
}
