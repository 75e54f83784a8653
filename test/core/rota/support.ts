import type { FunctionName } from '#core/config/people.ts';
import { calendarFileSchema, rotaFileSchema } from '#core/config/rota.ts';
import type { RotaChange, RotaCover, RotaSwap } from '#core/rota/changes.ts';
import { createLayers, type RotaSlice } from '#core/rota/rota.ts';
import { type Instant, instant } from '#core/time.ts';
import { makeConfig } from '../../alerts/support.ts';

/** Rotas for the tests: Ann, Bo, the chief; `mute` has no route. All made up. */
export const at = (text: string): Instant => instant(Date.parse(text));

export const WEEKLY = { starts: '2026-01-05', handover: { day: 'mon', at: '08:30' }, order: ['ann', 'bo', 'chief'] };

export function slice(
  rota: Record<string, unknown> = {},
  zone = 'Asia/Shanghai',
  layers: readonly Record<string, unknown>[] = [],
  calendar: Record<string, unknown> = {},
): RotaSlice {
  const config = makeConfig();
  return {
    people: config.people,
    site: { ...config.site, time_zone: zone },
    rota: rotaFileSchema.parse({ rota: { ...WEEKLY, ...rota }, layers }),
    calendar: calendarFileSchema.parse({
      working_hours: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:30', to: '17:30' }],
      ...calendar,
    }),
  };
}

export const dutyLayer = (config: RotaSlice, changes: readonly RotaChange[] = []) => {
  const [layer] = createLayers(config, changes);
  if (layer === undefined) throw new Error('no rotation');
  return layer;
};

let count = 0;
export const change = (
  what: Omit<RotaSwap, 'kind'> | Omit<RotaCover, 'kind'>,
  also: { role?: FunctionName; cancelled?: boolean } = {},
): RotaChange => ({
  ...('a' in what ? { ...what, kind: 'swap' as const } : { ...what, kind: 'cover' as const }),
  id: `c${++count}`,
  role: also.role ?? 'duty',
  by: 'ann',
  at: '2026-01-01T00:00:00Z',
  reason: 'asked',
  cancelled: also.cancelled === true ? { by: 'ann', at: '2026-01-02T00:00:00Z' } : null,
});
