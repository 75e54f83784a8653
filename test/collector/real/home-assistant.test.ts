import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Config } from '#core/config/config.ts';
import { deviceSchema } from '#core/config/device.ts';
import { siteSchema } from '#core/config/site.ts';
import type { Bus } from '#core/ports.ts';
import { seededRandom } from '#core/random.ts';
import { createMqttBus } from '#platform/bus/mqtt-bus.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { silentLog } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import { createCollector } from '#services/collector/app.ts';
import { startMosquitto } from '../../platform/support/mosquitto.ts';
import { describeReal } from '../../support/real.ts';
import { mqttProfiles } from '../support/mqtt-profiles.ts';

describeReal('mosquitto', 'a Tasmota sensor through mosquitto to Home Assistant', () => {
  let mosquitto: Awaited<ReturnType<typeof startMosquitto>>;
  let bus: Bus;
  let collector: ReturnType<typeof createCollector>;
  const kept = new Map<string, string>();
  let wake: () => void = () => {};

  beforeAll(async () => {
    mosquitto = await startMosquitto();
    const clock = createSystemClock();
    const random = seededRandom(1);
    bus = createMqttBus({ url: `mqtt://127.0.0.1:${mosquitto.port}`, clock, random });
    await new Promise<void>((resolve) => {
      bus.onConnection((up) => {
        if (up) resolve();
      });
    });
    const site = { id: 'test', name: 'T', address: 'x', floor: 'x', time_zone: 'UTC', home_assistant: {} };
    const device = { id: 'rack', name: 'Rack', kind: 'sensor', mqtt: { topic: 'tele/rack/#' }, interval: '5m' };
    const config = {
      site: siteSchema.parse(site),
      devices: [deviceSchema.parse(device)],
      profiles: mqttProfiles(),
    } as unknown as Config;
    const hear = ({ topic, payload }: { topic: string; payload: Uint8Array }): void => {
      kept.set(topic, new TextDecoder().decode(payload));
      wake();
    };
    await bus.subscribe('homeassistant/#', hear);
    await bus.subscribe('zhishou/test/homeassistant/#', hear);
    const reach = { tcp: async () => 'closed' as const };
    const snmp = {
      open: () => {
        throw new Error('no SNMP here');
      },
    };
    const metrics = createMetrics();
    collector = createCollector({ config, clock, bus, log: silentLog, metrics, snmp, reach, traps: null, random });
    await collector.start();
  });
  afterAll(async () => {
    await collector.stop();
    await bus.close();
    await mosquitto.stop();
  });

  async function until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  it('its configuration and its state stand on the broker, and “offline” after the service has stopped', async () => {
    await bus.publish('tele/rack/SENSOR', JSON.stringify({ DS18B20: { Temperature: 70.7 }, TempUnit: 'F' }));
    const state = 'zhishou/test/homeassistant/rack/state';
    await until(() => kept.has(state) && kept.has('homeassistant/device/zhishou_test_rack/config'));
    expect(JSON.parse(kept.get(state) ?? '')).toMatchObject({
      responding: true,
      points: { 'ambient.temperature': 21.5 },
    });
    expect(kept.get('zhishou/test/homeassistant/status')).toBe('online');
    await collector.stop();
    await until(() => kept.get('zhishou/test/homeassistant/status') === 'offline');
  });
});
