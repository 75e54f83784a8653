import type { PointDefinition, PointKind, Unit } from './points.ts';

/**
 * Points that no list can hold: a device tells whatever parts it has. Such a name is a part, its numbers or names, and a
 * quantity: `rectifier.3.current`, `outlet.group-2.realpower`, `compressor.1.status`, `ambient.probe-4.temperature.setpoint`.
 *
 * The list of points.ts comes first and is what rules and plans are written with; this gives unit, range and words for people
 * to everything else that a profile reads.
 */
type Text = { readonly zh: string; readonly en: string };

const text = (zh: string, en: string): Text => ({ zh, en });

const PARTS: Readonly<Record<string, Text>> = {
  device: text('设备', 'Device'),
  ups: text('UPS', 'UPS'),
  input: text('输入', 'Input'),
  output: text('输出', 'Output'),
  bypass: text('旁路', 'Bypass'),
  source: text('电源', 'Source'),
  ats: text('切换开关', 'Transfer switch'),
  outlet: text('插座', 'Outlet'),
  bank: text('插座组', 'Bank'),
  branch: text('支路', 'Branch'),
  breaker: text('断路器', 'Breaker'),
  phase: text('相', 'Phase'),
  line: text('线路', 'Line'),
  meter: text('电表', 'Meter'),
  pdu: text('PDU', 'PDU'),
  load: text('负载', 'Load'),
  fuse: text('熔断器', 'Fuse'),
  dc: text('直流', 'DC'),
  rectifier: text('整流模块', 'Rectifier'),
  inverter: text('逆变器', 'Inverter'),
  converter: text('变换器', 'Converter'),
  charger: text('充电器', 'Charger'),
  solar: text('光伏', 'Solar'),
  battery: text('电池', 'Battery'),
  string: text('电池串', 'Battery string'),
  cell: text('单体电池', 'Battery cell'),
  generator: text('发电机', 'Generator'),
  engine: text('发动机', 'Engine'),
  fuel: text('燃油', 'Fuel'),
  ambient: text('环境', 'Ambient'),
  room: text('机房', 'Room'),
  door: text('门', 'Door'),
  contact: text('干接点', 'Contact'),
  relay: text('继电器', 'Relay'),
  sensor: text('传感器', 'Sensor'),
  probe: text('探头', 'Probe'),
  cooling: text('空调', 'Cooling'),
  compressor: text('压缩机', 'Compressor'),
  fan: text('风机', 'Fan'),
  pump: text('水泵', 'Pump'),
  valve: text('阀门', 'Valve'),
  damper: text('风阀', 'Damper'),
  filter: text('过滤网', 'Filter'),
  heater: text('加热器', 'Heater'),
  humidifier: text('加湿器', 'Humidifier'),
  dehumidifier: text('除湿', 'Dehumidifier'),
  condenser: text('冷凝器', 'Condenser'),
  evaporator: text('蒸发器', 'Evaporator'),
  water: text('水', 'Water'),
  refrigerant: text('制冷剂', 'Refrigerant'),
  module: text('模块', 'Module'),
  controller: text('控制器', 'Controller'),
  network: text('网络', 'Network'),
  host: text('主机', 'Host'),
  service: text('服务', 'Service'),
  disk: text('磁盘', 'Disk'),
  cpu: text('处理器', 'Processor'),
  memory: text('内存', 'Memory'),
};

type Quantity = readonly [kind: PointKind, unit: Unit, range: readonly [number, number] | null, zh: string, en: string];

const ANY: readonly [number, number] = [-1e15, 1e15];

