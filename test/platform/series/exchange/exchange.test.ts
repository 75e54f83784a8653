import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { SeriesStore } from '#core/ports.ts';
import type { Quality, Reading, Value } from '#core/reading.ts';
import { type Instant, instant } from '#core/time.ts';
import { exportCsv } from '#platform/series/exchange/csv-export.ts';
import { importCsv } from '#platform/series/exchange/csv-import.ts';
import { fromCell, fromNameCell, toCell, toNameCell } from '#platform/series/exchange/csv-values.ts';
import { type ImportReport, importReadings } from '#platform/series/exchange/import.ts';
import { exportLines } from '#platform/series/exchange/line-export.ts';
import { importLines, type Precision } from '#platform/series/exchange/line-import.ts';
import { createMemorySeriesStore } from '#platform/series/memory-series-store.ts';

const START = instant(Date.UTC(2026, 0, 5));
const EVERYTHING = { from: instant(0), to: instant(Date.UTC(2200, 0, 1)), devices: [], points: [] };

async function* pieces(text: string | Uint8Array, size = 7): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

async function collect(parts: AsyncIterable<string>): Promise<string> {
  let whole = '';
  for await (const part of parts) whole += part;
  return whole;
}

const FORMATS = {
  csv: {
    out: (store: SeriesStore) => collect(exportCsv(store, EVERYTHING)),
    into: (store: SeriesStore, text: string | Uint8Array, size?: number) =>
      importReadings(store, importCsv(pieces(text, size))),
  },
  lines: {
    out: (store: SeriesStore) => collect(exportLines(store, { ...EVERYTHING, site: '总部 1', simulated: true })),
    into: (store: SeriesStore, text: string | Uint8Array, size?: number) =>
      importReadings(store, importLines(pieces(text, size))),
  },
} as const;

function reading(device: string, point: string, at: Instant, value: Value | null, quality: Quality = 'good'): Reading {
  return { device, point, value, quality, measuredAt: at, receivedAt: at, changedAt: at, simulated: true };
}

async function everything(store: SeriesStore) {
  const series = await store.series();
  return Promise.all(
    series.map(async (key) => ({ key, samples: await store.raw({ ...key, ...EVERYTHING, limit: 1e6 }) })),
  );
}

const HOSTILE = [
  '=1+1',
  '@SUM(A1)',
  '+49 30',
  '-1',
  "'quoted'",
  '"',
  '""',
  'a "b" c',
  'two\nlines',
  'two\r\nlines',
  '\r',
  'comma, semicolon; tab\t',
  'true',
  'FALSE',
  '1e5',
  ' 1 ',
  'NaN',
  'null',
  '',
  ' ',
  '\\',
  'a\\"b\\',
  '\\n',
  '＝cmd',
  '机房 🔥',
  '2026-01-05T00:00:00.000Z,ups-1,ups.load,1,good\nzhishou_power,a=b c=1 1',
  '\u0000',
];
const NAMES = ['ups-1', '=cmd', '-dash', "'a'", 'a,b', 'a b', 'a=b', '"', 'back\\', '%5C', '机房', '#1', ' x '];

