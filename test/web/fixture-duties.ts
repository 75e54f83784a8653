import type { IncomingMessage, ServerResponse } from 'node:http';
import type {
  ChecklistItem,
  DutyDone,
  DutyFigures,
  DutyState,
  DutySummary,
  DutyView,
  LiveFinding,
} from '#core/paperwork/duty-view.ts';
import type { Text } from '#core/text.ts';
import { iso } from './fixture-room.ts';

/** Duties of a made-up room, and the service's answers about them; a test changes them as a colleague would. */

const text = (zh: string, en: string): Text => ({ zh, en });
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const GAO = { id: 'gao-jie', name: text('高洁', 'Gao Jie') };
const LIN = { id: 'lin-hao', name: text('林浩', 'Lin Hao') };

const KINDS = {
  patrol: text('机房每日巡检', 'Daily patrol of the room'),
  cleaning: text('周四下午打扫机房', 'Cleaning on Thursday afternoon'),
  friday: text('灭火器、探测器和应急照明检查', 'Extinguishers, detectors and emergency lights'),
  logs: text('加密系统日志备份', 'Back up the encryption system’s logs'),
} as const;
type Kind = keyof typeof KINDS;

const dateOf = (at: number): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai', dateStyle: 'short' }).format(at);

function summary(kind: Kind, dueAt: number, state: DutyState, over: Partial<DutySummary> = {}): DutySummary {
  const isDone = state === 'done' || state === 'done-late';
  return {
    ...{
      id: `${kind}@${dateOf(dueAt)}`,
      duty: kind,
      title: KINDS[kind],
      obligations: kind === 'patrol' ? ['O-PAT-1'] : [],
    },
    ...{ state, from: iso(dueAt - 9 * HOUR), dueAt: iso(dueAt), function: 'duty', person: GAO },
    ...{ items: kind === 'patrol' ? 7 : 0, findings: 0, about: null },
    doneAt: isDone ? iso(state === 'done' ? dueAt - 2 * HOUR : dueAt + 3 * HOUR) : null,
    doneBy: isDone ? { id: 'lin-hao', name: '林浩' } : null,
    ...over,
  };
}

const reading = (
  [device, zh, en]: readonly [string, string, string],
  [point, pointZh, pointEn]: readonly [string, string, string],
  value: LiveFinding['value'],
  over: Partial<LiveFinding> = {},
): LiveFinding => ({
  ...{ device, name: text(zh, en), point, pointName: text(pointZh, pointEn), value, unit: '' },
  ...{ quality: 'good', fine: true, at: iso(Date.now() - 8000) },
  ...over,
});
const UPS = ['ups-1', 'UPS 一号', 'UPS 1'] as const;
const AC = ['ac-1', '精密空调', 'Air conditioner'] as const;
const FRONT = ['th-1', '温湿度 冷通道前', 'Cold aisle, front'] as const;
const BACK = ['th-2', '温湿度 冷通道后', 'Cold aisle, back'] as const;
const SMOKE = ['smoke-1', '烟雾探测器', 'Smoke detector'] as const;
const CHARGE = ['battery.charge', '电池电量', 'Battery charge'] as const;
const LOAD = ['ups.load', '负载', 'Load'] as const;
const SUPPLY = ['cooling.supply.temperature', '送风温度', 'Supply air temperature'] as const;
const TEMPERATURE = ['ambient.temperature', '温度', 'Temperature'] as const;
const DAMP = ['ambient.humidity', '湿度', 'Humidity'] as const;
const FIRE = ['room.smoke', '烟雾', 'Smoke'] as const;

const line = (id: string, label: Text, group: Text | null, over: Partial<ChecklistItem>): ChecklistItem => ({
  ...{ id, label, group, kind: 'tick', unit: null, live: [], suggested: 'ok', answer: null, min: null, max: null },
  last: { at: iso(Date.now() - DAY), by: '林浩', verdict: 'ok', value: null, note: null },
  ...over,
});

