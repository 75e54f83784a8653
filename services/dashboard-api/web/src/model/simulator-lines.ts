import { BMC_FAULTS, SENSOR_FAULTS, type SimulatorCommand } from '#core/simulator.ts';

/** What can be done to the simulated room beyond its plain levers, a line each: fields, and what its buttons order. Pure. */

export type DeviceGroup = 'smoke' | 'ups' | 'machine' | 'sensor' | 'cooling' | 'pdu' | 'button' | 'siren' | 'any';

export type Field =
  | { readonly kind: 'device'; readonly of: DeviceGroup; readonly orAll?: boolean }
  | {
      readonly kind: 'number';
      readonly id: string;
      readonly unit: string;
      readonly min: number;
      readonly max: number;
      readonly initial: number;
    }
  | { readonly kind: 'choice'; readonly options: readonly string[] };

export interface Given {
  /** Empty: all of them, or there is none to choose. */
  readonly device: string;
  readonly numbers: Readonly<Record<string, number>>;
  readonly choice: string;
}
export interface Line {
  readonly id: string;
  readonly fields: readonly Field[];
  readonly acts: readonly { readonly id: string; readonly command: (given: Given) => SimulatorCommand }[];
}
export interface LineGroup {
  readonly id: string;
  readonly lines: readonly Line[];
}

const number = (id: string, unit: string, initial: number, min: number, max: number): Field => ({
  kind: 'number',
  id,
  unit,
  initial,
  min,
  max,
});
const on = (of: DeviceGroup): Field => ({ kind: 'device', of });
const at = ({ device }: Given): { device?: string } => (device === '' ? {} : { device });
const phase = ({ choice }: Given): 1 | 2 | 3 => (choice === '1' ? 1 : choice === '2' ? 2 : 3);
const oneOf = <T extends string>(options: readonly T[], choice: string): T =>
  options.find((option) => option === choice) ?? (options[0] as T);
const n = (given: Given, id: string): number => given.numbers[id] ?? 0;

const MAINS: readonly Line[] = [
  {
    id: 'voltage',
    fields: [number('volts', 'V', 180, 0, 500)],
    acts: [
      { id: 'set', command: (given) => ({ kind: 'mains-voltage', volts: n(given, 'volts') }) },
      { id: 'well', command: () => ({ kind: 'mains-voltage', volts: 220 }) },
    ],
  },
  {
    id: 'phase',
    fields: [{ kind: 'choice', options: ['1', '2', '3'] }],
    acts: [
      { id: 'lose', command: (given) => ({ kind: 'phase', line: phase(given), present: false }) },
      { id: 'well', command: (given) => ({ kind: 'phase', line: phase(given), present: true }) },
    ],
  },
  {
    id: 'flapping',
    fields: [number('times', '×', 5, 1, 50), number('awayS', 's', 8, 1, 3600)],
    acts: [
      {
        id: 'start',
        command: (given) => ({ kind: 'flapping', times: n(given, 'times'), awayS: n(given, 'awayS'), backS: 20 }),
      },
    ],
  },
  {
    id: 'planned',
    fields: [number('after', 'min', 30, 0, 10_000), number('lasts', 'min', 60, 1, 10_000)],
    acts: [
      {
        id: 'set',
        command: (given) => ({ kind: 'planned-cut', afterS: n(given, 'after') * 60, lastsS: n(given, 'lasts') * 60 }),
      },
      { id: 'takeBack', command: () => ({ kind: 'planned-cut', afterS: 0, lastsS: 0 }) },
    ],
  },
  {
    id: 'upsInput',
    fields: [on('ups')],
    acts: [
      { id: 'lose', command: (given) => ({ kind: 'ups-input', ...at(given), present: false }) },
      { id: 'well', command: (given) => ({ kind: 'ups-input', ...at(given), present: true }) },
    ],
  },
];

