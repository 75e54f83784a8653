import { defineByGrammar } from './point-grammar.ts';

/**
 * The one registry of points: name pattern, unit, plausible range, meaning, source.
 *
 * Names follow RFC 9271 (NUT) where it has them and the same manner beyond. In a pattern `#` stands for a number or a
 * name between dots: `outlet.#.status` covers `outlet.3.status`; a pattern `ambient.#.humidity` also covers `ambient.humidity`
 * through an entry of its own. What devices have beyond this list is named by the grammar of point-grammar.ts.
 */
export const UNITS = [
  '°C',
  '%',
  'V',
  'A',
  'W',
  'VA',
  'Hz',
  's',
  'ms',
  'Pa',
  'm/s',
  'Wh',
  'Ah',
  'K',
  'm³/h',
  'g/m³',
  'lx',
  'ppm',
  'dBm',
  'dB',
  'rpm',
  'var',
  'Ω',
  'l/min',
  'l',
  'm',
  '',
] as const;
export type Unit = (typeof UNITS)[number];

/** What a point's value looks like: a number, a truth (`true` is the abnormal or present state), a word, or a set of words joined by spaces. */
export type PointKind = 'number' | 'boolean' | 'word' | 'set';

export interface PointDefinition {
  readonly pattern: string;
  readonly kind: PointKind;
  readonly unit: Unit;
  /** Values outside are implausible: wrong scale, broken sensor. Numbers only. */
  readonly range?: readonly [low: number, high: number];
  /** The allowed words of a `word` or `set` point. */
  readonly words?: readonly string[];
  readonly meaning: { readonly zh: string; readonly en: string };
  readonly source: string;
}

/** NUT's status tokens, RFC 9271 section 5.1 (`ups.status`) and nut-names; BOOST/TRIM are AVR states. */
export const UPS_STATUS_TOKENS = [
  'OL',
  'OB',
  'LB',
  'HB',
  'RB',
  'CHRG',
  'DISCHRG',
  'BYPASS',
  'CAL',
  'TEST',
  'OFF',
  'OVER',
  'TRIM',
  'BOOST',
  'ECO',
  'ALARM',
  'FSD',
] as const;
export type UpsStatusToken = (typeof UPS_STATUS_TOKENS)[number];

const RFC9271 = 'RFC 9271';
const OWN = 'Zhishou';

type Row = readonly [
  pattern: string,
  kind: PointKind,
  unit: Unit,
  range: readonly [number, number] | null,
  zh: string,
  en: string,
  source?: string,
];

