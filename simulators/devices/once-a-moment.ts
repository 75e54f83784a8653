import type { Room } from '../room.ts';
import type { Running } from '../world/state.ts';

/** One request asks for many figures of the same moment: they are worked out once. */
export function onceAMoment<T>(room: Room, work: (running: Running) => T): () => T {
  let known: T;
  let at = Number.NaN;
  let revision = -1;
  return () => {
    const running = room.look();
    if (running.world.at !== at || running.revision !== revision) {
      known = work(running);
      at = running.world.at;
      revision = running.revision;
    }
    return known;
  };
}
