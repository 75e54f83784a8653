import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Resvg } from '@resvg/resvg-js';
import { parse } from 'csv-parse/sync';
import type { InjectOptions } from 'fastify';
import { strFromU8, unzipSync } from 'fflate';
import readXlsxFile from 'read-excel-file/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Problem } from '#core/api.ts';
import type { PaperworkFacts } from '#core/paperwork/facts.ts';
import type { EntriesResponse, EntryView, RegistersResponse } from '#core/paperwork/register-view.ts';
import { hours, minutes, plus } from '#core/time.ts';
import { digest } from '#platform/passwords.ts';
import {
  FAST_PASSWORDS,
  incident,
  PASSWORD,
  type SignedIn,
  sessionOf,
  startDashboard,
  step,
  type TestDashboard,
} from '../dashboard-api/support.ts';
import { DRAWING, makeConfig } from './support.ts';

/** The sample's registers over HTTP, by people with accounts of their own. */
let site: TestDashboard;
let duty: SignedIn;
let director: SignedIn;
let operator: SignedIn;
const folder = mkdtempSync(join(tmpdir(), 'zhishou-registers-'));

beforeAll(async () => {
  site = await startDashboard({ config: makeConfig() });
  await account('lin', 'duty', 'lin-hao');
  await account('zhou', 'director', 'zhou-min');
  await account('gao', 'operator', null);
  [duty, director, operator] = (await Promise.all(['lin', 'zhou', 'gao'].map(signIn))) as [
    SignedIn,
    SignedIn,
    SignedIn,
  ];
});
afterAll(async () => {
  await site.dashboard.stop();
  rmSync(folder, { recursive: true });
});

async function account(
  user: string,
  role: 'viewer' | 'duty' | 'operator' | 'director',
  person: string | null,
  hash?: string,
) {
  const now = site.wall.now();
  site.accounts.addUser({
    ...{ user, name: user, role, person, disabled: false, createdAt: now, lastSignInAt: null, passwordChangedAt: now },
    ...{ passwordHash: hash ?? (await FAST_PASSWORDS.hash(PASSWORD)), mustChangePassword: false },
  });
}
const signIn = async (user: string): Promise<SignedIn> =>
  sessionOf(
    await site.dashboard.inject({ method: 'POST', url: '/api/v1/session', payload: { user, password: PASSWORD } }),
  );

const ask = (
  who: SignedIn,
  method: NonNullable<InjectOptions['method']>,
  path: string,
  payload?: InjectOptions['payload'],
  headers: Record<string, string> = {},
) =>
  site.dashboard.inject({
    method,
    url: `/api/v1${path}`,
    headers: { ...who.headers, ...headers },
    ...(payload === undefined ? {} : { payload }),
  });

const REPAIR = { device: 'ups-1', asset: 'A-17', reason: '电池鼓包，室温 31 ℃', 'reported-by': 'lin-hao' };
const add = async (register: string, values: object, who = duty): Promise<EntryView> => {
  const answer = await ask(who, 'POST', `/registers/${register}/entries`, { values });
  expect(answer.statusCode, answer.body).toBe(201);
  return answer.json<EntryView>();
};
const sign = { kind: 'password', password: PASSWORD } as const;

