import type { LiveEventName } from '#core/api.ts';
import { type StreamPiece, streamPiece } from './stream-piece.ts';

/** `all` may go to readers who have not signed in (simulated room, this machine); `viewer` may not. */
export type Audience = 'all' | 'viewer';

export interface LoggedEvent {
  readonly number: number;
  readonly audience: Audience;
  /** As it goes over the wire. */
  readonly piece: StreamPiece;
}

/** The newest events, so that a page that lost its connection for a moment gets what it missed and not everything anew. */
export interface EventLog {
  add(name: LiveEventName, data: unknown, audience: Audience): LoggedEvent;
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
    add(name, data, audience) {
      const number = ++newest;
      const event = { number, audience, piece: streamPiece(formatEvent(name, data, idOf(number))) };
      events.push(event);
      characters += event.piece.text.length;
      while (events.length > mostEvents || (characters > mostCharacters && events.length > 1)) {
        characters -= events.shift()?.piece.text.length ?? 0;
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

/** The WHATWG event stream format. JSON has no bare line breaks, so one `data:` line is enough. */
export const formatEvent = (name: LiveEventName, data: unknown, id: string): string =>
  `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
