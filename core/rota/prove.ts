import type { FunctionName } from '../config/people.ts';
import { type Instant, latest } from '../time.ts';
import { holidaysKnown } from './holidays.ts';
import type { Layer, SpanReason } from './layer.ts';
import { localDate } from './local-days.ts';
import type { RotaSlice } from './rota.ts';

/**
 * Walks a time ahead from change to change, so that every minute of it is looked at without asking for each: whenever nobody has a
 * turn, or somebody who is not there or cannot be told, or the same person has two at once.
 */
export type RotaFault =
  | {
      readonly kind: 'gap';
      readonly role: FunctionName;
      readonly from: Instant;
      readonly until: Instant;
      readonly why: SpanReason;
    }
  | {
      readonly kind: 'unknown' | 'unreachable';
      readonly role: FunctionName;
      readonly person: string;
      readonly from: Instant;
      readonly until: Instant;
    }
  | {
      readonly kind: 'twice';
      readonly person: string;
      readonly roles: readonly [FunctionName, FunctionName];
      readonly from: Instant;
      readonly until: Instant;
    }
  | { readonly kind: 'no-holidays'; readonly year: number };

export function proveRota(config: RotaSlice, layers: readonly Layer[], from: Instant, until: Instant): RotaFault[] {
  const people = new Map(config.people.people.map((person) => [person.id, person]));
  const stretches = layers.map((layer) => stretchesOf(layer, from, until));
  const faults = stretches.flat().flatMap((stretch): RotaFault[] => {
    const { role, person, why, ...time } = stretch;
    if (person === null) return [{ kind: 'gap', role, why, ...time }];
    const known = people.get(person);
    if (known === undefined) return [{ kind: 'unknown', role, person, ...time }];
    return known.routes.length === 0 ? [{ kind: 'unreachable', role, person, ...time }] : [];
  });
  const pairs = stretches.flatMap((one, index) => stretches.slice(index + 1).flatMap((other) => twice(one, other)));
  const years = yearsOf(from, until, config.site.time_zone).filter((year) => !holidaysKnown(config.calendar, year));
  return [...faults, ...pairs, ...years.map((year): RotaFault => ({ kind: 'no-holidays', year }))];
}

interface Stretch {
  readonly role: FunctionName;
  readonly person: string | null;
  readonly why: SpanReason;
  readonly from: Instant;
  readonly until: Instant;
}

/** Spans within the time, those of one person or of nobody for one reason joined. */
function stretchesOf(layer: Layer, from: Instant, until: Instant): Stretch[] {
  const joined: Stretch[] = [];
  for (const span of layer.spans(from, until)) {
    const last = joined.at(-1);
    const { person, why } = span;
    const ends = span.until < until ? span.until : until;
    if (last !== undefined && last.person === person && (person !== null || last.why === why)) {
      joined[joined.length - 1] = { ...last, until: ends };
    } else joined.push({ role: layer.role, person, why, from: latest(span.from, from), until: ends });
  }
  return joined;
}

/** Both lists are in order and without holes: one step through both. */
function twice(one: readonly Stretch[], other: readonly Stretch[]): RotaFault[] {
  const faults: RotaFault[] = [];
  for (let i = 0, j = 0; ; ) {
    const [a, b] = [one[i], other[j]];
    if (a === undefined || b === undefined) return faults;
    if (a.person !== null && a.person === b.person) {
      const from = latest(a.from, b.from);
      const until = a.until < b.until ? a.until : b.until;
      if (from < until) faults.push({ kind: 'twice', person: a.person, roles: [a.role, b.role], from, until });
    }
    if (a.until <= b.until) i++;
    else j++;
  }
}

function yearsOf(from: Instant, until: Instant, zone: string): number[] {
  const [first, last] = [localDate(from, zone).year, localDate(until, zone).year];
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
