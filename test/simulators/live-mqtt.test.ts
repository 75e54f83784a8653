import { spawn } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeReal } from '../support/real.ts';
import { type LiveRoom, run, startLiveRoom, until } from './live-room.ts';

/** mosquitto_sub listens to the simulated Zigbee bridge. */
describeReal('mosquitto_pub', 'the simulated sensors speak to mosquitto’s client as zigbee2mqtt does', () => {
  let live: LiveRoom;
  let lines: { topic: string; payload: Record<string, unknown>; retained: boolean }[];
  let child: ReturnType<typeof spawn>;
  beforeAll(async () => {
    live = await startLiveRoom(600);
    lines = [];
    const port = new URL(live.brokerUrl).port;
    child = spawn('mosquitto_sub', ['-h', '127.0.0.1', '-p', port, '-t', 'zigbee2mqtt/#', '-F', '%r %t %p']);
    let rest = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      const parts = (rest + chunk.toString()).split('\n');
      rest = parts.pop() ?? '';
      for (const line of parts) {
        const [retained = '', topic = '', ...payload] = line.split(' ');
        lines.push({
          retained: retained === '1',
          topic,
          payload: JSON.parse(payload.join(' ')) as Record<string, unknown>,
        });
      }
    });
  });
  afterAll(async () => {
    child.kill();
    await live.stop();
  });
  const last = (topic: string) => lines.findLast((one) => one.topic === `zigbee2mqtt/${topic}`);

  it('keeps the bridge’s and each sensor’s availability, and not their readings', async () => {
    await until(
      () => last('bridge/state') !== undefined && last('th-1/availability') !== undefined && last('th-1') !== undefined,
    );
    // Whoever comes later still gets both at once, and no reading.
    const kept = await run('mosquitto_sub', [
      ...['-h', '127.0.0.1', '-p', new URL(live.brokerUrl).port, '-C', '2', '-F', '%r %t %p'],
      ...['-t', 'zigbee2mqtt/bridge/state', '-t', 'zigbee2mqtt/th-1/availability'],
    ]);
    expect(kept.out.trim().split('\n').sort()).toEqual([
      '1 zigbee2mqtt/bridge/state {"state":"online"}',
      '1 zigbee2mqtt/th-1/availability {"state":"online"}',
    ]);
    expect(lines.filter((one) => one.topic === 'zigbee2mqtt/th-1').every((one) => !one.retained)).toBe(true);
  });

  it('tells temperature, humidity, battery and link quality of each climate sensor', async () => {
    await until(() => ['th-1', 'th-2', 'th-3', 'th-4'].every((id) => last(id) !== undefined));
    const cold = last('th-1')?.payload ?? {};
    const hot = last('th-3')?.payload ?? {};
    expect(Object.keys(cold).sort()).toEqual(['battery', 'humidity', 'linkquality', 'temperature', 'voltage']);
    expect(Number(hot.temperature)).toBeGreaterThan(Number(cold.temperature) + 3);
  });

  it('speaks at once when smoke, water or the door changes; an open door has no contact', async () => {
    await until(() => ['smoke-1', 'leak-1', 'door-1'].every((id) => last(id) !== undefined));
    expect([
      last('smoke-1')?.payload.smoke,
      last('leak-1')?.payload.water_leak,
      last('door-1')?.payload.contact,
    ]).toEqual([false, false, true]);
    live.room.apply({ kind: 'smoke', present: true });
    live.room.apply({ kind: 'leak', present: true });
    live.room.apply({ kind: 'door', open: true });
    await until(
      () =>
        last('smoke-1')?.payload.smoke === true &&
        last('leak-1')?.payload.water_leak === true &&
        last('door-1')?.payload.contact === false,
    );
  });

  it('tells a press of a panic button once, and a siren does what mosquitto tells it', async () => {
    live.room.apply({ kind: 'panic', device: 'button-shock' });
    await until(() => lines.some((one) => one.topic === 'zigbee2mqtt/button-shock' && one.payload.action === 'single'));
    const port = new URL(live.brokerUrl).port;
    const tell = (payload: string) =>
      run('mosquitto_pub', ['-h', '127.0.0.1', '-p', port, '-t', 'zigbee2mqtt/siren-1/set', '-m', payload]);
    await tell('{"alarm": true}');
    await until(() => last('siren-1')?.payload.alarm === true);
    expect(live.room.state().sirens).toEqual([{ device: 'siren-1', on: true }]);
    await tell('{"alarm": false}');
    await until(() => last('siren-1')?.payload.alarm === false);
  });

  it('falls silent when told to, and is offline after half an hour', async () => {
    live.room.apply({ kind: 'sensor', device: 'th-2', fault: 'dropout' });
    await until(() => last('th-2/availability')?.payload.state === 'offline');
  });
});
