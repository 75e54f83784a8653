import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '#core/secret.ts';
import { hours, milliseconds, minutes, plus, seconds } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { createDeadLetters } from '#platform/series/influx/dead-letters.ts';
import { type Answer, type Asked, type FakeInflux, startFake } from '../../../support/fake-influx.ts';
import { describeReal } from '../../../support/real.ts';
import { everything, LOAD, loads, type Opened, readingOf, START, storesToClose } from './store-under-test.ts';

let opened: Opened;
let fake: FakeInflux | null = null;
beforeEach(() => {
  opened = storesToClose();
});
afterEach(async () => {
  await opened.closeAll();
  await fake?.stop();
  fake = null;
});

/** A 1.x that has the database; what it says to writes is given. */
async function serveOne(write: (asked: Asked, times: number) => Answer, tls?: { key: string; cert: string }) {
  let times = 0;
  const server = await startFake((asked) => {
    if (asked.path === '/write') return write(asked, ++times);
    if (asked.path === '/query')
      return {
        status: 200,
        body: { results: [{ statement_id: 0, series: [{ columns: ['name'], values: [['history']] }] }] },
      };
    return { status: 204, headers: { 'X-Influxdb-Version': '1.8.10' } };
  }, tls);
  fake = server;
  return server;
}

describe('writing to InfluxDB', () => {
  it('larger bodies go packed, to the database and in milliseconds', async () => {
    const server = await serveOne(() => ({ status: 204 }));
    await opened.open({ url: server.url }).write(loads(START, 100));
    const [write] = server.of('POST', '/write');
    expect(write?.headers['content-encoding']).toBe('gzip');
    expect(write?.params).toEqual({ db: 'history', precision: 'ms' });
    expect(write?.body.split('\n')).toHaveLength(100);
  });

  it('a server that asks to be left alone is left alone for as long as it says, and then asked again', async () => {
    const clock = createVirtualClock(START);
    const server = await serveOne((_, times) =>
      times === 1 ? { status: 429, headers: { 'Retry-After': '120' }, body: { error: 'slow down' } } : { status: 204 },
    );
    const store = opened.open({ url: server.url, clock });
    const write = () => store.write([readingOf(START, 1)]);
    await expect(write()).rejects.toMatchObject({ code: 'STORE_DOWN' });
    clock.advanceBy(seconds(119));
    await expect(write()).rejects.toThrow(/left alone for another 1 s/);
    expect(server.of('POST', '/write')).toHaveLength(1);
    clock.advanceBy(seconds(1));
    expect(await write()).toEqual({ written: 1, rejected: [] });
  });

  it('a date in Retry-After counts as well, and no longer than an hour', async () => {
    const clock = createVirtualClock(START);
    const until = new Date(plus(START, hours(1000))).toUTCString();
    const server = await serveOne((_, times) =>
      times === 1 ? { status: 503, headers: { 'Retry-After': until } } : { status: 204 },
    );
    const store = opened.open({ url: server.url, clock });
    const write = () => store.write([readingOf(START, 1)]);
    await expect(write()).rejects.toMatchObject({ code: 'STORE_DOWN' });
    clock.advanceBy(minutes(59));
    await expect(write()).rejects.toThrow(/left alone/);
    clock.advanceBy(minutes(1));
    expect(await write()).toEqual({ written: 1, rejected: [] });
  });

  it('a server that never answers is down after the time given', async () => {
    const server = await serveOne(() => ({ status: 204, silent: true }));
    const store = opened.open({ url: server.url, timeout: milliseconds(50) });
    await expect(store.write([readingOf(START, 1)])).rejects.toMatchObject({ code: 'STORE_DOWN' });
    expect(store.status()).toMatchObject({ state: 'failing', error: expect.stringMatching(/timed out/i) });
  });

  it('500, 502 and a refusal that names no line cost nothing: all is written again later', async () => {
    const refusals: readonly Answer[] = [
      { status: 500, body: { error: 'timeout' } },
      { status: 502, body: '<html>Bad gateway</html>' },
      { status: 400, body: { error: 'unknown precision' } },
      { status: 403, body: { error: 'writer not authorized to write to history' } },
      { status: 302, headers: { location: 'http://127.0.0.1:1/' } },
    ];
    const server = await serveOne((_, times) => refusals[times - 1] ?? { status: 204 });
    const store = opened.open({ url: server.url });
    for (const _ of refusals)
      await expect(store.write([readingOf(START, 1)])).rejects.toMatchObject({ code: 'STORE_DOWN' });
    expect(opened.letters()).toBe('');
    expect(await store.write([readingOf(START, 1)])).toEqual({ written: 1, rejected: [] });
  });

  it('413: it goes in halves; one line alone that is too large is refused', async () => {
    const server = await serveOne(({ body }) => {
      const lines = body.split('\n');
      const large = lines.length > 16 || lines.some((line) => line.includes('value=77,'));
      return large ? { status: 413, body: { error: 'Request Entity Too Large' } } : { status: 204 };
    });
    const store = opened.open({ url: server.url });
    const answer = await store.write(loads(START, 100));
    expect(answer.written).toBe(99);
    expect(answer.rejected.map(({ reading }) => reading.value)).toEqual([77]);
    const kept = server.of('POST', '/write').flatMap(({ body }) => body.split('\n'));
    expect(new Set(kept)).toHaveLength(100);
  });

  it('what the server repeats of our credentials is told to nobody', async () => {
    const server = await serveOne(({ headers }) => ({ status: 500, body: `no: ${headers.authorization} s3cret-word` }));
    const store = opened.open({ url: server.url, user: 'u', password: new Secret('s3cret-word') });
    const error = await store.write([readingOf(START, 1)]).then(
      () => null,
      (thrown: Error) => thrown,
    );
    const told = JSON.stringify([error?.message, error?.stack, store.status()]);
    expect(told).not.toContain('s3cret-word');
    expect(told).not.toContain(Buffer.from('u:s3cret-word').toString('base64'));
  });

  it('readings that no store takes are refused with the reason, kept aside, and never sent', async () => {
    const server = await serveOne(() => ({ status: 204 }));
    const store = opened.open({ url: server.url });
    const bad = readingOf(START, 1, 'two\nlines');
    expect(await store.write([bad])).toMatchObject({ written: 0, rejected: [{ reading: bad }] });
    expect(server.of('POST', '/write')).toEqual([]);
    expect(opened.letters()).toMatch(/^# the name of the point .*\n# \{"device":"ups-1"/);
  });
});

describe('the file of dead letters', () => {
  const folder = mkdtempSync(join(tmpdir(), 'zhishou-letters-'));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is line protocol with the reasons as comments, only its owner’s, and bounded with one older file', () => {
    const file = join(folder, 'history', 'dead.lp');
    const letters = createDeadLetters(file, silentLog, 10_000);
    for (let round = 0; round < 20; round++)
      letters.add(Array.from({ length: 50 }, (_, i) => ({ line: `m,round=${round} v=${i} 1`, reason: 'two\nlines' })));
    const text = readFileSync(file, 'utf8');
    expect(text.startsWith('# two lines\nm,round=')).toBe(true);
    expect(text.endsWith('m,round=19 v=49 1\n')).toBe(true);
    expect(statSync(file).mode & 0o077).toBe(0);
    expect(text.length + readFileSync(`${file}.1`, 'utf8').length).toBeLessThan(2 * 12_000);
  });

  it('that cannot be written stops nothing', () => {
    expect(() =>
      createDeadLetters('/dev/null/dead.lp', silentLog).add([{ line: 'm v=1 1', reason: 'x' }]),
    ).not.toThrow();
  });
});

