import type { AlertView } from '#core/alert.ts';
import type { DeviceView, HistoryResponse, ReadingView, SiteView } from '#core/api.ts';
import { definePoint } from '#core/points.ts';
import type { Quality, Value } from '#core/reading.ts';
import type { SimulatorState } from '#core/simulator.ts';
import type { Text } from '#core/text.ts';

/** A room like the sample site's, for looking at the page without the service. */

const text = (zh: string, en: string): Text => ({ zh, en });
export const iso = (at: number): string => new Date(at).toISOString();

export function siteAt(now: number, simulation = true): SiteView {
  return {
    id: 'sample',
    name: text('示例机房', 'Sample machine room'),
    address: text('示例市样本路 1 号', '1 Sample Road, Sample City'),
    floor: text('办公楼三层 301', 'room 301, third floor'),
    timeZone: 'Asia/Shanghai',
    language: 'zh',
    simulation,
    version: '0.1.0',
    armed: true,
    armedBy: 'zhou-min',
    workingHours: false,
    duty: {
      person: 'gao-jie',
      name: text('高洁', 'Gao Jie'),
      phone: '+86 100 0000 0003',
      until: iso(now + 4 * 86_400_000),
    },
    clock: { now: iso(now), speed: 1 },
    people: [
      { id: 'zhou-min', name: text('周敏', 'Zhou Min'), functions: ['director'] },
      { id: 'lin-hao', name: text('林浩', 'Lin Hao'), functions: ['deputy', 'equipment-administrator'] },
      { id: 'gao-jie', name: text('高洁', 'Gao Jie'), functions: ['network-administrator'] },
    ],
    contacts: [
      {
        id: 'power-department',
        name: text('动力分公司配电室', 'Power department (distribution room)'),
        phone: '100 0000 0100',
      },
      { id: 'fire-brigade', name: text('消防', 'Fire brigade'), phone: '119' },
    ],
  };
}

type Row = [
  id: string,
  zh: string,
  en: string,
  kind: DeviceView['kind'],
  x: number,
  y: number,
  profile: string | null,
  feeds: string[],
];
const ROWS: Row[] = [
  ['ups-1', 'UPS 一号', 'UPS 1', 'ups', 1, 5, 'rfc1628-ups', []],
  ['ac-1', '精密空调', 'Air conditioner', 'cooling', 7, 5, 'liebert-lgp-cooling', []],
  ['pdu-1', '配电单元', 'Power distribution unit', 'pdu', 2, 5, 'apc-rpdu2', ['ups-1']],
  ['th-1', '温湿度 冷通道前', 'Temperature/humidity: cold aisle, front', 'sensor', 2, 1, 'zigbee2mqtt-climate', []],
  ['th-2', '温湿度 冷通道后', 'Temperature/humidity: cold aisle, back', 'sensor', 6, 1, 'zigbee2mqtt-climate', []],
  ['th-3', '温湿度 热通道', 'Temperature/humidity: hot aisle', 'sensor', 4, 4, 'zigbee2mqtt-climate', []],
  ['th-4', '温湿度 空调回风', 'Temperature/humidity: return air', 'sensor', 7, 4, 'zigbee2mqtt-climate', []],
  ['smoke-1', '烟雾探测器', 'Smoke detector', 'sensor', 4, 2, 'zigbee2mqtt-smoke', []],
  ['leak-1', '漏水探测器', 'Leak detector', 'sensor', 7, 6, 'zigbee2mqtt-leak', []],
  ['door-1', '机房门', 'Room door', 'sensor', 0, 3, 'zigbee2mqtt-contact', []],
  ['server-1', '一号服务器（业务系统）', 'Server 1 (business system)', 'server', 3, 2, null, ['pdu-1/1']],
  ['server-2', '二号服务器（数据库）', 'Server 2 (database)', 'server', 4, 2, null, ['pdu-1/2']],
  ['server-3', '三号服务器（文件）', 'Server 3 (files)', 'server', 5, 2, null, ['pdu-1/3']],
  ['array-1', '磁盘阵列', 'Disk array', 'storage', 6, 2, null, ['pdu-1/4']],
  ['switch-1', '核心交换机', 'Core switch', 'network', 6, 3, null, ['pdu-1/5']],
  ['display-1', '大屏与照明', 'Wall screens and lights', 'display', 0, 1, null, ['pdu-1/6']],
  ['monitor-1', '值守主机', 'This monitor', 'monitor', 0, 5, null, ['pdu-1/7']],
];

