import { afterEach, describe, expect, it } from 'vitest';
import { makeSite, removeSites } from './fixture.ts';

afterEach(removeSites);

const problems = (more: string): readonly string[] => makeSite().edit('site.yaml', /$/, `\n${more}\n`).problems();

describe('a mistake in history is told where it stands, with what to write:', () => {
  it.each<[string, string, RegExp]>([
    [
      'a store twice',
      'history: { stores: [embedded, embedded] }',
      /site\.yaml:\d+:\d+ embedded is named twice \| name each/,
    ],
    ['a store that is none', 'history: { stores: [influx] }', /influx.* is not one of|write influxdb/],
    ['no store at all', 'history: { stores: [] }', /site\.yaml:\d+:\d+/],
    [
      'reading from a store that gets nothing',
      'history: { read: influxdb }',
      /influxdb is not among the stores that get readings \| write one of: embedded, or add influxdb/,
    ],
    [
      'an influxdb that nobody finds',
      'history: { stores: [influxdb] }',
      /nothing says where influxdb is \| add history\.influxdb/,
    ],
    [
      'an influxdb that gets nothing',
      'history: { influxdb: { url: "http://127.0.0.1:8086" } }',
      /influxdb is described, and gets no readings \| write stores: \[embedded, influxdb\]/,
    ],
    [
      'a password in the URL',
      'history: { stores: [influxdb], influxdb: { url: "http://a:b@127.0.0.1:8086" } }',
      /a URL carries no user and no password/,
    ],
    [
      'a password in the text',
      'history: { stores: [influxdb], influxdb: { url: "http://h:1", user: u, password: p } }',
      /secret/,
    ],
    [
      'a user without a password',
      'history: { stores: [influxdb], influxdb: { url: "http://127.0.0.1:8086", user: u } }',
      /influxdb has no password \| add password/,
    ],
    ['the same said twice', 'keep: 30d\nhistory: { keep: { raw: 60d } }', /say the same thing \| .*remove keep/],
    [
      'a rollup that goes before what is finer',
      'history: { keep: { minute: 100d, quarter: 50d } }',
      /quarter is kept for a shorter time than minute/,
    ],
    [
      'the same of a class',
      'history: { keep: { classes: { power: { raw: forever, minute: 1d } } } }',
      /minute is kept for a shorter time than raw/,
    ],
    ['a class that is none', 'history: { keep: { classes: { pwer: { raw: 1d } } } }', /pwer/],
    ['a length without a unit', 'history: { keep: { raw: 30 } }', /30 has no unit of time|30s|is not/],
    ['a size without a unit', 'history: { spool: { limit: "512" } }', /"512" is not a size; write it with a unit/],
    ['a spool that is always full', 'history: { spool: { limit: 100KB } }', /a spool this small is full at once/],
    ['a sync that comes too late', 'history: { spool: { sync_every: 1h } }', /a power cut would lose 1h of history/],
  ])('%s', (_, more, expected) => {
    expect(problems(more)).toContainEqual(expect.stringMatching(expected));
  });

  it.each([
    ['nothing', ''],
    ['the older keep', 'keep: 60d'],
    [
      'all of it',
      'history: { stores: [embedded, influxdb], read: influxdb, catch_up: 5000, spool: { limit: 2GB, keep_free: 1GB, sync_every: 5s }, keep: { raw: 60d, day: forever, classes: { state: { raw: forever } } }, influxdb: { url: "https://history.example:8086/x", database: room, org: it } }',
    ],
  ])('no mistake is told of %s', (_, more) => {
    expect(problems(more)).toEqual([]);
  });
});