const BYPASSES = ['manual', 'fault', 'none'] as const;
const UPSES: readonly Line[] = [
  {
    id: 'charge',
    fields: [on('ups'), number('percent', '%', 50, 1, 100)],
    acts: [{ id: 'set', command: (given) => ({ kind: 'battery', ...at(given), chargePercent: n(given, 'percent') }) }],
  },
  {
    id: 'health',
    fields: [on('ups'), number('percent', '%', 50, 1, 100)],
    acts: [
      {
        id: 'set',
        command: (given) => ({ kind: 'battery-health', ...at(given), share: n(given, 'percent') / 100, shown: false }),
      },
      {
        id: 'shown',
        command: (given) => ({ kind: 'battery-health', ...at(given), share: n(given, 'percent') / 100, shown: true }),
      },
      { id: 'well', command: (given) => ({ kind: 'battery-health', ...at(given), share: 1, shown: false }) },
    ],
  },
  {
    id: 'firmware',
    fields: [on('ups'), number('factor', '×', 2, 0.1, 10)],
    acts: [
      { id: 'set', command: (given) => ({ kind: 'firmware', ...at(given), runtimeFactor: n(given, 'factor') }) },
      { id: 'well', command: (given) => ({ kind: 'firmware', ...at(given), runtimeFactor: 1 }) },
    ],
  },
  {
    id: 'load',
    fields: [on('ups'), number('watts', 'W', 2500, 0, 100_000)],
    acts: [
      { id: 'set', command: (given) => ({ kind: 'extra-load', ...at(given), watts: n(given, 'watts') }) },
      { id: 'well', command: (given) => ({ kind: 'extra-load', ...at(given), watts: 0 }) },
    ],
  },
  {
    id: 'bypass',
    fields: [on('ups'), { kind: 'choice', options: BYPASSES }],
    acts: [
      { id: 'set', command: (given) => ({ kind: 'bypass', ...at(given), bypass: oneOf(BYPASSES, given.choice) }) },
    ],
  },
  {
    id: 'charger',
    fields: [on('ups')],
    acts: [
      { id: 'break', command: (given) => ({ kind: 'charger', ...at(given), working: false }) },
      { id: 'well', command: (given) => ({ kind: 'charger', ...at(given), working: true }) },
    ],
  },
  {
    id: 'selfTest',
    fields: [on('ups')],
    acts: [{ id: 'start', command: (given) => ({ kind: 'self-test', ...at(given) }) }],
  },
  {
    id: 'testStop',
    fields: [on('ups')],
    acts: [
      { id: 'break', command: (given) => ({ kind: 'test-stop', ...at(given), heard: false }) },
      { id: 'well', command: (given) => ({ kind: 'test-stop', ...at(given), heard: true }) },
    ],
  },
  {
    id: 'output',
    fields: [on('ups'), number('delay', 's', 10, 0, 604_800)],
    acts: [
      { id: 'off', command: (given) => ({ kind: 'ups-off', ...at(given), delayS: n(given, 'delay') }) },
      { id: 'takeBack', command: (given) => ({ kind: 'ups-off', ...at(given), delayS: -1 }) },
      { id: 'on', command: (given) => ({ kind: 'ups-on', ...at(given) }) },
    ],
  },
];

const ROOM: readonly Line[] = [
  {
    id: 'fire',
    fields: [on('smoke')],
    acts: [
      { id: 'start', command: (given) => ({ kind: 'fire', ...at(given), burning: true }) },
      { id: 'end', command: () => ({ kind: 'fire', burning: false }) },
    ],
  },
  {
    id: 'smokeAt',
    fields: [on('smoke')],
    acts: [
      { id: 'start', command: (given) => ({ kind: 'smoke', ...at(given), present: true }) },
      { id: 'end', command: (given) => ({ kind: 'smoke', ...at(given), present: false }) },
    ],
  },
  {
    id: 'panic',
    fields: [on('button')],
    acts: [{ id: 'press', command: ({ device }) => ({ kind: 'panic', device }) }],
  },
  {
    id: 'motion',
    fields: [],
    acts: [
      { id: 'start', command: () => ({ kind: 'motion', present: true }) },
      { id: 'end', command: () => ({ kind: 'motion', present: false }) },
    ],
  },
  {
    id: 'coolingCapacity',
    fields: [on('cooling'), number('percent', '%', 30, 0, 100)],
    acts: [
      {
        id: 'set',
        command: (given) => ({ kind: 'cooling-capacity', ...at(given), share: n(given, 'percent') / 100 }),
      },
      { id: 'well', command: (given) => ({ kind: 'cooling-capacity', ...at(given), share: 1 }) },
    ],
  },
  {
    id: 'outside',
    fields: [number('celsius', '°C', 38, -40, 60)],
    acts: [{ id: 'set', command: (given) => ({ kind: 'outside', temperatureC: n(given, 'celsius') }) }],
  },
];