/** Two that are fine, one out of its limits, one that nobody hears, and what no device tells. */
export function patrolLines(): ChecklistItem[] {
  const power = text('供电', 'Power');
  const air = text('空调与环境', 'Cooling and air');
  const fire = text('消防与设施', 'Fire and fittings');
  const last = { at: iso(Date.now() - DAY), by: '林浩', verdict: 'ok', note: null } as const;
  return [
    line('ups', text('UPS 一号运行正常', 'UPS 1 runs normally'), power, {
      live: [reading(UPS, CHARGE, 100), reading(UPS, LOAD, 34)],
    }),
    line('pdu', text('配电单元无报警', 'Power distribution without alarms'), power, {
      live: [reading(['pdu-1', '配电单元', 'PDU'], ['pdu.power', '功率', 'Power'], 3120)],
    }),
    line('cold-aisle', text('冷通道温度', 'Cold aisle temperature'), air, {
      live: [
        reading(FRONT, TEMPERATURE, 29.4, { fine: false }),
        reading(BACK, TEMPERATURE, 22.9),
        reading(FRONT, DAMP, 44),
      ],
      suggested: 'finding',
    }),
    line('air', text('精密空调送风', 'Supply air of the air conditioner'), air, {
      live: [reading(AC, SUPPLY, 17.8, { quality: 'stale', at: iso(Date.now() - 25 * 60_000) })],
      suggested: null,
    }),
    line('smoke', text('烟雾探测器', 'Smoke detector'), fire, { live: [reading(SMOKE, FIRE, false)] }),
    line('extinguisher', text('灭火器压力', 'Pressure of the extinguisher'), fire, {
      ...{ kind: 'number', unit: 'MPa', min: 1, max: 1.4, suggested: null },
      last: { ...last, value: 1.2 },
    }),
    line('tidy', text('地面无杂物，通道畅通', 'Floor clear, ways free'), fire, {
      ...{ suggested: null, last: { ...last, verdict: 'finding', value: null, note: '门口有纸箱' } },
    }),
  ];
}