const NUMBERS_AND_TRUTHS: readonly Row[] = [
  ['ups.load', 'number', '%', [0, 200], '负载率', 'Load', RFC9271],
  ['ups.realpower', 'number', 'W', [0, 5_000_000], '有功功率', 'Real power', RFC9271],
  ['ups.power', 'number', 'VA', [0, 5_000_000], '视在功率', 'Apparent power', RFC9271],
  ['ups.realpower.nominal', 'number', 'W', [0, 5_000_000], '额定有功功率', 'Rated real power', RFC9271],
  ['ups.power.nominal', 'number', 'VA', [0, 5_000_000], '额定容量', 'Rated power', RFC9271],
  ['ups.temperature', 'number', '°C', [-40, 120], 'UPS 温度', 'UPS temperature', RFC9271],
  ['ups.efficiency', 'number', '%', [0, 100], '效率', 'Efficiency', RFC9271],
  // −1: no countdown runs.
  ['ups.timer.shutdown', 'number', 's', [-1, 2_147_483_648], '距输出切断', 'Until the output goes off', RFC9271],
  ['ups.timer.start', 'number', 's', [-1, 2_147_483_648], '距输出恢复', 'Until the output comes on', RFC9271],
  ['ups.alarm.count', 'number', '', [0, 1000], '当前告警数', 'Alarms present', 'RFC 1628 upsAlarmsPresent'],
  ['battery.charge', 'number', '%', [0, 100], '电池电量', 'Battery charge', RFC9271],
  ['battery.runtime', 'number', 's', [0, 360_000], '电池可用时间', 'Battery runtime', RFC9271],
  ['battery.voltage', 'number', 'V', [0, 1500], '电池电压', 'Battery voltage', RFC9271],
  ['battery.current', 'number', 'A', [-5000, 5000], '电池电流', 'Battery current', RFC9271],
  ['battery.temperature', 'number', '°C', [-40, 100], '电池温度', 'Battery temperature', RFC9271],
  [
    'battery.on_battery_time',
    'number',
    's',
    [0, 31_536_000],
    '已用电池时间',
    'Time on battery',
    'RFC 1628 upsSecondsOnBattery',
  ],
  ['input.voltage', 'number', 'V', [0, 1000], '输入电压', 'Input voltage', RFC9271],
  ['input.#.voltage', 'number', 'V', [0, 1000], '输入电压', 'Input voltage', RFC9271],
  ['input.current', 'number', 'A', [0, 5000], '输入电流', 'Input current', RFC9271],
  ['input.#.current', 'number', 'A', [0, 5000], '输入电流', 'Input current', RFC9271],
  ['input.frequency', 'number', 'Hz', [0, 100], '输入频率', 'Input frequency', RFC9271],
  ['input.#.frequency', 'number', 'Hz', [0, 100], '输入频率', 'Input frequency', RFC9271],
  ['input.realpower', 'number', 'W', [0, 5_000_000], '输入功率', 'Input power', RFC9271],
  // A lightly loaded phase may read a few watts below zero.
  ['input.#.realpower', 'number', 'W', [-1000, 5_000_000], '输入功率', 'Input power', RFC9271],
  ['input.power', 'number', 'VA', [0, 5_000_000], '输入视在功率', 'Input apparent power', RFC9271],
  ['input.energy', 'number', 'Wh', [0, 1e15], '电能', 'Energy', OWN],
  ['input.#.load', 'number', '%', [0, 300], '输入负载率', 'Input load', RFC9271],
  ['output.voltage', 'number', 'V', [0, 1000], '输出电压', 'Output voltage', RFC9271],
  ['output.#.voltage', 'number', 'V', [0, 1000], '输出电压', 'Output voltage', RFC9271],
  ['output.current', 'number', 'A', [0, 5000], '输出电流', 'Output current', RFC9271],
  ['output.#.current', 'number', 'A', [0, 5000], '输出电流', 'Output current', RFC9271],
  ['output.frequency', 'number', 'Hz', [0, 100], '输出频率', 'Output frequency', RFC9271],
  ['output.#.load', 'number', '%', [0, 300], '输出负载率', 'Output load', RFC9271],
  ['output.#.realpower', 'number', 'W', [-1000, 5_000_000], '输出功率', 'Output power', RFC9271],
  // The phase farthest from their mean, in per cent of the mean.
  [
    'input.current.unbalance',
    'number',
    '%',
    [0, 300],
    '输入电流不平衡度',
    'Input current unbalance',
    'NEMA MG 1 14.36',
  ],
  [
    'output.current.unbalance',
    'number',
    '%',
    [0, 300],
    '输出电流不平衡度',
    'Output current unbalance',
    'NEMA MG 1 14.36',
  ],
  ['output.powerfactor', 'number', '', [-1, 1], '输出功率因数', 'Output power factor', OWN],
  ['bypass.voltage', 'number', 'V', [0, 1000], '旁路电压', 'Bypass voltage', RFC9271],
  ['bypass.#.voltage', 'number', 'V', [0, 1000], '旁路电压', 'Bypass voltage', RFC9271],
  ['bypass.current', 'number', 'A', [0, 5000], '旁路电流', 'Bypass current', RFC9271],
  ['bypass.#.current', 'number', 'A', [0, 5000], '旁路电流', 'Bypass current', RFC9271],
  ['bypass.realpower', 'number', 'W', [0, 5_000_000], '旁路功率', 'Bypass power', RFC9271],
  ['bypass.#.realpower', 'number', 'W', [-1000, 5_000_000], '旁路功率', 'Bypass power', RFC9271],
  ['bypass.frequency', 'number', 'Hz', [0, 100], '旁路频率', 'Bypass frequency', RFC9271],
  ['outlet.#.current', 'number', 'A', [0, 500], '插座电流', 'Outlet current', RFC9271],
  ['outlet.#.realpower', 'number', 'W', [0, 100_000], '插座功率', 'Outlet power', RFC9271],
  ['ambient.temperature', 'number', '°C', [-40, 100], '环境温度', 'Temperature', RFC9271],
  ['ambient.#.temperature', 'number', '°C', [-40, 100], '环境温度', 'Temperature', RFC9271],
  ['ambient.inlet.temperature', 'number', '°C', [-40, 100], '进风温度', 'Inlet air temperature', OWN],
  ['ambient.exhaust.temperature', 'number', '°C', [-40, 100], '出风温度', 'Exhaust air temperature', OWN],
  ['ambient.humidity', 'number', '%', [0, 100], '相对湿度', 'Relative humidity', RFC9271],
  ['ambient.#.humidity', 'number', '%', [0, 100], '相对湿度', 'Relative humidity', RFC9271],
  // Of a class of devices together.
  ['ambient.max.temperature', 'number', '°C', [-40, 100], '最高温度', 'Highest temperature', OWN],
  ['ambient.max.humidity', 'number', '%', [0, 100], '最高相对湿度', 'Highest relative humidity', OWN],
  ['ambient.min.temperature', 'number', '°C', [-40, 100], '最低温度', 'Lowest temperature', OWN],
  ['ambient.min.humidity', 'number', '%', [0, 100], '最低相对湿度', 'Lowest relative humidity', OWN],
  ['ambient.mean.temperature', 'number', '°C', [-40, 100], '平均温度', 'Mean temperature', OWN],
  ['ambient.mean.humidity', 'number', '%', [0, 100], '平均相对湿度', 'Mean relative humidity', OWN],
  ['ambient.spread.temperature', 'number', '°C', [0, 140], '最大温差', 'Temperature spread', OWN],
  ['ambient.spread.humidity', 'number', '%', [0, 100], '最大湿度差', 'Humidity spread', OWN],
  ['ambient.dewpoint', 'number', '°C', [-60, 100], '露点', 'Dew point', OWN],
  ['ambient.#.dewpoint', 'number', '°C', [-60, 100], '露点', 'Dew point', OWN],
  ['ambient.absolutehumidity', 'number', 'g/m³', [0, 600], '绝对湿度', 'Absolute humidity', OWN],
  ['ambient.#.absolutehumidity', 'number', 'g/m³', [0, 600], '绝对湿度', 'Absolute humidity', OWN],
  ['ambient.pressure', 'number', 'Pa', [30_000, 120_000], '气压', 'Air pressure', OWN],
  ['ambient.illuminance', 'number', 'lx', [0, 200_000], '照度', 'Illuminance', OWN],
  ['cooling.supply.temperature', 'number', '°C', [-40, 100], '送风温度', 'Supply air temperature', OWN],
  ['cooling.return.temperature', 'number', '°C', [-40, 100], '回风温度', 'Return air temperature', OWN],
  ['cooling.return.humidity', 'number', '%', [0, 100], '回风湿度', 'Return air humidity', OWN],
  ['cooling.temperature.difference', 'number', 'K', [-140, 140], '送回风温差', 'Supply–return difference', OWN],
  ['cooling.setpoint', 'number', '°C', [5, 50], '温度设定值', 'Temperature set point', OWN],
  ['cooling.setpoint.humidity', 'number', '%', [0, 100], '湿度设定值', 'Humidity set point', OWN],
  ['cooling.capacity', 'number', '%', [0, 200], '制冷输出', 'Cooling output', OWN],
  ['cooling.power', 'number', 'W', [0, 2_000_000], '制冷功率', 'Cooling power', OWN],
  ['cooling.fan.speed', 'number', '%', [0, 200], '风机转速', 'Fan speed', OWN],
  ['cooling.airflow', 'number', 'm³/h', [0, 1_000_000], '风量', 'Air flow', OWN],
  ['sensor.battery', 'number', '%', [0, 100], '传感器电池', 'Sensor battery', OWN],
  ['sensor.linkquality', 'number', '', [0, 255], '链路质量', 'Link quality', 'zigbee2mqtt linkquality'],
  ['sensor.voltage', 'number', 'V', [0, 60], '传感器电压', 'Sensor voltage', OWN],
  ['sensor.rssi', 'number', 'dBm', [-200, 50], '信号强度', 'Signal strength', OWN],
  ['service.latency', 'number', 's', [0, 3600], '响应时间', 'Response time', OWN],
  ['service.#.latency', 'number', 's', [0, 3600], '服务响应时间', 'Response time of a service', OWN],
  // Below zero it has run out.
  [
    'service.certificate.remaining',
    'number',
    's',
    [-3.2e9, 3.2e10],
    '证书剩余有效期',
    'Certificate still valid for',
    OWN,
  ],
  [
    'service.#.certificate.remaining',
    'number',
    's',
    [-3.2e9, 3.2e10],
    '证书剩余有效期',
    'Certificate still valid for',
    OWN,
  ],
  ['dc.voltage', 'number', 'V', [0, 1500], '直流电压', 'DC voltage', OWN],
  ['dc.current', 'number', 'A', [-10_000, 10_000], '直流电流', 'DC current', OWN],
  ['dc.rectifier.#.current', 'number', 'A', [0, 5000], '整流模块电流', 'Rectifier current', OWN],
  ['room.smoke', 'boolean', '', null, '烟雾', 'Smoke', OWN],
  ['room.leak', 'boolean', '', null, '漏水', 'Water leak', OWN],
  ['room.door', 'boolean', '', null, '门已打开', 'Door open', OWN],
  ['room.motion', 'boolean', '', null, '有人移动', 'Motion', OWN],
  ['room.panic', 'boolean', '', null, '紧急按钮', 'Panic button', OWN],
  ['room.siren', 'boolean', '', null, '声光报警器鸣响', 'Siren sounding', OWN],
  ['room.fault', 'boolean', '', null, '探测器故障', 'Detector fault', OWN],
  ['sensor.tamper', 'boolean', '', null, '传感器被拆动', 'Tampered', OWN],
  ['sensor.battery.low', 'boolean', '', null, '传感器电池低', 'Sensor battery low', OWN],
  ['host.reachable', 'boolean', '', null, '主机可达', 'Host reachable', OWN],
  ['device.responding', 'boolean', '', null, '设备应答', 'Device answers', OWN],
  ['service.available', 'boolean', '', null, '服务可用', 'Service available', OWN],
  ['service.#.available', 'boolean', '', null, '服务可用', 'Service available', OWN],
  // No device tells it: rules ask the site's calendar by this name.
  ['calendar.working', 'boolean', '', null, '工作时间', 'Working hours', 'calendar.yaml'],
  [
    'register.signed-in',
    'boolean',
    '',
    null,
    '登记有人在机房',
    'Somebody is signed in to the room',
    'config/registers',
  ],
  ['calendar.holiday', 'boolean', '', null, '法定节假日', 'Public holiday', 'calendar.yaml'],
];

