import type { LiveEventName, LiveEvents, LiveSnapshot } from '#core/api.ts';
import type { Cancel, Clock, Metrics } from '#core/ports.ts';
import type { Reading } from '#core/reading.ts';
import { type Duration, minutes, seconds } from '#core/time.ts';
import { createEventLog, type Listener, type LoggedEvent } from './event-log.ts';
import { forWalls, snapshotForWalls } from './for-walls.ts';
import { createGathering } from './gathering.ts';
import { createSnapshots } from './snapshots.ts';
import type { StreamClient } from './stream-client.ts';
import { type StreamPiece, streamPiece } from './stream-piece.ts';

/** One page that listens. */
export interface LiveClient extends StreamClient {
  /** Whose places it takes: a session's, or an address's; and how many of them one may have. */
  readonly place: string;
  readonly mostAtPlace: number;
  /** `viewer`: signed in, gets everything. */
  readonly audience: Listener;
  /** Asked at each heartbeat: does the session still hold? */
  mayStay(): boolean;
}

export interface LiveHub {
  /** Tells everybody. Readings and the simulator's state are gathered first. */
  publish<Name extends Exclude<LiveEventName, 'snapshot' | 'readings'>>(name: Name, data: LiveEvents[Name]): void;
  publishReadings(readings: readonly Reading[]): void;
  /** Null when there are too many listeners. `lastEventId` resumes where it can. */
  join(client: LiveClient, lastEventId: string | null): Cancel | null;
  size(): number;
  stop(): void;
}

export interface LiveHubDependencies {
  /** Real time: people's connections do not run faster in a demo. */
  readonly wall: Clock;
  readonly siteNow: Clock['now'];
  readonly metrics: Metrics;
  readonly epoch: string;
  readonly snapshot: (whole: boolean) => LiveSnapshot;
  /** The site has screens that look without sign-in: what is for them is made too. */
  readonly walls?: boolean;
}

const HEARTBEAT = seconds(15);
/** So long after the last page has gone readings are still kept for its return; after that nobody is there to tell. */
const KEPT_FOR_RETURN = minutes(2);
export const MOST_CLIENTS = 500;
/** A browser has a handful of tabs. */
export const MOST_CLIENTS_PER_SESSION = 20;
/** All screens behind one proxy have its address. */
export const MOST_CLIENTS_PER_ADDRESS = 250;
/** Only a viewer sees who was told what, and what the demo's catchers caught. */
const VIEWERS_ONLY: ReadonlySet<LiveEventName> = new Set(['delivery', 'caught']);
const COMMENT = streamPiece(': \n\n');

export function createLiveHub(deps: LiveHubDependencies): LiveHub {
  const { wall, metrics } = deps;
  const events = createEventLog(deps.epoch);
  const snapshotFor = (audience: Listener): LiveSnapshot =>
    audience === 'wall' ? snapshotForWalls(deps.snapshot(false)) : deps.snapshot(audience === 'viewer');
  const snapshots = createSnapshots({ wall, events, make: snapshotFor });
  const clients = new Set<LiveClient>();
  let cancelHeartbeat: Cancel | null = null;
  let leftAt: Duration | null = null;

  const leave = (client: LiveClient): boolean => {
    leftAt = wall.monotonic();
    return clients.delete(client);
  };
  const drop = (client: LiveClient, reason: 'slow' | 'signed-out'): void => {
    if (!leave(client)) return;
    metrics.count('zhishou_live_clients_dropped_total', { reason });
    client.end(reason === 'slow');
  };
  const pieceFor = (client: LiveClient, { audience, piece, wallPiece }: LoggedEvent): StreamPiece | null =>
    client.audience === 'wall' ? wallPiece : audience === 'all' || client.audience === 'viewer' ? piece : null;
  const tell = (name: LiveEventName, data: unknown): void => {
    const forWall = deps.walls === true ? forWalls(name, data) : data;
    const event = events.add(name, data, VIEWERS_ONLY.has(name) ? 'viewer' : 'all', forWall);
    for (const client of clients) {
      const piece = pieceFor(client, event);
      if (piece !== null && !client.write(piece)) drop(client, 'slow');
    }
  };
  const gathered = createGathering(wall, deps.siteNow, tell);
  const somebodyListens = (): boolean =>
    clients.size > 0 || (leftAt !== null && wall.monotonic() - leftAt < KEPT_FOR_RETURN);

  const beat = (): void => {
    cancelHeartbeat = null;
    snapshots.forgetOld();
    for (const client of clients) {
      if (!client.mayStay()) drop(client, 'signed-out');
      else if (!client.write(COMMENT)) drop(client, 'slow');
    }
    if (clients.size > 0) beatLater();
  };
  const beatLater = (): void => {
    cancelHeartbeat ??= wall.after(HEARTBEAT, beat);
  };

  return {
    publish(name, data) {
      if (name === 'simulator') gathered.simulator(data);
      else tell(name, data);
    },
    publishReadings(readings) {
      if (somebodyListens()) gathered.readings(readings);
      else events.skip();
    },
    join(client, lastEventId) {
      const same = [...clients].filter(({ place }) => place === client.place).length;
      if (clients.size >= MOST_CLIENTS || same >= client.mostAtPlace) return null;
      clients.add(client);
      beatLater();
      const missed = lastEventId === null ? null : events.after(lastEventId);
      const { first, since } = missed === null ? snapshots.get(client.audience) : { first: [], since: missed };
      client.begin([...first, ...since.flatMap((event) => pieceFor(client, event) ?? [])]);
      return () => void leave(client);
    },
    size: () => clients.size,
    stop() {
      cancelHeartbeat?.();
      gathered.stop();
      for (const client of clients) client.end(false);
      clients.clear();
    },
  };
}
