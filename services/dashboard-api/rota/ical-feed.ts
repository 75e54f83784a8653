import ical, { type ICalCalendar, ICalEventStatus, ICalEventTransparency } from 'ical-generator';
import type { Config } from '#core/config/config.ts';
import { FUNCTION_NAMES } from '#core/record-words.ts';
import type { RotaChange, RotaView } from '#core/rota/changes.ts';
import type { Layer, Span } from '#core/rota/layer.ts';
import type { Turn } from '#core/rota/turns.ts';
import type { Language } from '#core/text.ts';
import { fromIso, hours, type Instant, minus, plus } from '#core/time.ts';
import { layersOf } from './rota-views.ts';

/**
 * The rota as a calendar to subscribe to (RFC 5545). Times are UTC, which every calendar shows in its reader's own zone. An event is
 * a turn, or the part of one that somebody has; its UID hangs on the turn alone, and each change of the turn gives it a higher
 * SEQUENCE, so that calendars renew it instead of showing it twice.
 */
export interface FeedOptions {
  /** Null: everybody's turns, with the names. */
  readonly person: string | null;
  readonly language: Language;
  readonly now: Instant;
  /** Puts into the same calendar what else its reader has to do. */
  readonly more?: (calendar: ICalCalendar) => void;
}

const BEHIND = hours(30 * 24);
const AHEAD = hours(366 * 24);

export function rotaFeed(config: Config, view: RotaView | null, { person, language, now, more }: FeedOptions): string {
  const { site } = config;
  const title = { zh: '值班', en: 'On duty' }[language];
  const calendar = ical({
    name: `${title} · ${site.name[language]}`,
    prodId: { company: 'Zhishou', product: 'rota', language: language === 'zh' ? 'ZH' : 'EN' },
    ttl: 15 * 60,
    x: { 'X-WR-TIMEZONE': site.time_zone },
  });
  const names = new Map(config.people.people.map(({ id, name }) => [id, name[language]]));
  for (const layer of layersOf(config, view)) {
    const role = (layer.name ?? FUNCTION_NAMES[layer.role])[language];
    for (const turn of layer.turns(minus(now, BEHIND), plus(now, AHEAD))) {
      const sequence = sequenceOf(turn, layer, view?.changes ?? []);
      for (const [index, part] of partsOf(layer, turn).entries()) {
        if (part.person === null || (person !== null && part.person !== person)) continue;
        const notes = view?.notes.filter((note) => note.turn === turn.id).map(({ text }) => text) ?? [];
        calendar.createEvent({
          id: `${turn.id}${index === 0 ? '' : `.${index}`}.${site.id}.zhishou`.replace('@', '-'),
          sequence,
          start: new Date(part.from),
          end: new Date(part.until),
          stamp: new Date(now),
          summary: person === null ? `${role} · ${names.get(part.person) ?? part.person}` : role,
          description:
            [...(part.reason === null || part.reason === '' ? [] : [part.reason]), ...notes].join('\n') || null,
          status: ICalEventStatus.CONFIRMED,
          // A week of duty does not make a week of meetings impossible.
          transparency: ICalEventTransparency.TRANSPARENT,
        });
      }
    }
  }
  more?.(calendar);
  return calendar.toString();
}

/** What each has of a turn, in order; spans of one person joined. */
function partsOf(layer: Layer, turn: Turn): Span[] {
  const parts: Span[] = [];
  for (const span of layer.spans(turn.from, turn.until)) {
    const last = parts.at(-1);
    if (last !== undefined && last.person === span.person) parts[parts.length - 1] = { ...last, until: span.until };
    else parts.push(span);
  }
  return parts;
}

/** Grows by each change of the turn, and by each that is called off. */
const sequenceOf = (turn: Turn, layer: Layer, changes: readonly RotaChange[]): number =>
  changes
    .filter((change) => change.role === layer.role && touches(change, turn))
    .reduce((sum, { cancelled }) => sum + (cancelled === null ? 1 : 2), 0);

function touches(change: RotaChange, turn: Turn): boolean {
  if (change.kind === 'swap') return change.a.turn === turn.id || change.b.turn === turn.id;
  const [from, to] = [fromIso(change.from), fromIso(change.to)];
  return from !== null && to !== null && from < turn.until && turn.from < to;
}