/** How a look at a service from outside ended; all but `ok` mean that people cannot use it. */
export const SERVICE_WORDS = [
  'ok',
  'refused',
  'timed-out',
  'unreachable',
  'name-unknown',
  'broken-off',
  'wrong-status',
  'wrong-content',
  'certificate-untrusted',
  'certificate-expired',
  'certificate-of-another',
] as const;
export type ServiceWord = (typeof SERVICE_WORDS)[number];

const WORDS: readonly PointDefinition[] = [
  {
    pattern: 'service.#.result',
    kind: 'word',
    unit: '',
    words: SERVICE_WORDS,
    meaning: { zh: '服务检查结果', en: 'Result of the check' },
    source: OWN,
  },
  {
    pattern: 'ups.status',
    kind: 'set',
    unit: '',
    words: UPS_STATUS_TOKENS,
    meaning: { zh: 'UPS 状态', en: 'UPS status' },
    source: RFC9271,
  },
  {
    pattern: 'outlet.#.status',
    kind: 'word',
    unit: '',
    words: ['on', 'off'],
    meaning: { zh: '插座状态', en: 'Outlet status' },
    source: RFC9271,
  },
  {
    pattern: 'cooling.status',
    kind: 'word',
    unit: '',
    words: ['on', 'off', 'standby', 'fault'],
    meaning: { zh: '空调状态', en: 'Cooling status' },
    source: OWN,
  },
  {
    pattern: 'battery.status',
    kind: 'word',
    unit: '',
    words: ['normal', 'low', 'depleted', 'unknown', 'fault'],
    meaning: { zh: '电池状态', en: 'Battery status' },
    source: 'RFC 1628 upsBatteryStatus',
  },
  {
    pattern: 'calendar.season',
    kind: 'set',
    unit: '',
    meaning: { zh: '季节', en: 'Season' },
    source: 'calendar.yaml',
  },
  { pattern: 'calendar.time', kind: 'word', unit: '', meaning: { zh: '时刻', en: 'Time of day' }, source: OWN },
  {
    pattern: 'calendar.weekday',
    kind: 'word',
    unit: '',
    words: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
    meaning: { zh: '星期', en: 'Day of the week' },
    source: OWN,
  },
  {
    pattern: 'host.power.status',
    kind: 'word',
    unit: '',
    words: ['on', 'off'],
    meaning: { zh: '主机电源', en: 'Host power' },
    source: 'IPMI 2.0 section 28.2, DSP2046 PowerState',
  },
  { pattern: 'device.model', kind: 'word', unit: '', meaning: { zh: '型号', en: 'Model' }, source: RFC9271 },
  { pattern: 'device.mfr', kind: 'word', unit: '', meaning: { zh: '厂商', en: 'Maker' }, source: RFC9271 },
  { pattern: 'device.serial', kind: 'word', unit: '', meaning: { zh: '序列号', en: 'Serial number' }, source: RFC9271 },
  { pattern: 'device.firmware', kind: 'word', unit: '', meaning: { zh: '固件', en: 'Firmware' }, source: RFC9271 },
  {
    pattern: 'ups.test.result',
    kind: 'word',
    unit: '',
    meaning: { zh: '自检结果', en: 'Self-test result' },
    source: RFC9271,
  },
];

