import type { Config } from '#core/config/config.ts';
import type { Rule } from '#core/config/rule.ts';
import { ruleFor } from '#core/config/rule-for.ts';
import { selects } from '#core/config/selector.ts';
import { DEFAULT_HOLD, type SeriesBand, type SeriesKey, type SeriesSettings } from '#core/series.ts';
import { type Duration, milliseconds, seconds } from '#core/time.ts';

/**
 * How long a device's values hold and against which limits they are counted, out of the configuration: as long as the
 * collector takes them for fresh, and the tightest limits that the site's rules set to a number on its own.
 */
const SHORTEST_HOLD = seconds(30);

export function settingsOf({ devices, rules }: Pick<Config, 'devices' | 'rules'>): SeriesSettings {
  const holds = new Map<string, Duration>();
  const bands = new Map<string, SeriesBand>();
  for (const { id, interval, stale_after } of devices) {
    holds.set(id, milliseconds(Math.max(SHORTEST_HOLD, stale_after ?? 3 * interval)));
  }
  for (const rule of rules) {
    for (const device of devices) {
      const own = selects(rule.on, device) ? ruleFor(rule, device.id) : null;
      const limit = own === null ? null : limitOf(own);
      if (limit === null) continue;
      const key = keyOf({ device: device.id, point: limit.point });
      bands.set(key, tighter(bands.get(key), limit.band));
    }
  }
  return {
    hold: ({ device }) => holds.get(device) ?? DEFAULT_HOLD,
    band: (key) => bands.get(keyOf(key)) ?? null,
  };
}

const keyOf = ({ device, point }: SeriesKey): string => `${device}/${point}`;

/** Of rules that say nothing but "this number above or below that"; conditions joined by and, or, not are none. */
function limitOf({ when }: Rule): { point: string; band: SeriesBand } | null {
  if (!('point' in when) || when.device !== undefined || when.of !== undefined) return null;
  if (when.above !== undefined) return { point: when.point, band: { high: when.above } };
  if (when.below !== undefined) return { point: when.point, band: { low: when.below } };
  return null;
}

function tighter(one: SeriesBand | undefined, other: SeriesBand): SeriesBand {
  const lows = [one?.low, other.low].filter((low) => low !== undefined);
  const highs = [one?.high, other.high].filter((high) => high !== undefined);
  return {
    ...(lows.length === 0 ? {} : { low: Math.max(...lows) }),
    ...(highs.length === 0 ? {} : { high: Math.min(...highs) }),
  };
}
