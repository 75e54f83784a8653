import type { DeviceView } from '#core/api.ts';
import { sameText, type Text } from '#core/text.ts';

/** Places in metres to places on a drawing. Pure. */

export interface Placed {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly shape: 'climate' | 'detector' | 'machine';
  /** For detectors: the point that speaks. */
  readonly detects: string | null;
  readonly short: Text;
}

export interface Plan {
  readonly width: number;
  readonly height: number;
  /** Half the size of a machine's box. */
  readonly machine: { readonly x: number; readonly y: number };
  /** There is room for names in the machines' boxes. */
  readonly named: boolean;
  readonly items: readonly Placed[];
}

/** Half the size that each shape takes with its words. */
const CLIMATE = { x: 62, y: 40 };
const DETECTOR = { x: 48, y: 44 };
const MARGIN = { x: 76, y: 54 };

/** The point that a detector speaks by; null: a climate sensor. Detectors are told apart by their profile, and by their id where the profile is not known yet. */
export function detects(device: DeviceView): string | null {
  const clue = `${device.profile ?? ''} ${device.id}`;
  if (/smoke|heat/.test(clue)) return 'room.smoke';
  if (/leak|water/.test(clue)) return 'room.leak';
  if (/door|contact/.test(clue)) return 'room.door';
  if (/motion|occupancy/.test(clue)) return 'room.motion';
  if (/button|panic/.test(clue)) return 'room.panic';
  return null;
}

/** Warm by intention: the words of its name say so (hot aisle, return air). */
export const isWarmPlace = (device: Pick<DeviceView, 'name'>): boolean =>
  /热通道|回风/.test(device.name.zh) || /hot aisle|return/i.test(device.name.en);

/** The place without the words that all sensors of the list share. Example: `温湿度 热通道` is `热通道`. */
export function shortPlace(name: string): string {
  const place = name.replace(/^(温湿度|temperature\/humidity)[\s:：]*/i, '').trim();
  return place === '' ? name : place.charAt(0).toUpperCase() + place.slice(1);
}

const SHORT: Partial<Record<DeviceView['kind'], Text>> = {
  ups: sameText('UPS'),
  pdu: sameText('PDU'),
  cooling: { zh: '空调', en: 'A/C' },
  storage: { zh: '阵列', en: 'Array' },
  network: { zh: '交换机', en: 'Switch' },
  display: { zh: '大屏', en: 'Wall' },
  light: { zh: '照明', en: 'Lights' },
  siren: { zh: '声光', en: 'Siren' },
  monitor: { zh: '值守', en: 'Monitor' },
};

/** `server-2` is number 2 of its kind: shown as 服务器2 / Srv 2. */
function shortName(device: DeviceView): Text {
  const number = /-(\d+)$/.exec(device.id)?.[1] ?? '';
  if (device.kind === 'server') return { zh: `服务器${number}`, en: `Srv ${number}` };
  return SHORT[device.kind] ?? device.name;
}

interface Box {
  readonly x: number;
  readonly y: number;
}
const overlaps = (a: Box & { half: Box }, b: Box & { half: Box }): boolean =>
  Math.abs(a.x - b.x) < a.half.x + b.half.x && Math.abs(a.y - b.y) < a.half.y + b.half.y;

/**
 * `unit` is the drawing's length of a metre: 120 where there is room, about 62 on a phone, so that words keep their size.
 * A detector hangs from the ceiling over other things: it steps aside until its words are free.
 */
export function layPlan(devices: readonly DeviceView[], unit = 120): Plan {
  const machine = unit >= 100 ? { x: 44, y: 28 } : { x: unit * 0.42, y: 20 };
  // Buttons hang beside the door, one over the other: they stand in the list, not on the drawing.
  const placed = devices.filter((device) => device.place !== null && detects(device) !== 'room.panic');
  const left = Math.min(0, ...placed.map(({ place }) => place?.x ?? 0));
  const top = Math.min(...placed.map(({ place }) => place?.y ?? 0), Number.POSITIVE_INFINITY);
  const items = placed.map((device): Placed => {
    const point = device.kind === 'sensor' ? detects(device) : null;
    return {
      id: device.id,
      x: MARGIN.x + ((device.place?.x ?? 0) - left) * unit,
      y: MARGIN.y + ((device.place?.y ?? 0) - top) * Math.max(unit, 84),
      shape: device.kind !== 'sensor' ? 'machine' : point === null ? 'climate' : 'detector',
      detects: point,
      short: shortName(device),
    };
  });
  const halfOf = (item: Placed): Box =>
    item.shape === 'climate' ? CLIMATE : item.shape === 'machine' ? machine : DETECTOR;
  const freed = items.map((item) => (item.shape === 'detector' ? stepAside(item, items, halfOf) : item));
  const extent = (axis: 'x' | 'y'): number => Math.max(0, ...freed.map((item) => item[axis]));
  return freed.length === 0
    ? { width: 800, height: 400, machine, named: unit >= 100, items: freed }
    : { width: extent('x') + MARGIN.x, height: extent('y') + MARGIN.y, machine, named: unit >= 100, items: freed };
}

const ASIDE: readonly Box[] = [
  { x: 0, y: 0 },
  { x: 0, y: -76 },
  { x: 0, y: 76 },
  { x: -100, y: 0 },
  { x: 100, y: 0 },
];

function stepAside(item: Placed, all: readonly Placed[], halfOf: (item: Placed) => Box): Placed {
  for (const step of ASIDE) {
    const moved = { ...item, x: item.x + step.x, y: item.y + step.y };
    const free = all.every(
      (other) =>
        other === item || !overlaps({ ...moved, half: DETECTOR }, { x: other.x, y: other.y, half: halfOf(other) }),
    );
    if (free && moved.x > 0 && moved.y > 0) return moved;
  }
  return item;
}
