import type { Quality, Reading, Value } from '#core/reading.ts';
import { instant } from '#core/time.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import { FRAME_KINDS, writeFrame } from './frame.ts';
import { type GatheredNames, type NamesRead, NamesToWrite, readNames } from './names.ts';

/**
 * Readings in columns: series (steps of one are a zero), times (the same poll is a zero), kinds, values. A number of three
 * decimals at most is a scaled whole one, any other its eight bytes; both come back exactly. Kept is what history keeps:
 * when it was received and last changed is not.
 */
const QUALITIES = ['good', 'stale', 'frozen', 'implausible', 'missing'] as const satisfies readonly Quality[];
const QUALITY_CODE = Object.fromEntries(QUALITIES.map((name, code) => [name, code << 4])) as Record<Quality, number>;
const SCALES = [1, 10, 100, 1000] as const;
const KIND = { nothing: 0, no: 1, yes: 2, float: 3, word: 4, text: 5, scaled: 8 } as const;
/** Zigzagged it is still exact. */
const MOST_SCALED = 2 ** 51;

/** Writes readings of one segment; keeps its names. */
export class ReadingEncoder {
  readonly #names = new NamesToWrite();
  readonly #writer = new ByteWriter();

  names(): NamesRead {
    return this.#names.asRead();
  }

  /** One frame, with one of new names before it; the bytes hold until the next call. */
  encode(readings: readonly Reading[]): Uint8Array {
    // The body first: only it shows which names are new.
    const ids = readings.map((reading) => this.#names.idOf(reading));
    for (const { value } of readings) if (typeof value === 'string') this.#names.wordId(value);
    this.#writer.clear();
    if (this.#names.hasNews) writeFrame(this.#writer, FRAME_KINDS.names, () => this.#names.write(this.#writer));
    writeFrame(this.#writer, FRAME_KINDS.readings, () => this.#writeColumns(readings, ids));
    return this.#writer.view();
  }

  /** All names of the segment, for its end. */
  encodeNames(): Uint8Array {
    this.#writer.clear();
    writeFrame(this.#writer, FRAME_KINDS.names, () => this.#names.write(this.#writer, true));
    return this.#writer.view();
  }

  #writeColumns(readings: readonly Reading[], ids: readonly number[]): void {
    const writer = this.#writer;
    writer.count(readings.length);
    let expected = 0;
    let before = 0;
    // By place: an iterator is an object a reading until the code is compiled for good, which takes minutes.
    for (let place = 0; place < ids.length; place++) {
      const id = ids[place] as number;
      writer.whole(id - expected);
      expected = id + 1;
    }
    for (let place = 0; place < readings.length; place++) {
      const at = wholeTime((readings[place] as Reading).measuredAt);
      writer.whole(at - before);
      before = at;
    }
    const kinds = new Uint8Array(readings.length);
    for (let place = 0; place < kinds.length; place++) {
      const { value, quality } = readings[place] as Reading;
      const kind = this.#kindOf(value);
      kinds[place] = kind;
      writer.byte(kind | QUALITY_CODE[quality]);
    }
    for (let place = 0; place < kinds.length; place++)
      this.#writeValue((readings[place] as Reading).value, kinds[place] as number);
  }

  #kindOf(value: Value | null): number {
    if (typeof value === 'number') return kindOfNumber(value);
    if (typeof value === 'string') return this.#names.wordId(value) === null ? KIND.text : KIND.word;
    if (value === null) return KIND.nothing;
    return value ? KIND.yes : KIND.no;
  }

  #writeValue(value: Value | null, kind: number): void {
    if (typeof value === 'number') {
      if (kind >= KIND.scaled) this.#writer.whole(Math.round(value * (SCALES[kind - KIND.scaled] ?? 1)));
      else if (kind === KIND.float) this.#writer.float(value);
    } else if (typeof value === 'string') {
      const id = this.#names.wordId(value);
      if (id === null) this.#writer.text(value);
      else this.#writer.count(id);
    }
  }
}

function kindOfNumber(value: number): number {
  if (!Number.isFinite(value)) return KIND.nothing;
  if (Object.is(value, -0)) return KIND.float;
  for (let power = 0; power < SCALES.length; power++) {
    const scale = SCALES[power] ?? 1;
    const scaled = Math.round(value * scale);
    if (Math.abs(scaled) > MOST_SCALED) return KIND.float;
    if (scaled / scale === value) return KIND.scaled + power;
  }
  return KIND.float;
}

const wholeTime = (at: number): number => (Math.abs(at) < 2 ** 51 ? Math.round(at) : 0);

/** A frame's readings; `lost` are those whose name stood in a spoilt frame. Null: the frame is none of readings. */
export function decodeReadings(body: Uint8Array, names: NamesRead): { readings: Reading[]; lost: number } | null {
  try {
    return decodeColumns(new ByteReader(body), names);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** How many readings a frame has, without decoding them. */
export const countReadings = (body: Uint8Array): number => new ByteReader(body).count();

export function decodeNames(body: Uint8Array, into: GatheredNames): void {
  try {
    readNames(new ByteReader(body), into);
  } catch (error) {
    // A frame whose checksum fits and whose names do not is another program's: its readings count as lost.
    if (!(error instanceof RangeError)) throw error;
  }
}

function decodeColumns(reader: ByteReader, names: NamesRead): { readings: Reading[]; lost: number } {
  const count = reader.count();
  const ids = new Array<number>(count);
  let expected = 0;
  for (let place = 0; place < count; place++) {
    const id = expected + reader.whole();
    ids[place] = id;
    expected = id + 1;
  }
  const times = new Array<number>(count);
  let at = 0;
  for (let place = 0; place < count; place++) {
    at += reader.whole();
    times[place] = at;
  }
  const kinds = new Array<number>(count);
  for (let place = 0; place < count; place++) kinds[place] = reader.byte();
  const readings: Reading[] = [];
  for (let place = 0; place < count; place++) {
    const kind = kinds[place] ?? 0;
    const value = readValue(reader, kind & 0x0f, names);
    const series = names.series[ids[place] ?? -1];
    if (series === undefined || value === undefined) continue;
    const measuredAt = instant(times[place] ?? 0);
    const quality = QUALITIES[kind >> 4] ?? 'missing';
    const { device, point, simulated } = series;
    readings.push({
      device,
      point,
      value,
      quality,
      measuredAt,
      receivedAt: measuredAt,
      changedAt: measuredAt,
      simulated,
    });
  }
  return { readings, lost: count - readings.length };
}

function readValue(reader: ByteReader, kind: number, names: NamesRead): Value | null | undefined {
  if (kind >= KIND.scaled) return reader.whole() / (SCALES[kind - KIND.scaled] ?? 1);
  if (kind === KIND.float) return reader.float();
  if (kind === KIND.word) return names.words[reader.count()];
  if (kind === KIND.text) return reader.text();
  if (kind === KIND.nothing) return null;
  return kind === KIND.yes;
}
