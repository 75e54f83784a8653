import type { Config } from '#core/config/config.ts';
import type { FunctionName } from '#core/config/people.ts';
import { holidaysKnown } from '#core/rota/holidays.ts';
import type { Layer, Span } from '#core/rota/layer.ts';
import { localDate } from '#core/rota/local-days.ts';
import { hours, type Instant, plus } from '#core/time.ts';
import type { OwnRuleId } from './own-rules.ts';

/**
 * L25: nobody on duty is an alarm, at the minute it begins and, where it can be foreseen, a day and an hour before. The same for
 * every rotation that rules, plans or the escalation need.
 */
export interface RotaChecks {
  /** What is so now. `firing`: what was so before. */
  judge(
    now: Instant,
    needed: ReadonlySet<FunctionName>,
    firing: (id: OwnRuleId, subject: string) => boolean,
  ): Finding[];
}
export interface Finding {
  readonly id: OwnRuleId;
  readonly subject: string;
  readonly truth: boolean;
}

const DAY = hours(24);
const HOUR = hours(1);

export const subjectOf = (role: FunctionName): string => (role === 'duty' ? 'rota' : `rota-${role}`);

export function createRotaChecks(config: Config, layersNow: () => readonly Layer[]): RotaChecks {
  const people = new Set(config.people.people.map(({ id }) => id));
  const isNobody = (person: string | null): boolean => person === null || !people.has(person);
  const looked = new Map<FunctionName, { layer: Layer; gap: Instant | null; again: Instant }>();
  const present = new Map<FunctionName, { layer: Layer; span: Span }>();
  let holidays: { missing: boolean; again: Instant } | null = null;

  /** Asked each minute, and the same for a week. */
  function personAt(layer: Layer, now: Instant): string | null {
    const known = present.get(layer.role);
    if (known?.layer === layer && known.span.from <= now && now < known.span.until) return known.span.person;
    const span = layer.spanAt(now);
    present.set(layer.role, { layer, span });
    return span.person;
  }

  /** When nobody will have it, within a day; looked for once an hour while there is no such time. Hours that are so by intention are known. */
  function gapAhead(layer: Layer, now: Instant): Instant | null {
    const known = looked.get(layer.role);
    if (known?.layer === layer && now < known.again) return known.gap;
    const ahead = layer.spans(now, plus(now, hours(25)));
    const gap = ahead.find(({ person, why }) => isNobody(person) && why !== 'off')?.from ?? null;
    looked.set(layer.role, { layer, gap, again: gap === null ? plus(now, HOUR) : now });
    return gap;
  }

  function holidaysMissing(now: Instant): boolean {
    if (holidays !== null && now < holidays.again) return holidays.missing;
    const today = localDate(now, config.site.time_zone);
    const years = today.month === 12 ? [today.year, today.year + 1] : [today.year];
    holidays = { missing: years.some((year) => !holidaysKnown(config.calendar, year)), again: plus(now, HOUR) };
    return holidays.missing;
  }

  return {
    judge(now, needed, firing) {
      const findings = layersNow().flatMap((layer): Finding[] => {
        if (layer.role !== 'duty' && !needed.has(layer.role)) return [];
        const subject = subjectOf(layer.role);
        const nobody = isNobody(personAt(layer, now));
        const gap = nobody ? null : gapAhead(layer, now);
        // What was foreseen has come: it ends with the gap, not with its beginning.
        const within = (id: OwnRuleId, length: number): boolean =>
          nobody ? firing(id, subject) : gap !== null && gap - now <= length;
        const [soon, next] = ['zhishou-nobody-on-duty-soon', 'zhishou-nobody-on-duty-next'] as const;
        return [
          { id: 'zhishou-nobody-on-duty', subject, truth: nobody },
          { id: next, subject, truth: within(next, HOUR) },
          { id: soon, subject, truth: within(soon, DAY) },
        ];
      });
      return [...findings, { id: 'zhishou-holidays-missing', subject: 'calendar', truth: holidaysMissing(now) }];
    },
  };
}
