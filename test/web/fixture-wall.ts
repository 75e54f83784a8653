import type { DeviceView } from '#core/api.ts';
import type { IncidentView } from '#core/incident.ts';
import type { DayWeather, WallResponse } from '#core/wall-view.ts';
import { outageAt } from './fixture-incident.ts';
import { devicesAt, iso } from './fixture-room.ts';

/** What the wall is told beside the stream, and emergencies beside the outage. */

const DAY = 86_400_000;
const dateOf = (at: number): string => new Date(at + 8 * 3_600_000).toISOString().slice(0, 10);

export type Weather = 'one room' | 'three rooms' | 'none' | 'lost';

export function wallAt(now: number, weather: Weather = 'one room'): WallResponse {
  const days = Array.from({ length: 7 }, (_, index) => dateOf(now - (6 - index) * DAY));
  const week = (mean: number, swing: number, missing = -1): DayWeather[] =>
    days.flatMap((date, index) => {
      const middle = mean + Math.sin(index * 1.7) * swing * 0.5;
      const day = { date, min: middle - swing, mean: middle, max: middle + swing * (index === 4 ? 2.6 : 1.1) };
      return index === missing ? [] : [day];
    });
  const room = (name: 'core' | 'auxiliary' | 'outdoor', mean: number, damp: number) => ({
    ...{ room: name, devices: ['th-1', 'th-2'], temperature: week(mean, 1.6, 1), humidity: week(damp, 4) },
  });
  const rooms = [room('core', 22.6, 45), room('auxiliary', 24.1, 41), room('outdoor', 6.5, 62)];
  return {
    days,
    duty: [
      {
        name: { zh: '值班员', en: 'Duty person' },
        person: { zh: '高洁', en: 'Gao Jie' },
        until: iso(now + 4 * DAY),
        next: { person: { zh: '林浩', en: 'Lin Hao' }, from: iso(now + 4 * DAY) },
      },
    ],
    tasks: {
      open: 5,
      overdue: 1,
      first: [
        {
          title: { zh: '二号服务器备份盘扩容', en: 'More space on the backup disk of server 2' },
          owner: { zh: '林浩', en: 'Lin Hao' },
          dueAt: iso(now - 2 * DAY),
          overdue: true,
        },
        {
          title: { zh: '更换 UPS 一号电池组（已订货）', en: 'New battery strings for UPS 1 (ordered)' },
          owner: { zh: '周敏', en: 'Zhou Min' },
          dueAt: iso(now + 3 * DAY),
          overdue: false,
        },
        {
          title: { zh: '核对配电室电话', en: 'Check the power department’s number' },
          owner: null,
          dueAt: iso(now + 5 * DAY),
          overdue: false,
        },
      ],
    },
    duties: {
      open: 2,
      overdue: 1,
      doneToday: 1,
      today: 3,
      first: [
        {
          title: { zh: '机房每日巡检', en: 'Daily patrol of the room' },
          person: { zh: '高洁', en: 'Gao Jie' },
          dueAt: iso(now - 2 * 3_600_000),
          overdue: true,
        },
        {
          title: { zh: '灭火器、探测器和应急照明检查', en: 'Extinguishers, detectors and emergency lights' },
          person: { zh: '林浩', en: 'Lin Hao' },
          dueAt: iso(now + 6 * 3_600_000),
          overdue: false,
        },
        {
          title: { zh: '加密系统日志备份', en: 'Back up the encryption system’s logs' },
          person: null,
          dueAt: iso(now + 2 * DAY),
          overdue: false,
        },
      ],
    },
    weather:
      weather === 'lost' ? null : weather === 'none' ? [] : weather === 'three rooms' ? rooms : rooms.slice(0, 1),
  };
}