describe.each(Object.entries(FORMATS))('%s', (format, { out, into }) => {
  test('what is exported and imported into an empty store gives the same answers, whatever names and values', async () => {
    const value: fc.Arbitrary<Value | null> = fc.oneof(
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.constantFrom(...HOSTILE),
      fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => text.isWellFormed()),
    );
    const row = fc.record({
      device: fc.constantFrom(...NAMES),
      point: fc.constantFrom('ups.load', 'ups.status', 'room.smoke', ...NAMES),
      at: fc.integer({ min: 0, max: 1_000_000 }),
      value,
      quality: fc.constantFrom<Quality>('good', 'stale', 'frozen', 'implausible', 'missing'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 30 }), fc.integer({ min: 1, max: 200 }), async (rows, size) => {
        const [store, other] = [createMemorySeriesStore(), createMemorySeriesStore()];
        await store.write(
          rows.map((one) => reading(one.device, one.point, instant(START + one.at), one.value, one.quality)),
        );
        const report = await into(other, await out(store), size);
        expect(report).toMatchObject({ bad: 0, told: [] });
        expect(await everything(other)).toEqual(await everything(store));
        // And again over itself: nothing changes.
        await into(other, await out(store));
        expect(await everything(other)).toEqual(await everything(store));
      }),
      { numRuns: 200 },
    );
  });

  test('a long series goes through page by page', async () => {
    const [store, other] = [createMemorySeriesStore(), createMemorySeriesStore()];
    await store.write(Array.from({ length: 12_345 }, (_, i) => reading('a', 'ups.load', instant(START + i), i / 10)));
    expect((await into(other, await out(store), 65_536)).written).toBe(12_345);
    expect(await everything(other)).toEqual(await everything(store));
  });

  test('lines of rubbish between good ones cost no good one, and each is told by its number', async () => {
    const rubbish = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.constantFrom(
        '"',
        'a"',
        '"a',
        ',,,,',
        'zhishou_power',
        'zhishou_power x="',
        'x y=1',
        'a,b,c,"d,good',
        '\u0000',
      ),
    );
    const good = (i: number): string =>
      format === 'csv'
        ? `2026-01-05T00:00:${String(i).padStart(2, '0')}.000Z,ups-1,ups.load,${i},good`
        : `zhishou_power,site=hq,device=ups-1,point=ups.load value=${i},quality="good" ${START + 1000 * i}`;
    const oneLine = rubbish
      .map((text) => text.replaceAll(/[\r\n]/g, ' '))
      .filter((text) => text.trim() !== '' && !text.startsWith('#'));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(oneLine, { nil: null }), { minLength: 1, maxLength: 30 }), async (bad) => {
        // Two lone quotes may make a proper text of what stands between them: that file says something else, and is read so.
        fc.pre(bad.filter((text) => ((text ?? '').split('"').length - 1) % 2 === 1).length < 2);
        const lines = bad.map((text, i) => text ?? good(i));
        const header = format === 'csv' ? 'time,device,point,value,quality' : '# made up';
        const store = createMemorySeriesStore();
        const report = await into(store, [header, ...lines].join('\n'), 50);
        const rows = bad.flatMap((text, i) => (text === null ? [i] : []));
        expect(
          (await store.raw({ device: 'ups-1', point: 'ups.load', ...EVERYTHING })).map(({ value }) => value),
        ).toEqual(rows);
        expect(report.told.map(({ line }) => line)).toEqual(bad.flatMap((text, i) => (text === null ? [] : [i + 2])));
        expect([report.written, report.bad]).toEqual([rows.length, bad.length - rows.length]);
      }),
      { numRuns: 300 },
    );
  });

  test('a line without end, and one that is no UTF-8, are one bad line each', async () => {
    const store = createMemorySeriesStore();
    const good =
      format === 'csv'
        ? ['time,device,point,value', '2026-01-05T00:00:00Z,a,ups.load,1']
        : ['# made up', `zhishou_power,site=hq,device=a,point=ups.load value=1,quality="good" ${START}`];
    const file = Buffer.concat([
      Buffer.from(`${good[0]}\n`),
      Buffer.alloc(300_000, '"'),
      Buffer.from('\n'),
      Buffer.from([0x66, 0xff, 0xfe, 0x0a]),
      Buffer.from(`${good[1]}\n`),
      Buffer.alloc(300_000, 'x'),
    ]);
    const report = await into(store, file, 65_536);
    expect(report.told.map(({ line }) => line)).toEqual([2, 3, 5]);
    expect(report.written).toBe(1);
  });
});

