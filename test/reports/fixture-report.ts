import type {
  AvailabilityReport,
  ClimateFigures,
  Figure,
  PeriodReport,
  SensorClimate,
  UpsReport,
} from '#core/paperwork/period-report.ts';
import { sameText, type Text } from '#core/text.ts';

/** Made-up reports for papers and page: an ordinary week, a terrible one, one in which nothing was recorded, a year. All names are invented. */

const text = (zh: string, en: string): Text => ({ zh, en });
const figure = (value: number | null, before: number | null = null): Figure => ({ value, before });
const DAY = 86_400_000;
/** Monday 9 November 2026, 00:00 in Shanghai. */
const MONDAY = Date.parse('2026-11-08T16:00:00Z');
const at = (day: number, hour = 0, minute = 0): string =>
  new Date(MONDAY + day * DAY + hour * 3_600_000 + minute * 60_000).toISOString();

const climate = (change: Partial<ClimateFigures> = {}): ClimateFigures => ({
  mean: figure(22.43, 22.08),
  min: figure(20.7, 20.9),
  minAt: at(2, 5, 10),
  max: figure(24.6, 24.1),
  maxAt: at(4, 15, 20),
  coverage: 0.9991,
  outsideS: figure(0, 0),
  degreeHours: figure(0, 0),
  ...change,
});

const humid = (change: Partial<ClimateFigures> = {}): ClimateFigures =>
  climate({
    mean: figure(46.2, 47.9),
    min: figure(41, 42.5),
    max: figure(52.3, 52.3),
    ...change,
  });

const dew = (change: Partial<ClimateFigures> = {}): ClimateFigures =>
  climate({ mean: figure(10.3, 10.4), min: figure(8.2, 8.4), max: figure(12.9, 12.1), ...change });

const LIMITS = {
  temperature: { low: 18, high: 27, unit: '°C', pointName: text('温度', 'Temperature') },
  humidity: { low: null, high: 60, unit: '%', pointName: text('相对湿度', 'Relative humidity') },
  'dew-point': { low: 5.5, high: 15, unit: '°C', pointName: text('露点', 'Dew point') },
} as const;

const sensor = (
  device: string,
  name: Text,
  quantity: SensorClimate['quantity'],
  figures: ClimateFigures,
): SensorClimate => ({
  device,
  name,
  point: quantity === 'dew-point' ? 'ambient.dewpoint' : `ambient.${quantity}`,
  quantity,
  figures,
  ...LIMITS[quantity],
});

const whole = (
  quantity: SensorClimate['quantity'],
  figures: ClimateFigures,
): Omit<SensorClimate, 'device' | 'point'> => ({
  name: LIMITS[quantity].pointName,
  quantity,
  figures,
  ...LIMITS[quantity],
});

const COLD = text('冷通道温湿度', 'Cold aisle sensor');
const HOT = text('热通道温湿度', 'Hot aisle sensor');
const AUXILIARY = text('辅助机房温湿度', 'Auxiliary room sensor');

const ups = (change: Partial<UpsReport> = {}): UpsReport => ({
  device: 'ups-1',
  name: text('UPS 1 号', 'UPS 1'),
  load: { mean: figure(41.2, 40.8), max: figure(55.1, 53.9) },
  charge: { min: figure(100, 100) },
  temperature: { mean: figure(24.4, 24.6), max: figure(26.2, 26) },
  onBatteryS: figure(0, 0),
  transfers: figure(0, 0),
  health: 0.93,
  coverage: 1,
  ...change,
});

const watched = (device: string, name: Text, change: Partial<AvailabilityReport> = {}): AvailabilityReport => ({
  device,
  name,
  availability: figure(1, 1),
  downS: 0,
  outages: [],
  latency: figure(1.8, 1.7),
  maintenanceS: 0,
  ...change,
});

