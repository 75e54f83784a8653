import type { PeriodReport } from '#core/paperwork/period-report.ts';
import { sameText } from '#core/text.ts';
import {
  at,
  COLD,
  climate,
  DAY,
  dew,
  figure,
  humid,
  ordinaryWeek,
  sensor,
  text,
  ups,
  watched,
  whole,
} from './fixture-report.ts';

/** Made-up reports that are hard on paper: everything wrong at once, names that are too long, a whole year. */

const LONG = text(
  '核心机房东侧第三列机柜背面上部（含盘纤盒与配线架）温湿度一体传感器，二〇一九年加装',
  'Core room, east side, third row of racks, upper back (with splice box and patch panel), combined temperature and humidity sensor, added in 2019',
);

/** Heat, an outage, floods of alarms, nothing done, half of it unrecorded, names that are too long. */
export function terribleWeek(): PeriodReport {
  const hot = climate({
    mean: figure(26.9, 22.1),
    max: figure(38.6, 24.1),
    maxAt: at(2, 4, 40),
    outsideS: figure(41_400, 0),
    degreeHours: figure(61.7, 0),
    coverage: 0.612,
  });
  const damp = humid({
    mean: figure(57.3, 46.2),
    max: figure(81, 52.3),
    outsideS: figure(18_000, 0),
    degreeHours: figure(104.2, 0),
  });
  const week = ordinaryWeek();
  return {
    ...week,
    id: 'weekly-2026-W47',
    name: '2026-W47',
    summary: text(
      '本周发生两起事件。周三凌晨空调停机，核心机房最高 38.6 ℃，超限共 11 小时 30 分；同夜市电中断 47 分钟，服务器按预案关机。例行巡检两天未做，三项维修逾期。记录有缺失：部分数字只代表六成时间。',
      'Two incidents this week. On Wednesday night the cooling stopped: the core room reached 38.6 °C and was out of limits for 11 h 30 min; mains failed for 47 minutes the same night and the servers were shut down by the plan. Two patrols were missed, three repairs are overdue. Parts of the record are missing: some figures tell of 60 % of the time only.',
    ),
    rooms: week.rooms.map((room) =>
      room.room !== 'core'
        ? room
        : {
            ...room,
            whole: [
              whole('temperature', hot),
              whole('humidity', damp),
              whole(
                'dew-point',
                dew({
                  mean: figure(null, 10.4),
                  min: figure(null),
                  max: figure(null),
                  minAt: null,
                  maxAt: null,
                  coverage: 0,
                }),
              ),
            ],
            sensors: [
              sensor('th-1', COLD, 'temperature', hot),
              sensor('th-9', LONG, 'temperature', climate({ ...hot, coverage: 0.31 })),
              ...Array.from({ length: 30 }, (_, index) =>
                sensor(
                  `th-${index + 10}`,
                  text(`机柜 ${index + 1} 前`, `Rack ${index + 1} front`),
                  'temperature',
                  climate({ mean: figure(22 + index / 7, 22) }),
                ),
              ),
              sensor('th-1', COLD, 'humidity', damp),
            ],
          },
    ),
    excursions: Array.from({ length: 22 }, (_, index) => ({
      device: index % 3 === 0 ? 'th-9' : 'th-1',
      name: index % 3 === 0 ? LONG : COLD,
      point: 'ambient.temperature',
      pointName: text('温度', 'Temperature'),
      unit: '°C',
      from: at(2, 1 + (index % 20)),
      to: at(2, 1 + (index % 20), 44),
      worst: 38.6 - index / 3,
      worstAt: at(2, 1 + (index % 20), 20),
      limit: 27,
      degreeHours: 9.4 - index / 4,
      joined:
        index < 4
          ? [
              {
                kind: 'incident' as const,
                id: 'i-1',
                title: text('空调全部停机', 'All cooling stopped'),
                path: '/incidents/i-1',
              },
              {
                kind: 'entry' as const,
                id: 'e-1',
                title: text('维修：压缩机更换', 'Repair: compressor replaced'),
                path: '/registers/repairs/entries/e-1',
              },
            ]
          : [],
    })),
    ups: [
      ups({ onBatteryS: figure(2820, 0), transfers: figure(3, 0), charge: { min: figure(11, 100) }, health: 0.71 }),
      ups({ device: 'ups-2', name: LONG, health: null, temperature: null, coverage: 0.5 }),
    ],
    cooling: week.cooling.map((one) => ({ ...one, faults: 4 })),
    network: [
      watched('switch-1', text('核心交换机', 'Core switch'), {
        availability: figure(0.9712, 1),
        downS: 17_400,
        outages: [1, 2, 3, 4, 5].map((day) => ({ from: at(day, 3), to: at(day, 4) })),
      }),
      watched('switch-2', LONG, { availability: figure(null, 1), latency: figure(null) }),
    ],
    incidents: [
      {
        id: 'i-1',
        title: text('空调全部停机', 'All cooling stopped'),
        mode: 'live',
        level: 'serious',
        from: at(2, 1, 12),
        to: at(2, 9, 5),
        result: text('危险已解除，设备已恢复', 'The danger is over, the equipment runs again'),
        path: '/incidents/i-1',
        score: null,
      },
      {
        id: 'i-2',
        title: text('市电中断', 'Mains lost'),
        mode: 'live',
        level: 'major',
        from: at(2, 3, 4),
        to: null,
        result: text('', ''),
        path: '/incidents/i-2',
        score: null,
      },
    ],
    drills: [],
    alarms: {
      alarms: figure(412, 9),
      perDay: figure(58.9, 1.3),
      worstTenMinutes: 64,
      floodShare: figure(0.071, 0),
      stale: 5,
      chattering: 12,
      pagesPerPerson: [
        { person: 'gao-jie', name: text('高洁', 'Gao Jie'), pages: 43 },
        { person: 'lin-hao', name: text('林浩', 'Lin Hao'), pages: 17 },
      ],
      bySeverity: { high: 120, medium: 160, low: 132 },
      mostFrequent: Array.from({ length: 10 }, (_, index) => ({
        title: index === 0 ? LONG : text(`机柜 ${index} 前温度高`, `Rack ${index} front too warm`),
        count: 60 - index * 5,
        suggestion: index % 2 === 0 ? text('加回差，或延长持续时间', 'Add hysteresis, or a longer time') : null,
      })),
    },
    duties: {
      ...week.duties,
      duties: week.duties.duties.map((one, index) =>
        index === 0 ? { ...one, done: 3, late: 2, missed: 2, rate: 3 / 7 } : one,
      ),
    },
    missedDuties: [1, 2].map((day) => ({
      id: `patrol@2026-11-1${day}`,
      title: text('每日巡检', 'Daily patrol'),
      dueAt: at(day, 18),
      state: 'missed',
    })),
    repairs: [1, 2, 3].map((n) => ({
      entry: `r-${n}`,
      register: 'repairs',
      title: n === 2 ? LONG : text(`压缩机 ${n} 更换`, `Compressor ${n} replaced`),
      state: text('送修中', 'at the workshop'),
      open: true,
      dueAt: at(n),
      path: `/registers/repairs/entries/r-${n}`,
    })),
    changes: [
      {
        entry: 'c-1',
        register: 'changes',
        title: text('空调设定值 24 ℃ → 21 ℃', 'Set-point 24 °C → 21 °C'),
        state: text('未经批准', 'without consent'),
        open: true,
        dueAt: null,
        path: '/registers/changes/entries/c-1',
      },
    ],
    batteryTests: [],
    tasks: week.tasks.map((one) => ({ ...one, owner: null, state: 'overdue' as const })),
    minutes: week.minutes.map((one) => ({ ...one, dueAt: at(3), state: 'overdue' as const })),
    gaps: [
      ...week.gaps,
      text(
        '告警记录自 11月11日 04:00 起不完整：数据库不可用 2 小时',
        'The record of alarms is incomplete from 11 Nov 04:00: the store was down for 2 hours',
      ),
    ],
  };
}

export function wholeYear(): PeriodReport {
  const week = ordinaryWeek();
  const from = Date.parse('2025-12-31T16:00:00Z');
  return {
    ...terribleWeek(),
    id: 'yearly-2026',
    period: 'yearly',
    name: '2026',
    from: new Date(from).toISOString(),
    to: new Date(from + 365 * DAY).toISOString(),
    generatedAt: new Date(from + 365 * DAY + 3_600_000).toISOString(),
    summary: text(
      '全年核心机房平均温度 22.6 ℃，超限共 63 小时；发生事件 7 起，其中关机 1 次；做了 4 次演练，平均 86 分。',
      'Over the year the core room averaged 22.6 °C and was out of limits for 63 hours; seven incidents, one with a shutdown; four drills, 86 points on average.',
    ),
    batteryTests: week.batteryTests,
    drills: week.drills,
    onDuty: Array.from({ length: 365 }, (_, day) => ({
      function: 'duty',
      person: day % 2 === 0 ? 'gao-jie' : 'lin-hao',
      name: sameText(day % 2 === 0 ? '高洁' : '林浩'),
      from: new Date(from + day * DAY).toISOString(),
      to: new Date(from + (day + 1) * DAY).toISOString(),
    })),
  };
}
