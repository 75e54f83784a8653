import type { Profile } from '#core/config/profile.ts';

/** Which entry of a profile a value comes from, in the entry's own words: the maker's document, the object, the register. Pure. */
interface SourcedEntry {
  /** Null: it is known by its object alone, as the parts of a set are. */
  readonly point: RegExp | null;
  readonly oid: string | null;
  readonly source: string;
}

export function profileSources(profile: Profile | null): (point: string, oid: string | null) => string | null {
  const entries: SourcedEntry[] = [];
  collect(profile, entries);
  return (point, oid) => {
    const named = entries.filter((entry) => entry.point?.test(point) === true);
    const isRead = (entry: SourcedEntry): boolean => entry.oid !== null && oid !== null && isWithin(oid, entry.oid);
    // One phase of three is called by another name where there is no other: then the object says which entry it was.
    return (named.find(isRead) ?? named[0] ?? entries.find(isRead))?.source ?? null;
  };
}

const isWithin = (oid: string, of: string): boolean => oid === of || oid.startsWith(`${of}.`);

/** Every way's entries have a point and a source, whatever else they say. */
function collect(part: unknown, entries: SourcedEntry[]): void {
  if (Array.isArray(part)) for (const one of part) collect(one, entries);
  else if (typeof part === 'object' && part !== null) {
    const { point, source, oid } = part as Readonly<Record<string, unknown>>;
    if (typeof source === 'string' && (typeof point === 'string' || typeof oid === 'string'))
      entries.push({
        point: typeof point === 'string' ? patternOf(point) : null,
        oid: typeof oid === 'string' ? oid : null,
        source,
      });
    for (const one of Object.values(part)) collect(one, entries);
  }
}

/** `input.L{index}.voltage` is `input.L1.voltage` of a device. */
function patternOf(point: string): RegExp {
  const parts = point.split(/\{[^}]*\}/).map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^.]+')}$`);
}
