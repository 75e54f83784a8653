import type { IncomingMessage, ServerResponse } from 'node:http';
import type {
  EntryChange,
  EntryCorrection,
  EntryMoveGiven,
  EntryView,
  FieldKind,
  FieldValues,
  FieldView,
  MoveView,
  NewEntry,
  RegisterView,
} from '#core/paperwork/register-view.ts';
import type { Text } from '#core/text.ts';

/** Registers and their entries as the service answers them, over plain objects: made-up books for looking at the pages. */

const text = (zh: string, en: string): Text => ({ zh, en });
const field = (id: string, kind: FieldKind, label: Text, more: Partial<FieldView> = {}): FieldView => ({
  ...{ id, kind, label, hint: null, required: false, preset: null, unit: null, min: null, max: null, longest: null },
  ...{ choices: [], register: null, inList: false, atStart: true },
  ...more,
});
const move = (id: string, label: Text, from: string[], to: string, more: Partial<MoveView> = {}): MoveView => ({
  ...{ id, label, from, to, fields: [], signature: null, reason: false },
  who: { role: 'duty', functions: [], field: null, notAuthor: false },
  ...more,
});
const register = (id: string, title: Text, more: Partial<RegisterView>): RegisterView => ({
  ...{ id, title, description: null, obligations: [], fields: [], states: [], initial: 'open', moves: [] },
  ...{ mayRead: 'viewer', mayAdd: 'duty', mayCorrect: 'operator', quick: null, signature: null, open: 0, overdue: 0 },
  ...more,
});

const CORE_ROOM = register('core-room', text('核心机房登记', 'Core room'), {
  description: text('进入核心机房的人员、时间与工作内容', 'Who was in the core room, when, and for what work'),
  fields: [
    field('person', 'person', text('姓名', 'Name'), { required: true, preset: 'me', inList: true }),
    field('work', 'long-text', text('工作内容', 'Work done'), { required: true, longest: 200, inList: true }),
    field('in-at', 'moment', text('进入时间', 'In at'), { required: true, preset: 'now', inList: true }),
    field('out-at', 'moment', text('离开时间', 'Out at'), { atStart: false, preset: 'now', inList: true }),
  ],
  states: [
    { id: 'inside', label: text('在机房内', 'In the room'), final: false, tone: 'calm' },
    { id: 'left', label: text('已离开', 'Left'), final: true, tone: 'calm' },
  ],
  initial: 'inside',
  moves: [
    move('sign-out', text('签出', 'Sign out'), ['inside'], 'left', { fields: [{ id: 'out-at', required: true }] }),
  ],
  quick: { fields: ['person', 'work'], place: text('三层 301 门口', 'Door of room 301') },
});

const REPAIRS = register('repairs', text('维修登记', 'Repairs'), {
  description: text('设备故障、维修经过与复查', 'Faults, how they were mended, and the look afterwards'),
  fields: [
    field('device', 'device', text('设备', 'Device'), { required: true, inList: true }),
    field('reason', 'long-text', text('故障现象', 'What is wrong'), { required: true, inList: true, longest: 500 }),
    field('parts', 'choices', text('需要的部件', 'Parts'), {
      choices: [
        { id: 'battery', label: text('电池', 'Battery') },
        { id: 'fan', label: text('风扇', 'Fan') },
        { id: 'board', label: text('主板', 'Board') },
      ],
    }),
    field('photos', 'file-photos', text('照片', 'Photos')),
    field('repairer', 'text', text('维修人', 'Repairer'), { atStart: false }),
    field('phone', 'phone', text('电话', 'Telephone'), { atStart: false }),
    field('cost', 'money', text('费用', 'Cost'), { atStart: false, unit: '元', min: 0, inList: true }),
  ],
  states: [
    { id: 'reported', label: text('待审批', 'Waits for approval'), final: false, tone: 'waiting' },
    { id: 'approved', label: text('已批准', 'Approved'), final: false, tone: 'calm' },
    { id: 'refused', label: text('未批准', 'Refused'), final: true, tone: 'refused' },
    { id: 'done', label: text('已修好', 'Mended'), final: true, tone: 'calm' },
  ],
  initial: 'reported',
  moves: [
    move('approve', text('批准', 'Approve'), ['reported'], 'approved', {
      who: { role: 'director', functions: ['director'], field: null, notAuthor: true },
      signature: 'password',
    }),
    move('refuse', text('不批准', 'Refuse'), ['reported'], 'refused', {
      who: { role: 'director', functions: ['director'], field: null, notAuthor: true },
      reason: true,
    }),
    move('done', text('修好了', 'Mended'), ['approved'], 'done', {
      fields: ['repairer', 'phone', 'cost', 'photos'].map((id) => ({
        id,
        required: id !== 'photos' && id !== 'phone',
      })),
      signature: 'drawn',
    }),
  ],
  overdue: 1,
});

