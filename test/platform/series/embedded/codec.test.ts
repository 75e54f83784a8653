import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptySum, type Sum } from '#core/series-math.ts';
import { ByteReader, ByteWriter, DamagedError, seal, unseal } from '#platform/series/embedded/bytes.ts';
import { decodeTimes, decodeValues, encodeTimes, encodeValues } from '#platform/series/embedded/chunk-codec.ts';
import { createColumns, sortColumns, toSamples } from '#platform/series/embedded/columns.ts';
import { decodeLog, encodeLog } from '#platform/series/embedded/log-codec.ts';
import {
  readFloats,
  readInts,
  readRuns,
  writeFloats,
  writeInts,
  writeRuns,
} from '#platform/series/embedded/number-columns.ts';
import {
  decodeColumns,
  decodeRollups,
  encodeRollups,
  rollupColumns,
  rollupEntries,
  SUM_FIELDS,
  unpackRollups,
} from '#platform/series/embedded/rollup-codec.ts';

const efforts = ['quick', 'thorough'] as const;
const effort = fc.constantFrom(...efforts);
const anyNumber = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -1000, max: 1000 }).map((n) => n / 10),
  fc.constantFrom(-0, 0, 5e-324, Number.MAX_VALUE, -Number.MAX_VALUE, 2 ** 51, -(2 ** 51), 0.1 + 0.2, 1e15, 1e21),
);
const floats = fc.oneof(
  fc.array(anyNumber, { maxLength: 60 }),
  // Slow walks with one or two decimals, as meters give them.
  fc
    .tuple(fc.constantFrom(10, 100), fc.array(fc.integer({ min: -2, max: 2 }), { maxLength: 300 }))
    .map(([scale, steps]) => {
      let value = 225;
      return steps.map((step) => {
        value += step;
        return value / scale;
      });
    }),
  fc.tuple(anyNumber, fc.integer({ min: 0, max: 300 })).map(([value, length]) => Array<number>(length).fill(value)),
);