/** A fire in a plan without clocks: people first, nothing runs down but what is asked of them. */
export function fireAt(now: number, over: Partial<IncidentView> = {}): IncidentView {
  const outage = outageAt(now);
  const [told, asked] = outage.steps;
  if (told === undefined || asked === undefined) throw new Error('the outage has lost its steps');
  const task = (id: string, zh: string, en: string, change: Partial<typeof asked> = {}) => ({
    ...{
      ...asked,
      id,
      kind: 'task' as const,
      title: { zh, en },
      answers: [],
      contact: null,
      phone: null,
      script: null,
    },
    ...change,
  });
  return {
    ...outage,
    id: '2026-11-22-fire-1',
    plan: { id: 'fire', version: '1', title: { zh: '火灾', en: 'Fire' } },
    level: 'major',
    phase: 'responding',
    openedAt: iso(now - 74_000),
    cause: { zh: '烟雾探测器报警', en: 'The smoke detector has found smoke' },
    headline: { zh: '机房有烟：先撤人，再查看。', en: 'Smoke in the room: people out first, then look.' },
    clocks: null,
    acknowledged: null,
    escalation: {
      told: [{ zh: '高洁', en: 'Gao Jie' }],
      next: [{ zh: '周敏', en: 'Zhou Min' }],
      at: iso(now + 170_000),
    },
    steps: [
      { ...told, id: 'tell-all', state: 'done' },
      task('leave', '所有人离开机房', 'Everybody leaves the room', { dueAt: iso(now + 46_000) }),
      task('brigade', '拨打 119', 'Call 119', {
        person: 'zhou-min',
        contact: { zh: '消防', en: 'Fire brigade' },
        phone: '119',
        dueAt: iso(now - 12_000),
      }),
      {
        ...told,
        id: 'siren',
        kind: 'act',
        title: { zh: '鸣响声光报警器', en: 'Sound the siren' },
        state: 'running',
        startedAt: iso(now - 60_000),
        expectedS: 3,
        endedAt: null,
      },
      task('look', '从门外查看，不进入', 'Look from the door, do not go in', {
        state: 'pending',
        dueAt: null,
        after: ['leave'],
      }),
      task('count', '清点人数', 'Count heads', { state: 'pending', dueAt: null, after: ['leave'] }),
    ],
    timeline: [],
    ...over,
  };
}

/** Two ways of everything, as a larger room has it. */
export function redundantAt(now: number): DeviceView[] {
  const [template] = devicesAt(now);
  if (template === undefined) throw new Error('no template');
  const rest = devicesAt(now).filter(({ kind, id }) => kind === 'sensor' || id === 'ac-1');
  const row = (id: string, kind: DeviceView['kind'], zh: string, en: string, feeds: string[], minFeeds?: number) => ({
    ...{ ...template, id, kind, name: { zh, en }, feeds, state: 'responding' as const, limits: [], place: null },
    ...(minFeeds === undefined ? {} : { minFeeds }),
  });
  const both = (n: number): string[] => [`pdu-a/${n}`, `pdu-b/${n}`];
  return [
    row('feed-a', 'feed', '市电一路', 'Mains feed A', []),
    row('feed-b', 'feed', '市电二路', 'Mains feed B', []),
    row('ups-a', 'ups', 'UPS 甲', 'UPS A', ['feed-a']),
    row('ups-b', 'ups', 'UPS 乙', 'UPS B', ['feed-b']),
    row('sts-1', 'pdu', '静态切换', 'Static transfer', ['ups-a', 'ups-b']),
    row('pdu-a', 'pdu', '列头柜甲', 'Board A', ['ups-a']),
    row('pdu-b', 'pdu', '列头柜乙', 'Board B', ['ups-b']),
    ...[1, 2, 3, 4].map((n) => row(`srv-${n}`, 'server', `${n} 号服务器`, `Server ${n}`, both(n))),
    row('array-9', 'storage', '磁盘阵列', 'Disk array', both(5), 2),
    row('core-sw', 'network', '核心交换机', 'Core switch', ['sts-1']),
    row('old-srv', 'server', '旧服务器（单电源）', 'Old server (one supply)', ['pdu-b/6']),
    row('ac-9', 'cooling', '精密空调', 'Air conditioner', ['feed-a']),
    ...rest,
  ];
}