/** One field of each kind. */
const EVERYTHING = register('everything', text('各种字段', 'Every kind of field'), {
  fields: [
    field('text', 'text', text('文字', 'Text'), {
      required: true,
      inList: true,
      hint: text('写几个字', 'A few words'),
    }),
    field('long-text', 'long-text', text('长文字', 'Long text')),
    field('number', 'number', text('数字', 'Number'), { unit: '℃', min: -20, max: 60, inList: true }),
    field('money', 'money', text('金额', 'Money'), { unit: '元' }),
    field('date', 'date', text('日期', 'Date'), { preset: 'today' }),
    field('moment', 'moment', text('时刻', 'Moment'), { preset: 'now' }),
    field('yes-no', 'yes-no', text('是否', 'Yes or no')),
    field('choice', 'choice', text('单选', 'One of few'), {
      choices: [
        { id: 'red', label: text('红', 'Red') },
        { id: 'green', label: text('绿', 'Green') },
      ],
    }),
    field('choices', 'choices', text('多选', 'Several'), {
      choices: [
        { id: 'left', label: text('左', 'Left') },
        { id: 'right', label: text('右', 'Right') },
      ],
    }),
    field('person', 'person', text('人员', 'Person'), { preset: 'on-duty' }),
    field('people', 'people', text('多名人员', 'People'), { preset: 'me' }),
    field('device', 'device', text('设备', 'Device')),
    field('devices', 'devices', text('多台设备', 'Devices')),
    field('room', 'room', text('机房', 'Room')),
    field('phone', 'phone', text('电话', 'Telephone')),
    field('entry', 'entry', text('维修单', 'Repair'), { register: 'repairs' }),
    field('photos', 'file-photos', text('照片', 'Photos')),
    field('signature', 'signature', text('用户签名', "User's signature")),
  ],
  states: [{ id: 'open', label: text('已记录', 'Recorded'), final: true, tone: 'calm' }],
});

const READ_ONLY = register('decryption', text('解密登记', 'Decryption'), {
  mayAdd: 'director',
  fields: [field('what', 'text', text('文件', 'File'), { inList: true })],
  states: [{ id: 'open', label: text('已记录', 'Recorded'), final: true, tone: 'calm' }],
});

const iso = (at: number): string => new Date(at).toISOString();
const DAY = 86_400_000;

function change(
  kind: EntryChange['kind'],
  at: number,
  by: string,
  name: string,
  more: Partial<EntryChange>,
): EntryChange {
  return {
    ...{ at: iso(at), by, byName: name, kind, move: null, state: 'reported', changed: [], reason: null, signed: null },
    hash: `${kind}-${at}`,
    ...more,
  };
}

function someRepair(now: number): EntryView {
  const values = { device: 'ac-1', reason: '压缩机高压报警，回风温度升高', parts: ['fan'] };
  return {
    ...{ id: '2026-0002', register: 'repairs', state: 'reported', values, version: 'v3', corrected: true },
    ...{ createdAt: iso(now - 3 * DAY), createdBy: 'lin-hao', createdByName: '林浩', changedAt: iso(now - DAY) },
    due: { at: iso(now - DAY), what: text('审批', 'Approval'), overdue: true },
    ...{ photos: 2, moves: [], mayCorrect: true },
    photosOf: ['p1', 'p2'].map((id) => ({ id, at: iso(now - 2 * DAY), by: 'lin-hao', width: 640, height: 480 })),
    links: [{ label: text('精密空调', 'Air conditioner'), path: '/devices/ac-1' }],
    history: [
      change('added', now - 3 * DAY, 'lin-hao', '林浩', {
        changed: [
          { field: 'device', before: null, after: 'ac-1' },
          { field: 'reason', before: null, after: '压缩机报警' },
        ],
      }),
      change('photo', now - 2 * DAY, 'lin-hao', '林浩', {}),
      change('corrected', now - DAY, 'zhou-min', '周敏', {
        changed: [{ field: 'reason', before: '压缩机报警', after: values.reason }],
        reason: '补充现象',
      }),
    ],
  };
}