describe('csv', () => {
  test.each(['=1+1', '@x', '+1', '-1', '\tx', '\rx', '＝1', "'x", '1', 'true', ''])(
    'the text %j stands so that no spreadsheet runs it and nobody takes it for something else (OWASP CSV injection)',
    (text) => {
      expect(toCell(text)).toBe(`'${text}`);
      expect(fromCell(toCell(text))).toBe(text);
    },
  );

  test('numbers stay numbers, below zero too; a name is guarded as a text is', () => {
    expect([toCell(-1.5), toCell(0), toCell(1e21), toCell(true), toCell(null)]).toEqual([
      '-1.5',
      '0',
      '1e+21',
      'true',
      '',
    ]);
    expect([toNameCell('=cmd'), toNameCell('1'), fromNameCell("'=cmd")]).toEqual(["'=cmd", '1', '=cmd']);
  });

  test('is RFC 4180: CR LF, quotes doubled, line breaks in quotes', async () => {
    const store = createMemorySeriesStore();
    await store.write([
      reading('ups-1', 'ups.load', START, 41.5),
      reading('ups-1', 'ups.status', START, 'a "b",\nc', 'stale'),
      reading('ups-1', 'ups.temperature', START, null, 'missing'),
    ]);
    expect(await collect(exportCsv(store, EVERYTHING))).toBe(
      [
        'time,device,point,value,quality',
        '2026-01-05T00:00:00.000Z,ups-1,ups.load,41.5,good',
        '2026-01-05T00:00:00.000Z,ups-1,ups.status,"a ""b"",\nc",stale',
        '2026-01-05T00:00:00.000Z,ups-1,ups.temperature,,missing',
        '',
      ].join('\r\n'),
    );
  });

  test('only what is asked for: devices, points, the beginning inside and the end not', async () => {
    const store = createMemorySeriesStore();
    for (const device of ['a', 'b'])
      for (const point of ['ups.load', 'ups.status'])
        await store.write([0, 1, 2].map((s) => reading(device, point, instant(START + s), s)));
    const selection = { from: instant(START + 1), to: instant(START + 2), devices: ['b'], points: ['ups.load'] };
    expect((await collect(exportCsv(store, selection))).split('\r\n').slice(1, -1)).toEqual([
      '2026-01-05T00:00:00.001Z,b,ups.load,1,good',
    ]);
    expect((await collect(exportCsv(store, { ...selection, points: ['none'] }))).split('\r\n')).toHaveLength(2);
  });

  const imported = async (text: string): Promise<[ImportReport, unknown[]]> => {
    const store = createMemorySeriesStore();
    const report = await importReadings(store, importCsv(pieces(text)));
    return [
      report,
      (await everything(store)).flatMap(({ key, samples }) =>
        samples.map((one) => [key.device, key.point, one.value, one.quality]),
      ),
    ];
  };

  test('other people’s files: a byte order mark, any order of columns, others beside them, no quality', async () => {
    const [report, rows] = await imported(
      '\ufeffValue,note,"Device",POINT,time\n 21.5 ,"hot, ""very""",th-1,ambient.temperature,2026-01-05T08:00:00+08:00\nNaN,,th-1,ambient.humidity,2026-01-05T00:00Z\n',
    );
    expect(report).toEqual({ written: 2, bad: 0, told: [] });
    expect(rows).toEqual([
      ['th-1', 'ambient.humidity', null, 'good'],
      ['th-1', 'ambient.temperature', 21.5, 'good'],
    ]);
  });

  test('the mistakes are told in words', async () => {
    const [report] = await imported(
      [
        'time,device,point,value,quality',
        'yesterday,a,b,1,good',
        '2026-01-05 00:00:00,a,b,1,good',
        '2026-01-05T00:00:00Z,a,b',
        '2026-01-05T00:00:00Z,a,b,1,fine',
        '2026-01-05T00:00:00Z,,b,1,good',
        '1969-01-05T00:00:00Z,a,b,1,good',
        '2026-01-05T00:00:00Z,a"a"a,b,1,good',
      ].join('\n'),
    );
    expect(report.told.map(({ line, reason }) => `${line}: ${reason}`)).toEqual([
      expect.stringMatching(/^2: the time is not ISO 8601/),
      expect.stringMatching(/^3: the time is not ISO 8601/),
      expect.stringMatching(/^4: 3 columns are too few/),
      expect.stringMatching(/^5: quality is none of/),
      expect.stringMatching(/^6: the name of the device/),
      expect.stringMatching(/^7: its time is not between 1970/),
      expect.stringMatching(/^8: the quotes are not as RFC 4180/),
    ]);
  });

  it('a file that is something else is refused as a whole', async () => {
    await expect(imported('a,b,c\n1,2,3\n')).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    await expect(imported('')).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });
});

describe('lines', () => {
  const imported = async (text: string, precision?: Precision) => {
    const store = createMemorySeriesStore();
    const report = await importReadings(store, importLines(pieces(text), precision));
    return { report, all: await everything(store) };
  };

  test.each<[Precision, string]>([
    ['s', '1767571200'],
    ['ms', '1767571200000'],
    ['us', '1767571200000000'],
    ['ns', '1767571200000000000'],
  ])('times in %s', async (precision, time) => {
    const { all } = await imported(`zhishou_power,device=a,point=ups.load value=1,quality="good" ${time}\n`, precision);
    expect(all[0]?.samples[0]?.at).toBe(START);
  });

  test('points of others and broken lines are told, comments and empty lines passed over', async () => {
    const { report } = await imported(
      [
        '# DDL',
        '',
        'cpu,host=a usage=1 1767571200000',
        'zhishou_power,device=a value=1,quality="good" 1767571200000',
        'zhishou_power,device=a,point=ups.load value=1 1767571200000',
        'zhishou_power,device=a,point=ups.load value=1,quality="good"',
        'zhishou_power,device=a,point=ups.load value=x,quality="good" 1',
        'zhishou_power,device=a,point=ups.load value=1,quality="good" soon',
        'zhishou_power,device=a,point=ups.load',
        'zhishou_power,device=a,point=ups.load value=1i,quality="good" 1767571200000\r',
      ].join('\n'),
    );
    expect(report.told.map(({ line }) => line)).toEqual([3, 4, 5, 6, 7, 8, 9]);
    expect(report.written).toBe(1);
  });
});