const LIMITS: Record<string, DeviceView['limits']> = {
  'th-1': [
    { point: 'ambient.temperature', rule: 'temperature-high', above: 27, below: null, clear: 26, severity: 'medium' },
    { point: 'ambient.temperature', rule: 'temperature-critical', above: 32, below: null, clear: 30, severity: 'high' },
  ],
};

export function devicesAt(now: number): DeviceView[] {
  return ROWS.map(([id, zh, en, kind, x, y, profile, feeds]) => {
    const isRead = profile !== null || ['server', 'storage', 'network'].includes(kind);
    const isServer = kind === 'server';
    return {
      id,
      name: text(zh, en),
      kind,
      room: 'core',
      place: { x, y },
      profile,
      intervalS: kind === 'sensor' ? 30 : 10,
      source: profile?.startsWith('zigbee') ? 'mqtt' : profile === null ? (isRead ? 'reach' : 'none') : 'snmp',
      state: isRead ? 'responding' : 'unknown',
      lastSeenAt: isRead ? iso(now - 4000) : null,
      failures: 0,
      labels: kind === 'pdu' ? { 'outlet.1.status': 'Business system' } : {},
      reason: null,
      dependsOn: isServer ? ['array-1', 'switch-1'] : id === 'array-1' ? ['switch-1'] : [],
      feeds,
      operations: isServer
        ? ['backup', 'shutdown', 'power_off', 'start']
        : id === 'display-1'
          ? ['shed', 'restore']
          : [],
      limits: LIMITS[id] ?? [],
      note: null,
    };
  });
}

export interface RoomState {
  mains: boolean;
  charge: number;
  smoke: boolean;
  off: Set<string>;
  /** `device/point` → how it is doubtful. */
  doubtful: Map<string, Quality>;
  /** `device/point` → what it says instead. */
  values: Map<string, Value>;
}

export const quietRoom = (): RoomState => ({
  mains: true,
  charge: 100,
  smoke: false,
  off: new Set(),
  doubtful: new Map(),
  values: new Map(),
});

const WATTS = [412, 438, 395, 520, 180, 260, 65];

/** Every reading of the room at an instant; figures move a little with time, the same way each run. */
export function readingsAt(now: number, room: RoomState): ReadingView[] {
  const wave = (period: number, depth: number): number => Math.sin(now / period) * depth;
  const consumers = ROWS.filter(([, , , , , , , feeds]) => feeds[0]?.startsWith('pdu-1/'));
  const watts = consumers.map(([id], index) =>
    room.off.has(id) ? 0 : (WATTS[index] ?? 0) + wave(9000 + index * 777, 6),
  );
  const total = watts.reduce((sum, one) => sum + one, 0);
  const rows: [device: string, point: string, value: Value | null][] = [
    ['ups-1', 'ups.status', room.mains ? 'OL' : 'OB DISCHRG'],
    ['ups-1', 'ups.load', total / 54 + 0.4],
    ['ups-1', 'battery.charge', room.charge],
    ['ups-1', 'battery.runtime', Math.round((room.charge / 100) * 4260)],
    ['ups-1', 'input.voltage', room.mains ? 228 + wave(11_000, 2) : 0],
    ['ups-1', 'output.voltage', 220 + wave(13_000, 0.6)],
    ['ups-1', 'input.frequency', room.mains ? 50 + wave(17_000, 0.04) : 0],
    ['ups-1', 'battery.temperature', 24.5],
    ['ac-1', 'cooling.status', 'on'],
    ['ac-1', 'cooling.supply.temperature', 16.8 + wave(60_000, 0.5)],
    ['ac-1', 'cooling.return.temperature', 29.4 + wave(70_000, 0.4)],
    ['ac-1', 'cooling.setpoint', 24],
    ['th-1', 'ambient.temperature', 22.4 + wave(80_000, 0.3)],
    ['th-1', 'ambient.humidity', 46 + wave(90_000, 1)],
    ['th-2', 'ambient.temperature', 23.1 + wave(85_000, 0.3)],
    ['th-2', 'ambient.humidity', 44.8],
    ['th-3', 'ambient.temperature', 33.6 + wave(75_000, 0.4)],
    ['th-3', 'ambient.humidity', 27.5],
    ['th-4', 'ambient.temperature', 29.9 + wave(78_000, 0.3)],
    ['th-4', 'ambient.humidity', 33.2],
    ['th-1', 'sensor.battery', 83],
    ['smoke-1', 'room.smoke', room.smoke],
    ['leak-1', 'room.leak', false],
    ['door-1', 'room.door', false],
    ...consumers.flatMap(([id], index): [string, string, Value][] => [
      ['pdu-1', `outlet.${index + 1}.status`, room.off.has(id) ? 'off' : 'on'],
      ['pdu-1', `outlet.${index + 1}.realpower`, watts[index] ?? 0],
    ]),
    ...['server-1', 'server-2', 'server-3', 'array-1', 'switch-1'].map((id): [string, string, Value] => [
      id,
      'host.reachable',
      !room.off.has(id),
    ]),
  ];
  return rows.map(([device, point, usual]) => {
    const value = room.values.get(`${device}/${point}`) ?? usual;
    const quality = room.doubtful.get(`${device}/${point}`) ?? 'good';
    return {
      device,
      point,
      value,
      unit: definePoint(point)?.unit ?? '',
      quality,
      reason: quality === 'good' ? null : quality === 'stale' ? 'no answer for 412s' : 'out of range',
      measuredAt: iso(quality === 'stale' ? now - 412_000 : now - 800),
      receivedAt: iso(quality === 'stale' ? now - 412_000 : now - 500),
      changedAt: iso(now - 61_000),
      simulated: true,
    };
  });
}