describe('numbers', () => {
  it('any numbers come back bit by bit: −0, the smallest and the largest, walks, repetitions', () => {
    fc.assert(
      fc.property(floats, effort, (values, effort) => {
        const out = new ByteWriter();
        writeFloats(out, Float64Array.from(values), effort);
        const from = new ByteReader(out.finish());
        const read = [...readFloats(from, new Float64Array(values.length))];
        from.end();
        expect(read.map((value) => [value, Object.is(value, -0)])).toEqual(
          values.map((value) => [value, Object.is(value, -0)]),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('whole numbers up to 2^51 come back, and those that repeat as runs', () => {
    const ints = fc.array(
      fc.oneof(
        fc.integer({ min: -(2 ** 31), max: 2 ** 31 }),
        fc.maxSafeInteger().map((n) => Math.trunc(n / 5)),
        fc.constantFrom(0, 1),
      ),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(ints, effort, (values, effort) => {
        const out = new ByteWriter();
        writeInts(out, Float64Array.from(values), effort);
        writeRuns(
          out,
          Float64Array.from(values, (value) => Math.abs(value % 3)),
          effort,
        );
        const from = new ByteReader(out.finish());
        expect([...readInts(from, new Float64Array(values.length))].map((n) => n + 0)).toEqual(
          values.map((n) => n + 0),
        );
        expect([...readRuns(from, values.length)]).toEqual(values.map((value) => Math.abs(value % 3)));
        from.end();
      }),
      { numRuns: 300 },
    );
  });
});

const times = fc
  .oneof(
    fc.array(fc.nat({ max: 7.2e12 }), { minLength: 1, maxLength: 60 }),
    // A poll every so often, with jitter and gaps.
    fc
      .tuple(
        fc.constantFrom(1000, 10_000, 60_000),
        fc.array(fc.tuple(fc.constantFrom(1, 1, 1, 1, 7), fc.nat({ max: 40 })), { minLength: 1, maxLength: 200 }),
      )
      .map(([every, polls]) => {
        let place = 0;
        return polls.map(([skip, late]) => {
          place += skip;
          return 1.7e12 + place * every + late;
        });
      }),
  )
  .map((list) => Float64Array.from(new Set(list)).sort());

const value = fc.oneof(
  { weight: 5, arbitrary: anyNumber },
  {
    weight: 2,
    arbitrary: fc.oneof(
      fc.boolean(),
      fc.constantFrom('OL', 'OB DISCHRG'),
      fc.string({ unit: 'binary', maxLength: 5 }),
      fc.constant(null),
    ),
  },
);
const quality = fc.constantFrom('good', 'good', 'good', 'stale', 'frozen', 'implausible', 'missing');

const columns = fc.tuple(times, fc.infiniteStream(fc.tuple(value, quality))).map(([at, values]) => {
  const growing = createColumns();
  for (const time of at) {
    const [value, quality] = values.next().value as [number, 'good'];
    growing.add(time, value, quality);
  }
  return growing.view();
});

describe('chunks', () => {
  it('any samples come back as they were: irregular times, numbers, truths, words, nothing, every quality', () => {
    fc.assert(
      fc.property(columns, effort, (samples, effort) => {
        const at = decodeTimes(encodeTimes(samples.at, effort), samples.at.length);
        expect(at).toEqual(samples.at);
        expect(toSamples(decodeValues(encodeValues(samples, effort), at))).toEqual(toSamples(samples));
      }),
      { numRuns: 300 },
    );
  });

  it('log rows keep the order in which readings came', () => {
    fc.assert(
      fc.property(columns, (samples) => {
        const series = samples.at.map((_, i) => (i * 7) % 5);
        const shuffled = { ...samples, at: samples.at.slice().reverse() };
        const { series: read, ...rest } = decodeLog(encodeLog({ series, ...shuffled }));
        expect(read).toEqual(series);
        expect(toSamples(rest)).toEqual(toSamples(shuffled));
      }),
      { numRuns: 100 },
    );
  });

  it('temperatures every ten seconds with some milliseconds of jitter take less than a byte each', () => {
    const at = new Float64Array(8640);
    const growing = createColumns();
    let [seed, walk] = [1, 225];
    const chance = (n: number): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % n;
    };
    for (let i = 0; i < at.length; i++) {
      at[i] = 1.76e12 + i * 10_000 + chance(10);
      walk += chance(3) - 1;
      growing.add(at[i]!, walk / 10, 'good');
    }
    const bytes = encodeTimes(at, 'thorough').length + encodeValues(growing.view(), 'thorough').length;
    expect(bytes / at.length).toBeLessThan(0.8);
  });

  it('of the same moment the one that came last stays, whatever the order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat({ max: 20 }), fc.nat()), { maxLength: 60 }), (pairs) => {
        const growing = createColumns();
        for (const [at, number] of pairs) growing.add(at, number, 'good');
        const last = new Map(pairs);
        expect(toSamples(sortColumns(growing.view()).view()).map(({ at, value }) => [at, value])).toEqual(
          [...last].sort(([a], [b]) => a - b),
        );
      }),
    );
  });
});

describe('rollups', () => {
  const sum = fc
    .tuple(
      fc.array(fc.integer({ min: -400, max: 400 }), { maxLength: 90 }),
      fc.constantFrom(1, 10, 100, 7),
      fc.nat({ max: 900_000 }),
      anyNumber,
    )
    .map(([values, scale, coveredMs, carried]): Sum => {
      const sum = emptySum();
      for (const value of values) {
        sum.count++;
        sum.total += value / scale;
        sum.min = Math.min(sum.min, value / scale);
        sum.max = Math.max(sum.max, value / scale);
      }
      sum.coveredMs = coveredMs;
      sum.area = (values.length === 0 ? carried / 1e6 : sum.total / values.length) * coveredMs;
      return sum;
    });

  it('come back within their rounding noise, counts and extremes exactly', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat({ max: 767 }), { maxLength: 40 }),
        fc.infiniteStream(sum),
        effort,
        (places, sums, effort) => {
          const entries = places.sort((a, b) => a - b).map((place) => [place, sums.next().value as Sum] as const);
          const read = rollupEntries(decodeRollups(encodeRollups(rollupColumns(entries), effort), 768));
          expect(read.map(([place]) => place)).toEqual(places);
          read.forEach(([, found], i) => {
            const truth = entries[i]![1];
            expect({ ...found, total: 0, area: 0 }).toEqual({
              ...truth,
              total: 0,
              area: 0,
              min: truth.min + 0,
              max: truth.max + 0,
            });
            const largest = truth.count === 0 ? 0 : Math.max(Math.abs(truth.min), Math.abs(truth.max));
            expect(Math.abs(found.total - truth.total)).toBeLessThanOrEqual(1e-10 * largest * truth.count);
            const room = Math.max(largest * truth.coveredMs, Math.abs(truth.area));
            expect(Math.abs(found.area - truth.area)).toBeLessThanOrEqual(1e-10 * room);
          });
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('hostile bytes', () => {
  const decoders: readonly (readonly [string, (bytes: Uint8Array) => unknown])[] = [
    ['times', (bytes) => decodeTimes(bytes, 500)],
    ['values', (bytes) => decodeValues(bytes, new Float64Array(500))],
    ['a log row', decodeLog],
    ['a log row with a good checksum', (bytes) => decodeLog(seal(bytes))],
    ['rollups', (bytes) => decodeRollups(bytes, 768)],
  ];
  const sample = createColumns();
  for (let i = 0; i < 500; i++) sample.add(1.7e12 + i * 1000 + (i % 7), i % 50 === 0 ? 'OB' : (i % 13) / 10, 'good');
  const whole = sample.view();
  const valid = [
    encodeTimes(whole.at, 'quick'),
    encodeValues(whole, 'quick'),
    encodeLog({ series: whole.at.map(() => 3), ...whole }),
    encodeLog({ series: whole.at.map(() => 3), ...whole }).subarray(4),
    encodeRollups(rollupColumns([[3, { ...emptySum(), coveredMs: 5 }]]), 'quick'),
  ];
  it.each(decoders.map(([name, decode], i) => [name, decode, valid[i]!] as const))(
    'as %s are refused with a word or read as something of the same size, and ask for no memory beyond it',
    (_, decode, good) => {
      const changed = fc
        .tuple(fc.nat({ max: good.length - 1 }), fc.nat({ max: 7 }), fc.nat({ max: good.length }))
        .map(([place, bit, length]) => {
          const bytes = good.slice();
          bytes[place]! ^= 1 << bit;
          return length % 4 === 0 ? bytes.slice(0, length) : bytes;
        });
      fc.assert(
        fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), changed), (bytes) => {
          try {
            decode(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(DamagedError);
          }
        }),
        { numRuns: 500 },
      );
    },
  );

  it('a flipped bit anywhere, also in what the row says of itself elsewhere, is noticed', () => {
    const body = Uint8Array.from({ length: 40 }, (_, i) => i);
    const sealed = seal(body, 7, 1000);
    expect(unseal(sealed, 7, 1000)).toEqual(body);
    expect(() => unseal(sealed, 7, 1001)).toThrow(DamagedError);
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const flipped = sealed.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => unseal(flipped, 7, 1000)).toThrow(DamagedError);
    }
  });
});