describe('registers over HTTP', () => {
  test('sent again with its Idempotency-Key, because the answer was lost, it is the same entry; another one’s key is another’s', async () => {
    const values = { person: 'lin-hao', arrived: '2026-11-23T00:30:00Z', work: '更换滤网' };
    const send = async (who: SignedIn, key: string) =>
      (
        await ask(who, 'POST', '/registers/core-room/entries', { values }, { 'idempotency-key': key })
      ).json<EntryView>();
    const first = await send(duty, 'a'.repeat(32));
    expect((await send(duty, 'a'.repeat(32))).id).toBe(first.id);
    expect((await send(duty, 'b'.repeat(32))).id).not.toBe(first.id);
    expect((await send(operator, 'a'.repeat(32))).id).not.toBe(first.id);
    const refused = await ask(duty, 'POST', '/registers/core-room/entries', { values }, { 'idempotency-key': 'a b' });
    expect(refused.statusCode).toBe(400);
  });

  test('the forms come with what the page needs, and how much is open', async () => {
    await add('supplies', { name: '手电筒', count: 4, place: '门口柜', expires: '2026-11-01' });
    const { registers } = (await ask(duty, 'GET', '/registers')).json<RegistersResponse>();
    expect(registers.map(({ id }) => id)).toHaveLength(9);
    const supplies = registers.find(({ id }) => id === 'supplies');
    expect(supplies).toMatchObject({
      obligations: ['O-SUP-1'],
      initial: 'in-stock',
      open: 1,
      overdue: 1,
      mayAdd: 'duty',
    });
    expect(supplies?.fields[3]).toMatchObject({
      id: 'expires',
      kind: 'date',
      inList: true,
      atStart: true,
      required: false,
    });
  });

  test('each refused field is named, with why in both languages', async () => {
    const answer = await ask(duty, 'POST', '/registers/repairs/entries', {
      values: { device: 'ups-9', cost: 5, asset: 'A' },
    });
    expect(answer.statusCode).toBe(400);
    const issues = answer.json<Problem>().issues ?? [];
    expect(issues.map(({ path }) => path).sort()).toEqual([
      'values.cost',
      'values.device',
      'values.reason',
      'values.reported-by',
    ]);
    for (const { text } of issues)
      expect(text).toEqual({ zh: expect.stringMatching(/[一-鿿]/), en: expect.stringMatching(/[a-z]/) });
  });

  test('an approval is signed by the approver’s own password; a wrong one changes nothing and counts for the lock-out', async () => {
    const { id } = await add('repairs', REPAIR);
    const path = `/registers/repairs/entries/${id}/moves`;
    expect((await ask(director, 'POST', path, { move: 'approve', values: {} })).json<Problem>().issues?.[0]?.path).toBe(
      'signature',
    );
    const wrong = { move: 'approve', values: {}, signature: { kind: 'password', password: 'not that one' } };
    for (let n = 0; n < 4; n++)
      expect((await ask(director, 'POST', path, wrong)).json<Problem>().code).toBe('WRONG_CREDENTIALS');
    expect((await ask(director, 'POST', path, wrong)).json<Problem>().code).toBe('WRONG_CREDENTIALS');
    expect((await ask(director, 'POST', path, { ...wrong, signature: sign })).json<Problem>().code).toBe('TOO_MANY');
    site.wall.advanceBy(hours(1));
    const approved = await ask(director, 'POST', path, { ...wrong, signature: sign });
    expect(approved.json<EntryView>()).toMatchObject({ state: 'approved' });
    expect(approved.json<EntryView>().history[1]).toMatchObject({ signed: 'password', by: 'zhou', move: 'approve' });
    expect(approved.body).not.toContain(PASSWORD);
  });

  test('a drawing does not do where a password is asked for, but for whom a provider vouches', async () => {
    const { id } = await add('decryption', { applicant: 'lin-hao', file: 'a', receiver: 'b', reason: 'c' });
    const path = `/registers/decryption/entries/${id}/moves`;
    const drawn = { move: 'approve', values: {}, signature: { kind: 'drawn', path: DRAWING } };
    expect((await ask(director, 'POST', path, drawn)).statusCode).toBe(403);
    await account('oidc', 'director', null, '');
    const secret = 'a'.repeat(32);
    site.accounts.addSession({
      ...{ id: digest(secret), user: 'oidc', createdAt: site.wall.now(), lastUsedAt: site.wall.now() },
      ...{ address: '127.0.0.1', agent: '', via: 'oidc' },
    });
    const headers = { cookie: `zhishou_session=${secret}`, 'x-zhishou-csrf': digest(`csrf ${secret}`) };
    const oidc = { headers, session: director.session } as SignedIn;
    expect((await ask(oidc, 'POST', path, { ...drawn, signature: sign })).json<Problem>()).toMatchObject({
      code: 'CONFLICT',
      detail: expect.stringContaining('drawing'),
    });
    expect((await ask(oidc, 'POST', path, drawn)).json<EntryView>().history[1]).toMatchObject({
      signed: 'drawn',
      drawing: DRAWING,
    });
  });

  test('of two who look at the same entry the second is told that it has changed', async () => {
    const { id, version } = await add('repairs', REPAIR);
    const path = `/registers/repairs/entries/${id}`;
    const seen = (await ask(duty, 'GET', path)).headers.etag;
    expect(seen).toBe(`"${version}"`);
    const first = await ask(
      duty,
      'PATCH',
      path,
      { values: { maker: 'APC' }, reason: '补充' },
      { 'if-match': String(seen) },
    );
    expect(first.statusCode).toBe(200);
    const second = await ask(
      operator,
      'PATCH',
      path,
      { values: { maker: 'Eaton' }, reason: '补充' },
      { 'if-match': String(seen) },
    );
    expect(second.statusCode).toBe(412);
    expect((await ask(duty, 'GET', path)).json<EntryView>().values.maker).toBe('APC');
  });

  test('lists are searched in either language, by state and time, a page at a time', async () => {
    const ids = [];
    for (const name of ['灭火毯', '防毒面具', 'Fire axe'])
      ids.push((await add('supplies', { name, count: 1, place: '库房' })).id);
    const list = async (query: string) =>
      (await ask(duty, 'GET', `/registers/supplies/entries?${query}`)).json<EntriesResponse>();
    expect((await list('search=FIRE%20axe')).entries.map(({ id }) => id)).toEqual([ids[2]]);
    expect((await list(`search=${encodeURIComponent('库房 面具')}`)).entries.map(({ id }) => id)).toEqual([ids[1]]);
    expect((await list('state=gone')).entries).toEqual([]);
    expect(
      (await list(`from=${encodeURIComponent(new Date(plus(site.clock.now(), hours(1))).toISOString())}`)).entries,
    ).toEqual([]);
    const first = await list('limit=2');
    const rest = await list(`limit=2&cursor=${first.next}`);
    expect([...first.entries, ...rest.entries].map(({ id }) => id)).toEqual([
      ...new Set([...first.entries, ...rest.entries].map(({ id }) => id)),
    ]);
    expect(first.entries).toHaveLength(2);
  });

  test('photos are what their bytes are, told of by the chain, and never carry the camera’s notes', async () => {
    const { id } = await add('repairs', REPAIR);
    const path = `/registers/repairs/entries/${id}/photos`;
    const photo = png('#8a6d00');
    const send = (bytes: Buffer, type = 'image/png') => ask(duty, 'POST', path, bytes, { 'content-type': type });
    const added = await send(photo, 'image/jpeg');
    expect(added.statusCode).toBe(201);
    const [about] = added.json<EntryView>().photosOf;
    expect(about).toMatchObject({ width: 120, height: 80, by: 'lin' });
    const got = await ask(duty, 'GET', `${path}/${about?.id}`);
    expect(got.rawPayload).toEqual(photo);
    expect(got.headers['content-type']).toBe('image/png');
    expect((await send(photo)).json<EntryView>().photosOf).toHaveLength(1);
    const notes = Buffer.concat([
      JPEG.subarray(0, 2),
      Buffer.from([0xff, 0xe1, 0, 8]),
      Buffer.from('Exif\0\0'),
      JPEG.subarray(2),
    ]);
    expect((await send(JPEG, 'image/jpeg')).statusCode).toBe(201);
    expect((await send(notes, 'image/jpeg')).json<Problem>().detail).toMatch(/camera/);
    expect((await send(Buffer.from('<svg/>'.repeat(9)))).statusCode).toBe(400);
    expect((await ask(operator, 'GET', `${path}/${'0'.repeat(32)}`)).statusCode).toBe(404);
  });

  test('a token with the scope writes entries, and signs nothing with a password', async () => {
    const secret = 'zt_token';
    const at = site.wall.now();
    site.accounts.addToken(
      {
        ...{ id: 'backup', name: 'backup', role: 'duty', scopes: ['read', 'paperwork:write'], createdBy: 'admin' },
        createdAt: at,
        expiresAt: plus(at, hours(9)),
        lastUsedAt: null,
      },
      digest(secret),
    );
    const token = { headers: { authorization: `Bearer ${secret}` } } as unknown as SignedIn;
    const values = { kind: 'backup', what: '每日备份', result: 'ok', 'done-at': '2026-11-21T03:00:00Z' };
    const { createdBy } = await add('backup-upgrade', values, token);
    expect(createdBy).toBe('token:backup');
    const { id } = await add('repairs', REPAIR);
    const approve = { move: 'approve', values: {}, signature: { kind: 'drawn', path: DRAWING } };
    expect((await ask(token, 'POST', `/registers/repairs/entries/${id}/moves`, approve)).statusCode).toBe(403);
  });

  test('each change stands in the audit log by who did it', async () => {
    const { id } = await add('key-users', { name: '赵主任', department: '生产', phone: '100' });
    await ask(duty, 'POST', `/registers/key-users/entries/${id}/moves`, {
      move: 'visit',
      values: { 'visited-on': '2026-11-21', 'visited-by': 'lin-hao', satisfied: 'good' },
    });
    const lines = site.accounts.audit.read({ limit: 5 }).map(({ user, detail }) => `${user} ${detail}`);
    expect(lines).toContain(`lin key-users/${id}: visit`);
    expect(lines).toContain(`lin key-users/${id} added`);
  });
});

