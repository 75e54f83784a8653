import type { DeviceView } from '#core/api.ts';
import { sameText, type Text } from '#core/text.ts';

/** Places in metres to places on a drawing, 100 units a metre. Pure. */

export interface Placed {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly shape: 'climate' | 'detector' | 'machine';
  /** For detectors: the point that speaks. */
  readonly detects: string | null;
  /** In the hot aisle or the return air: meant to be warm. */
  readonly warm: boolean;
  readonly short: Text;
}

export interface Plan {
  readonly width: number;
  readonly height: number;
  readonly items: readonly Placed[];
}

const UNIT = 120;
const MARGIN = 80;

/** Detectors are told apart by their profile, and by their id where the profile is not known yet. */
function detects(device: DeviceView): string | null {
  const clue = `${device.profile ?? ''} ${device.id}`;
  if (/smoke|heat/.test(clue)) return 'room.smoke';
  if (/leak|water/.test(clue)) return 'room.leak';
  if (/door|contact/.test(clue)) return 'room.door';
  return null;
}

/** Warm by intention: the words of its name say so (hot aisle, return air). */
export const isWarmPlace = (device: Pick<DeviceView, 'name'>): boolean =>
  /热通道|回风/.test(device.name.zh) || /hot aisle|return/i.test(device.name.en);

const SHORT: Partial<Record<DeviceView['kind'], Text>> = {
  ups: sameText('UPS'),
  pdu: sameText('PDU'),
  cooling: { zh: '空调', en: 'A/C' },
  storage: { zh: '阵列', en: 'Array' },
  network: { zh: '交换机', en: 'Switch' },
  display: { zh: '大屏', en: 'Wall' },
  monitor: { zh: '值守', en: 'Monitor' },
};

/** `server-2` is number 2 of its kind: shown as 服务器2 / Srv 2. */
function shortName(device: DeviceView): Text {
  const number = /-(\d+)$/.exec(device.id)?.[1] ?? '';
  if (device.kind === 'server') return { zh: `服务器${number}`, en: `Srv ${number}` };
  return SHORT[device.kind] ?? device.name;
}

export function layPlan(devices: readonly DeviceView[]): Plan {
  const placed = devices.filter((device) => device.place !== null);
  const xs = placed.map(({ place }) => place?.x ?? 0);
  const ys = placed.map(({ place }) => place?.y ?? 0);
  const left = Math.min(0, ...xs);
  const top = Math.min(...ys, Number.POSITIVE_INFINITY);
  const items = placed.map((device): Placed => {
    const point = device.kind === 'sensor' ? detects(device) : null;
    return {
      id: device.id,
      x: MARGIN + ((device.place?.x ?? 0) - left) * UNIT,
      y: MARGIN + ((device.place?.y ?? 0) - top) * UNIT,
      shape: device.kind !== 'sensor' ? 'machine' : point === null ? 'climate' : 'detector',
      detects: point,
      warm: isWarmPlace(device),
      short: shortName(device),
    };
  });
  if (items.length === 0) return { width: 800, height: 500, items };
  return {
    width: Math.max(...items.map(({ x }) => x)) + MARGIN,
    height: Math.max(...items.map(({ y }) => y)) + MARGIN - 10,
    items,
  };
}
