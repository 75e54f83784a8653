import type { LiveEventName, LiveEvents, LiveSnapshot } from '#core/api.ts';
import type { Cancel, Clock, Metrics } from '#core/ports.ts';
import type { Reading } from '#core/reading.ts';
import { type Duration, milliseconds, minutes, seconds, toIso } from '#core/time.ts';
import { toReadingView } from '../read-model/views.ts';
import { type Audience, createEventLog, formatEvent, type LoggedEvent } from './event-log.ts';

/** One page that listens. */
export interface LiveClient {
  readonly address: string;
  /** `viewer`: signed in, gets everything. */
  readonly audience: Audience;
  /** False when the client does not read what it was sent: it is dropped. */
  write(text: string): boolean;
  /** Asked at each heartbeat: does the session still hold? */
  mayStay(): boolean;
  end(): void;
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
}

const GATHER = milliseconds(250);
const HEARTBEAT = seconds(15);
/** So long after the last page has gone readings are still kept for its return; after that nobody is there to tell. */
const KEPT_FOR_RETURN = minutes(2);
export const MOST_CLIENTS = 200;
export const MOST_CLIENTS_PER_ADDRESS = 20;
/** Only a viewer sees who was told what, and what the demo's catchers caught. */
const VIEWERS_ONLY: ReadonlySet<LiveEventName> = new Set(['delivery', 'caught']);

export function createLiveHub(deps: LiveHubDependencies): LiveHub {
  const { wall, metrics } = deps;
  const events = createEventLog(deps.epoch);
  const clients = new Set<LiveClient>();
  let cancelHeartbeat: Cancel | null = null;
  let leftAt: Duration | null = null;

  const leave = (client: LiveClient): boolean => {
    leftAt = wall.monotonic();
    return clients.delete(client);
  };
  const drop = (client: LiveClient, reason: string): void => {
    if (!leave(client)) return;
    metrics.count('zhishou_live_clients_dropped_total', { reason });
    client.end();
  };
  const send = (client: LiveClient, event: LoggedEvent): void => {
    if (event.audience === 'viewer' && client.audience !== 'viewer') return;
    if (!client.write(event.text)) drop(client, 'slow');
  };
  const tell = (name: LiveEventName, data: unknown): void => {
    const event = events.add(name, data, VIEWERS_ONLY.has(name) ? 'viewer' : 'all');
    for (const client of clients) send(client, event);
  };
  const gathered = createGathering(wall, deps.siteNow, tell);
  const somebodyListens = (): boolean =>
    clients.size > 0 || (leftAt !== null && wall.monotonic() - leftAt < KEPT_FOR_RETURN);

  const beat = (): void => {
    cancelHeartbeat = null;
    for (const client of clients) {
      if (!client.mayStay()) drop(client, 'signed-out');
      else if (!client.write(': \n\n')) drop(client, 'slow');
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
      const same = [...clients].filter((other) => other.address === client.address).length;
      if (clients.size >= MOST_CLIENTS || same >= MOST_CLIENTS_PER_ADDRESS) return null;
      clients.add(client);
      beatLater();
      const missed = lastEventId === null ? null : events.after(lastEventId);
      if (missed !== null) for (const event of missed) send(client, event);
      else if (!client.write(formatEvent('snapshot', deps.snapshot(client.audience === 'viewer'), events.lastId()))) {
        drop(client, 'slow');
      }
      return () => void leave(client);
    },
    size: () => clients.size,
    stop() {
      cancelHeartbeat?.();
      gathered.stop();
      for (const client of clients) client.end();
      clients.clear();
    },
  };
}

/** At most four times a second: the latest of each point, the latest state of the simulator. The first after a pause goes at once. */
function createGathering(wall: Clock, siteNow: Clock['now'], tell: (name: LiveEventName, data: unknown) => void) {
  /** By device and point. */
  const waiting = new Map<string, Map<string, Reading>>();
  let state: unknown = null;
  let cancel: Cancel | null = null;
  const flush = (): void => {
    cancel = null;
    if (waiting.size === 0 && state === null) return;
    const readings = [...waiting.values()].flatMap((points) => [...points.values()].map(toReadingView));
    if (readings.length > 0) tell('readings', { at: toIso(siteNow()), readings });
    if (state !== null) tell('simulator', state);
    waiting.clear();
    state = null;
    cancel = wall.after(GATHER, flush);
  };
  const soon = (): void => {
    if (cancel === null) flush();
  };
  return {
    readings(readings: readonly Reading[]): void {
      for (const reading of readings) {
        const points = waiting.get(reading.device) ?? new Map<string, Reading>();
        waiting.set(reading.device, points.set(reading.point, reading));
      }
      soon();
    },
    simulator(data: unknown): void {
      state = data;
      soon();
    },
    stop(): void {
      cancel?.();
      waiting.clear();
      state = null;
    },
  };
}
