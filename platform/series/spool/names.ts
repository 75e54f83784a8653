import type { Reading } from '#core/reading.ts';
import type { ByteReader, ByteWriter } from './bytes.ts';

/** The names of a segment: each series and each word once, readings then say a small number. */
export interface SeriesName {
  readonly device: string;
  readonly point: string;
  readonly simulated: boolean;
}

/** Words beyond this are written out each time: a device that says something new each second must not fill the memory. */
const MOST_WORDS = 2000;

export class NamesToWrite {
  readonly #ids = new Map<string, Map<string, number>>();
  readonly #words = new Map<string, number>();
  readonly #series: SeriesName[] = [];
  readonly #wordList: string[] = [];
  #toldSeries = 0;
  #toldWords = 0;

  idOf(reading: Reading): number {
    const { device, point, simulated } = reading;
    let points = this.#ids.get(device);
    if (points === undefined) {
      points = new Map();
      this.#ids.set(device, points);
    }
    const known = points.get(point);
    if (known !== undefined && this.#series[known]?.simulated === simulated) return known;
    const id = this.#series.push({ device, point, simulated }) - 1;
    points.set(point, id);
    return id;
  }

  /** Null: not taken in, write it out. */
  wordId(word: string): number | null {
    const known = this.#words.get(word);
    if (known !== undefined) return known;
    if (this.#wordList.length >= MOST_WORDS) return null;
    const id = this.#wordList.push(word) - 1;
    this.#words.set(word, id);
    return id;
  }

  /** The same names as a reader has them; grows with these. */
  asRead(): NamesRead {
    return { series: this.#series, words: this.#wordList };
  }

  get hasNews(): boolean {
    return this.#toldSeries < this.#series.length || this.#toldWords < this.#wordList.length;
  }

  /** What was not yet written; `all`: everything once more, so that one spoilt frame costs no more than its own readings. */
  write(writer: ByteWriter, all = false): void {
    const [series, words] = all ? [0, 0] : [this.#toldSeries, this.#toldWords];
    writer.count(series);
    writer.count(this.#series.length - series);
    for (const { device, point, simulated } of this.#series.slice(series)) {
      writer.text(device);
      writer.text(point);
      writer.byte(simulated ? 1 : 0);
    }
    writer.count(words);
    writer.count(this.#wordList.length - words);
    for (const word of this.#wordList.slice(words)) writer.text(word);
    this.#toldSeries = this.#series.length;
    this.#toldWords = this.#wordList.length;
  }
}

export interface NamesRead {
  readonly series: readonly (SeriesName | undefined)[];
  readonly words: readonly (string | undefined)[];
}

/** Names that are being gathered. */
export interface GatheredNames extends NamesRead {
  readonly series: (SeriesName | undefined)[];
  readonly words: (string | undefined)[];
}

/** Adds a frame's names. Throws RangeError when it is none. */
export function readNames(reader: ByteReader, into: GatheredNames): void {
  const firstSeries = reader.count();
  const series = reader.count();
  for (let place = 0; place < series; place++) {
    const [device, point] = [reader.text(), reader.text()];
    into.series[firstSeries + place] = { device, point, simulated: reader.byte() === 1 };
  }
  const firstWord = reader.count();
  const words = reader.count();
  for (let place = 0; place < words; place++) into.words[firstWord + place] = reader.text();
}