describeReal('openssl', 'an InfluxDB with TLS of the site’s own authority', () => {
  it('is written to and read by its authority; without it, not', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'zhishou-influx-tls-'));
    const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' });
    const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
    openssl('req', '-x509', ...fresh, '-subj', '/CN=Own authority', '-keyout', 'ca.key', '-out', 'ca.pem');
    const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-addext', 'subjectAltName=IP:127.0.0.1'];
    openssl('req', '-x509', ...fresh, ...signed, '-subj', '/CN=influx', '-keyout', 'i.key', '-out', 'i.pem');
    const file = (name: string): string => readFileSync(join(folder, name), 'utf8');
    const server = await serveOne(() => ({ status: 204 }), { key: file('i.key'), cert: file('i.pem') });
    const trusting = opened.open({ url: server.url, ca: file('ca.pem') });
    expect(await trusting.write([readingOf(START, 1)])).toEqual({ written: 1, rejected: [] });
    expect(await trusting.raw({ ...LOAD, ...everything })).toEqual([]);
    const other = opened.open({ url: server.url });
    await expect(other.write([readingOf(START, 1)])).rejects.toMatchObject({ code: 'STORE_DOWN' });
    expect(server.of('POST', '/write')).toHaveLength(1);
    rmSync(folder, { recursive: true, force: true });
  });
});