describe('the registers of the whole service', () => {
  test('O-REG-4: a plan’s backup is in the register when its incident has told of it; who is inside is on the bus (O-REG-1)', async () => {
    const backup = step({ id: 'backup.server-1', kind: 'act', operation: 'backup', device: 'server-1', state: 'done' });
    await site.publish('incident/+', 'live', incident({ id: 'live', mode: 'live', steps: [backup] }));
    await site.publish('incident/+', 'live', incident({ id: 'live', mode: 'live', steps: [backup] }));
    const list = async () =>
      (await ask(duty, 'GET', '/registers/backup-upgrade/entries')).json<EntriesResponse>().entries;
    const own = (await list()).filter(({ createdBy }) => createdBy === 'zhishou');
    expect(own).toMatchObject([{ values: { device: 'server-1', result: 'ok' } }]);
    const heard: PaperworkFacts[] = [];
    await site.bus.subscribe('zhishou/sample/paperwork', ({ payload }) => {
      heard.push(JSON.parse(Buffer.from(payload).toString()) as PaperworkFacts);
    });
    const { id } = await add('core-room', { person: 'lin-hao', arrived: '2026-11-21T03:00:00Z', work: '巡检' });
    await site.clock.advanceByAsync(minutes(1));
    await site.bus.drained();
    expect(heard.at(-1)?.inRooms).toContainEqual(
      expect.objectContaining({ room: 'core', person: 'lin-hao', entry: `core-room/${id}`, doubtful: false }),
    );
  });
});

