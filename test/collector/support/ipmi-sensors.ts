/** Sensors for Debian's ipmi_sim: the commands of ipmi_sim_cmd(5) with sensor data records as IPMI 2.0 section 43 lays them out. */
export interface SimulatedSensor {
  readonly number: number;
  readonly name: string;
  /** Table 42-3: 1 temperature, 2 voltage, 4 fan, 0x0b other, 8 power supply. */
  readonly type: number;
  /** Table 43-15: 1 °C, 4 V, 6 W, 18 rpm. */
  readonly unit?: number;
  readonly entity: number;
  readonly instance: number;
  /** value = raw × multiplier × 10^exponent; null: the controller does not scan it. */
  readonly raw?: number | null;
  readonly multiplier?: number;
  readonly exponent?: number;
  /** Upper critical and non-critical, raw. */
  readonly upper?: readonly [critical: number, warning: number];
  /** Type 8: which states are so. */
  readonly states?: readonly number[];
}

const bytes = (values: readonly number[]): string =>
  values.map((value) => `0x${(value & 0xff).toString(16)}`).join(' ');
const letters = (name: string): number[] => [0xc0 | name.length, ...Buffer.from(name, 'latin1')];
const record = (number: number, kind: number, body: readonly number[]): string =>
  `main_sdr_add 0x20 ${bytes([number, 0, 0x51, kind, body.length, ...body])}`;

/** Section 43.1, a full sensor record; section 43.2, a compact one. */
export function sensorCommands(sensors: readonly SimulatedSensor[]): string {
  return `${sensors.flatMap((one) => (one.states === undefined ? numbered(one) : stated(one, one.states))).join('\n')}\n`;
}

function numbered(sensor: SimulatedSensor): string[] {
  const { number, name, type, unit = 0, entity, instance, raw = null, multiplier = 1, exponent = 0, upper } = sensor;
  const [critical, warning] = upper ?? [0, 0];
  const mask = upper === undefined ? '000000' : '011000';
  const none = '000000000000000';
  const thresholds = [0, critical, warning, 0, 0, 0];
  const head = [0x20, 0, number, entity, instance, 0x7f, 0x68, type, 1];
  const masks = [0xff, 0x7f, 0xff, 0x7f, upper === undefined ? 0 : 0x18, 0];
  const factors = [0, unit, 0, 0, multiplier, 0, 0, 0, 0, (exponent & 0xf) << 4];
  const limits = [0, 0, 0, 0, 255, 0, ...thresholds, 1, 1, 0, 0, 0];
  return [
    `sensor_add 0x20 0 ${number} ${type} 1`,
    ...(raw === null ? [] : [`sensor_set_value 0x20 0 ${number} ${raw} 0`]),
    `sensor_set_threshold 0x20 0 ${number} readable ${mask} ${thresholds.join(' ')}`,
    `sensor_set_event_support 0x20 0 ${number} enable ${raw === null ? 'no-scanning' : 'scanning'} per-state ${none} ${none} ${none} ${none}`,
    record(number, 1, [...head, ...masks, ...factors, ...limits, ...letters(name)]),
  ];
}

function stated({ number, name, type, entity, instance }: SimulatedSensor, states: readonly number[]): string[] {
  const head = [0x20, 0, number, entity, instance, 0x67, 0x40, type, 0x6f];
  const rest = [0xff, 0, 0xff, 0, 0xff, 0, 0xc0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0];
  const some = '000000000001111';
  const none = '000000000000000';
  return [
    `sensor_add 0x20 0 ${number} ${type} 0x6f`,
    `sensor_set_event_support 0x20 0 ${number} enable scanning per-state ${some} ${none} ${some} ${none}`,
    ...states.map((state) => `sensor_set_bit 0x20 0 ${number} ${state} 1 0`),
    record(number, 2, [...head, ...rest, ...letters(name)]),
  ];
}
