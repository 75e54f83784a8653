import { isBackOnMains, isDischarging } from '#core/battery-test/ups-state.ts';
import type { Config } from '#core/config/config.ts';
import type { StateStore } from '#core/ports.ts';
import type { Instant } from '#core/time.ts';

/** When each UPS that may be tested was on its battery last: what was discharged a moment ago is not tested again. */
export interface DischargeWatch {
  restore(): void;
  /** It has said its state. */
  take(ups: string, status: string | null, at: Instant): void;
  of(ups: string): Watched;
}

export interface Watched {
  readonly watchedSince: Instant | null;
  readonly dischargedAt: Instant | null;
  readonly mainsSince: Instant | null;
}

const PREFIX = 'battery-test/watch/';
const NOTHING: Watched = { watchedSince: null, dischargedAt: null, mainsSince: null };
const KINDS = ['mains', 'battery', 'other'] as const;

export function createDischargeWatch(config: Pick<Config, 'devices'>, state: StateStore): DischargeWatch {
  const upses = new Set(config.devices.filter((device) => device.battery_test !== undefined).map(({ id }) => id));
  const known = new Map<string, Watched>();
  const before = new Map<string, (typeof KINDS)[number]>();

  function keep(ups: string, watched: Watched): void {
    known.set(ups, watched);
    state.set(PREFIX + ups, watched);
  }

  return {
    restore() {
      for (const [key, value] of state.entries(PREFIX)) known.set(key.slice(PREFIX.length), value as Watched);
    },
    take(ups, status, at) {
      if (!upses.has(ups) || status === null) return;
      const kind = isDischarging({ status }) ? 'battery' : isBackOnMains({ status }) ? 'mains' : 'other';
      const last = before.get(ups);
      if (kind === last) return;
      before.set(ups, kind);
      const { watchedSince, dischargedAt, mainsSince } = known.get(ups) ?? NOTHING;
      const begun = { watchedSince: watchedSince ?? at };
      if (kind === 'mains')
        keep(ups, {
          ...begun,
          // After a restart it has gone on as it was, as far as anybody knows.
          mainsSince: last === undefined ? (mainsSince ?? at) : at,
          dischargedAt: last === 'battery' ? at : dischargedAt,
        });
      else keep(ups, { ...begun, mainsSince: null, dischargedAt: kind === 'battery' ? at : dischargedAt });
    },
    of: (ups) => known.get(ups) ?? NOTHING,
  };
}
