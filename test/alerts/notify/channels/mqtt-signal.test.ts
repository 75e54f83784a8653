import { afterEach, describe, expect, it } from 'vitest';
import type { AlertView } from '#core/alert.ts';
import type { ChannelNews } from '#core/ports.ts';
import { hours, minutes, seconds } from '#core/time.ts';
import { createMemoryBus } from '#platform/bus/memory-bus.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { createMemoryStateStore } from '#platform/memory-state-store.ts';
import { T0 } from '../../support.ts';
import { createScene, failureOf, message, type Scene } from './other-side.ts';

/** A siren at the other end of MQTT, which tells its own state back as zigbee2mqtt does. */
function createSiren(memory = createMemoryStateStore()) {
  const bus = createMemoryBus();
  const wall = createVirtualClock(T0);
  const heard: string[] = [];
  const retained: boolean[] = [];
  const siren = { deaf: false };
  void bus.subscribe('zigbee2mqtt/siren/set', ({ payload, retained: kept }) => {
    const text = Buffer.from(payload).toString('utf8');
    heard.push(text);
    retained.push(kept);
    if (!siren.deaf) void bus.publish('zigbee2mqtt/siren', JSON.stringify({ alarm: text !== 'off', battery: 80 }));
  });
  return { bus, wall, memory, heard, siren };
}

const config = {
  kind: 'mqtt-signal',
  topic: 'zigbee2mqtt/siren/set',
  on: { high: { warning: { mode: 'emergency', strobe: true, duration: 600 } }, medium: 'lamp' },
  off: 'off',
  longest: '10m',
  state: { topic: 'zigbee2mqtt/siren', path: 'alarm', on: true, off: false },
  self_test: { every: '7d', blip: '1s', within: '15s' },
};
const HIGH = JSON.stringify(config.on.high);

let scene: Scene = createScene();
afterEach(async () => {
  await scene.end();
  scene = createScene();
});

function start(at = createSiren(), more: Record<string, unknown> = {}) {
  const channel = scene.channel({ ...config, ...more }, at);
  const news: ChannelNews[] = [];
  const cancel = channel.listen!((one) => news.push(one));
  const settle = () => at.wall.advanceByAsync(seconds(0));
  const last = () => at.heard.at(-1);
  const tell = async (id: string, phase: typeof message.phase, severity = message.severity, alert = id) => {
    await channel.send({ ...message, id, alert, phase, severity });
    await settle();
  };
  const alertView = async (id: string, change: Partial<AlertView>) => {
    const view = { id, state: 'firing', acknowledged: null, silenced: null, ...change };
    await at.bus.publish(`zhishou/lab/alert/${encodeURIComponent(id)}`, JSON.stringify(view));
    await settle();
  };
  return { ...at, channel, news, cancel, settle, last, tell, alertView };
}

