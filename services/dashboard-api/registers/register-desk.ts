import type { Config } from '#core/config/config.ts';
import type { Register } from '#core/config/register.ts';
import { followedBy } from '#core/duties/occurrences.ts';
import { messageOf } from '#core/errors.ts';
import type { Notice } from '#core/notice.ts';
import type { EntryRecord } from '#core/paperwork/register-entry.ts';
import { factsOf } from '#core/paperwork/register-facts.ts';
import { noticesOf } from '#core/paperwork/register-notices.ts';
import { isFinal } from '#core/paperwork/register-rights.ts';
import type { Bus, Cancel, Clock, Log } from '#core/ports.ts';
import { minutes, seconds } from '#core/time.ts';
import { topic } from '#core/topics.ts';
import type { RegisterStore } from '#platform/register-store.ts';
import type { Notices } from '../notices.ts';
import type { Registers } from './register-book.ts';

/**
 * Looks at the open entries each few minutes and after each change: tells people what waits for them and what falls due, and keeps the
 * topic `paperwork` (who is in which room, what may be changed) as the registers have it, also after the bus was away.
 */
export interface RegisterDesk {
  start(): void;
  /** Once, now; never throws. */
  look(): Promise<void>;
  stop(): Promise<void>;
}

const EVERY = minutes(3);
/** Changes come together: a visitor is confirmed right after being written down. */
const SOON = seconds(1);
const MOST_TOLD = 20_000;

export function createRegisterDesk(deps: {
  readonly config: Config;
  readonly clock: Clock;
  readonly bus: Bus;
  readonly log: Log;
  readonly registers: Registers;
  readonly store: RegisterStore;
  readonly notices: Notices;
}): RegisterDesk {
  const { config, clock, bus, log, registers, store, notices } = deps;
  const follows = new Set(
    (config.duties ?? []).flatMap((duty) => {
      const followed = followedBy(duty);
      return followed === null ? [] : [`${followed.register}/${followed.deadline}`];
    }),
  );
  const told = new Set<string>();
  let published: string | null = null;
  let cancel: Cancel = () => {};
  let stopListening: Cancel = () => {};
  let stopWatchingBus: Cancel = () => {};
  let looking: Promise<void> | null = null;
  let again = false;
  let stopped = false;

  const open = (): (readonly [Register, EntryRecord])[] =>
    registers.declared().flatMap((register) =>
      [...store.entries(register.id).values()]
        // What was permitted counts a little longer than its entry is open.
        .filter((entry) => !isFinal(register, entry.state) || register.permits?.states.includes(entry.state) === true)
        .map((entry) => [register, entry] as const),
    );

  async function publishFacts(entries: ReturnType<typeof open>): Promise<void> {
    const facts = factsOf(entries, clock.now(), registers.words);
    const content = JSON.stringify([facts.inRooms, facts.changes]);
    if (content === published) return;
    await bus.publish(topic(config.site.id, 'paperwork'), JSON.stringify(facts), { retain: true, qos: 1 });
    published = content;
  }

  async function tell(notice: Notice): Promise<void> {
    if (told.has(notice.key) || (notice.functions.length === 0 && notice.people.length === 0)) return;
    if (!(await notices.tell(notice))) return;
    if (told.size >= MOST_TOLD) told.clear();
    told.add(notice.key);
  }

  async function lookOnce(): Promise<void> {
    const entries = open();
    await publishFacts(entries);
    for (const [register, entry] of entries) {
      if (isFinal(register, entry.state)) continue;
      for (const notice of noticesOf(register, entry, clock.now(), registers.words, follows)) await tell(notice);
    }
  }

  async function lookUntilDone(): Promise<void> {
    do {
      again = false;
      try {
        await lookOnce();
      } catch (error) {
        log.warn({ error: messageOf(error) }, 'the registers could not be looked at: it is done again');
      }
    } while (again && !stopped);
  }

  const look = (): Promise<void> => {
    again = looking !== null;
    looking ??= lookUntilDone().finally(() => {
      looking = null;
    });
    return looking;
  };
  const after = (delay: Parameters<Clock['after']>[0]): void => {
    cancel();
    if (stopped) return;
    cancel = clock.after(delay, () => {
      void look();
      after(EVERY);
    });
  };

  return {
    start() {
      if (registers.declared().length === 0) return;
      stopListening = registers.onChange(() => after(SOON));
      stopWatchingBus = bus.onConnection((up) => {
        // A broker that was restarted may have forgotten what it kept.
        if (!up) published = null;
        else after(SOON);
      });
      after(SOON);
    },
    look,
    async stop() {
      stopped = true;
      cancel();
      stopListening();
      stopWatchingBus();
      await looking;
    },
  };
}
