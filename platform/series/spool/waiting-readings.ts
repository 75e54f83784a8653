import type { Reading } from '#core/reading.ts';

/** Readings on their way to the disk, in order; bounded, the oldest go first. Adding costs no more than keeping a reference. */
export class WaitingReadings {
  #most: number;
  /** Whether what has to go is lost, or somebody else keeps it. */
  #counts = true;
  #lists: (readonly Reading[])[] = [];
  #count = 0;
  #inHand: readonly Reading[] | null = null;
  /** How many had to go and count as lost. */
  dropped = 0;

  constructor(most: number) {
    this.#most = most;
  }

  bound(most: number, counts: boolean): void {
    this.#most = most;
    this.#counts = counts;
    while (this.#count > this.#most) this.#dropOldest();
  }

  get count(): number {
    return this.#count + (this.#inHand?.length ?? 0);
  }

  add(readings: readonly Reading[]): void {
    if (readings.length === 0) return;
    this.#lists.push(readings);
    this.#count += readings.length;
    while (this.#count > this.#most) this.#dropOldest();
  }

  /** The oldest, at most so many; they are ours until `taken` or `giveBack`. Null: none. */
  take(most: number): readonly Reading[] | null {
    if (this.#count === 0) return null;
    const batch: Reading[] = [];
    let used = 0;
    for (const list of this.#lists) {
      if (batch.length + list.length > most) break;
      for (const reading of list) batch.push(reading);
      used++;
    }
    this.#lists.splice(0, used);
    const next = this.#lists[0];
    if (batch.length === 0 && next !== undefined) {
      // A list that is longer than a batch.
      for (const reading of next.slice(0, most)) batch.push(reading);
      this.#lists[0] = next.slice(most);
    }
    this.#count -= batch.length;
    this.#inHand = batch;
    return batch;
  }

  taken(): void {
    this.#inHand = null;
  }

  giveBack(): void {
    if (this.#inHand === null) return;
    this.#lists.unshift(this.#inHand);
    this.#count += this.#inHand.length;
    this.#inHand = null;
    while (this.#count > this.#most) this.#dropOldest();
  }

  #dropOldest(): void {
    const oldest = this.#lists[0] ?? [];
    const over = Math.min(oldest.length, this.#count - this.#most);
    if (over === oldest.length) this.#lists.shift();
    else this.#lists[0] = oldest.slice(over);
    this.#count -= over;
    if (this.#counts) this.dropped += over;
  }
}
