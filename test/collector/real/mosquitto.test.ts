import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Config } from '#core/config/config.ts';
import { deviceSchema } from '#core/config/device.ts';
import { siteSchema } from '#core/config/site.ts';
import type { Bus } from '#core/ports.ts';
import { seededRandom } from '#core/random.ts';
import type { Reading, ReadingBatch } from '#core/reading.ts';
import { createMqttBus } from '#platform/bus/mqtt-bus.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { silentLog } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import { createCollector } from '#services/collector/app.ts';
import { startMosquitto } from '../../platform/support/mosquitto.ts';
import { describeReal } from '../../support/real.ts';
import { sampleProfiles } from '../support/profiles.ts';
import { program, run } from '../support/programs.ts';
import { climateDevice } from '../support/site.ts';

describeReal(['mosquitto', 'mosquitto_pub'], 'the collector against mosquitto and mosquitto_pub', () => {
  let mosquitto: Awaited<ReturnType<typeof startMosquitto>>;
  let bus: Bus;
  let collector: ReturnType<typeof createCollector>;
  const metrics = createMetrics();
  const latest = new Map<string, Reading>();
  let wake: () => void = () => {};

  beforeAll(async () => {
    mosquitto = await startMosquitto();
    await publish('zigbee2mqtt/th-2', '{"temperature":19}', '-r');
    const clock = createSystemClock();
    const random = seededRandom(1);
    bus = createMqttBus({ url: `mqtt://127.0.0.1:${mosquitto.port}`, clock, random });
    await new Promise<void>((resolve) => {
      bus.onConnection((up) => {
        if (up) resolve();
      });
    });
    const config = {
      site: siteSchema.parse({ id: 'test', name: 'T', address: 'x', floor: 'x', time_zone: 'UTC' }),
      devices: ['th-1', 'th-2'].map((id) => deviceSchema.parse(climateDevice(id))),
      profiles: sampleProfiles(),
    } as unknown as Config;
    await bus.subscribe('zhishou/test/reading/+', (message) => {
      const batch = JSON.parse(new TextDecoder().decode(message.payload)) as ReadingBatch;
      for (const reading of batch.readings) latest.set(`${reading.device}/${reading.point}`, reading);
      wake();
    });
    const reach = { tcp: async () => 'closed' as const };
    const snmp = {
      open: () => {
        throw new Error('no SNMP here');
      },
    };
    collector = createCollector({ config, clock, bus, log: silentLog, metrics, snmp, reach, traps: null, random });
    await collector.start();
  });
  afterAll(async () => {
    await collector.stop();
    await bus.close();
    await mosquitto.stop();
  });

  const publish = (topic: string, payload: string, ...more: string[]) =>
    run(program('mosquitto_pub'), [
      '-h',
      '127.0.0.1',
      '-p',
      String(mosquitto.port),
      '-q',
      '1',
      '-t',
      topic,
      '-m',
      payload,
      ...more,
    ]);
  async function until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  it('a message of mosquitto_pub becomes a reading', async () => {
    await publish('zigbee2mqtt/th-1', '{"temperature":21.5,"humidity":45}');
    await until(() => latest.has('th-1/ambient.temperature'));
    expect(latest.get('th-1/ambient.temperature')).toMatchObject({ value: 21.5, quality: 'good' });
  });

  it('what mosquitto kept from before the start is not fresh (L39)', async () => {
    await until(() => latest.has('th-2/ambient.temperature'));
    expect(latest.get('th-2/ambient.temperature')).toMatchObject({ value: 19, quality: 'stale' });
    await publish('zigbee2mqtt/th-2', '{"temperature":20}', '-r');
    await until(() => latest.get('th-2/ambient.temperature')?.quality === 'good');
    expect(latest.get('th-2/ambient.temperature')?.value).toBe(20);
  });

  it('malformed messages are counted and the next good one is read', async () => {
    await publish('zigbee2mqtt/th-1', '{"temperature":');
    await publish('zigbee2mqtt/th-1', '{"temperature":22.5}');
    await until(() => latest.get('th-1/ambient.temperature')?.value === 22.5);
    expect(metrics.render()).toContain('zhishou_collector_rejected_messages_total{reason="not JSON"} 1');
  });
});
