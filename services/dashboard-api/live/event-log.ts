import type { LiveEventName } from '#core/api.ts';
import { type StreamPiece, streamPiece } from './stream-piece.ts';

/** `all` may go to readers who have not signed in (simulated room, this machine); `viewer` may not. */
export type Audience = 'all' | 'viewer';
/** Who listens; `wall`: a screen before which anybody may stand (for-walls.ts). */
export type Listener = Audience | 'wall';

export interface LoggedEvent {
  readonly number: number;
  readonly audience: Audience;
  /** As it goes over the wire. */
  readonly piece: StreamPiece;
  /** For a screen on the wall; null: not for it. */
  readonly wallPiece: StreamPiece | null;
}

/** The newest events, so that a page that lost its connection for a moment gets what it missed and not everything anew. */
export interface EventLog {
  /** `forWall`: what a screen on the wall gets instead; null: nothing. */
  add(name: LiveEventName, data: unknown, audience: Audience, forWall?: unknown): LoggedEvent;
  /** Something happened that is not kept: who comes back from before it begins anew. */
  skip(): void;
  /** The id of the newest event. */
  lastId(): string;
  /** What came after the event with this id; null when that is not known any more (or was never ours). */
  after(id: string): readonly LoggedEvent[] | null;
}

/** `epoch` differs at each start of the process, so that an id of an earlier run is never taken for one of this. */
export function createEventLog(epoch: string, mostEvents = 2000, mostCharacters = 4_000_000): EventLog {
  const events: LoggedEvent[] = [];
  let characters = 0;
  let newest = 0;
  const idOf = (number: number): string => `${epoch}-${number}`;
  return {
    add(name, data, audience, forWall = data) {
      const number = ++newest;
      const pieceOf = (one: unknown): StreamPiece => streamPiece(formatEvent(name, one, idOf(number)));
      const piece = pieceOf(data);
      const event = {
        number,
        audience,
        piece,
        wallPiece: forWall === data ? piece : forWall === null ? null : pieceOf(forWall),
      };
      events.push(event);
      characters += sizeOf(event);
      while (events.length > mostEvents || (characters > mostCharacters && events.length > 1)) {
        const oldest = events.shift();
        characters -= oldest === undefined ? 0 : sizeOf(oldest);
      }
      return event;
    },
    skip() {
      newest++;
      events.length = 0;
      characters = 0;
    },
    lastId: () => idOf(newest),
    after(id) {
      const match = /^(.+)-(\d{1,15})$/.exec(id);
      if (match === null || match[1] !== epoch) return null;
      const number = Number(match[2]);
      if (number > newest) return null;
      const oldestKept = events[0]?.number ?? newest + 1;
      return number + 1 < oldestKept ? null : events.filter((event) => event.number > number);
    },
  };
}

const sizeOf = ({ piece, wallPiece }: LoggedEvent): number =>
  piece.text.length + (wallPiece === null || wallPiece === piece ? 0 : wallPiece.text.length);

/** The WHATWG event stream format. JSON has no bare line breaks, so one `data:` line is enough. */
export const formatEvent = (name: LiveEventName, data: unknown, id: string): string =>
  `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
