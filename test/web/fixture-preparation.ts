import type { PlannedOutage } from '#core/outage.ts';
import type { ReadinessView } from '#core/readiness.ts';
import type { TaskView } from '#core/task.ts';
import { iso } from './fixture-room.ts';

/** What is ready and what is announced. */

export const readinessAt = (now: number): ReadinessView => ({
  at: iso(now),
  state: 'warn',
  ok: 2,
  of: 3,
  testing: false,
  lastTestAt: iso(now - 3_600_000),
  nextTestAt: iso(now + 82_800_000),
  battery: [
    {
      plan: 'power-outage',
      case: 'full',
      runtimeS: 5400,
      needS: 2400,
      bareNeedS: 900,
      marginS: 600,
      fits: 'with-backups',
      upses: [
        { ups: 'ups-1', runtimeS: 5400 },
        { ups: 'ups-2', runtimeS: 7200 },
      ],
    },
    {
      plan: 'power-outage',
      case: 'aged',
      runtimeS: 2700,
      needS: 2400,
      bareNeedS: 900,
      marginS: 600,
      fits: 'bare',
      upses: [],
    },
    {
      plan: 'power-outage',
      case: 'now',
      runtimeS: null,
      needS: 2400,
      bareNeedS: 900,
      marginS: 600,
      fits: null,
      upses: [],
    },
  ],
  items: [
    {
      id: 'target/server-1/shutdown',
      kind: 'target',
      state: 'ok',
      title: { zh: '服务器 1：shutdown', en: 'Server 1: shutdown' },
      detail: { zh: '登录成功', en: 'signed in' },
      device: 'server-1',
      testedAt: iso(now - 3_600_000),
    },
    {
      id: 'drill/power-outage',
      kind: 'drill',
      state: 'warn',
      title: { zh: '演练：停电应急', en: 'Drill: Power outage' },
      detail: { zh: '还没有演练过，请安排一次。', en: 'Never practised: arrange a drill.' },
      device: null,
      testedAt: null,
    },
    {
      id: 'people/duty',
      kind: 'people',
      state: 'ok',
      title: { zh: '值班', en: 'Duty' },
      detail: { zh: '有人', en: 'somebody' },
      device: null,
      testedAt: null,
    },
  ],
});

export const outagesAt = (now: number): PlannedOutage[] => [
  {
    id: 'planned-1',
    from: iso(now + 86_400_000),
    to: iso(now + 93_600_000),
    upses: [],
    reason: '配电室检修',
    by: 'gao-jie',
    at: iso(now - 3_600_000),
    cancelled: null,
  },
];

export const tasksAt = (now: number): TaskView[] => [
  {
    id: 'task-1',
    version: 'v1',
    title: { zh: '给二号服务器换电源线', en: 'Replace the cord of server 2' },
    state: 'open',
    owner: 'gao-jie',
    dueAt: iso(now - 86_400_000),
    overdue: true,
    incident: null,
    plan: null,
    drill: false,
    createdAt: iso(now - 20 * 86_400_000),
    createdBy: 'gao-jie',
    history: [{ at: iso(now - 86_400_000), by: 'gao-jie', change: 'owner: - → gao-jie', note: null }],
  },
];
