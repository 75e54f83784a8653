import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { PersonCommand } from '#core/command.ts';
import { hours, type Instant, milliseconds, minutes, plus } from '#core/time.ts';
import { type LinkGrant, makeLinkToken, readLinkToken } from '#platform/link-token.ts';
import { LINK_WORDS } from '#services/dashboard-api/links/link-words.ts';
import {
  alert,
  delivery,
  FROM_ELSEWHERE,
  incident,
  iso,
  SIGNATURE_KEY,
  START,
  startDashboard,
  type TestDashboard,
} from './support.ts';

let running: TestDashboard | null = null;
afterEach(async () => {
  await running?.dashboard.stop();
  running = null;
});

/** A dashboard that knows one alert and one incident, from another machine and without sign-in. */
async function begin(options: Parameters<typeof startDashboard>[0] = {}) {
  const site = await startDashboard({ simulation: false, ...options });
  running = site;
  await site.publish('alert/+', alert().id, alert());
  await site.publish('incident/+', incident().id, incident());
  const heard: PersonCommand[] = [];
  /** What the alerts service does: acknowledges, says so, answers. */
  const serve = async (ok = true, change = true): Promise<void> => {
    await site.bus.subscribe('zhishou/sample/command', ({ payload }) => {
      const command: PersonCommand = JSON.parse(new TextDecoder().decode(payload));
      heard.push(command);
      const acknowledged = { by: command.by.user, at: iso(60), via: 'link' };
      if (ok && change && command.body.kind === 'alert.acknowledge')
        void site.publish('alert/+', alert().id, alert({ state: 'acknowledged', acknowledged }));
      if (ok && change && command.body.kind === 'incident.acknowledge')
        void site.publish('incident/+', incident().id, incident({ acknowledged }));
      const error = ok ? null : 'FORBIDDEN';
      const result = { id: command.id, ok, error, detail: null, created: null };
      void site.bus.publish(`zhishou/sample/command-result/${command.id}`, JSON.stringify(result));
    });
  };
  /** Real time passes for whoever waits. */
  const call = async (method: 'GET' | 'POST', token: string, headers: Record<string, string> = {}) => {
    let done = false;
    const answer = site.dashboard.inject({
      ...FROM_ELSEWHERE,
      method,
      url: `/a/${token}`,
      headers: { ...FROM_ELSEWHERE.headers, 'content-type': 'application/x-www-form-urlencoded', ...headers },
      ...(method === 'POST' ? { payload: '' } : {}),
    });
    void answer.then(() => {
      done = true;
    });
    while (!done) {
      await new Promise((resolve) => setImmediate(resolve));
      await site.wall.advanceByAsync(milliseconds(100));
    }
    return answer;
  };
  return { site, heard, serve, call };
}

const token = (change: Partial<LinkGrant> = {}, key = SIGNATURE_KEY): string =>
  makeLinkToken({ kind: 'alert', id: alert().id, person: 'lin-hao', expires: plus(START, hours(24)), ...change }, key);

