import { DatabaseSync } from 'node:sqlite';
import { parse } from 'csv-parse/sync';
import { afterEach, describe, expect, test } from 'vitest';
import type { AuditEntry, AuditResponse } from '#core/accounts-view.ts';
import { hours, plus } from '#core/time.ts';
import { ACCOUNT_MIGRATIONS } from '#platform/accounts-schema.ts';
import type { Accounts } from '#platform/accounts-store.ts';
import { createAuditLog } from '#platform/audit-log.ts';
import { type SignedIn, START, startDashboard, type TestDashboard } from './support.ts';

let running: TestDashboard | null = null;
afterEach(async () => {
  await running?.dashboard.stop();
  running = null;
});

/** A record of `count` rows, of three people in turn, one an hour. */
function fill({ audit }: Pick<Accounts, 'audit'>, count: number): void {
  for (let i = 0; i < count; i++) {
    audit.append({
      at: plus(START, hours(i)),
      user: ['lin-hao', 'zhou-min', ''][i % 3] ?? '',
      address: '192.0.2.7',
      action: i % 2 === 0 ? 'POST /api/v1/commands' : 'PATCH /api/v1/users/:user',
      status: i % 5 === 0 ? 403 : 200,
      detail: `row ${i}`,
    });
  }
}

async function site(count: number): Promise<{ get: (query: string) => Promise<AuditResponse>; admin: SignedIn }> {
  running = await startDashboard();
  const admin = await running.signIn();
  fill(running.accounts, count);
  const { dashboard } = running;
  return {
    admin,
    get: async (query) => (await dashboard.inject({ url: `/api/v1/audit${query}`, headers: admin.headers })).json(),
  };
}

describe('GET /audit', () => {
  test('goes through everything once, page by page', async () => {
    const { get } = await site(25);
    const seen: AuditEntry[] = [];
    let page = await get('?limit=10');
    for (;;) {
      seen.push(...page.entries);
      if (page.next === null) break;
      page = await get(`?limit=10&before=${page.next}`);
    }
    // The sign-in is the first row.
    expect(seen.map(({ seq }) => seq)).toEqual(Array.from({ length: 26 }, (_, i) => 26 - i));
  });

  test('a page that is exactly full and the last says so', async () => {
    const { get } = await site(9);
    expect((await get('?limit=10')).next).toBeNull();
  });

  test('by person, by action, by time, and all together', async () => {
    const { get } = await site(24);
    const rows = async (query: string) => (await get(query)).entries.map(({ detail }) => detail);
    expect(await rows('?user=zhou-min&action=POST%20%2Fapi%2Fv1%2Fcommands&limit=2')).toEqual(['row 22', 'row 16']);
    // What strangers tried.
    expect((await get('?user=')).entries).toHaveLength(8);
    const from = encodeURIComponent(new Date(START + 3_600_000 * 3).toISOString());
    const to = encodeURIComponent(new Date(START + 3_600_000 * 5).toISOString());
    expect(await rows(`?from=${from}&to=${to}`)).toEqual(['row 4', 'row 3']);
    expect(await rows(`?from=${from}&to=${to}&user=lin-hao`)).toEqual(['row 3']);
  });

  test('says with the first page who and what there is to choose from', async () => {
    const { get } = await site(6);
    const page = await get('?limit=2');
    expect(page.users).toEqual(['', 'admin', 'lin-hao', 'zhou-min']);
    expect(page.actions).toContain('PATCH /api/v1/users/:user');
    expect((await get(`?limit=2&before=${page.next}`)).users).toEqual([]);
  });

  test('as CSV: every row that fits the filter, and nothing that a spreadsheet would take for a formula', async () => {
    const { admin } = await site(3);
    running?.accounts.audit.append({
      ...{ at: START, user: '=cmd', address: '+1', action: '@x', status: 200, detail: '-1, "quoted"\nline' },
    });
    const response = await running?.dashboard.inject({ url: '/api/v1/audit?format=csv', headers: admin.headers });
    expect(response?.headers['content-type']).toMatch(/^text\/csv/);
    const rows: Record<string, string>[] = parse(response?.body ?? '', { columns: true, bom: true });
    expect(rows).toHaveLength(5);
    expect(rows[0]).toMatchObject({ user: "'=cmd", address: "'+1", action: "'@x", detail: `'-1, "quoted"\nline` });
  });
});

test('a long record goes out whole, each row once, and others are served in between', async () => {
  const { admin } = await site(2600);
  const url = '/api/v1/audit?format=csv&user=lin-hao';
  let turns = 0;
  let going = true;
  const others = (async () => {
    for (; going; turns++) await new Promise(setImmediate);
  })();
  const response = await running?.dashboard.inject({ url, headers: admin.headers });
  going = false;
  await others;
  const rows: Record<string, string>[] = parse(response?.body ?? '', { columns: true, bom: true });
  expect(rows.map(({ seq }) => Number(seq))).toEqual(Array.from({ length: 867 }, (_, i) => 2600 - 3 * i));
  expect(turns).toBeGreaterThan(1);
});

describe('GET /audit/verification', () => {
  const verify = async (admin: SignedIn): Promise<{ to: number; broken: unknown; requests: number }> => {
    let after = 0;
    for (let requests = 1; ; requests++) {
      const answer = await running?.dashboard.inject({
        url: `/api/v1/audit/verification?after=${after}`,
        headers: admin.headers,
      });
      const { to, last, broken } = answer?.json() ?? {};
      if (broken !== null || to >= last) return { to, broken, requests };
      after = to;
    }
  };

  test('a long record is gone through in stretches, to its end', async () => {
    const { admin } = await site(4500);
    expect(await verify(admin)).toEqual({ to: 4501, broken: null, requests: 3 });
  });

  test.each([
    ["UPDATE audit SET user = 'somebody' WHERE seq = 2500", 2499, 2500, 'it was changed'],
    ['DELETE FROM audit WHERE seq = 2500', 2499, 2501, 'a row before it is missing'],
    // Exactly at the seam of two stretches.
    ['DELETE FROM audit WHERE seq = 2001', 2000, 2002, 'a row before it is missing'],
    ["UPDATE audit SET hash = 'x' WHERE seq = 2000", 1999, 2000, 'it was changed'],
  ])('%s shows, and what holds before it does too', (sql, to, seq, reason) => {
    const database = new DatabaseSync(':memory:');
    for (const step of ACCOUNT_MIGRATIONS) database.exec(String(step));
    const audit = createAuditLog(database);
    fill({ audit }, 2600);
    database.exec(sql);
    let stretch = audit.verifyStretch(0, 2000);
    while (stretch.broken === null && stretch.to < stretch.last) stretch = audit.verifyStretch(stretch.to, 2000);
    expect(stretch).toEqual({ to, last: 2600, broken: { seq, reason } });
    database.close();
  });
});
