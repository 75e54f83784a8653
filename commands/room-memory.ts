import { z } from 'zod';
import { messageOf } from '#core/errors.ts';
import type { Clock, Log } from '#core/ports.ts';
import { type Instant, instant } from '#core/time.ts';
import type { PacedClock } from '#platform/clock/paced-clock.ts';
import { readText, writeAtomically } from '#platform/files.ts';
import type { Room } from '#simulators/room.ts';

/**
 * The simulated room outlives this process, as a real one would: its state and how far its time is ahead are kept in a
 * file, so that after a kill the servers that were shutting down have gone on shutting down.
 */
const memorySchema = z.object({ aheadMs: z.number(), speed: z.number().positive(), world: z.unknown() });

export interface RoomMemory {
  /** What the room's time is now, and how fast it ran. */
  readonly start: Instant;
  readonly speed: number | null;
  readonly snapshot: unknown;
  save(room: Room, clock: PacedClock): void;
}

export function openRoomMemory(file: string, wall: Clock, log: Log): RoomMemory {
  const kept = read(file, log);
  return {
    // Time went on at its ordinary pace while nobody looked; it never goes back.
    start: instant(wall.now() + Math.max(0, kept?.aheadMs ?? 0)),
    speed: kept?.speed ?? null,
    snapshot: kept?.world,
    save: (room, clock) => {
      const text = JSON.stringify({ aheadMs: clock.offset, speed: clock.speed, world: room.snapshot() });
      try {
        writeAtomically(file, text);
      } catch (error) {
        log.warn({ error: messageOf(error) }, 'the simulated room could not be kept');
      }
    },
  };
}

function read(file: string, log: Log): z.infer<typeof memorySchema> | null {
  const text = readText(file);
  if (text === null) return null;
  try {
    return memorySchema.parse(JSON.parse(text));
  } catch (error) {
    log.warn({ file, error: messageOf(error) }, 'the simulated room begins anew');
    return null;
  }
}
