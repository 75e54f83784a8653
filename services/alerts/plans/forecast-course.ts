import type { Course } from '#core/forecast.ts';
import { type Instant, instant, toIso } from '#core/time.ts';
import { factsOf } from './forecast-facts.ts';
import type { Play } from './forecast-play.ts';
import { atOnceText, laterText, lateText } from './forecast-words.ts';

/** What was played, as people are told it. `base`: the same when nobody says anything. */
export function courseOf(play: Play, base: Play): Course {
  const { from, after, last } = play;
  const iso = (at: Instant | null): string | null => (at === null ? null : toIso(instant(at + from.offsetMs)));
  const facts = factsOf(play, base);
  const { downAt, emptyAt, spareMs, cut, unfinished } = facts;
  return {
    now: atOnceText(facts),
    later: laterText(facts),
    late: lateText(facts),
    startsAt: iso(play.startsAt),
    downAt: iso(downAt),
    emptyAt: iso(emptyAt),
    spareS: spareMs === null ? null : Math.round(spareMs / 1000),
    cut: cut.map((step) => step.id),
    unfinished: unfinished.map((step) => step.id),
    closesAt: iso(last.phase === 'closed' && after.phase !== 'closed' ? play.closedAt : null),
  };
}