describe('a signed link', () => {
  test('shows in the person’s language what it is about, and one button; looking changes nothing', async () => {
    const { call, heard, serve } = await begin();
    await serve();
    for (let i = 0; i < 3; i++) {
      const page = await call('GET', token());
      expect(page.statusCode).toBe(200);
      expect(page.body).toContain('<h1>市电中断</h1>');
      expect(page.body).toContain('UPS 一号');
      expect(page.body.match(/<button/g)).toHaveLength(1);
    }
    expect(heard).toEqual([]);
  });

  test('is a page of under 10 kB without script, that no robot keeps and no other site hears of', async () => {
    const { call } = await begin();
    const { body, headers } = await call('GET', token());
    expect(Buffer.byteLength(body)).toBeLessThan(10_000);
    expect(body).not.toMatch(/<script|<img|<link|https?:\/\//);
    expect(headers['x-robots-tag']).toContain('noindex');
    expect(headers['referrer-policy']).toBe('same-origin');
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
  });

  test('pressed, acknowledges in that person’s name with the link as its proof, and shows what to do next', async () => {
    const { call, heard, serve } = await begin();
    await serve();
    const page = await call('POST', token());
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain('已确认，林浩');
    expect(page.body).toContain('按预案');
    expect(page.body).toContain('href="tel:119"');
    expect(page.body).not.toContain('<button');
    expect(heard).toHaveLength(1);
    expect(heard[0]).toMatchObject({
      by: { user: 'lin-hao', role: 'duty' },
      body: { kind: 'alert.acknowledge', alert: alert().id, grant: token() },
    });
    expect(heard[0]?.id).toMatch(/^link-[\w-]{22}$/);
    expect(token()).not.toContain(heard[0]?.id.slice(5));
  });

  test('of an incident acknowledges the incident, and shows its clocks', async () => {
    const { call, heard, serve } = await begin();
    await serve();
    const link = token({ kind: 'incident', id: incident().id });
    expect((await call('GET', link)).body).toContain('电量');
    expect((await call('POST', link)).statusCode).toBe(200);
    expect(heard[0]?.body).toMatchObject({ kind: 'incident.acknowledge', incident: incident().id });
  });

  test('of a test of contacts confirms it, and says that nothing is wrong', async () => {
    const { site, call, heard, serve } = await begin();
    await serve();
    await site.publish('delivery/+', 'd-9', delivery({ id: 'd-9', incident: null, test: 'contact-test-1' }));
    const link = token({ kind: 'test', id: 'contact-test-1' });
    expect((await call('GET', link)).body).toContain('没有告警');
    const page = await call('POST', link);
    expect(page.body).toContain('已确认，林浩');
    expect(heard[0]?.body).toMatchObject({ kind: 'alert.acknowledge', alert: 'contact-test-1', grant: link });
  });

  test('used again gives no second order, and shows who has it', async () => {
    const { call, heard, serve } = await begin();
    await serve();
    await call('POST', token());
    const again = await call('POST', token());
    expect(again.body).toContain('您已于');
    const other = await call('POST', token({ person: 'zhou-min' }));
    expect(other.body).toContain('林浩 已于');
    expect(heard).toHaveLength(1);
  });

  test('used, and then it fired again: says so instead of pretending', async () => {
    const { call, heard, serve } = await begin();
    await serve(true, false);
    const page = await call('POST', token());
    expect(page.statusCode).toBe(410);
    expect(page.body).toContain('链接已使用过');
    expect(heard).toHaveLength(1);
  });

  test('whose time is over says so calmly and acknowledges nothing', async () => {
    const { call, heard, serve } = await begin();
    await serve();
    const old = token({ expires: START });
    for (const method of ['GET', 'POST'] as const) {
      const page = await call(method, old);
      expect(page.statusCode).toBe(410);
      expect(page.body).toContain('链接已过期');
      expect(page.body).not.toContain('<button');
    }
    expect(heard).toEqual([]);
  });

  test('of what has ended says since when', async () => {
    const { site, call, heard, serve } = await begin();
    await serve();
    await site.publish('alert/+', alert().id, alert({ state: 'cleared', clearedAt: iso(300) }));
    expect((await call('GET', token())).body).toContain('已于 11:05 结束');
    await call('POST', token());
    expect(heard).toEqual([]);
  });

  test('stays calm and offers to try again when the alerts service does not answer', async () => {
    const { call } = await begin();
    const page = await call('POST', token());
    expect(page.statusCode).toBe(503);
    expect(page.body).toContain('再试一次');
    expect(page.body).toContain('tel:119');
  });

  test('that the alerts service refuses is no acknowledgement', async () => {
    const { call, serve } = await begin();
    await serve(false);
    const page = await call('POST', token());
    expect(page.statusCode).toBe(409);
    expect(page.body).not.toContain('已确认，');
  });

  test('pressed from another site’s page is refused', async () => {
    const { call, heard, serve } = await begin();
    await serve();
    await call('POST', token(), { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' });
    expect(heard).toEqual([]);
  });

  test.each([
    [
      'made with another key',
      (): string => token({}, new (SIGNATURE_KEY.constructor as new (s: string) => typeof SIGNATURE_KEY)('other')),
    ],
    ['of somebody who is nobody here', (): string => token({ person: 'nobody' })],
    ['of an alert that is not known', (): string => token({ id: 'gone' })],
    ['too short', (): string => token().slice(1)],
    [
      'with one letter changed',
      (): string => (token().startsWith('A') ? `B${token().slice(1)}` : `A${token().slice(1)}`),
    ],
    ['that asks for more time', (): string => moreTime(token())],
    ['that is none', (): string => '%F0%9F%94%A5'],
  ])('%s says nothing of the room and does nothing', async (_what, make) => {
    const { call, heard, serve } = await begin();
    await serve();
    for (const method of ['GET', 'POST'] as const) {
      const page = await call(method, make());
      expect(page.statusCode).toBe(404);
      expect(page.headers['content-type']).toContain('text/html');
      expect(page.body).not.toMatch(/市电|UPS|119|林浩/);
    }
    expect(heard).toEqual([]);
  });

  test('guessed at is limited by address', async () => {
    const { call } = await begin();
    const codes: number[] = [];
    for (let i = 0; i < 40; i++) codes.push((await call('GET', 'A'.repeat(32))).statusCode);
    expect(codes.filter((code) => code === 404)).toHaveLength(30);
    expect(codes.slice(30)).toEqual(Array.from({ length: 10 }, () => 429));
  });

  test('has every word in both languages', () => {
    expect(Object.keys(LINK_WORDS.en)).toEqual(Object.keys(LINK_WORDS.zh));
  });
});

describe('tokens', () => {
  const known = {
    matters: [
      { kind: 'alert' as const, id: alert().id },
      { kind: 'incident' as const, id: 'i-1' },
    ],
    people: ['lin-hao', 'zhou-min'],
  };
  const read = (text: string, now: Instant = START) => readLinkToken(text, known, SIGNATURE_KEY, now);

  test('come back as what they were made for, and no other does', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...known.matters),
        fc.constantFrom(...known.people),
        fc.integer({ min: 1, max: 5000 }),
        ({ kind, id }, person, left) => {
          const expires = plus(START, minutes(left));
          const text = makeLinkToken({ kind, id, person, expires }, SIGNATURE_KEY);
          expect(text).toMatch(/^[\w-]{32}$/);
          expect(read(text)).toMatchObject({ ok: true, grant: { kind, id, person, expires }, expired: false });
          expect(read(text, expires)).toMatchObject({ ok: true, expired: true });
        },
      ),
    );
  });

  test('with any bit changed, and any other text, are none', () => {
    const good = token();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 191 }), (bit) => {
        const bytes = Buffer.from(good, 'base64url');
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(read(bytes.toString('base64url')).ok).toBe(false);
      }),
    );
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), (text) => {
        expect(read(text).ok).toBe(false);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 24, maxLength: 24 }), (bytes) => {
        expect(read(Buffer.from(bytes).toString('base64url')).ok).toBe(false);
      }),
    );
  });
});

/** The end moved by a day, the signature left as it was. */
function moreTime(text: string): string {
  const bytes = Buffer.from(text, 'base64url');
  bytes.writeUInt32BE(bytes.readUInt32BE(1) + 1440, 1);
  return bytes.toString('base64url');
}
