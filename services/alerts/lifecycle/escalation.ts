import type { Chain } from '#core/config/escalation.ts';
import type { Rule } from '#core/config/rule.ts';
import { type Ladder, type Moment, stepAfter, waitOf } from '#core/escalation.ts';
import { type Instant, plus } from '#core/time.ts';
import type { Rota } from '../seams.ts';
import type { AlertRecord } from './alert-record.ts';

/** Who is rung next while nobody acknowledges an alert, and when, as a pure function of record, chain and now. */
export interface Ring {
  readonly at: Instant;
  /** Its place in the chain; the number of steps is the end of the list, where everybody is rung. */
  readonly step: number;
}

type Step = Ladder['steps'][number];

export function nextRing(
  record: AlertRecord,
  rule: Pick<Rule, 'notify'>,
  ladder: Ladder,
  now: Instant,
  somebody: (step: Step) => boolean,
): Ring | null {
  if (record.view.state !== 'firing' || record.told === null) return null;
  const last = record.step ?? lastOfOldRecord(record, rule, ladder);
  const toldAt = record.toldAt ?? now;
  // A stored instant ahead of now: the clock was set back between two runs, so ring now rather than late.
  const at = toldAt > now ? now : plus(toldAt, record.wait ?? waitOf(ladder, Math.max(0, last)));
  return { at, step: stepAfter(ladder, last, (step) => somebody(step) && !isTold(step, rule, ladder)) };
}

/** The step that the first message is as good as; -1 where it is none. */
export function firstStep(ladder: Ladder, somebody: (step: Step) => boolean): number {
  return ladder.atOnce ? stepAfter(ladder, -1, somebody) : -1;
}

/** In the short form functions that the first message went to already are not steps of their own. */
const isTold = ({ tell, people }: Step, rule: Pick<Rule, 'notify'>, { atOnce }: Ladder): boolean =>
  !atOnce && people.length === 0 && tell.every((name) => rule.notify.includes(name));

/** A record of an earlier version counts its rings alone. */
function lastOfOldRecord(record: AlertRecord, rule: Pick<Rule, 'notify'>, ladder: Ladder): number {
  let last = -1;
  for (let rung = 0; rung < record.rung; rung++) last = stepAfter(ladder, last, (step) => !isTold(step, rule, ladder));
  return last;
}

/** Working time and the minute of the site's day; asked at each review of an alert, and the same for a minute. */
export function momentsOf(rota: Pick<Rota, 'isWorkingTime'>, zone: string): (wall: Instant) => Moment {
  let last: { minute: number; moment: Moment } | null = null;
  return (wall) => {
    const minute = Math.floor(wall / 60_000);
    if (last?.minute === minute) return last.moment;
    const local = Temporal.Instant.fromEpochMilliseconds(wall).toZonedDateTimeISO(zone);
    const moment = { working: rota.isWorkingTime(wall), minute: local.hour * 60 + local.minute };
    last = { minute, moment };
    return moment;
  };
}

/** What a message is restricted to; nothing where the step names no channels. */
export const over = (channels: Chain['steps'][number]['channels']): { readonly channels?: readonly string[] } =>
  channels === undefined ? {} : { channels };
