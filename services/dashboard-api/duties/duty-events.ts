import { ICalAlarmType, type ICalCalendar, ICalEventStatus, ICalEventTransparency } from 'ical-generator';
import type { Config } from '#core/config/config.ts';
import { FUNCTION_NAMES } from '#core/record-words.ts';
import type { Language } from '#core/text.ts';
import { hours, type Instant, latest, minus, plus } from '#core/time.ts';
import type { PlannedDuty } from './duties.ts';

/**
 * Duties as events of the rota's calendar (RFC 5545), with an alarm for each reminder. One that may be begun days before stands at its last
 * hour, so that a fortnight does not look taken. Its UID hangs on its name, so that a calendar renews it when it moves or is done.
 */
export interface DutyEventOptions {
  readonly config: Config;
  /** Null: everybody's, with the names. */
  readonly person: string | null;
  readonly language: Language;
  readonly now: Instant;
}

const BEHIND = hours(30 * 24);
/** Farther ahead nobody plans a patrol. */
const AHEAD = hours(180 * 24);
const LONGEST = hours(12);
const LAST_HOUR = hours(1);

export function addDutyEvents(calendar: ICalCalendar, duties: readonly PlannedDuty[], options: DutyEventOptions): void {
  const { config, language, now } = options;
  for (const planned of duties.filter((one) => concerns(one, options))) {
    const { occurrence, state, person } = planned;
    const { duty, id, from, due } = occurrence;
    const isDone = state === 'done' || state === 'done-late';
    const who = person?.name[language] ?? FUNCTION_NAMES[duty.function][language];
    const title = [duty.title[language], occurrence.about?.label[language]].filter(Boolean).join(' · ');
    const event = calendar.createEvent({
      id: `${id}.${config.site.id}.zhishou`.replace('@', '-'),
      sequence: isDone || state === 'waived' ? 1 : 0,
      start: new Date(due - from > LONGEST ? minus(due, LAST_HOUR) : from),
      end: new Date(due),
      stamp: new Date(now),
      summary: `${isDone ? '✓ ' : ''}${title}${options.person === null ? ` · ${who}` : ''}`,
      description: duty.instructions?.[language] ?? null,
      url: urlOf(config, id),
      status: state === 'waived' ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
      transparency: ICalEventTransparency.TRANSPARENT,
    });
    if (isDone || state === 'waived' || state === 'missed') continue;
    for (const before of duty.remind)
      event.createAlarm({
        type: ICalAlarmType.display,
        trigger: new Date(latest(from, minus(due, before))),
        description: title,
      });
  }
}

/** Nobody's by name: of whoever has the function. */
function concerns({ occurrence, person }: PlannedDuty, { person: wanted, config }: DutyEventOptions): boolean {
  if (wanted === null || person?.id === wanted) return true;
  if (person !== null) return false;
  const own = config.people.people.find(({ id }) => id === wanted);
  return own?.functions.includes(occurrence.duty.function) === true;
}

const urlOf = ({ site }: Config, id: string): string | null =>
  site.http.public_url === undefined
    ? null
    : `${site.http.public_url.replace(/\/+$/, '')}/duties/${encodeURIComponent(id)}`;

export const dutyEventRange = (now: Instant): readonly [Instant, Instant] => [minus(now, BEHIND), plus(now, AHEAD)];