describe('a siren on MQTT', () => {
  it('is on with what is raised and off when the last of it is over', async () => {
    const { tell, heard, settle } = start();
    await settle();
    await tell('a', 'raised', 'medium');
    await tell('b', 'raised', 'high');
    await tell('b', 'recovered', 'medium');
    await tell('a', 'recovered');
    // The start sets it to what is open: nothing.
    expect(heard).toEqual(['off', 'lamp', HIGH, 'lamp', 'off']);
  });

  it.each<[string, Partial<AlertView>]>([
    ['somebody has it in hand', { state: 'acknowledged', acknowledged: { by: 'ann', at: '' } }],
    ['it is silenced', { silenced: { by: 'ann', until: '', reason: 'x' } }],
    ['it cleared without a message', { state: 'cleared' }],
  ])('is off when %s', async (_why, change) => {
    const { tell, alertView, last } = start();
    await tell('a', 'raised');
    expect(last()).toBe(HIGH);
    await alertView('a', {});
    expect(last()).toBe(HIGH);
    await alertView('a', change);
    expect(last()).toBe('off');
  });

  it('is off when the incident is acknowledged, and a reminder sounds it again', async () => {
    const { tell, last, bus, settle } = start();
    await tell('a', 'raised');
    await bus.publish(
      'zhishou/lab/incident/inc-1',
      JSON.stringify({ id: 'inc-1', closedAt: null, acknowledged: { by: 'x' } }),
    );
    await settle();
    expect(last()).toBe('off');
    await tell('a', 'reminder');
    expect(last()).toBe(HIGH);
  });

  it('is silent after its longest time until a reminder comes, and no reminder makes that time longer', async () => {
    const { tell, last, wall } = start();
    await tell('a', 'raised');
    await wall.advanceByAsync(minutes(9));
    await tell('a', 'reminder');
    expect(last()).toBe(HIGH);
    await wall.advanceByAsync(minutes(1));
    expect(last()).toBe('off');
    await tell('a', 'reminder');
    expect(last()).toBe(HIGH);
  });

  it('gives no signal for information, nor for a severity that is not named', async () => {
    const { tell, heard, settle } = start();
    await settle();
    await tell('a', 'information');
    await tell('b', 'raised', 'low');
    expect(heard).toEqual(['off']);
  });

  it('keeps nothing on the broker', async () => {
    const { tell, bus, settle } = start();
    await tell('a', 'raised');
    const kept: string[] = [];
    await bus.subscribe('zigbee2mqtt/siren/set', ({ payload }) => void kept.push(String(payload)));
    await settle();
    expect(kept).toEqual([]);
  });

  it('fails as retryable while the bus is down, and switches off as soon as it can', async () => {
    const { tell, bus, wall, last, alertView } = start();
    await tell('a', 'raised');
    await alertView('a', { state: 'cleared' });
    await tell('b', 'raised');
    bus.setConnected(false);
    expect(await failureOf(tell('c', 'raised'))).toMatchObject({ code: 'BUS_DOWN', retryable: true });
    bus.setConnected(true);
    expect(last()).toBe(HIGH);
    bus.setConnected(false);
    await wall.advanceByAsync(minutes(11));
    bus.setConnected(true);
    expect(last()).toBe(HIGH);
    await wall.advanceByAsync(seconds(5));
    expect(last()).toBe('off');
  });

  describe('never left on by a crash', () => {
    it('what was open goes on after a restart, and ends with its recovery', async () => {
      const before = createSiren();
      await start(before).tell('a', 'raised');
      const after = start(createSiren(before.memory));
      await after.settle();
      expect(after.heard).toEqual([HIGH]);
      await after.tell('a', 'recovered');
      expect(after.last()).toBe('off');
    });

    it('what ended is switched off by the start', async () => {
      const after = start();
      await after.settle();
      expect(after.heard).toEqual(['off']);
    });

    it('a stop leaves on what is open, and nothing else', async () => {
      const open = start();
      await open.tell('a', 'raised');
      open.cancel();
      await open.channel.close();
      expect(open.last()).toBe(HIGH);
      const blipping = start();
      void blipping.channel.test!();
      await blipping.settle();
      expect(blipping.last()).toBe('lamp');
      blipping.cancel();
      await blipping.channel.close();
      expect(blipping.last()).toBe('off');
    });

    it('an instance that only stands by touches nothing', async () => {
      const at = createSiren();
      scene.channel(config, at);
      await at.wall.advanceByAsync(hours(24));
      expect(at.heard).toEqual([]);
    });
  });

  describe('its self-test', () => {
    it('blips, and is seen to go on and off', async () => {
      const { channel, wall, heard, settle } = start();
      await settle();
      const done = channel.test!();
      await wall.advanceByAsync(seconds(20));
      await done;
      expect(heard.slice(1, 3)).toEqual(['lamp', 'off']);
      expect(heard.at(-1)).toBe('off');
    });

    it('L34: a dead siren is told by its weekly test, and that it works again', async () => {
      const { wall, siren, news } = start();
      siren.deaf = true;
      await wall.advanceByAsync(minutes(11));
      expect(news).toMatchObject([
        { kind: 'health', works: false, detail: expect.stringContaining('not seen') as string },
      ]);
      siren.deaf = false;
      await wall.advanceByAsync(hours(7 * 24 + 1));
      expect(news.at(-1)).toMatchObject({ kind: 'health', works: true });
    });

    it('a test of last week is remembered across a restart', async () => {
      const before = createSiren();
      const first = start(before);
      await before.wall.advanceByAsync(hours(1));
      expect(first.news).toHaveLength(1);
      const after = start(createSiren(before.memory));
      await after.wall.advanceByAsync(hours(6 * 24));
      expect(after.news).toHaveLength(0);
      await after.wall.advanceByAsync(hours(25));
      expect(after.news).toHaveLength(1);
    });

    it('does not touch what sounds in earnest', async () => {
      const { channel, tell, heard } = start();
      await tell('a', 'raised');
      const count = heard.length;
      await channel.test!();
      expect(heard).toHaveLength(count);
    });

    it('an alarm in the middle of the blip stays on', async () => {
      const { channel, tell, wall, last } = start();
      const done = channel.test!();
      await wall.advanceByAsync(seconds(0.5));
      await tell('a', 'raised');
      await wall.advanceByAsync(seconds(30));
      await done;
      expect(last()).toBe(HIGH);
    });

    it('believes a point of the readings as well as a topic', async () => {
      const at = createSiren();
      const started = start(at, { state: { point: 'siren-1/room.siren' } });
      const reading = (value: boolean) => ({ point: 'room.siren', value, quality: 'good' });
      const done = failureOf(started.channel.test!());
      await at.wall.advanceByAsync(seconds(0.2));
      for (const value of [true, false]) {
        await at.bus.publish(
          'zhishou/lab/reading/siren-1',
          JSON.stringify({ device: 'siren-1', readings: [reading(value)] }),
        );
        await at.wall.advanceByAsync(seconds(1));
      }
      await at.wall.advanceByAsync(seconds(30));
      expect((await done).message).toBe('nothing was thrown');
      const unseen = failureOf(started.channel.test!());
      await at.wall.advanceByAsync(seconds(60));
      expect((await unseen).message).toContain('not seen to switch it on');
    });
  });
});
