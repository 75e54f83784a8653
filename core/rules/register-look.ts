import type { Config } from '../config/config.ts';
import type { PaperworkFacts } from '../paperwork/facts.ts';
import { fromIso, hours, type Instant, milliseconds, minutes, plus } from '../time.ts';
import type { Observation } from './observation.ts';

/**
 * What the registers say as a point that any rule may ask: `register.signed-in`, is somebody signed in to the room of this device (O-THF-1)?
 * As long as nothing was ever said of them it is no: a register that is not kept guards nobody's way in.
 *
 * Who signs out still has to walk out of the door. Who forgot to sign out does not leave the room unguarded for ever.
 */
export interface RegisterLook {
  /** The rooms of which it says otherwise now. */
  update(facts: PaperworkFacts, wall: Instant): readonly string[];
  /** Null: no point of the registers. `steady` is the time of rules, `wall` the clock's. */
  observe(point: string, device: string, steady: Instant, wall: Instant): Observation | null;
}

export const SIGNED_IN = 'register.signed-in';
export const isOfRegister = (point: string): boolean => point.startsWith('register.');

const WAY_OUT = minutes(5);
const LONGEST_STAY = hours(12);
/** The wall clock may be set: what holds by it is looked at again before long. */
const LONGEST = minutes(10);
/** Who is there may sign out: nobody says that to a rule that only waits for the time to come. */
const WHILE_THERE = minutes(1);

export function createRegisterLook({ devices }: Pick<Config, 'devices'>): RegisterLook {
  const roomOf = new Map(devices.map(({ id, room }) => [id, room as string]));
  /** Until when each room counts as one where somebody may be, by the entry. */
  let present: ReadonlyMap<string, { readonly room: string; readonly until: Instant }> = new Map();

  const lastUntil = (room: string | undefined, wall: Instant): Instant | null => {
    let last: Instant | null = null;
    for (const one of present.values())
      if (one.room === room && one.until > wall && (last === null || one.until > last)) last = one.until;
    return last;
  };

  return {
    update(facts, wall) {
      const rooms = new Set([...present.values(), ...facts.inRooms].map(({ room }) => room));
      const before = new Map([...rooms].map((room) => [room, lastUntil(room, wall) !== null]));
      const next = new Map<string, { room: string; until: Instant }>();
      for (const [entry, { room, until }] of present)
        if (until > wall) next.set(entry, { room, until: Math.min(until, plus(wall, WAY_OUT)) as Instant });
      for (const { entry, room, since } of facts.inRooms)
        next.set(entry, { room, until: plus(fromIso(since) ?? wall, LONGEST_STAY) });
      present = next;
      return [...rooms].filter((room) => before.get(room) !== (lastUntil(room, wall) !== null));
    },
    observe(point, device, steady, wall) {
      if (point !== SIGNED_IN) return null;
      const last = lastUntil(roomOf.get(device), wall);
      const until = plus(steady, milliseconds(last === null ? LONGEST : Math.min(WHILE_THERE, last - wall)));
      const seen = {
        value: last !== null,
        quality: 'good',
        goodAt: steady,
        changedAt: steady,
        simulated: false,
      } as const;
      return { ...seen, staleAt: plus(until, LONGEST), until };
    },
  };
}
