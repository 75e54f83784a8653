import { afterEach, describe, expect, test } from 'vitest';
import { seconds } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { createMetrics } from '#platform/metrics.ts';
import { freePorts } from '#platform/net.ts';
import { createEventLog } from '#services/dashboard-api/live/event-log.ts';
import { createLiveHub, type LiveClient, MOST_CLIENTS_PER_SESSION } from '#services/dashboard-api/live/hub.ts';
import {
  alert,
  batch,
  delivery,
  incident,
  iso,
  makeConfig,
  ms,
  reading,
  START,
  startDashboard,
  type TestDashboard,
} from './support.ts';

function makeHub() {
  const wall = createVirtualClock(START);
  const hub = createLiveHub({
    wall,
    siteNow: wall.now,
    metrics: createMetrics(),
    epoch: 'e',
    snapshot: (whole) => ({ whole }) as never,
  });
  return { wall, hub };
}

function makeClient(change: Partial<LiveClient> = {}) {
  const lines: string[] = [];
  let ended = false;
  const client: LiveClient = {
    place: 'session s',
    mostAtPlace: MOST_CLIENTS_PER_SESSION,
    audience: 'viewer',
    begin(pieces) {
      lines.push(...pieces.map(({ text }) => text));
    },
    write({ text }) {
      lines.push(text);
      return true;
    },
    mayStay: () => true,
    end: () => {
      ended = true;
    },
    ...change,
  };
  return {
    client,
    lines,
    events: () => lines.map((line) => /^event: (\w+)/m.exec(line)?.[1] ?? 'comment'),
    lastId: () => lines.flatMap((line) => /^id: (.+)$/m.exec(line)?.[1] ?? []).at(-1) ?? null,
    ended: () => ended,
  };
}

describe('the hub', () => {
  test('begins with a snapshot, then each change at once', () => {
    const { hub } = makeHub();
    const { client, events } = makeClient();
    hub.join(client, null);
    hub.publish('alert', alert());
    hub.publish('incident', incident());
    expect(events()).toEqual(['snapshot', 'alert', 'incident']);
  });

  test('gathers readings: the first at once, then the newest of each point four times a second', async () => {
    const { hub, wall } = makeHub();
    const { client, lines } = makeClient();
    hub.join(client, null);
    for (let i = 0; i < 100; i++) {
      hub.publishReadings([reading({ value: i })]);
      await wall.advanceByAsync(ms(10));
    }
    const values = lines.slice(1).map((line) => JSON.parse(/^data: (.*)$/m.exec(line)?.[1] ?? '').readings[0].value);
    expect(values).toEqual([0, 24, 49, 74, 99]);
    await wall.advanceByAsync(seconds(1));
    expect(lines).toHaveLength(6);
  });

  test('resumes after the last event seen, and gives a snapshot when that is too long ago or of an earlier run', () => {
    const { hub } = makeHub();
    const first = makeClient();
    hub.join(first.client, null);
    hub.publish('alert', alert());
    const seen = first.lastId();
    hub.publish('incident', incident());
    const again = makeClient();
    hub.join(again.client, seen);
    expect(again.events()).toEqual(['incident']);
    for (const id of ['other-1', 'e-999', 'nonsense', '']) {
      const fresh = makeClient({ place: id });
      hub.join(fresh.client, id);
      expect(fresh.events()[0]).toBe('snapshot');
    }
  });

  test('keeps readings for a page that comes back soon; later, when nobody was there to tell, it begins anew', async () => {
    const { hub, wall } = makeHub();
    const first = makeClient();
    const leave = hub.join(first.client, null);
    hub.publish('alert', alert());
    const seen = first.lastId();
    leave?.();
    hub.publishReadings([reading({ value: 1 })]);
    await wall.advanceByAsync(seconds(60));
    const soon = makeClient();
    hub.join(soon.client, seen)?.();
    expect(soon.events()).toEqual(['readings']);
    await wall.advanceByAsync(seconds(121));
    hub.publishReadings([reading({ value: 2 })]);
    const late = makeClient();
    hub.join(late.client, seen);
    expect(late.events()).toEqual(['snapshot']);
  });

  test('an id that has been pushed out of the log is not resumed from', () => {
    const log = createEventLog('e', 3);
    for (let i = 0; i < 5; i++) log.add('alert', { i }, 'all');
    expect(log.after('e-1')).toBeNull();
    expect(log.after('e-2')?.map(({ number }) => number)).toEqual([3, 4, 5]);
    expect(log.after('e-5')).toEqual([]);
  });

  test('the log is bounded by characters too', () => {
    const log = createEventLog('e', 1000, 500);
    for (let i = 0; i < 100; i++) log.add('alert', { text: 'x'.repeat(100) }, 'all');
    expect(log.after('e-95')).toBeNull();
    expect(log.after('e-98')).toHaveLength(2);
  });

  test('what only viewers may see does not reach others, not by resuming either', () => {
    const { hub } = makeHub();
    const local = makeClient({ audience: 'all' });
    hub.join(local.client, null);
    hub.publish('delivery', delivery());
    hub.publish('alert', alert());
    expect(local.events()).toEqual(['snapshot', 'alert']);
    const again = makeClient({ audience: 'all', place: 'b' });
    hub.join(again.client, 'e-0');
    expect(again.events()).toEqual(['alert']);
  });

  test('a client that does not read is dropped and disturbs nobody', () => {
    const { hub } = makeHub();
    const slow = makeClient({ write: () => false, place: 'slow' });
    const good = makeClient();
    hub.join(good.client, null);
    hub.join(slow.client, null);
    hub.publish('alert', alert());
    expect([slow.ended(), good.ended(), hub.size()]).toEqual([true, false, 1]);
    expect(good.events()).toEqual(['snapshot', 'alert']);
  });

  test('a comment every 15 s keeps the connection; a session that ended loses it', async () => {
    const { hub, wall } = makeHub();
    let signedIn = true;
    const { client, events, ended } = makeClient({ mayStay: () => signedIn });
    hub.join(client, null);
    await wall.advanceByAsync(seconds(31));
    expect(events()).toEqual(['snapshot', 'comment', 'comment']);
    signedIn = false;
    await wall.advanceByAsync(seconds(15));
    expect([ended(), hub.size()]).toEqual([true, 0]);
  });

  test('one session cannot take all places', () => {
    const { hub } = makeHub();
    for (let i = 0; i < MOST_CLIENTS_PER_SESSION; i++) expect(hub.join(makeClient().client, null)).not.toBeNull();
    expect(hub.join(makeClient().client, null)).toBeNull();
    expect(hub.join(makeClient({ place: 'other' }).client, null)).not.toBeNull();
  });
});

