import type { LiveSnapshot } from '#core/api.ts';
import type { Clock } from '#core/ports.ts';
import { type Duration, milliseconds } from '#core/time.ts';
import { type EventLog, formatEvent, type Listener, type LoggedEvent } from './event-log.ts';
import { type StreamPiece, streamPiece } from './stream-piece.ts';

/**
 * The snapshot that pages begin with. After a restart they all come at once: what was made a moment ago serves the next ones too, with
 * what has happened since behind it. Of a large room that is megabytes, made and packed once and not for each.
 */
export interface Snapshots {
  get(audience: Listener): { readonly first: readonly StreamPiece[]; readonly since: readonly LoggedEvent[] };
  forgetOld(): void;
}

/** Its clock is that much behind at most. */
const SERVES_FOR = milliseconds(500);

export function createSnapshots(deps: {
  readonly wall: Clock;
  readonly events: EventLog;
  readonly make: (audience: Listener) => LiveSnapshot;
}): Snapshots {
  const { wall, events } = deps;
  const kept = new Map<Listener, { readonly piece: StreamPiece; readonly id: string; readonly at: Duration }>();
  const isOld = ({ at }: { readonly at: Duration }): boolean => wall.monotonic() - at >= SERVES_FOR;
  return {
    get(audience) {
      const before = kept.get(audience);
      const since = before === undefined || isOld(before) ? null : events.after(before.id);
      if (before !== undefined && since !== null) return { first: [before.piece], since };
      const id = events.lastId();
      const piece = streamPiece(formatEvent('snapshot', deps.make(audience), id));
      kept.set(audience, { piece, id, at: wall.monotonic() });
      return { first: [piece], since: [] };
    },
    forgetOld() {
      for (const [audience, one] of kept) if (isOld(one)) kept.delete(audience);
    },
  };
}