export function historyOf(device: string, point: string, from: number, to: number, points: number): HistoryResponse {
  const base = readingsAt(to, quietRoom()).find((one) => one.device === device && one.point === point);
  const stepS = Math.max(1, Math.round((to - from) / 1000 / points));
  const number = typeof base?.value === 'number' ? base.value : null;
  const ats = Array.from({ length: points }, (_, index) => from + index * stepS * 1000);
  const swing = Math.max(0.3, Math.abs(number ?? 0) * 0.02);
  return {
    device,
    point,
    unit: definePoint(point)?.unit ?? '',
    from: iso(from),
    to: iso(to),
    stepS,
    buckets:
      number === null
        ? []
        : ats
            // A gap, as after a lost sensor.
            .filter((_, index) => index < points * 0.4 || index > points * 0.45)
            .map((at) => {
              const mean = number + Math.sin(at / 900_000) * swing + Math.sin(at / 211_000) * swing * 0.3;
              return { at: iso(at), mean, min: mean - swing * 0.5, max: mean + swing * 0.6, count: stepS, coverage: 1 };
            }),
    changes: number === null ? [{ at: iso(from + 60_000), value: base?.value ?? null, quality: 'good' }] : [],
    truncated: false,
  };
}

export function alertAt(now: number, over: Partial<AlertView> = {}): AlertView {
  return {
    id: 'mains-lost:ups-1',
    rule: 'mains-lost',
    device: 'ups-1',
    title: text('市电中断，UPS 电池供电', 'Mains lost, UPS on battery'),
    severity: 'high',
    safety: false,
    state: 'firing',
    value: 'OB DISCHRG',
    point: 'ups.status',
    consequence: text('电池耗尽后设备断电', 'Equipment loses power when the battery is empty'),
    response: text('打开停电事件，致电配电室询问恢复时间', 'Open the outage incident and call the power department'),
    respondWithinS: 300,
    since: iso(now - 522_000),
    firedAt: iso(now - 522_000),
    acknowledged: null,
    clearedAt: null,
    inhibitedBy: null,
    silenced: null,
    doubtful: false,
    simulated: true,
    ...over,
  };
}

export function simulatorAt(now: number, room: RoomState): SimulatorState {
  return {
    at: iso(now),
    speed: 1,
    mains: room.mains,
    battery: { chargePercent: room.charge, trueRemainingS: room.mains ? null : room.charge * 36, runtimeFactor: 1.4 },
    loadWatts: 2270,
    roomTemperatureC: 23.4,
    cooling: true,
    smoke: room.smoke,
    leak: false,
    doorOpen: false,
    devices: ['server-1', 'server-2', 'server-3', 'array-1', 'switch-1'].map((device) => ({
      device,
      state: room.off.has(device) ? 'off' : 'running',
      powered: !room.off.has(device),
      fault: 'none',
      backup: 'idle',
    })),
    humidity: 45,
    lines: room.mains ? [220, 220, 220] : [0, 0, 0],
    plannedCuts: [],
    upses: [
      {
        device: 'ups-1',
        mode: room.mains ? 'online' : 'battery',
        chargePercent: room.charge,
        trueRemainingS: room.charge * 36,
        loadWatts: 2270,
        loadPercent: 42,
        testing: false,
      },
    ],
    coolingUnits: [{ device: 'ac-1', working: true, running: room.mains, capacityShare: 1 }],
    sensors: [],
    sirens: [],
    motion: false,
    fireWatts: 0,
    outsideTemperatureC: 27,
    monitor: { diskFull: false, clockOffsetS: 0 },
    faults: [],
  };
}