export function ordinaryWeek(change: Partial<PeriodReport> = {}): PeriodReport {
  return {
    id: 'weekly-2026-W46',
    period: 'weekly',
    name: '2026-W46',
    from: at(0),
    to: at(7),
    timeZone: 'Asia/Shanghai',
    siteName: text('示例机房', 'Sample room'),
    simulated: true,
    generatedAt: at(7, 1),
    final: true,
    summary: text(
      '本周机房运行平稳：核心机房平均温度 22.4 ℃、平均湿度 46.2 %，全周未超出 GB 50174-2017 的限值。周三 UPS 1 号做了放电试验，健康度 93 %。例行工作 32 项按时完成，1 项迟做；维修未结 1 项。',
      'The room ran steadily: the core room averaged 22.4 °C and 46.2 % humidity and stayed within GB 50174-2017 all week. UPS 1 was discharged on Wednesday: 93 % of its capacity. 32 duties were done in time, one late; one repair is open.',
    ),
    standard: {
      id: 'gb50174-2017-b',
      name: text('GB 50174-2017 B 级', 'GB 50174-2017 grade B'),
      source: 'GB 50174-2017 附录 A 环境要求',
    },
    rooms: [
      {
        room: 'core',
        name: text('核心机房', 'Core room'),
        whole: [whole('temperature', climate()), whole('humidity', humid()), whole('dew-point', dew())],
        sensors: [
          sensor('th-1', COLD, 'temperature', climate({ mean: figure(21.9, 21.6) })),
          sensor('th-2', HOT, 'temperature', climate({ mean: figure(22.96, 22.6), coverage: 0.8312 })),
          sensor('th-1', COLD, 'humidity', humid()),
          sensor('th-2', HOT, 'humidity', humid({ coverage: 0.8312 })),
          sensor('th-1', COLD, 'dew-point', dew()),
        ],
        charts: ['core-temperature', 'core-humidity'],
      },
      {
        room: 'auxiliary',
        name: text('辅助机房', 'Auxiliary room'),
        whole: [
          whole('temperature', climate({ mean: figure(24.1, null), min: figure(22, null) })),
          whole('humidity', humid()),
        ],
        sensors: [
          sensor('th-3', AUXILIARY, 'temperature', climate({ mean: figure(24.1, null) })),
          sensor('th-3', AUXILIARY, 'humidity', humid()),
        ],
        charts: ['auxiliary-temperature'],
      },
    ],
    excursions: [],
    ups: [ups()],
    cooling: [
      {
        device: 'ac-1',
        name: text('精密空调 1 号', 'Air conditioner 1'),
        figures: [
          { label: text('送风温度，平均', 'Supply air, mean'), unit: '°C', figure: figure(16.4, 16.1) },
          { label: text('回风温度，最高', 'Return air, highest'), unit: '°C', figure: figure(26.1, 26.2) },
        ],
        faults: 0,
        coverage: 0.998,
      },
    ],
    power: [
      {
        device: 'pdu-1',
        name: text('列头柜', 'Distribution cabinet'),
        figures: [
          { label: text('输入电压，最低', 'Input voltage, lowest'), unit: 'V', figure: figure(221.3, 219.8) },
          { label: text('电量', 'Energy'), unit: 'kWh', figure: figure(402.7, 398.2) },
        ],
        faults: 0,
        coverage: 1,
      },
    ],
    network: [
      watched('switch-1', text('核心交换机', 'Core switch')),
      watched('switch-2', text('接入交换机', 'Access switch')),
    ],
    services: [
      watched('web', text('门户网站', 'Web portal'), {
        availability: figure(0.99921, 1),
        downS: 480,
        outages: [{ from: at(3, 2, 10), to: at(3, 2, 18) }],
        latency: figure(42.5, 39.1),
        maintenanceS: 1800,
      }),
      watched('dns', text('域名解析', 'Name service')),
    ],
    incidents: [],
    drills: [
      {
        id: 'drill-7',
        title: text('停电演练', 'Power failure drill'),
        mode: 'drill',
        level: 'ordinary',
        from: at(3, 14),
        to: at(3, 14, 52),
        result: text('已按预案安全关机', 'Shut down by the plan'),
        path: '/incidents/drill-7',
        score: 88,
      },
    ],
    alarms: {
      alarms: figure(9, 14),
      perDay: figure(1.3, 2),
      worstTenMinutes: 2,
      floodShare: figure(0, 0),
      stale: 0,
      chattering: 1,
      pagesPerPerson: [{ person: 'gao-jie', name: text('高洁', 'Gao Jie'), pages: 3 }],
      bySeverity: { high: 0, medium: 2, low: 7 },
      mostFrequent: [
        {
          title: text('热通道温湿度离线', 'Hot aisle sensor silent'),
          count: 6,
          suggestion: text('时通时断：检查网线与供电', 'Comes and goes: look at its cable and supply'),
        },
      ],
    },
    duties: {
      from: at(0),
      to: at(7),
      duties: [
        {
          duty: 'patrol',
          title: text('每日巡检', 'Daily patrol'),
          done: 6,
          late: 1,
          missed: 0,
          waived: 0,
          rate: 6 / 7,
        },
        {
          duty: 'friday',
          title: text('周五消防检查', 'Friday fire safety'),
          done: 1,
          late: 0,
          missed: 0,
          waived: 0,
          rate: 1,
        },
        {
          duty: 'cleaning',
          title: text('周四打扫', 'Thursday cleaning'),
          done: 1,
          late: 0,
          missed: 0,
          waived: 0,
          rate: 1,
        },
      ],
    },
    missedDuties: [],
    repairs: [
      {
        entry: 'r-12',
        register: 'repairs',
        title: text('热通道温湿度：更换网线', 'Hot aisle sensor: new cable'),
        state: text('已批准', 'approved'),
        open: true,
        dueAt: at(11),
        path: '/registers/repairs/entries/r-12',
      },
    ],
    changes: [],
    batteryTests: [
      {
        id: 'bt-ups-1-2026-11-11',
        device: 'ups-1',
        name: text('UPS 1 号', 'UPS 1'),
        at: at(2, 14),
        result: text('放电 62 %，按此负载可支撑 41 分钟', 'Discharged 62 %; lasts 41 min at this load'),
        health: 0.93,
        before: 0.95,
        chart: 'battery-bt-ups-1-2026-11-11',
      },
    ],
    tasks: [
      {
        id: 't-1',
        title: text('更新应急联系人名单', 'Update the emergency contacts'),
        owner: text('林浩', 'Lin Hao'),
        state: 'done',
        dueAt: at(4),
      },
    ],
    minutes: [
      {
        meeting: '2026-11-09',
        text: text('采购备用温湿度传感器两只', 'Buy two spare sensors'),
        owner: text('高洁', 'Gao Jie'),
        dueAt: at(14),
        state: 'open',
      },
    ],
    onDuty: [
      { function: 'duty', person: 'gao-jie', name: text('高洁', 'Gao Jie'), from: at(0), to: at(3) },
      { function: 'duty', person: 'lin-hao', name: text('林浩', 'Lin Hao'), from: at(3), to: at(7) },
    ],
    gaps: [
      text(
        '热通道温湿度 11月10日 08:00 至 11月11日 12:20 没有读数：设备离线',
        'Hot aisle sensor: no readings from 10 Nov 08:00 to 11 Nov 12:20, the device was silent',
      ),
    ],
    ...change,
  };
}

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

/** Nobody watched: a new site's first week. */
export const emptyWeek = (): PeriodReport =>
  ordinaryWeek({
    summary: text(
      '本周没有任何记录：系统在周末才开始运行。',
      'Nothing was recorded this week: the system began to run at its end.',
    ),
    rooms: [],
    ups: [],
    cooling: [],
    power: [],
    network: [],
    services: [],
    drills: [],
    alarms: null,
    duties: { from: at(0), to: at(7), duties: [] },
    repairs: [],
    batteryTests: [],
    tasks: [],
    minutes: [],
    onDuty: [],
    simulated: false,
    final: false,
    gaps: [text('没有温湿度测点', 'There are no temperature or humidity sensors')],
  });

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
