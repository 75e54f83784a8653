import type { Config } from '#core/config/config.ts';
import type { Cancel, Clock, Journal, Log } from '#core/ports.ts';
import { minutes, toIso } from '#core/time.ts';
import type { SiteStatus } from '#core/topics.ts';
import type { Rota } from './seams.ts';
import type { UnitOfWork } from './unit-of-work.ts';

/** The site as a whole: is it armed and by whom, who is on duty, is the office working. Published each minute and on change. */
export interface SiteDesk {
  start(): void;
  stop(): void;
  armed(): boolean;
  /** Says it again, to those who come back. */
  publish(): void;
  /** Durable when it returns, with who and why in the journal's stream `site`. */
  arm(armed: boolean, by: string, reason: string): void;
}

export interface SiteDeskDependencies {
  readonly config: Config;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly work: UnitOfWork;
  readonly rota: Rota;
  readonly log: Log;
  readonly publish: (status: SiteStatus) => void;
  readonly onMinute: () => void;
}

interface Armed {
  readonly armed: boolean;
  readonly by: string | null;
  readonly at: string | null;
  readonly reason: string | null;
}

const KEY = 'alerts/site/armed';

export function createSiteDesk(dependencies: SiteDeskDependencies): SiteDesk {
  const { config, clock, journal, work, rota, log } = dependencies;
  let state: Armed = { armed: false, by: null, at: null, reason: null };
  let cancel: Cancel | null = null;

  function status(): SiteStatus {
    const now = clock.now();
    const duty = rota.dutyAt(now);
    return {
      at: toIso(now),
      armed: state.armed,
      armedBy: state.armed ? state.by : null,
      simulation: config.site.simulation,
      duty:
        duty === null
          ? null
          : {
              person: duty.person.id,
              name: duty.person.name,
              phone: duty.person.phone ?? null,
              until: toIso(duty.until),
            },
      workingHours: rota.isWorkingTime(now),
    };
  }

  /** Each minute is often enough to be "on change" for hand-overs and working hours, which change on whole minutes. */
  function tick(): void {
    dependencies.publish(status());
    dependencies.onMinute();
    const intoMinute = clock.now() % minutes(1);
    cancel = clock.after((minutes(1) - intoMinute) as ReturnType<typeof minutes>, tick);
  }

  return {
    start() {
      state = (work.store.get(KEY) as Armed | undefined) ?? state;
      tick();
    },
    stop() {
      cancel?.();
    },
    armed: () => state.armed,
    publish: () => dependencies.publish(status()),
    arm(armed, by, reason) {
      const at = clock.now();
      journal.append([{ at, stream: 'site', kind: armed ? 'site.armed' : 'site.disarmed', body: { by, reason } }]);
      state = { armed, by, at: toIso(at), reason };
      work.run(() => work.store.set(KEY, state));
      log.warn({ armed, by, reason }, armed ? 'site armed' : 'site disarmed');
      dependencies.publish(status());
    },
  };
}
