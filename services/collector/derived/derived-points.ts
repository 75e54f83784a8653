import { between, type Duration, type Instant } from '#core/time.ts';
import { toDecimals } from '#core/units.ts';
import type { Decoded } from '../decode.ts';
import type { DeviceBook, Said } from '../device-book.ts';
import { type Derivation, derivationsOf } from './derivations.ts';

/**
 * Dew point, unbalance and the like as readings of their own, so that page, history, reports and rules see the same figure. They
 * go with what the device says, before its book: so quality, silence and repeats are those of any other point.
 *
 * Computed only when an input is said otherwise; a list that is said again gives the very same list.
 */
export class DerivedPoints {
  readonly #staleAfter: Duration;
  /** The names of the last list, in order, and what comes out of them. */
  #names: readonly string[] = [];
  #plan: readonly Planned[] = [];
  #list: readonly Said[] | null = null;
  #out: readonly Said[] = [];
  /** What partial messages have told before, of points that something comes out of. */
  readonly #known = new Map<string, { readonly said: Said; readonly at: Instant }>();
  /** What may come out of several messages; null: to be looked for. */
  #parts: readonly Derivation[] | null = null;
  /** A message that alone says all that matters: kept among the known when another kind of message comes. */
  #last: { readonly said: readonly Said[]; readonly at: Instant } | null = null;
  /** Told by the device itself once: never ours. */
  readonly #native = new Set<string>();

  constructor(staleAfter: Duration) {
    this.#staleAfter = staleAfter;
  }

  /** What is said, and what comes out of it. `complete`: the device tells all it has each time. */
  with(said: readonly Said[], now: Instant, complete: boolean): readonly Said[] {
    if (said === this.#list) return this.#out;
    const same = this.#sameNames(said);
    if (!same) this.#replan(said);
    const derived: Said[] = [];
    for (const planned of this.#plan) {
      const one = derive(planned, said);
      if (one !== null) derived.push(one);
    }
    // Only what hangs on this list alone may be said again with it.
    this.#list = complete ? said : null;
    if (!complete) {
      if (same && this.#parts?.length === 0) this.#last = { said, at: now };
      else derived.push(...this.#fromParts(said, now));
    }
    this.#out = derived.length === 0 ? said : [...said, ...derived];
    return this.#out;
  }

  #sameNames(said: readonly Said[]): boolean {
    const names = this.#names;
    if (said.length !== names.length) return false;
    for (let i = 0; i < names.length; i++) if (said[i]?.point !== names[i]) return false;
    return true;
  }

  #replan(said: readonly Said[]): void {
    this.#names = said.map(({ point }) => point);
    const places = new Map(this.#names.map((point, place) => [point, place]));
    const made = new Set(this.#plan.map(({ derivation }) => derivation.point));
    for (const name of this.#names) if (!made.has(name)) this.#native.add(name);
    this.#plan = derivationsOf(new Set(this.#names))
      .filter(({ point }) => !this.#native.has(point))
      .map((derivation) => ({
        derivation,
        places: derivation.inputs.map((name) => places.get(name) ?? -1),
        inputs: [],
        said: null,
      }));
    this.#parts = null;
  }

  #keep(said: readonly Said[], at: Instant): void {
    const before = this.#known.size;
    for (const one of said) this.#known.set(one.point, { said: one, at });
    if (this.#known.size > before) this.#parts = null;
  }

  /** A message that has one of the inputs only: the others are as they were told before, if that is not long ago. */
  #fromParts(said: readonly Said[], now: Instant): readonly Said[] {
    if (this.#last !== null) this.#keep(this.#last.said, this.#last.at);
    this.#last = null;
    this.#keep(said, now);
    this.#parts ??= this.#derivedFromParts();
    if (this.#parts.length === 0) return NOTHING;
    const news = new Set(said.map(({ point }) => point));
    return this.#parts.flatMap((derivation) => {
      if (!derivation.inputs.some((name) => news.has(name))) return [];
      const known = derivation.inputs.flatMap((name) => this.#known.get(name) ?? []);
      if (known.some(({ at }) => between(at, now) >= this.#staleAfter)) return [];
      const oldest = known.reduce((old, { said: one, at }) => Math.min(old, one.measuredAt ?? at), now as number);
      const made = sayFrom(
        derivation,
        known.map((one) => one.said),
      );
      return [{ ...made, measuredAt: oldest as Instant }];
    });
  }

  /** What the last list has whole is not put together, and what the device tells by itself never is. */
  #derivedFromParts(): readonly Derivation[] {
    const whole = new Set(this.#plan.map(({ derivation }) => derivation.point));
    return derivationsOf(new Set(this.#known.keys())).filter(
      ({ point }) => !whole.has(point) && !this.#native.has(point),
    );
  }
}

const NOTHING: readonly Said[] = [];

interface Planned {
  readonly derivation: Derivation;
  /** Of its inputs in the list. */
  readonly places: readonly number[];
  /** What it was made of last, and what came of it. */
  inputs: readonly Said[];
  said: Said | null;
}

/** The very same word for the very same inputs. */
function derive(planned: Planned, said: readonly Said[]): Said | null {
  const { places, inputs } = planned;
  let same = planned.said !== null;
  for (let i = 0; same && i < places.length; i++) same = isSame(said[places[i] ?? -1], inputs[i]);
  if (same) return planned.said;
  planned.inputs = places.flatMap((place) => said[place] ?? []);
  if (planned.inputs.length < places.length) return null;
  planned.said = sayFrom(planned.derivation, planned.inputs);
  return planned.said;
}

const isSame = (a: Said | undefined, b: Said | undefined): boolean =>
  a === b ||
  (a !== undefined &&
    b !== undefined &&
    a.decoded.value === b.decoded.value &&
    a.decoded.quality === b.decoded.quality &&
    a.measuredAt === b.measuredAt &&
    a.kept === b.kept);

/** As good as the worst of its inputs, as old as the oldest. */
function sayFrom(derivation: Derivation, inputs: readonly Said[]): Said {
  const { point } = derivation;
  const times = inputs.flatMap(({ measuredAt }) => measuredAt ?? []);
  const kept = inputs.find((one) => one.kept !== undefined)?.kept;
  return {
    point,
    decoded: decodedFrom(derivation, inputs),
    ...(times.length === 0 ? {} : { measuredAt: Math.min(...times) as Instant }),
    ...(kept === undefined ? {} : { kept }),
  };
}

function decodedFrom({ of, decimals }: Derivation, inputs: readonly Said[]): Decoded {
  const bad = inputs.find(({ decoded }) => decoded.quality !== 'good' || typeof decoded.value !== 'number');
  if (bad !== undefined) {
    const quality = bad.decoded.quality === 'good' ? 'missing' : bad.decoded.quality;
    return { value: null, quality, reason: `${bad.point} is ${quality}` };
  }
  const value = of(inputs.map(({ decoded }) => Number(decoded.value)));
  if (value === null) return { value: null, quality: 'missing', reason: 'its inputs give no figure' };
  return { value: toDecimals(value, decimals), quality: 'good' };
}

export function withDerivedPoints(book: DeviceBook, staleAfter: Duration): DeviceBook {
  const derived = new DerivedPoints(staleAfter);
  return {
    ...book,
    heard: (said, cause, now, complete) => book.heard(derived.with(said, now, complete), cause, now, complete),
  };
}
