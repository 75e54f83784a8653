import type { Config } from '#core/config/config.ts';
import { type Notice, noticeSchema } from '#core/notice.ts';
import type { NotificationRequest } from '#core/notification.ts';
import type { BusMessage, Cancel, Clock, Log, Metrics } from '#core/ports.ts';
import { type Duration, fromIso, type Instant, milliseconds, minutes } from '#core/time.ts';
import { bySchema, decodeMessage } from '../decode-json.ts';
import type { Rota } from '../seams.ts';
import type { UnitOfWork } from '../unit-of-work.ts';

/**
 * The paperwork's words to people, each into the outbox once. Taken in the same transaction that remembers its key, and off the bus only
 * after that: a kill between the two finds the key again. Keys are kept until their notice is not worth telling any more, so none is told
 * twice. A duty that falls due wakes nobody: what is of low severity waits for working hours.
 */
export interface NoticeDesk {
  start(): void;
  stop(): void;
  /** Null: taken; else why not. */
  onMessage(message: BusMessage): string | null;
}

export interface NoticeDeskDependencies {
  readonly config: Config;
  readonly clock: Clock;
  readonly work: UnitOfWork;
  readonly rota: Pick<Rota, 'isWorkingTime'>;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly tell: (request: NotificationRequest) => readonly string[];
  /** Takes it off the bus. */
  readonly retract: (part: string) => void;
}

const MAX_BYTES = 32 * 1024;
const MAX_WAITING = 1000;
const MAX_HELD = 500;
const MAX_TOLD = 5000;
/** Taken up in one turn; a reading of the room comes between. */
const AT_ONCE = 5;
const AT_LOOK = 50;
const NEXT_TURN: Duration = milliseconds(5);
const LOOK_EVERY: Duration = minutes(1);
const HELD = 'notice/held/';
const TOLD = 'notice/told/';
const notice = bySchema(noticeSchema);

export function createNoticeDesk(dependencies: NoticeDeskDependencies): NoticeDesk {
  const { config, clock, work, rota, log, metrics, tell, retract } = dependencies;
  /** By the part of their topic. */
  const waiting = new Map<string, Notice>();
  const held = new Map<string, Notice>();
  /** Key → when nobody says it any more. */
  const told = new Map<string, Instant>();
  let cancelTurn: Cancel | null = null;
  let cancelLook: Cancel | null = null;
  let stopped = false;

  /** Where no hours are known all of them are as good. */
  const mayTell = ({ severity }: Notice, now: Instant): boolean =>
    severity !== 'low' || config.calendar.working_hours.length === 0 || rota.isWorkingTime(now);

  function take(part: string, one: Notice): void {
    const now = clock.now();
    if (told.has(one.key)) count('repeated');
    else if (over(one, now)) count('expired');
    else if (mayTell(one, now)) say(one);
    else hold(one);
    work.afterCommit(() => retract(part));
  }

  function say(one: Notice): void {
    tell(requestOf(one, config));
    told.set(one.key, untilOf(one));
    work.store.set(TOLD + one.key, untilOf(one));
    letGo(one.key);
    const now = clock.now();
    for (const [key, until] of told) if (until <= now || told.size > MAX_TOLD) forget(key);
    count('told');
  }

  function hold(one: Notice): void {
    if (held.size >= MAX_HELD && !held.has(one.key)) {
      count('dropped');
      log.warn({ notice: one.key }, 'too many notices wait for working hours: one is dropped');
      return;
    }
    held.set(one.key, one);
    work.store.set(HELD + one.key, one);
    count('held');
    lookLater();
  }

  function letGo(key: string): void {
    if (held.delete(key)) work.store.delete(HELD + key);
  }

  function forget(key: string): void {
    told.delete(key);
    work.store.delete(TOLD + key);
  }

  const count = (result: string): void => metrics.count('zhishou_notices_total', { result });

  function turn(): void {
    cancelTurn = null;
    for (const [part, one] of [...waiting].slice(0, AT_ONCE)) {
      waiting.delete(part);
      work.run(() => take(part, one));
    }
    if (waiting.size > 0 && !stopped) cancelTurn = clock.after(NEXT_TURN, turn);
  }

  /** Those that waited for the office to open, some a look. */
  function look(): void {
    cancelLook = null;
    const now = clock.now();
    work.run(() => {
      for (const one of [...held.values()].filter((each) => over(each, now))) {
        letGo(one.key);
        count('expired');
      }
      for (const one of [...held.values()].filter((each) => mayTell(each, now)).slice(0, AT_LOOK)) say(one);
    });
    lookLater();
  }

  function lookLater(): void {
    if (!stopped && held.size > 0) cancelLook ??= clock.after(LOOK_EVERY, look);
  }

  return {
    start() {
      for (const [key, until] of work.store.entries(TOLD)) told.set(key.slice(TOLD.length), until as Instant);
      for (const [key, one] of work.store.entries(HELD)) held.set(key.slice(HELD.length), one as Notice);
      lookLater();
    },
    stop() {
      stopped = true;
      cancelTurn?.();
      cancelLook?.();
    },
    onMessage(message) {
      // What was taken is off the bus.
      if (message.payload.length === 0 && message.value === undefined) return null;
      const decoded = decodeMessage(message, notice, MAX_BYTES);
      if (!decoded.ok) return decoded.reason;
      if (fromIso(decoded.value.until) === null) return 'wrong shape';
      const part = message.topic.slice(message.topic.lastIndexOf('/') + 1);
      if (waiting.size >= MAX_WAITING && !waiting.has(part)) return 'too many';
      waiting.set(part, decoded.value);
      cancelTurn ??= clock.after(milliseconds(0), turn);
      return null;
    },
  };
}

const untilOf = ({ until }: Notice): Instant => fromIso(until) ?? (0 as Instant);
const over = (one: Notice, now: Instant): boolean => untilOf(one) <= now;

/** Its key begins with `notice/`: no notice can pass for what alerts and incidents tell. */
function requestOf(one: Notice, { site }: Pick<Config, 'site'>): NotificationRequest {
  const { functions, people, severity, subject, phase } = one;
  const base = site.http.public_url?.replace(/\/+$/, '');
  const link = base === undefined || one.path === null ? null : base + one.path;
  return {
    ...{ key: `notice/${one.key}`, about: {}, functions, people, severity, subject, phase },
    body:
      link === null
        ? one.body
        : { zh: `${one.body.zh}\n到这里处理：${link}`, en: `${one.body.en}\nSee to it here: ${link}` },
    drill: false,
    simulated: site.simulation,
    conversation: `notice/${one.conversation}`,
  };
}
