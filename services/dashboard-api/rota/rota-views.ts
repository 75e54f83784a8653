import type { Config } from '#core/config/config.ts';
import { FUNCTION_NAMES } from '#core/record-words.ts';
import type { RotaView } from '#core/rota/changes.ts';
import { holidaysKnown } from '#core/rota/holidays.ts';
import type { Layer } from '#core/rota/layer.ts';
import { daysBetween } from '#core/rota/local-days.ts';
import { proveRota } from '#core/rota/prove.ts';
import { createLayers } from '#core/rota/rota.ts';
import type { CalendarResponse, RotaLayerView, RotaResponse } from '#core/rota/rota-response.ts';
import { calendarDays } from '#core/rota/working-time.ts';
import { earliest, type Instant, latest, toIso } from '#core/time.ts';
import { rotaVersion } from '../conditional/version-of.ts';

/** Who has which turn, when and why: the configuration with what the alerts service says has been changed. Pure. */

export const layersOf = (config: Config, view: RotaView | null): readonly Layer[] =>
  createLayers(config, view?.changes ?? []);

export function toRotaResponse(
  config: Config,
  view: RotaView | null,
  { from, to, now }: { from: Instant; to: Instant; now: Instant },
): RotaResponse {
  const layers = layersOf(config, view);
  const gaps = proveRota(config, layers, from, to).flatMap((fault) =>
    fault.kind === 'gap'
      ? [{ role: fault.role, from: toIso(fault.from), to: toIso(fault.until), why: fault.why }]
      : fault.kind === 'unknown'
        ? [{ role: fault.role, from: toIso(fault.from), to: toIso(fault.until), why: 'absent' as const }]
        : [],
  );
  return {
    version: rotaVersion(view),
    from: toIso(from),
    to: toIso(to),
    timeZone: config.site.time_zone,
    people: config.people.people.map(({ id, name, phone, routes }) => ({
      ...{ id, name, phone: phone ?? null, reachable: routes.length > 0 },
    })),
    layers: layers.map((layer) => toLayerView(layer, view, from, to, now)),
    gaps,
    changes: view?.changes ?? [],
    notes: view?.notes ?? [],
  };
}

function toLayerView(layer: Layer, view: RotaView | null, from: Instant, to: Instant, now: Instant): RotaLayerView {
  const told = view?.layers.find(({ role }) => role === layer.role);
  const present = layer.spanAt(now);
  return {
    role: layer.role,
    name: layer.name ?? FUNCTION_NAMES[layer.role],
    now: {
      person: present.person,
      turn: present.turn,
      until: told?.person === present.person ? told.until : toIso(present.holds),
      unacceptedSince: told?.person === present.person ? told.unacceptedSince : null,
    },
    turns: layer.turns(from, to).map(({ id, person, ...turn }) => ({
      ...{ id, person, from: toIso(turn.from), to: toIso(turn.until) },
    })),
    spans: layer.spans(from, to).map(({ person, why, turn, change, reason, ...span }) => ({
      ...{ person, why, turn, change, reason },
      from: toIso(latest(span.from, from)),
      to: toIso(earliest(span.until, to)),
    })),
    voided: layer.voided,
  };
}

export function toCalendarResponse(
  { calendar, site }: Config,
  from: Temporal.PlainDate,
  to: Temporal.PlainDate,
): CalendarResponse {
  const years = Array.from({ length: to.year - from.year + 1 }, (_, index) => from.year + index);
  return {
    timeZone: site.time_zone,
    days: calendarDays(calendar, from, daysBetween(from, to) + 1).map(({ date, worked, special }) => ({
      ...{ date, worked, special: special?.kind ?? null, name: special?.name ?? null, source: special?.source ?? null },
    })),
    missingYears: years.filter((year) => !holidaysKnown(calendar, year)),
  };
}
