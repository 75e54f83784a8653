import type {
  AvailabilityReport,
  ClimateFigures,
  Figure,
  PeriodReport,
  SensorClimate,
  UpsReport,
} from '#core/paperwork/period-report.ts';
import type { Text } from '#core/text.ts';

/** Made-up reports for papers and page: an ordinary week, a terrible one, one in which nothing was recorded, a year. All names are invented. */

export const text = (zh: string, en: string): Text => ({ zh, en });
export const figure = (value: number | null, before: number | null = null): Figure => ({ value, before });
export const DAY = 86_400_000;
/** Monday 9 November 2026, 00:00 in Shanghai. */
const MONDAY = Date.parse('2026-11-08T16:00:00Z');
export const at = (day: number, hour = 0, minute = 0): string =>
  new Date(MONDAY + day * DAY + hour * 3_600_000 + minute * 60_000).toISOString();

export const climate = (change: Partial<ClimateFigures> = {}): ClimateFigures => ({
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

export const humid = (change: Partial<ClimateFigures> = {}): ClimateFigures =>
  climate({
    mean: figure(46.2, 47.9),
    min: figure(41, 42.5),
    max: figure(52.3, 52.3),
    ...change,
  });

export const dew = (change: Partial<ClimateFigures> = {}): ClimateFigures =>
  climate({ mean: figure(10.3, 10.4), min: figure(8.2, 8.4), max: figure(12.9, 12.1), ...change });

const LIMITS = {
  temperature: { low: 18, high: 27, unit: '°C', pointName: text('温度', 'Temperature') },
  humidity: { low: null, high: 60, unit: '%', pointName: text('相对湿度', 'Relative humidity') },
  'dew-point': { low: 5.5, high: 15, unit: '°C', pointName: text('露点', 'Dew point') },
} as const;

export const sensor = (
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

export const whole = (
  quantity: SensorClimate['quantity'],
  figures: ClimateFigures,
): Omit<SensorClimate, 'device' | 'point'> => ({
  name: LIMITS[quantity].pointName,
  quantity,
  figures,
  ...LIMITS[quantity],
});

export const COLD = text('冷通道温湿度', 'Cold aisle sensor');
const HOT = text('热通道温湿度', 'Hot aisle sensor');
const AUXILIARY = text('辅助机房温湿度', 'Auxiliary room sensor');

export const ups = (change: Partial<UpsReport> = {}): UpsReport => ({
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

export const watched = (device: string, name: Text, change: Partial<AvailabilityReport> = {}): AvailabilityReport => ({
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