describe('registers as files', () => {
  test('CSV and Excel have every field, with the head in the language asked for, and no formula runs', async () => {
    await add('repairs', { ...REPAIR, asset: '=HYPERLINK("http://x")', maker: '厂家, "甲"' });
    const csv = await ask(duty, 'GET', '/registers/repairs/export?format=csv&language=zh');
    expect(csv.rawPayload.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
    const rows = parse(csv.rawPayload, { bom: true }) as string[][];
    expect(rows[0]?.slice(0, 4)).toEqual(['编号', '状态', '设备', '其他设备']);
    expect(rows.some((row) => row.includes(`'=HYPERLINK("http://x")`) && row.includes('厂家, "甲"'))).toBe(true);
    const xlsx = await ask(duty, 'GET', '/registers/repairs/export?format=xlsx&language=en');
    const [sheet] = await readXlsxFile(xlsx.rawPayload);
    const cells = sheet?.data ?? [];
    expect(cells[0]?.slice(0, 3)).toEqual(['Number', 'State', 'Device']);
    expect(cells.slice(1).flat()).toContain('电池鼓包，室温 31 ℃');
    expect(cells).toHaveLength(rows.length);
  });

  test('the printed form has fields, signatures, history and ℃ as text, in Word and PDF', async () => {
    const { id } = await add('repairs', REPAIR);
    const move = (who: SignedIn, name: string, values: object, more: object = {}) =>
      ask(who, 'POST', `/registers/repairs/entries/${id}/moves`, { move: name, values, ...more });
    await move(director, 'approve', {}, { signature: sign });
    await move(duty, 'repair-inside', { repairer: '值班员', 'expected-on': '2026-11-25' });
    const done = await move(duty, 'done', {
      'done-on': '2026-11-24',
      parts: '电池 4 只',
      cost: 1280.5,
      'user-signature': DRAWING,
    });
    expect(done.statusCode, done.body).toBe(200);
    await ask(duty, 'POST', `/registers/repairs/entries/${id}/photos`, png('#1f4e79'), { 'content-type': 'image/png' });
    const file = async (format: string, language: string) =>
      (await ask(duty, 'GET', `/registers/repairs/entries/${id}/export?format=${format}&language=${language}`))
        .rawPayload;
    const text = pdfText(await file('pdf', 'zh'));
    for (const words of [
      '设备维修记录',
      id,
      '电池鼓包，室温 31 ℃',
      '使用人签字',
      '1280.50 元',
      '例会确认',
      'O-REG-6',
      '【模拟】',
    ])
      expect(text).toContain(words);
    const word = strFromU8(
      unzipSync(new Uint8Array(await file('docx', 'en')))['word/document.xml'] ?? new Uint8Array(),
    );
    for (const words of ['Repair record', 'User’s signature'.replace('’', "'"), '31 ℃', 'Approve'])
      expect(word.replaceAll('&apos;', "'")).toContain(words);
    expect(
      Object.keys(unzipSync(new Uint8Array(await file('docx', 'zh')))).filter((name) => name.startsWith('word/media/')),
    ).toHaveLength(2);
  });

  test('the list on paper says how many there are and to what it was narrowed', async () => {
    const { id } = await add('repairs', REPAIR);
    const answer = await ask(
      duty,
      'GET',
      `/registers/repairs/export?format=pdf&language=zh&state=reported&search=${encodeURIComponent('鼓包')}`,
    );
    const text = pdfText(answer.rawPayload);
    expect(text).toMatch(/搜索“鼓包”，状态：已报修，待批准；共 \d+ 条，最新在前/);
    expect(text).toContain(id);
  });
});

function pdfText(bytes: Buffer): string {
  const file = join(folder, 'paper.pdf');
  writeFileSync(file, bytes);
  return execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' });
}

const png = (color: string): Buffer =>
  new Resvg(
    `<svg xmlns="http://www.w3.org/2000/svg" width="120" height="80"><rect width="120" height="80" fill="${color}"/></svg>`,
  )
    .render()
    .asPng();

/** The head of one, of 16 by 8 pixels: SOI, SOF0, SOS. */
const JPEG = Buffer.from([
  ...[0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0, 8, 0, 16, 1, 1, 0x11, 0],
  ...[0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0x00, 0xff, 0xd9],
]);
