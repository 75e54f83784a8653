import type { Rule } from '#core/config/rule.ts';
import type { NotificationRequest } from '#core/notification.ts';
import { type Instant, plus } from '#core/time.ts';
import type { AlertRecord } from './alert-record.ts';
import type { AlertTexts } from './alert-texts.ts';
import { nextRing, type RingPlan } from './escalation.ts';
import { silenceLeft } from './tell-decision.ts';

/** Rings people again, one after the other, while nobody acknowledges an alert that they were told of. */
export interface Ringing {
  /** Rings if it is time and keeps that it did; says when to ask again, null for not before something changes. */
  ringIfDue(record: AlertRecord, rule: Rule, now: Now): Instant | null;
}

/** Now by the clock that only goes on and by the one on the wall. */
export interface Now {
  readonly steady: Instant;
  readonly wall: Instant;
}

export interface RingingDependencies {
  readonly plan: RingPlan;
  readonly texts: Pick<AlertTexts, 'reminder'>;
  readonly put: (record: AlertRecord) => void;
  /** Durable within the unit of work; returns the people it goes to. */
  readonly tell: (request: NotificationRequest) => readonly string[];
  /** An open incident answers for alerts of this rule: it escalates by itself. */
  readonly answeredFor: (rule: string) => boolean;
}

export function createRinging({ plan, texts, put, tell, answeredFor }: RingingDependencies): Ringing {
  return {
    ringIfDue(record, rule, now) {
      const covered = answeredFor(rule.id) || (!rule.safety && silenceLeft(record, now.wall) !== null);
      const ring = nextRing(record, rule, plan, now.steady);
      if (ring === null || covered) return null;
      if (now.steady < ring.at) return ring.at;
      const told = tell({
        key: `alert/${record.view.id}/ring/${record.rung + 1}`,
        phase: 'reminder',
        about: { alert: record.view.id },
        functions: ring.functions,
        people: [],
        severity: rule.severity,
        ...texts.reminder(record.view, record.rung + 1),
        drill: false,
        simulated: record.view.simulated,
        ...avoiding(record),
      });
      const everyone = [...new Set([...(record.told ?? []), ...told])];
      put({ ...record, told: everyone, toldAt: now.steady, rung: record.rung + 1 });
      return plus(now.steady, plan.every);
    },
  };
}

/** A failing channel is not told of over itself (L34). */
export const avoiding = ({ view }: AlertRecord): Pick<NotificationRequest, 'avoidChannels'> =>
  view.rule === 'zhishou-channel-failing' ? { avoidChannels: [view.device] } : {};