/** Ranges are wide: they catch a wrong scale and an unmarked sentinel, not an alarm. */
const QUANTITIES: Readonly<Record<string, Quantity>> = {
  temperature: ['number', '°C', [-60, 400], '温度', 'temperature'],
  humidity: ['number', '%', [0, 100], '相对湿度', 'relative humidity'],
  dewpoint: ['number', '°C', [-60, 100], '露点', 'dew point'],
  enthalpy: ['number', '', ANY, '焓', 'enthalpy'],
  voltage: ['number', 'V', [-1_000_000, 1_000_000], '电压', 'voltage'],
  current: ['number', 'A', [-100_000, 100_000], '电流', 'current'],
  realpower: ['number', 'W', [-1e9, 1e9], '有功功率', 'real power'],
  power: ['number', 'VA', [-1e9, 1e9], '视在功率', 'apparent power'],
  reactivepower: ['number', 'var', [-1e9, 1e9], '无功功率', 'reactive power'],
  powerfactor: ['number', '', [-1, 1], '功率因数', 'power factor'],
  crestfactor: ['number', '', [0, 20], '波峰因数', 'crest factor'],
  thd: ['number', '%', [0, 1000], '谐波畸变率', 'harmonic distortion'],
  energy: ['number', 'Wh', [-1e15, 1e15], '电能', 'energy'],
  frequency: ['number', 'Hz', [0, 1000], '频率', 'frequency'],
  angle: ['number', '', [-360, 360], '相位角', 'phase angle'],
  unbalance: ['number', '%', [0, 1000], '不平衡度', 'unbalance'],
  charge: ['number', '%', [0, 100], '电量', 'charge'],
  capacity: ['number', '%', [0, 200], '容量', 'capacity'],
  amphours: ['number', 'Ah', [-1e6, 1e6], '安时', 'ampere-hours'],
  health: ['number', '%', [0, 150], '健康度', 'health'],
  resistance: ['number', 'Ω', [0, 1e9], '电阻', 'resistance'],
  load: ['number', '%', [0, 500], '负载率', 'load'],
  efficiency: ['number', '%', [0, 110], '效率', 'efficiency'],
  level: ['number', '%', [-10, 200], '水平', 'level'],
  position: ['number', '%', [0, 200], '开度', 'position'],
  speed: ['number', '%', [0, 200], '转速', 'speed'],
  rpm: ['number', 'rpm', [0, 200_000], '转速', 'revolutions'],
  airflow: ['number', 'm³/h', [0, 10_000_000], '风量', 'air flow'],
  airspeed: ['number', 'm/s', [0, 200], '风速', 'air speed'],
  flow: ['number', 'l/min', [0, 1_000_000], '流量', 'flow'],
  pressure: ['number', 'Pa', [-1e9, 1e9], '压力', 'pressure'],
  heat: ['number', 'W', [-1e9, 1e9], '热负荷', 'heat'],
  // Seconds of running may go back some decades.
  runtime: ['number', 's', [0, 3.2e9], '运行时间', 'running time'],
  duration: ['number', 's', [-1, 3.2e9], '时长', 'duration'],
  delay: ['number', 's', [-1, 1e8], '延时', 'delay'],
  count: ['number', '', ANY, '计数', 'count'],
  number: ['number', '', ANY, '数值', 'value'],
  ratio: ['number', '', ANY, '比值', 'ratio'],
  percent: ['number', '%', [-1000, 1000], '百分比', 'per cent'],
  illuminance: ['number', 'lx', [0, 1_000_000], '照度', 'illuminance'],
  concentration: ['number', 'ppm', [0, 1_000_000], '浓度', 'concentration'],
  soundlevel: ['number', 'dB', [-200, 200], '声级', 'sound level'],
  rssi: ['number', 'dBm', [-200, 50], '信号强度', 'signal strength'],
  distance: ['number', 'm', [-100_000, 100_000], '距离', 'distance'],
  volume: ['number', 'l', [0, 1e9], '容积', 'volume'],
  status: ['word', '', null, '状态', 'status'],
  mode: ['word', '', null, '模式', 'mode'],
  type: ['word', '', null, '类型', 'type'],
  alarms: ['set', '', null, '告警', 'alarms'],
  alarm: ['boolean', '', null, '告警', 'alarm'],
  active: ['boolean', '', null, '动作', 'active'],
  open: ['boolean', '', null, '打开', 'open'],
  smoke: ['boolean', '', null, '烟雾', 'smoke'],
  leak: ['boolean', '', null, '漏水', 'water leak'],
  motion: ['boolean', '', null, '有人移动', 'motion'],
  vibration: ['boolean', '', null, '振动', 'vibration'],
  tamper: ['boolean', '', null, '被拆动', 'tampered'],
  name: ['word', '', null, '名称', 'name'],
  model: ['word', '', null, '型号', 'model'],
  serial: ['word', '', null, '序列号', 'serial number'],
  firmware: ['word', '', null, '固件', 'firmware'],
};

/** What a number may be besides the measured value: `input.voltage.nominal`, `ambient.1.temperature.high`. */
const ASPECTS: Readonly<Record<string, Text>> = {
  nominal: text('额定', 'rated'),
  setpoint: text('设定', 'set point'),
  minimum: text('最小', 'least'),
  maximum: text('最大', 'greatest'),
  average: text('平均', 'mean'),
  high: text('上限', 'high limit'),
  low: text('下限', 'low limit'),
  critical: text('严重上限', 'critical limit'),
  difference: text('差', 'difference'),
  total: text('合计', 'total'),
};

const LONGEST_NAME = 120;
const MIDDLE = /^[A-Za-z0-9_-]{1,60}$/;

/** The definition of a name by its parts, null when it is not built as the grammar says. */
export function defineByGrammar(name: string): PointDefinition | null {
  if (name.length > LONGEST_NAME) return null;
  const words = name.split('.');
  const aspect = lookUp(ASPECTS, words.at(-1));
  if (aspect !== undefined) words.pop();
  const quantity = lookUp(QUANTITIES, words.pop());
  const part = lookUp(PARTS, words.shift());
  if (quantity === undefined || part === undefined || words.length > 4) return null;
  if (!words.every((word) => MIDDLE.test(word))) return null;
  const [kind, unit, range, zh, en] = quantity;
  if (aspect !== undefined && kind !== 'number') return null;
  const which = words.length === 0 ? '' : ` ${words.join(' ')}`;
  // A difference may lie on either side of zero; a set point's plausible range is the quantity's own.
  const sides =
    range !== null && aspect === ASPECTS.difference ? ([-Math.max(...range), Math.max(...range)] as const) : range;
  return {
    pattern: name,
    kind,
    unit: aspect === ASPECTS.difference && unit === '°C' ? 'K' : unit,
    ...(sides === null ? {} : { range: sides }),
    meaning: {
      zh: `${part.zh}${which}${which === '' ? '' : ' '}${zh}${aspect === undefined ? '' : `（${aspect.zh}）`}`,
      en: `${part.en}${which} ${en}${aspect === undefined ? '' : ` (${aspect.en})`}`,
    },
    source: 'Zhishou',
  };
}

const lookUp = <T>(table: Readonly<Record<string, T>>, word: string | undefined): T | undefined =>
  word !== undefined && Object.hasOwn(table, word) ? table[word] : undefined;
