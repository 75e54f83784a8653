import type { AlertView } from '#core/alert.ts';
import type { DeviceView, ReadingView } from '#core/api.ts';
import type { DeviceKind } from '#core/config/device.ts';
import type { Severity } from '#core/config/rule.ts';
import { abnormality, type Band } from './bands.ts';
import { saysTrouble } from './point-groups.ts';
import { worstOf } from './severity.ts';

/** Devices as a list: what is wrong first, each with the few values that tell how it is, findable by any word. Pure, and quick for a thousand. */
export interface DeviceLine {
  readonly device: DeviceView;
  readonly alerts: number;
  readonly worst: Severity | null;
  readonly doubtful: number;
  /** When it was last heard of; null: never. */
  readonly heardAt: string | null;
  readonly values: readonly LineValue[];
  /** Does not answer, or says no. */
  readonly isUnwell: boolean;
  readonly needsAttention: boolean;
}

export interface LineValue {
  readonly point: string;
  readonly value: ReadingView['value'];
  readonly isDoubtful: boolean;
  readonly abnormal: 'high' | 'medium' | null;
}

/** What tells most of a device of each kind, in this order; what is abnormal comes before all of it. */
const TELLING = [
  'ups.status',
  'ups.load',
  'battery.charge',
  'battery.runtime',
  'cooling.status',
  'cooling.supply.temperature',
  'cooling.return.temperature',
  'ambient.temperature',
  'ambient.humidity',
  'room.smoke',
  'room.leak',
  'room.door',
  'room.motion',
  'input.realpower',
  'output.realpower',
  'input.current',
  'input.voltage',
  'ambient.mean.temperature',
  'host.reachable',
] as const;
const PLACE: ReadonlyMap<string, number> = new Map(TELLING.map((point, i) => [point, i]));
const MOST_VALUES = 3;

export interface ListParts {
  readonly devices: Iterable<DeviceView>;
  readonly readings: Iterable<ReadingView>;
  /** Those that people are told of. */
  readonly alerts: readonly AlertView[];
  readonly bandAt: (device: string, point: string) => Band | null;
}

export function deviceLines({ devices, readings, alerts, bandAt }: ListParts): readonly DeviceLine[] {
  const told = new Map<string, ReadingView[]>();
  for (const reading of readings) {
    const own = told.get(reading.device);
    if (own === undefined) told.set(reading.device, [reading]);
    else own.push(reading);
  }
  const wrong = Map.groupBy(alerts, ({ device }) => device);
  const lines = [...devices].map((device) =>
    lineOf(device, told.get(device.id) ?? [], wrong.get(device.id) ?? [], bandAt),
  );
  return lines.sort(byAttention);
}

function lineOf(
  device: DeviceView,
  readings: readonly ReadingView[],
  alerts: readonly AlertView[],
  bandAt: ListParts['bandAt'],
): DeviceLine {
  let heardAt = device.lastSeenAt;
  let doubtful = 0;
  const values: (LineValue & { readonly rank: number })[] = [];
  for (const { point, value, quality, receivedAt } of readings) {
    if (quality !== 'good') doubtful++;
    else if (heardAt === null || receivedAt > heardAt) heardAt = receivedAt;
    const shown = shownValue(device.id, point, value, quality !== 'good', bandAt);
    if (shown !== null) values.push(shown);
  }
  const isUnwell = device.state === 'silent' || device.state === 'refusing';
  values.sort((a, b) => a.rank - b.rank);
  return {
    device,
    alerts: alerts.length,
    worst: worstOf(alerts),
    doubtful,
    heardAt: device.source === 'none' ? null : heardAt,
    values: values.slice(0, MOST_VALUES),
    isUnwell,
    needsAttention: alerts.length > 0 || isUnwell || doubtful > 0 || values.some(({ abnormal }) => abnormal !== null),
  };
}

function shownValue(
  device: string,
  point: string,
  value: ReadingView['value'],
  isDoubtful: boolean,
  bandAt: ListParts['bandAt'],
): (LineValue & { readonly rank: number }) | null {
  const place = PLACE.get(point);
  const band = typeof value === 'number' && !isDoubtful ? bandAt(device, point) : null;
  const beyond = band === null || typeof value !== 'number' ? null : abnormality(value, band);
  const abnormal = beyond ?? (!isDoubtful && saysTrouble(point, value) ? 'medium' : null);
  if (place === undefined && abnormal === null) return null;
  const weight = abnormal === 'high' ? -200 : abnormal === 'medium' ? -100 : 0;
  return { point, value, isDoubtful, abnormal, rank: weight + (place ?? TELLING.length) };
}

const SEVERITY_RANK: Readonly<Record<Severity, number>> = { high: 0, medium: 1, low: 2 };
const KIND_ORDER: readonly DeviceKind[] = [
  ...(['feed', 'ups', 'pdu', 'cooling', 'sensor', 'server', 'storage', 'network'] as const),
  ...(['display', 'light', 'siren', 'monitor', 'other'] as const),
];

/** Alerts by severity, then what does not answer, what is doubtful, what is beyond its band; all else by kind and by name, numbers by size. */
function byAttention(a: DeviceLine, b: DeviceLine): number {
  return rankOf(a) - rankOf(b) || kindOf(a) - kindOf(b) || NAMES.compare(a.device.id, b.device.id);
}
/** One for all: making a collator for each comparison takes a second for a thousand devices. */
const NAMES = new Intl.Collator('en', { numeric: true });
function rankOf({ worst, isUnwell, doubtful, needsAttention }: DeviceLine): number {
  if (worst !== null) return SEVERITY_RANK[worst];
  if (isUnwell) return 3;
  if (doubtful > 0) return 4;
  return needsAttention ? 5 : 6;
}
const kindOf = ({ device }: DeviceLine): number => KIND_ORDER.indexOf(device.kind);

export const STATES = ['all', 'attention', 'alarm', 'silent', 'doubtful'] as const;
export type ListState = (typeof STATES)[number];

export interface ListFilter {
  readonly words: string;
  readonly state: ListState;
  readonly kind: string;
  readonly room: string;
}

/** Every word must be found: in the id, either name, the profile, the address, what people named on it, the words for its kind and room. */
export function filterLines(
  lines: readonly DeviceLine[],
  { words, state, kind, room }: ListFilter,
  more: (device: DeviceView) => string,
): readonly DeviceLine[] {
  const wanted = words
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return lines.filter((line) => {
    const { device } = line;
    if (!isInState(line, state) || (kind !== '' && device.kind !== kind) || (room !== '' && device.room !== room))
      return false;
    if (wanted.length === 0) return true;
    const { id, name, profile, note, labels } = device;
    const own = [id, name.zh, name.en, profile ?? '', note?.zh ?? '', note?.en ?? '', device.kind, more(device)];
    const text = [...own, ...Object.values(labels)].join(' ').toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

function isInState({ alerts, isUnwell, doubtful, needsAttention }: DeviceLine, state: ListState): boolean {
  if (state === 'attention') return needsAttention;
  if (state === 'alarm') return alerts > 0;
  if (state === 'silent') return isUnwell;
  return state === 'doubtful' ? doubtful > 0 : true;
}