describe('GET /api/v1/live over a real connection', () => {
  let running: TestDashboard | null = null;
  afterEach(async () => {
    await running?.dashboard.stop();
    running = null;
  });

  const open = async (headers: Record<string, string> = {}) => {
    const [port] = await freePorts(1);
    const config = makeConfig({ port: port ?? 0 });
    running = await startDashboard({ config, listen: true });
    const response = await fetch(`${running.url}/api/v1/live`, { headers });
    return { site: running, response, next: eventReader(response) };
  };

  test('streams a snapshot and then what happens', async () => {
    const { site, response, next } = await open();
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
    const snapshot = await next();
    expect(snapshot).toMatchObject({
      event: 'snapshot',
      data: { deliveries: [], open: [], simulator: { caught: [] } },
    });
    expect(snapshot.data.devices).toHaveLength(3);
    await site.publish('alert/+', 'a', alert());
    expect(await next()).toMatchObject({ event: 'alert', data: { id: 'on-battery.ups-1' } });
    await site.publish('reading/+', 'ups-1', batch());
    expect(await next()).toMatchObject({ event: 'readings', data: { at: iso(), readings: [{ value: 100 }] } });
  });

  test('an incident comes with the newest 60 entries of its timeline', async () => {
    const { site, next } = await open();
    await next();
    const [entry] = incident().timeline;
    const timeline = Array.from({ length: 100 }, (_, i) => ({ ...entry!, seq: i + 1 }));
    await site.publish('incident/+', 'a', incident({ timeline }));
    const { data } = await next();
    expect(data.timeline.map(({ seq }: { seq: number }) => seq)).toEqual(Array.from({ length: 60 }, (_, i) => i + 41));
    expect((await site.dashboard.inject('/api/v1/incidents/20261121-1')).json().timeline).toHaveLength(100);
  });

  test('changes of one incident that come faster than ten a second are shown by the latest', async () => {
    const { site, next } = await open();
    await next();
    for (let i = 0; i < 50; i++) {
      await site.publish('incident/+', 'a', incident({ headline: { zh: `${i}`, en: `${i}` } }));
    }
    expect((await next()).data.headline.en).toBe('0');
    await site.wall.advanceByAsync(ms(100));
    expect((await next()).data.headline.en).toBe('49');
  });
});

/** Reads one event after another, comments left out. */
function eventReader(response: Response) {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = '';
  // biome-ignore lint/suspicious/noExplicitAny: the tests look into whatever came
  return async (): Promise<{ event: string; data: any }> => {
    for (;;) {
      const end = buffer.indexOf('\n\n');
      if (end >= 0) {
        const block = buffer.slice(0, end);
        buffer = buffer.slice(end + 2);
        const event = /^event: (.*)$/m.exec(block)?.[1];
        if (event !== undefined) return { event, data: JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? 'null') };
        continue;
      }
      const { value, done } = await reader.read();
      if (done) throw new Error('the stream ended');
      buffer += value;
    }
  };
}
