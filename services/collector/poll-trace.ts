import { MOST_POLLS_TOLD, type PollCounts, type PollRecord } from '#core/diagnosis.ts';
import { ZhishouError } from '#core/errors.ts';
import { type Instant, toIso } from '#core/time.ts';
import type { RunCause } from './schedule.ts';
import type { PointValue } from './snmp-plan.ts';

/** How a device's last polls went and what the last one said, for whoever looks at it closely. Costs a poll a few writes into what is there. */
export interface PollTrace {
  answered(values: readonly PointValue[], cause: RunCause, at: Instant, tookMs: number): void;
  failed(error: unknown, cause: RunCause, at: Instant, tookMs: number): void;
  overdue(): void;
  /** What the last answer said; empty before the first. */
  values(): readonly PointValue[];
  /** Newest first. */
  polls(): readonly PollRecord[];
  counts(): PollCounts;
  /** Told of each poll that ends; returns the way to stop. */
  onPoll(listener: () => void): () => void;
}

interface Entry {
  at: number;
  tookMs: number;
  cause: string;
  outcome: string;
  detail: string | null;
  points: number;
}

const LONGEST_DETAIL = 500;

export function createPollTrace(): PollTrace {
  const ring: Entry[] = [];
  const listeners = new Set<() => void>();
  let polls = 0;
  let [failed, timedOut, refused, overdue] = [0, 0, 0, 0];
  let last: readonly PointValue[] = [];
  const record = (
    cause: string,
    at: Instant,
    tookMs: number,
    outcome: string,
    detail: string | null,
    points: number,
  ) => {
    const place = polls % MOST_POLLS_TOLD;
    const entry = ring[place];
    // The same object again: a thousand devices polled every few seconds should leave nothing behind.
    if (entry === undefined) ring[place] = { at, tookMs, cause, outcome, detail, points };
    else {
      entry.at = at;
      entry.tookMs = tookMs;
      entry.cause = cause;
      entry.outcome = outcome;
      entry.detail = detail;
      entry.points = points;
    }
    polls++;
    if (listeners.size > 0) for (const listener of listeners) listener();
  };
  return {
    answered: (values, cause, at, tookMs) => {
      last = values;
      record(cause, at, tookMs, 'ok', null, values.length);
    },
    failed: (error, cause, at, tookMs) => {
      const code = error instanceof ZhishouError ? error.code : 'INVARIANT';
      failed++;
      if (code === 'TIMED_OUT') timedOut++;
      if (code === 'REFUSED') refused++;
      // A mistake of ours may carry anything; only those that are made for people are told.
      const detail = error instanceof ZhishouError ? error.message.slice(0, LONGEST_DETAIL) : null;
      record(cause, at, tookMs, code, detail, 0);
    },
    overdue: () => {
      overdue++;
    },
    values: () => last,
    polls: () =>
      ring
        .toSorted((a, b) => b.at - a.at)
        .map(({ at, ...entry }) => ({ ...entry, at: toIso(at as Instant), tookMs: Math.round(entry.tookMs) })),
    counts: () => ({
      ...{ polls, failed, timedOut, refused, overdue },
      doubtful: last.filter(({ decoded }) => decoded.quality !== 'good').length,
    }),
    onPoll: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