export interface DutyFixture {
  /** For `startMock({ also })`. */
  readonly also: (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<boolean>;
  readonly duties: DutySummary[];
  lines: ChecklistItem[];
  signature: DutyView['signature'];
  readonly mayDo: boolean;
  readonly done: DutyDone[];
  readonly waived: string[];
  /** A colleague does it now. */
  doneByColleague(id: string): void;
}

/** Its name is no date: a test that runs over midnight finds it as well. */
export const TODAYS_PATROL = 'patrol@today';

export function dutyFixture(role: 'viewer' | 'duty' | 'operator' = 'operator'): DutyFixture {
  const now = Date.now();
  const past = Array.from({ length: 28 }, (_, index) => {
    const state: DutyState = index === 3 ? 'missed' : index === 9 ? 'done-late' : index === 14 ? 'waived' : 'done';
    return summary('patrol', now + 4 * HOUR - (index + 1) * DAY, state, { findings: index === 6 ? 2 : 0 });
  });
  const duties = [
    summary('patrol', now + 4 * HOUR, 'open', { id: TODAYS_PATROL }),
    summary('friday', now - 5 * HOUR, 'overdue', { person: LIN, items: 6 }),
    summary('logs', now + 2 * DAY, 'open', { person: null, function: 'equipment-administrator' }),
    summary('patrol', now + 4 * HOUR + DAY, 'planned', { person: LIN }),
    summary('cleaning', now + 3 * DAY, 'planned'),
    summary('friday', now + 5 * DAY, 'planned', { items: 6 }),
    ...past,
  ];
  const fixture: DutyFixture = {
    ...{ duties, lines: patrolLines(), signature: null, mayDo: role !== 'viewer', done: [], waived: [] },
    doneByColleague: (id) =>
      settle(fixture, id, { state: 'done', doneAt: iso(Date.now()), doneBy: { id: 'lin-hao', name: '林浩' } }),
    also: (request, response, url) => answer(fixture, role, request, response, url),
  };
  return fixture;
}

const settle = (fixture: DutyFixture, id: string, change: Partial<DutySummary>): void => {
  const index = fixture.duties.findIndex((one) => one.id === id);
  const before = fixture.duties[index];
  if (before !== undefined) fixture.duties[index] = { ...before, ...change };
};

function viewOf(fixture: DutyFixture, one: DutySummary, role: string): DutyView {
  const given = fixture.done[0];
  const isDone = one.doneBy !== null;
  return {
    ...one,
    version: isDone ? 'v2' : 'v1',
    instructions: text(
      '沿机柜依次检查。读数由系统给出，请对照现场。',
      'Walk along the racks. The system gives the readings; compare them with what you see.',
    ),
    checklist: fixture.lines.map((item) => {
      const answered = given?.items.find(({ item: id }) => id === item.id);
      if (!isDone || one.duty !== 'patrol') return item;
      const { verdict, value, note } = answered ?? { verdict: 'ok' as const, value: null, note: null };
      const corrected = item.suggested !== null && item.suggested !== verdict;
      return { ...item, answer: { verdict, value, note, live: item.live, corrected } };
    }),
    signature: fixture.signature,
    history: [{ at: one.from, by: 'zhishou', what: text('可以开始做', 'may be done') }],
    before: fixture.duties
      .filter(({ duty, id, doneAt }) => duty === one.duty && id !== one.id && doneAt !== null)
      .slice(0, 4),
    mayDo: fixture.mayDo && ['open', 'overdue'].includes(one.state),
    mayWaive: role === 'operator' && ['open', 'overdue', 'planned'].includes(one.state),
    mendBy: isDone ? null : iso(Date.now() + 3 * DAY),
    tasks: (isDone ? (given?.items ?? []) : [])
      .filter(({ verdict }) => verdict === 'finding')
      .map(({ item, note, dueAt }) => ({
        ...{ id: `task-${item}`, title: text(note ?? '', note ?? ''), dueAt: dueAt ?? one.dueAt, state: 'open' },
      })),
    note: isDone ? (given?.note ?? null) : null,
    links: isDone
      ? [
          {
            label: text('机房登记册 2026-0017', 'Core-room register 2026-0017'),
            path: '/registers/core-room/entries/2026-0017',
          },
        ]
      : [],
  };
}

function figures(fixture: DutyFixture, from: string, to: string): DutyFigures {
  const inSpan = fixture.duties.filter(({ dueAt }) => dueAt >= from && dueAt < to);
  const count = (list: readonly DutySummary[], state: DutyState): number =>
    list.filter((one) => one.state === state).length;
  return {
    ...{ from, to },
    duties: (Object.keys(KINDS) as Kind[]).map((duty) => {
      const list = inSpan.filter((one) => one.duty === duty);
      const [done, late, missed] = [count(list, 'done'), count(list, 'done-late'), count(list, 'missed')];
      const due = done + late + missed;
      return {
        ...{ duty, title: KINDS[duty], done, late, missed, waived: count(list, 'waived') },
        rate: due === 0 ? null : done / due,
      };
    }),
  };
}

async function answer(
  fixture: DutyFixture,
  role: string,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<boolean> {
  const path = decodeURIComponent(url.pathname.slice('/api/v1'.length));
  if (!path.startsWith('/duties')) return false;
  const send = (status: number, body: unknown): boolean => {
    response.writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' });
    response.end(JSON.stringify(body));
    return true;
  };
  const fail = (status: number, code: string): boolean =>
    send(status, { type: 'about:blank', title: code, status, code, detail: '' });
  const { searchParams: query } = url;
  if (path === '/duties') {
    const [state, from, to] = [query.get('state'), query.get('from') ?? '', query.get('to') ?? '9'];
    const all = query.get('from') !== null || query.get('to') !== null;
    const duties = fixture.duties.filter(
      (one) =>
        (state === null || state.split(',').includes(one.state)) &&
        (query.get('mine') === null || one.person?.id === GAO.id) &&
        (all || one.doneAt === null) &&
        (all || !['missed', 'waived'].includes(one.state)) &&
        one.dueAt >= from &&
        one.from < to,
    );
    return send(200, { duties, next: null });
  }
  if (path === '/duties/figures') return send(200, figures(fixture, query.get('from') ?? '', query.get('to') ?? ''));
  const [, id, order] = /^\/duties\/([^/]+)(?:\/(done|waive))?$/.exec(path) ?? [];
  const one = fixture.duties.find((duty) => duty.id === id);
  if (one === undefined) return fail(404, 'NOT_FOUND');
  if (request.method === 'GET') return send(200, viewOf(fixture, one, role));
  let body = '';
  for await (const chunk of request) body += String(chunk);
  if (request.headers['x-zhishou-csrf'] !== 'csrf-of-test') return fail(403, 'FORBIDDEN');
  if (one.doneBy !== null) return fail(409, 'CONFLICT');
  const doneAt = iso(Date.now());
  if (order === 'waive') {
    fixture.waived.push((JSON.parse(body) as { reason: string }).reason);
    settle(fixture, one.id, { state: 'waived' });
  } else {
    const given = JSON.parse(body) as DutyDone;
    if (given.signature?.kind === 'password' && given.signature.password !== 'right-password')
      return fail(401, 'WRONG_CREDENTIALS');
    fixture.done.push(given);
    const findings = given.items.filter(({ verdict }) => verdict === 'finding').length;
    settle(fixture, one.id, { state: 'done', doneAt, doneBy: { id: 'gao-jie', name: '高洁' }, findings });
  }
  return send(200, viewOf(fixture, fixture.duties.find((duty) => duty.id === id) ?? one, role));
}
