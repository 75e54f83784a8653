import type { ReadingView } from '../api.ts';
import type { Device } from '../config/device.ts';
import type { Duty, DutyItem } from '../config/duties.ts';
import { selects } from '../config/selector.ts';
import type { ItemVerdict, LiveFinding } from '../paperwork/duty-view.ts';
import { definePoint } from '../points.ts';
import { fillText, sameText, type Text } from '../text.ts';
import type { Instant } from '../time.ts';
import { type FineBy, isFine } from './fine.ts';
import type { Occurrence } from './occurrences.ts';
import type { OfficeDays } from './office-days.ts';

/** One line of an occurrence's checklist, before anything is filled in. */
export interface Line {
  /** `ups.ups-1`: of an item for each device, with the device. */
  readonly id: string;
  readonly label: Text;
  readonly group: Text | null;
  readonly kind: DutyItem['kind'];
  readonly unit: string | null;
  readonly min: number | null;
  readonly max: number | null;
  /** Whose points are shown, and which. */
  readonly devices: readonly Device[];
  readonly points: readonly string[];
}

/** Of its day: pipes are looked at in the heating season alone. */
export function linesOf(
  { duty, day, device }: Pick<Occurrence, 'duty' | 'day' | 'device'>,
  devices: readonly Device[],
  office: OfficeDays,
): readonly Line[] {
  const date = Temporal.PlainDate.from(day);
  // A duty for each device is about that one alone.
  const own = device === null ? devices : devices.filter(({ id }) => id === device);
  return duty.checklist
    .filter(({ season }) => season === undefined || office.inSeason(date, season))
    .flatMap((item) => linesOfItem(item, own));
}

function linesOfItem(item: DutyItem, devices: readonly Device[]): Line[] {
  const { id, each, of, kind, points } = item;
  const line = { kind, points, group: item.group ?? null, unit: item.unit ?? null };
  const limits = { min: item.min ?? null, max: item.max ?? null };
  if (each === undefined) {
    const meant = of === undefined ? [] : devices.filter((device) => selects(of, device));
    return [{ ...line, ...limits, id, label: item.label, devices: meant }];
  }
  return devices
    .filter((device) => selects(each, device))
    .map((device) => ({
      ...line,
      ...limits,
      id: `${id}.${device.id}`,
      label: fillText(item.label, { device: device.name }),
      devices: [device],
    }));
}

/** How many lines there are, without making them. */
export const countLines = (
  duty: Duty,
  occurrence: Pick<Occurrence, 'day' | 'device'>,
  devices: readonly Device[],
  office: OfficeDays,
): number => linesOf({ duty, ...occurrence }, devices, office).length;

/** Nobody reads more beside one tick. */
const MOST_LIVE = 60;

/** What the devices of a line say now. */
export function liveOf(
  { devices, points }: Pick<Line, 'devices' | 'points'>,
  readings: (device: string) => readonly ReadingView[],
  by: FineBy,
  now: Instant,
): readonly LiveFinding[] {
  if (points.length === 0) return [];
  return devices
    .flatMap((device) => {
      const known = readings(device.id);
      return points.flatMap((pattern) =>
        known
          .filter(({ point }) => matches(pattern, point))
          .map((reading) => toFinding(device, reading, isFine(reading, by, now))),
      );
    })
    .slice(0, MOST_LIVE);
}

/** Where something else than its place in the pattern is meant, `#` stands for one part. */
function matches(pattern: string, point: string): boolean {
  if (!pattern.includes('#')) return pattern === point;
  const [wanted, parts] = [pattern.split('.'), point.split('.')];
  return wanted.length === parts.length && wanted.every((part, index) => part === '#' || part === parts[index]);
}

function toFinding(device: Device, reading: ReadingView, fine: boolean): LiveFinding {
  const { point, value, unit, quality, measuredAt } = reading;
  const pointName = definePoint(point)?.meaning ?? sameText(point);
  return { device: device.id, name: device.name, point, pointName, value, unit, quality, fine, at: measuredAt };
}

/** What the readings say of a line; null: nothing tells it. */
export const suggested = (live: readonly LiveFinding[]): ItemVerdict | null =>
  live.length === 0 ? null : live.every(({ fine }) => fine) ? 'ok' : 'finding';