/** Every point the product knows. */
export const POINTS: readonly PointDefinition[] = [
  ...NUMBERS_AND_TRUTHS.map(
    ([pattern, kind, unit, range, zh, en, source]): PointDefinition => ({
      pattern,
      kind,
      unit,
      ...(range === null ? {} : { range }),
      meaning: { zh, en },
      source: source ?? OWN,
    }),
  ),
  ...WORDS,
];

const EXACT = new Map(POINTS.filter((point) => !point.pattern.includes('#')).map((point) => [point.pattern, point]));
const PATTERNS = POINTS.filter((point) => point.pattern.includes('#')).map(
  (point) => [new RegExp(`^${point.pattern.replaceAll('.', '\\.').replace('#', '([A-Za-z0-9_-]+)')}$`), point] as const,
);
const FOUND = new Map<string, PointDefinition>();

/** The definition of a point's name, null when the registry has none. Example: `definePoint('outlet.3.status')?.unit` is `''`. */
export function definePoint(name: string): PointDefinition | null {
  const exact = EXACT.get(name) ?? FOUND.get(name);
  if (exact !== undefined) return exact;
  const built = ofPattern(name) ?? defineByGrammar(name);
  // Names reach here only through validated configuration, so the cache is bounded by it; the cap guards `decode`.
  if (built !== null && FOUND.size < 10_000) FOUND.set(name, built);
  return built;
}

/** The definition of the pattern that a name fits, called as the grammar calls it: 3 号插座状态, not 插座状态. */
function ofPattern(name: string): PointDefinition | null {
  for (const [pattern, point] of PATTERNS) {
    const which = pattern.exec(name)?.[1];
    if (which === undefined) continue;
    const { zh, en } = point.meaning;
    return {
      ...point,
      meaning: defineByGrammar(name)?.meaning ?? { zh: `${zh}（${which}）`, en: `${en} (${which})` },
    };
  }
  return null;
}