const DEVICES: readonly Line[] = [
  {
    id: 'sensor',
    fields: [on('sensor'), { kind: 'choice', options: SENSOR_FAULTS.filter((fault) => fault !== 'none') }],
    acts: [
      {
        id: 'set',
        command: ({ device, choice }) => ({ kind: 'sensor', device, fault: oneOf(SENSOR_FAULTS, choice) }),
      },
      { id: 'well', command: ({ device }) => ({ kind: 'sensor', device, fault: 'none' }) },
    ],
  },
  {
    id: 'crash',
    fields: [on('machine')],
    acts: [{ id: 'start', command: ({ device }) => ({ kind: 'crash', device }) }],
  },
  {
    id: 'bmc',
    fields: [on('machine'), { kind: 'choice', options: BMC_FAULTS.filter((fault) => fault !== 'none') }],
    acts: [
      { id: 'set', command: ({ device, choice }) => ({ kind: 'bmc', device, fault: oneOf(BMC_FAULTS, choice) }) },
      { id: 'well', command: ({ device }) => ({ kind: 'bmc', device, fault: 'none' }) },
    ],
  },
  {
    id: 'outlet',
    fields: [on('pdu'), number('outlet', '', 1, 1, 48)],
    acts: [
      {
        id: 'off',
        command: (given) => ({ kind: 'outlet', device: given.device, outlet: n(given, 'outlet'), on: false }),
      },
      {
        id: 'on',
        command: (given) => ({ kind: 'outlet', device: given.device, outlet: n(given, 'outlet'), on: true }),
      },
      {
        id: 'stick',
        command: (given) => ({ kind: 'outlet-stuck', device: given.device, outlet: n(given, 'outlet'), stuck: true }),
      },
      {
        id: 'well',
        command: (given) => ({ kind: 'outlet-stuck', device: given.device, outlet: n(given, 'outlet'), stuck: false }),
      },
    ],
  },
];

const MONITOR: readonly Line[] = [
  {
    id: 'network',
    fields: [{ kind: 'device', of: 'any', orAll: true }],
    acts: [
      { id: 'lose', command: (given) => ({ kind: 'network', ...at(given), down: true }) },
      { id: 'lossy', command: (given) => ({ kind: 'network', ...at(given), loss: 0.5 }) },
      { id: 'slow', command: (given) => ({ kind: 'network', ...at(given), delayMs: 2000 }) },
      { id: 'well', command: (given) => ({ kind: 'network', ...at(given) }) },
    ],
  },
  {
    id: 'disk',
    fields: [],
    acts: [
      { id: 'break', command: () => ({ kind: 'disk', full: true }) },
      { id: 'well', command: () => ({ kind: 'disk', full: false }) },
    ],
  },
  {
    id: 'clock',
    fields: [number('seconds', 's', 7200, -31_536_000, 31_536_000)],
    acts: [
      { id: 'set', command: (given) => ({ kind: 'clock', offsetS: n(given, 'seconds') }) },
      { id: 'well', command: () => ({ kind: 'clock', offsetS: 0 }) },
    ],
  },
];

export const LINE_GROUPS: readonly LineGroup[] = [
  { id: 'mains', lines: MAINS },
  { id: 'upses', lines: UPSES },
  { id: 'room', lines: ROOM },
  { id: 'devices', lines: DEVICES },
  { id: 'monitor', lines: MONITOR },
];