export interface RegistersFixture {
  readonly entries: Map<string, EntryView>;
  /** What was sent, in order. */
  readonly sent: { readonly path: string; readonly body: unknown; readonly headers: IncomingMessage['headers'] }[];
  /** Bytes of photos. */
  readonly photos: Buffer[];
  /** The next changes fail so; null: they do not. */
  fail: 'offline' | 'signed-out' | null;
  /** Whoever asks. */
  me: { user: string; name: string; role: 'duty' | 'director' };
  also(request: IncomingMessage, response: ServerResponse, url: URL): Promise<boolean>;
}

const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkaPhfDwAChgGAcQTXKQAAAABJRU5ErkJggg==',
  'base64',
);

export function registersAt(now: number): RegistersFixture {
  const entries = new Map<string, EntryView>([['repairs/2026-0002', someRepair(now)]]);
  let last = 9;
  const fixture: RegistersFixture = {
    entries,
    sent: [],
    photos: [],
    fail: null,
    me: { user: 'gao-jie', name: '高洁', role: 'duty' },
    also: async (request, response, url) => {
      const path = url.pathname.slice('/api/v1'.length);
      const parts = path.split('/').slice(1).map(decodeURIComponent);
      if (parts[0] !== 'registers') return false;
      await answer(request, response, url, parts);
      return true;
    },
  };

  const all = [CORE_ROOM, REPAIRS, EVERYTHING, READ_ONLY];
  const final = (one: RegisterView, state: string): boolean =>
    one.states.find(({ id }) => id === state)?.final === true;
  const movesOf = (one: RegisterView, entry: EntryView): string[] =>
    one.moves
      .filter(({ from, who }) => from.includes(entry.state) && (who.role === 'duty' || fixture.me.role === 'director'))
      .filter(({ who }) => !who.notAuthor || entry.createdBy !== fixture.me.user)
      .map(({ id }) => id);
  const seen = (one: RegisterView, entry: EntryView): EntryView => ({ ...entry, moves: movesOf(one, entry) });
  const send = (response: ServerResponse, status: number, body: unknown): void => {
    response.writeHead(status, { 'content-type': status >= 400 ? 'application/problem+json' : 'application/json' });
    response.end(JSON.stringify(body));
  };
  const refuse = (response: ServerResponse, status: number, code: string, issues: unknown[] = []): void =>
    send(response, status, { type: 'about:blank', title: code, status, code, detail: '', issues });

  async function answer(request: IncomingMessage, response: ServerResponse, url: URL, parts: string[]): Promise<void> {
    const [, id, what, number, more] = parts;
    if (id === undefined) return send(response, 200, { registers: all.map(counted) });
    const one = all.find((found) => found.id === id);
    if (one === undefined) return refuse(response, 404, 'NOT_FOUND');
    if (request.method === 'GET' && what === 'entries' && number === undefined) return list(one, response, url);
    const entry = entries.get(`${id}/${number}`);
    if (request.method === 'GET' && more === 'photos') {
      response.writeHead(200, { 'content-type': 'image/png' });
      return void response.end(PIXEL);
    }
    if (request.method === 'GET')
      return entry === undefined ? refuse(response, 404, 'NOT_FOUND') : send(response, 200, seen(one, entry));
    await applyChange(request, response, one, entry, more);
  }

  const counted = (one: RegisterView): RegisterView => ({
    ...one,
    open: [...entries.values()].filter(({ register, state }) => register === one.id && !final(one, state)).length,
  });

  function list(one: RegisterView, response: ServerResponse, url: URL): void {
    const [search, state] = [url.searchParams.get('search') ?? '', url.searchParams.get('state') ?? ''];
    const found = [...entries.values()]
      .filter(({ register }) => register === one.id)
      .filter((entry) => state === '' || (state === 'open' ? !final(one, entry.state) : entry.state === state))
      .filter((entry) => JSON.stringify(entry.values).includes(search))
      .toSorted((a, b) => b.id.localeCompare(a.id))
      .map((entry) => seen(one, entry));
    const [limit, from] = [Number(url.searchParams.get('limit') ?? 50), Number(url.searchParams.get('cursor') ?? 0)];
    const next = from + limit < found.length ? String(from + limit) : null;
    send(response, 200, { entries: found.slice(from, from + limit), next });
  }

  async function applyChange(
    request: IncomingMessage,
    response: ServerResponse,
    one: RegisterView,
    entry: EntryView | undefined,
    more: string | undefined,
  ): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    if (fixture.fail === 'offline') return void request.socket.destroy();
    if (fixture.fail === 'signed-out') return refuse(response, 401, 'NOT_SIGNED_IN');
    const match = request.headers['if-match'];
    if (match !== undefined && match !== `"${entry?.version}"`) return refuse(response, 412, 'CHANGED_MEANWHILE');
    if (request.headers['x-zhishou-csrf'] !== 'csrf-of-test') return refuse(response, 403, 'FORBIDDEN');
    if (more === 'photos' && entry !== undefined) {
      fixture.photos.push(bytes);
      const photo = { id: `p${fixture.photos.length}`, at: iso(now), by: fixture.me.user, width: 800, height: 600 };
      return save(response, one, { ...entry, photos: entry.photos + 1, photosOf: [...entry.photosOf, photo] }, 201);
    }
    const body: unknown = JSON.parse(bytes.toString());
    fixture.sent.push({ path: request.url ?? '', body, headers: request.headers });
    if (more === 'moves' && entry !== undefined) return makeMove(response, one, entry, body as EntryMoveGiven);
    if (request.method === 'PATCH' && entry !== undefined)
      return correct(response, one, entry, body as EntryCorrection);
    add(response, one, body as NewEntry);
  }

  function save(response: ServerResponse, one: RegisterView, entry: EntryView, status = 200): void {
    const next = { ...entry, version: `${entry.version}+`, changedAt: iso(now) };
    entries.set(`${one.id}/${entry.id}`, next);
    send(response, status, seen(one, next));
  }
  const differences = (before: FieldValues, after: FieldValues): EntryChange['changed'] =>
    Object.entries(after)
      .filter(([id, value]) => JSON.stringify(before[id] ?? null) !== JSON.stringify(value))
      .map(([id, value]) => ({ field: id, before: before[id] ?? null, after: value }));

  function add(response: ServerResponse, one: RegisterView, { values }: NewEntry) {
    if (values.text === '禁用词' || values.work === '禁用词') {
      const issue = { path: values.text === '禁用词' ? 'values.text' : 'values.work', message: 'is not allowed' };
      return refuse(response, 400, 'BAD_REQUEST', [
        { ...issue, text: text('这个词不能用', 'this word is not allowed') },
      ]);
    }
    last += 1;
    const { user, name } = fixture.me;
    save(
      response,
      one,
      {
        ...{ id: `2026-${String(last).padStart(4, '0')}`, register: one.id, state: one.initial, values, version: 'v1' },
        ...{ createdAt: iso(now), createdBy: user, createdByName: name, changedAt: iso(now), due: null, photos: 0 },
        ...{ corrected: false, moves: [], mayCorrect: true, photosOf: [], links: [] },
        history: [change('added', now, user, name, { state: one.initial, changed: differences({}, values) })],
      },
      201,
    );
  }

  function makeMove(response: ServerResponse, one: RegisterView, entry: EntryView, given: EntryMoveGiven) {
    const wanted = one.moves.find(({ id }) => id === given.move);
    if (wanted === undefined || !movesOf(one, entry).includes(wanted.id)) return refuse(response, 409, 'CONFLICT');
    const { signature } = given;
    if (signature?.kind === 'password' && signature.password !== 'right-password') {
      const wrong = text('密码不正确', 'the password is wrong');
      return refuse(response, 403, 'FORBIDDEN', [{ path: 'signature', message: wrong.en, text: wrong }]);
    }
    const made = change('moved', now, fixture.me.user, fixture.me.name, {
      ...{ move: wanted.id, state: wanted.to, changed: differences(entry.values, given.values) },
      ...{ reason: given.reason ?? null, signed: signature?.kind ?? null },
      drawing: signature?.kind === 'drawn' ? signature.path : null,
    });
    const values = { ...entry.values, ...given.values };
    save(response, one, { ...entry, values, state: wanted.to, due: null, history: [...entry.history, made] });
  }

  function correct(response: ServerResponse, one: RegisterView, entry: EntryView, given: EntryCorrection): void {
    const made = change('corrected', now, fixture.me.user, fixture.me.name, {
      ...{ state: entry.state, changed: differences(entry.values, given.values), reason: given.reason },
    });
    const values = { ...entry.values, ...given.values };
    save(response, one, { ...entry, values, corrected: true, history: [...entry.history, made] });
  }

  return fixture;
}
