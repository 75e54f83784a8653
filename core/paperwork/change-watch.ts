import type { Quality, Value } from '../reading.ts';
import type { Text } from '../text.ts';
import { fromIso, type Instant } from '../time.ts';
import type { ApprovedChange, PaperworkFacts } from './facts.ts';

/**
 * What is changed on the equipment without the director's consent (O-CHG-1), as pure decisions: is this reading a change, who has
 * consented to it, who could have made it.
 *
 * Only a good value after a good value is a change. A silence between them may have been a restart: an outlet may come up otherwise than
 * it went, so what a word says after a gap is where counting begins anew; a number that people have set outlives a restart, so it is compared.
 *
 * Example: 24 → (no answer) → 24 is nothing; 24 → (no answer) → 20 is a change; on → (no answer) → off is none.
 */
export interface KnownValue {
  readonly value: Value;
  /** Nothing good was heard since. */
  readonly gap: boolean;
}

export interface Step {
  readonly known: KnownValue | null;
  /** From what it changed; null: it did not. */
  readonly changedFrom: Value | null;
}

export function nextKnown(known: KnownValue | null, reading: { value: Value | null; quality: Quality }): Step {
  const { value, quality } = reading;
  if (quality !== 'good' || value === null) {
    const gap = known === null || known.gap ? known : { ...known, gap: true };
    return { known: gap, changedFrom: null };
  }
  if (known === null) return { known: { value, gap: false }, changedFrom: null };
  if (sameValue(known.value, value)) return { known: known.gap ? { ...known, gap: false } : known, changedFrom: null };
  const restarted = known.gap && typeof value !== 'number';
  return { known: { value, gap: false }, changedFrom: restarted ? null : known.value };
}

/** Devices round as they like. */
const NEAR = 0.05;
export const sameValue = (a: Value, b: Value): boolean =>
  typeof a === 'number' && typeof b === 'number' ? Math.abs(a - b) < NEAR : a === b;

/** `*` stands for anything: `outlet.*.status` covers `outlet.3.status`. */
export function createPointMatch(patterns: readonly string[]): (point: string) => boolean {
  const tests = patterns.map(
    (pattern) => new RegExp(`^${pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`),
  );
  return (point) => tests.some((test) => test.test(point));
}

export interface Change {
  readonly device: string;
  readonly point: string;
  readonly from: Value;
  readonly to: Value;
  /** Where it went first, when it did not stay there. */
  readonly by?: Value;
  readonly at: Instant;
  readonly simulated: boolean;
}

/** The consent that covers it; `now` as well as then, because a consent may be asked for afterwards. */
export function consentTo(
  change: Pick<Change, 'device' | 'point' | 'at'>,
  changes: readonly ApprovedChange[],
  now: Instant,
): ApprovedChange | null {
  return (
    changes.find((one) => {
      const from = fromIso(one.from);
      const to = fromIso(one.to);
      if (from === null || to === null) return false;
      const inTime = (from <= change.at && change.at <= to) || (from <= now && now <= to);
      const device = one.devices.length === 0 || one.devices.includes(change.device);
      return inTime && device && (one.points.length === 0 || createPointMatch(one.points)(change.point));
    }) ?? null
  );
}

/** Who was signed in to the room then, as the register has it now; null: nothing was ever told of the registers. */
export function peopleInRoom(facts: PaperworkFacts | null, room: string, at: Instant): readonly Text[] | null {
  if (facts === null) return null;
  return facts.inRooms.filter((one) => one.room === room && (fromIso(one.since) ?? 0) <= at).map(({ name }) => name);
}
