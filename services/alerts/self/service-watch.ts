import type { BusMessage, Cancel, Clock } from '#core/ports.ts';
import { type Instant, instant, minutes, seconds } from '#core/time.ts';
import { byGuard, decodeMessage } from '../decode-json.ts';
import type { SelfChecks } from './self-checks.ts';

/** Watches the other services by what they say of themselves (L32): who was there and is silent, who stood still, who has trouble. */
export interface ServiceWatch {
  start(): void;
  stop(): void;
  /** Null: taken; else why not. */
  onAlive(message: BusMessage): string | null;
}

interface Heard {
  at: Instant;
  trouble: string | null;
  stalledAt: Instant | null;
  stalls: number;
}

interface Said {
  readonly service: string;
  readonly trouble: string | null;
  readonly stalls: { readonly count: number };
}

/** Four times missed. */
const SILENT_AFTER = minutes(1);
const STALL_TOLD_FOR = minutes(10);
const LOOK_EVERY = seconds(20);
/** More than there are; whoever speaks on the bus under other names is not taken in. */
const MOST = 10;
const isAlive = (value: unknown): value is Said => {
  if (typeof value !== 'object' || value === null) return false;
  const { service, trouble, stalls } = value as Partial<Record<keyof Said, unknown>>;
  const count = typeof stalls === 'object' && stalls !== null && 'count' in stalls ? stalls.count : null;
  return (
    typeof service === 'string' &&
    /^[a-z-]{1,30}$/.test(service) &&
    (trouble === null || typeof trouble === 'string') &&
    typeof count === 'number'
  );
};
const alive = byGuard(isAlive);

export interface ServiceWatchDependencies {
  /** Real time: services live in it, however fast the room runs. */
  readonly wall: Clock;
  readonly report: SelfChecks['report'];
}

export function createServiceWatch({ wall, report }: ServiceWatchDependencies): ServiceWatch {
  const heard = new Map<string, Heard>();
  let cancel: Cancel | null = null;
  const now = (): Instant => instant(wall.monotonic());

  function look(): void {
    for (const [service, { at, trouble, stalledAt }] of heard) {
      report('zhishou-service-silent', service, now() - at > SILENT_AFTER);
      report('zhishou-service-trouble', service, trouble !== null, trouble);
      report('zhishou-stalled', service, stalledAt !== null && now() - stalledAt < STALL_TOLD_FOR);
    }
    cancel = wall.after(LOOK_EVERY, look);
  }

  return {
    start: look,
    stop: () => cancel?.(),
    onAlive(message) {
      const decoded = decodeMessage(message, alive, 4096);
      if (!decoded.ok) return decoded.reason;
      const { service, trouble, stalls } = decoded.value;
      const before = heard.get(service);
      if (before === undefined && heard.size >= MOST) return 'too many services';
      // One that was heard before this one started tells of stalls that are old.
      const stalled = before !== undefined && stalls.count > before.stalls;
      heard.set(service, {
        ...{ at: now(), trouble: trouble?.slice(0, 200) ?? null, stalls: stalls.count },
        stalledAt: stalled ? now() : (before?.stalledAt ?? null),
      });
      return null;
    },
  };
}