describe('a row of rollups of which some sums are asked for', () => {
  const entry = (place: number, per: number): readonly [number, Sum] => [
    place,
    place % 7 === 0
      ? { ...emptySum(), coveredMs: 1000, area: (place * 1000) / per }
      : {
          count: 3 + (place % 4),
          total: (place * 11 + 7) / per,
          min: place / per,
          max: (place + 5) / per,
          coveredMs: 3_600_000 - place,
          area: (place * 3_600_000 + 13) / per,
          belowMs: place % 3,
          aboveMs: place % 2,
        },
  ];

  it.each([
    ['tenths', 10],
    ['what no power of ten makes whole', Math.PI],
  ])('says of them what the whole row says: %s', (_what, per) => {
    const row = rollupColumns(Array.from({ length: 100 }, (_, i) => entry(2 * i, per)));
    const inside = unpackRollups(encodeRollups(row, 'quick'), 768);
    const whole = decodeColumns(inside, 768);
    fc.assert(
      fc.property(fc.subarray([...SUM_FIELDS]), (fields) => {
        const some = decodeColumns(inside, 768, undefined, new Set(fields));
        expect(some.places).toEqual(whole.places);
        for (const field of fields) expect(some.fields[field], field).toEqual(whole.fields[field]);
      }),
    );
  });
});
