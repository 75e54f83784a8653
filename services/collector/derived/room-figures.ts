import type { Device } from '#core/config/device.ts';
import { selects } from '#core/config/selector.ts';
import { takenName, takeOf } from '#core/take.ts';
import { between, type Instant } from '#core/time.ts';
import { roundOff } from '#core/units.ts';
import { type DeviceBook, defaultStaleAfter, type Said } from '../device-book.ts';

/**
 * The figures of a class of devices (`derived:` in devices.yaml) as the readings of a device of their own: the highest and the
 * mean temperature of the room. Looked at each interval of that device, out of what its members said last.
 *
 * A member that is silent or doubtful is left out; with fewer than half of those that ever told it there is no figure.
 */
export interface RoomFigures {
  /** The book of a member, listened to; another device's book as it is. */
  listening(book: DeviceBook): DeviceBook;
  /** What a derived device says now. */
  say(device: Device, now: Instant): readonly Said[];
}

interface Cell {
  said: Said;
  at: Instant;
}

export function createRoomFigures(devices: readonly Device[]): RoomFigures {
  const classes = devices.flatMap((device) =>
    device.derived === undefined ? [] : [{ device, derived: device.derived, members: membersOf(device, devices) }],
  );
  /** By member and point: what is wanted of it. */
  const cells = new Map<string, Map<string, Cell | null>>();
  for (const { derived, members } of classes)
    for (const { id } of members) {
      const own = cells.get(id) ?? new Map<string, Cell | null>();
      for (const point of derived.points) own.set(point, null);
      cells.set(id, own);
    }
  const lastSaid = new Map<string, readonly Said[]>();

  function valuesOf(members: readonly Device[], point: string, now: Instant): { values: number[]; known: number } {
    const values: number[] = [];
    let known = 0;
    for (const member of members) {
      const cell = cells.get(member.id)?.get(point) ?? null;
      if (cell === null) continue;
      known++;
      const { value, quality } = cell.said.decoded;
      const fresh = cell.said.kept === undefined && between(cell.at, now) < defaultStaleAfter(member);
      if (fresh && quality === 'good' && typeof value === 'number') values.push(value);
    }
    return { values, known };
  }

  return {
    listening(book) {
      const wanted = cells.get(book.device.id);
      if (wanted === undefined) return book;
      return {
        ...book,
        heard(said, cause, now, complete) {
          for (const one of said) if (wanted.has(one.point)) wanted.set(one.point, { said: one, at: now });
          book.heard(said, cause, now, complete);
        },
      };
    },
    say(device, now) {
      const found = classes.find((one) => one.device === device);
      if (found === undefined) return [];
      const { derived, members } = found;
      const said = derived.points.flatMap((point) => {
        const { values, known } = valuesOf(members, point, now);
        const isEnough = values.length > 0 && values.length * 2 >= known;
        return derived.take.map((take): Said => {
          const name = takenName(point, take);
          return isEnough
            ? { point: name, decoded: { value: roundOff(Number(takeOf(take, values).toFixed(2))), quality: 'good' } }
            : {
                point: name,
                decoded: { value: null, quality: 'missing', reason: `${values.length} of ${known} tell it` },
              };
        });
      });
      return again(lastSaid, device.id, said);
    },
  };
}

/** The very same list for the very same words: nothing downstream has to look at it. */
function again(last: Map<string, readonly Said[]>, device: string, said: readonly Said[]): readonly Said[] {
  const before = last.get(device);
  const same =
    before?.length === said.length &&
    said.every(({ point, decoded: { value, quality, reason } }, i) => {
      const old = before[i];
      return (
        old?.point === point &&
        old.decoded.value === value &&
        old.decoded.quality === quality &&
        old.decoded.reason === reason
      );
    });
  if (same && before !== undefined) return before;
  last.set(device, said);
  return said;
}

const membersOf = ({ id, derived }: Device, devices: readonly Device[]): readonly Device[] =>
  devices.filter(
    (other) => other.id !== id && other.derived === undefined && derived !== undefined && selects(derived.of, other),
  );
